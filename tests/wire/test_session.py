"""The session of login and API."""

from __future__ import annotations

import sys
from pathlib import Path

import certifi
import pytest
import requests

from larknb.wire.session import is_loopback, new_session
from tests.hostile.servers import CERTIFICATE, untrusted_host

STORE = f"""
import ssl

class SSLContext(ssl.SSLContext):
    def __init__(self, protocol):
        self.load_verify_locations({str(CERTIFICATE)!r})
"""


@pytest.fixture
def system_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which truststore is installed, and whose store has the certificate of a company."""
    (tmp_path / "truststore.py").write_text(STORE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "truststore", raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def asked(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return what a host says whose certificate only the company signed."""
    url = "https://open.feishu.cn"
    with untrusted_host() as proxy, new_session(url) as session:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with session.get(f"{url}/x") as answer:
            return bytes(answer.content)


@pytest.mark.usefixtures("system_store")
def test_what_the_system_trusts_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where truststore is installed nobody has to name a file of certificates."""
    assert asked(monkeypatch) == b'{"code":0}'
    sys.modules.pop("truststore", None)


@pytest.mark.usefixtures("system_store")
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_file_of_certificates_goes_before_the_system(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Whoever names one trusts that alone."""
    monkeypatch.setenv(variable, certifi.where())
    with pytest.raises(requests.exceptions.SSLError):
        asked(monkeypatch)
    monkeypatch.setenv(variable, str(CERTIFICATE))
    assert asked(monkeypatch) == b'{"code":0}'


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
