from __future__ import annotations

import copy
import json
import os
import pickle
import stat
from pathlib import Path

import pytest

from larknb.config.edit import keep_secrets, save_secret, save_webhook
from larknb.config.secrets import Secret, Webhook
from larknb.errors import ConfigError

from .conftest import Load


def test_a_secret_works_and_hides() -> None:
    """A Secret is the str that a request needs, and no repr, pickle or copy gives it away."""
    secret = Secret("hunter2")
    assert f"{secret}" == "hunter2"
    assert json.dumps(secret) == '"hunter2"'
    assert repr(secret) == "Secret(****)"
    assert "hunter2" not in f"{[secret]} {secret!r} {[(1, secret)]}"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(secret)


def test_a_saved_secret_is_for_one_app_and_one_person(load: Load, tmp_path: Path) -> None:
    """The secret is kept under work/ where git does not look, and given back to the app it belongs to alone."""
    settings = load(LARKNB_APP_ID="cli_a")
    path = save_secret(settings, " hunter2\n")
    assert path == tmp_path / "work" / "app_secret.json"
    assert (tmp_path / "work" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(LARKNB_APP_ID="cli_a").app_secret == "hunter2"
    assert "hunter2" not in repr(load(LARKNB_APP_ID="cli_a"))
    assert load(LARKNB_APP_ID="cli_b").app_secret is None
    assert load().app_secret is None
    assert load(LARKNB_APP_ID="cli_a", LARKNB_APP_SECRET="other").app_secret == "other"


def test_a_secret_needs_an_app(load: Load) -> None:
    """Without an App ID there is nothing to bind a secret to."""
    with pytest.raises(ConfigError, match="app_id"):
        save_secret(load(), "hunter2")


HOOK = "https://open.feishu.cn/open-apis/bot/v2/hook/0000-hunter2"


def test_a_bot_comes_from_the_variables_or_the_file(load: Load, tmp_path: Path) -> None:
    """Address and key belong together, are kept like the app's secret, and show themselves nowhere."""
    assert load().webhook is None
    path = save_webhook(tmp_path, Webhook(Secret(HOOK), Secret("k-hunter2")))
    assert (tmp_path / "work" / ".gitignore").exists()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load().webhook == Webhook(Secret(HOOK), Secret("k-hunter2"))
    other = load(LARKNB_NOTIFY_URL=HOOK + "x").webhook
    assert other == Webhook(Secret(HOOK + "x"), None)
    assert load(LARKNB_NOTIFY_URL=HOOK, LARKNB_NOTIFY_KEY="k").webhook == Webhook(Secret(HOOK), Secret("k"))
    assert "hunter2" not in repr(load())
    assert "0000-hunter2" in load().secrets
    path.write_bytes(b"{")
    assert load().webhook is None


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://open.larksuite.com/open-apis/bot/v2/hook/hunter2", True),
        ("http://127.0.0.1:8000/open-apis/bot/v2/hook/hunter2", True),
        ("https://gateway.example.com/hook/hunter2", True),
        ("http://gateway.example.com/hook/hunter2", False),
        ("http://open.feishu.cn/open-apis/bot/v2/hook/hunter2", False),
        ("https://open.feishu.cn:444/open-apis/bot/v2/hook/hunter2", False),
        ("https://accounts.feishu.cn/open-apis/bot/v2/hook/hunter2", False),
        ("https://open.feishu.cn.example.com/open-apis/bot/v2/hook/hunter2", False),
        ("https://user@open.feishu.cn/open-apis/bot/v2/hook/hunter2", False),
        ("https://open.feishu.cn/", False),
        ("hunter2", False),
    ],
)
def test_notices_go_to_trusted_hosts_alone(load: Load, tmp_path: Path, url: str, good: bool) -> None:
    """The brands' own, loopback, or https where the environment says so: from variable and file alike."""
    trusted = {"LARKNB_TRUSTED_HOSTS": "gateway.example.com"}
    save_webhook(tmp_path, Webhook(Secret(url), None))
    for variables in ({"LARKNB_NOTIFY_URL": url}, {}):
        if good:
            assert load(**trusted, **variables).webhook is not None
            continue
        with pytest.raises(ConfigError, match=r"LARKNB_NOTIFY_URL|notify\.json") as caught:
            load(**trusted, **variables)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"app_id": "cli_a"}', b'"text"', b"\xff"])
def test_a_damaged_secret_does_not_stop_offline_work(load: Load, tmp_path: Path, damage: bytes) -> None:
    """Without a readable secret the settings still load: only a login needs it."""
    save_secret(load(LARKNB_APP_ID="cli_a"), "hunter2").write_bytes(damage)
    assert load(LARKNB_APP_ID="cli_a").app_secret is None


def test_secrets_of_the_variables_alone_are_kept(load: Load, tmp_path: Path) -> None:
    """What a unit would not see is written to its file; what is in there already is not written again."""
    variables = {"LARKNB_APP_ID": "cli_a", "LARKNB_APP_SECRET": "hunter2", "LARKNB_NOTIFY_URL": HOOK}
    files = [tmp_path / "work" / "app_secret.json", tmp_path / "work" / "notify.json"]
    with pytest.raises(ConfigError, match="app_id"):
        keep_secrets(tmp_path, {"LARKNB_APP_SECRET": "hunter2"})
    assert keep_secrets(tmp_path, variables, write=False) == files
    assert [file.exists() for file in files] == [False, False]
    assert keep_secrets(tmp_path, variables) == files
    assert (load(LARKNB_APP_ID="cli_a").app_secret, load().webhook) == ("hunter2", Webhook(Secret(HOOK), None))
    assert keep_secrets(tmp_path, variables) == []
