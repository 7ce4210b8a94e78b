"""The session of login and API."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from larknb.wire.session import is_loopback, new_session


def test_elsewhere_proxy_and_certificates_of_the_company_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the real hosts the environment's proxy and CA bundle are used."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/company.pem")
    with new_session("https://open.feishu.cn") as session:
        found = session.merge_environment_settings("https://open.feishu.cn/x", {}, None, None, None)
    assert (found["proxies"]["https"], found["verify"]) == ("http://proxy.example:3128", "/company.pem")


def test_netrc_does_not_replace_our_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A default entry in ~/.netrc must not turn our Bearer header into Basic."""
    (tmp_path / "netrc").write_text("default login somebody password something\n", encoding="utf-8")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    request = requests.Request("GET", "https://open.feishu.cn/x", headers={"Authorization": "Bearer t"})
    with new_session("https://open.feishu.cn") as session:
        assert session.prepare_request(request).headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8765/callback", True),
        ("http://127.3.2.1", True),
        ("http://[::1]:1", True),
        ("https://open.feishu.cn", False),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", False),
    ],
)
def test_loopback_is_told_from_what_only_looks_like_it(url: str, expected: bool) -> None:
    """A host is loopback by what it is, not by how it begins."""
    assert is_loopback(url) is expected
