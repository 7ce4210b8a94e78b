from __future__ import annotations

import json

import pytest

from larknb.config.addresses import BRANDS
from larknb.errors import ConfigError

from .conftest import Load

FOREIGN = [
    "https://evil.example",
    "http://open.feishu.cn",
    "https://open.feishu.cn@evil.example",
    "https://open.feishu.cn:x@evil.example",
    "https://open.feishu.cn%40evil.example",
    "https://open.feishu.cn\\@evil.example",
    "https://open.feishu.cn#@evil.example",
    "https://open.feishu.cn?@evil.example",
    "https://open.feishu.cn.evil.example",
    "https://evil.example/open.feishu.cn",
    "https://evil.example#open.feishu.cn",
    "https://xopen.feishu.cn",
    "https://feishu.cn",
    "https://open.feishu.cn.",
    "https://open.feishu.cn:444",
    "https://open.feishu.cn:443",
    "https://open.feishu.cn/open-apis",
    "https://open.feishu.cn//evil.example",
    "https://accounts.feishu.cn",
    "https://open.larksuite.com",
    "https://ｏｐｅｎ.feishu.cn",
    "https://open。feishu。cn",
    "https://open.fei\u017fhu.cn",  # a long s, which case folding makes an s
    "https://оpen.feishu.cn",  # a Cyrillic o
    "https://xn--pen-tdd.feishu.cn",
    "https:open.feishu.cn",
    "//open.feishu.cn",
    "open.feishu.cn",
    "ftp://open.feishu.cn",
    "https://open.feishu.cn\nevil.example",
    "https://open.feishu.cn\tx",
    "https://open.feishu.cn x",
    "http://localhost.evil.example",
    "http://localhost.",
    "http://localhost@evil.example",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1@evil.example:80",
    "http://127.0.0.1:80@evil.example",
    "http://127.0.0.1:evil",
    "http://127.0.0.1:0",
    "http://127.0.0.1:65536",
    "http://127.0.0.1.",
    "http://127.1",
    "http://2130706433",
    "http://0x7f.0.0.1",
    "http://0177.0.0.1",
    "http://126.0.0.1",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://１２７.0.0.1",
    "http://[::1].evil.example",
    "http://[::2]",
    "http://[::ffff:127.0.0.1]",
    "http://[fe80::1]",
    "http://::1",
    "http://127.0.0.1?x=1",
    "http://127.0.0.1#x",
    "http://",
    "https://",
]


@pytest.mark.parametrize("url", FOREIGN)
@pytest.mark.parametrize("where", ["file", "variable"])
def test_a_foreign_host_is_refused(load: Load, url: str, where: str) -> None:
    """No file and no variable can send the secret anywhere but to the brand, to loopback or to a host named for it."""
    good = "https://accounts.feishu.cn"
    text = f"[app]\nopen_base = {json.dumps(url)}\naccounts_base = {json.dumps(good)}\n" if where == "file" else ""
    env = {"LARKNB_OPEN_BASE": url, "LARKNB_ACCOUNTS_BASE": good} if where == "variable" else {}
    with pytest.raises(ConfigError, match=r"not (trusted|accepted).*(open_base|LARKNB_OPEN_BASE)"):
        load(text, **env)


def test_the_refusal_says_what_is_trusted(load: Load) -> None:
    """The message names the key, the brand's own host and the variable that trusts another."""
    with pytest.raises(ConfigError, match=r"accounts_base.*https://accounts\.feishu\.cn.*LARKNB_TRUSTED_HOSTS"):
        load('[app]\naccounts_base = "https://accounts.evil.example"\n')


@pytest.mark.parametrize(
    "url",
    ["http://localhost:8123", "http://LOCALHOST:8123/", "https://localhost", "http://127.0.0.1:1",
     "http://127.9.9.9:80", "http://[::1]:8123", "http://127.0.0.1:8123/prefix"],
)  # fmt: skip
def test_loopback_is_trusted(load: Load, url: str) -> None:
    """The stand-in on this machine may be named by the file."""
    settings = load(f'[app]\nopen_base = "{url}"\naccounts_base = "{url}"\n')
    assert settings.open_base == settings.accounts_base == url.lower().rstrip("/")


@pytest.mark.parametrize("brand", ["feishu", "lark"])
def test_the_brands_own_hosts_may_be_written_out(load: Load, brand: str) -> None:
    """Naming the brand's hosts, with a slash at the end or in capitals, is no mistake."""
    own = BRANDS[brand]
    text = f'[app]\nbrand = "{brand}"\nopen_base = "{own["open_base"]}/"\n'
    assert load(text).open_base == own["open_base"]
    assert load(text, LARKNB_OPEN_BASE=own["open_base"].replace("open", "OPEN")).open_base == own["open_base"]


def test_a_private_host_is_trusted_by_the_environment_alone(load: Load) -> None:
    """A private deployment works once LARKNB_TRUSTED_HOSTS names its hosts, over https only; the file cannot do it."""
    text = '[app]\nopen_base = "https://open.corp.example/lark/"\naccounts_base = "https://login.corp.example:8443"\n'
    with pytest.raises(ConfigError):
        load(text, LARKNB_TRUSTED_HOSTS="open.corp.example")
    settings = load(text, LARKNB_TRUSTED_HOSTS="open.corp.example, LOGIN.corp.example:8443")
    assert settings.open_base == "https://open.corp.example/lark"
    assert settings.accounts_base == "https://login.corp.example:8443"
    with pytest.raises(ConfigError):
        load(text.replace("https", "http"), LARKNB_TRUSTED_HOSTS="open.corp.example,login.corp.example")
    with pytest.raises(ConfigError, match="trusted_hosts"):
        load('[app]\ntrusted_hosts = ["evil.example"]\n')


@pytest.mark.parametrize(
    "named", ["*", "*.corp.example", "corp.example", ".corp.example", "open.corp.example:444", ","]
)
def test_a_trusted_host_is_named_whole(load: Load, named: str) -> None:
    """Patterns, parent domains and other ports trust nothing."""
    text = '[app]\nopen_base = "https://open.corp.example"\naccounts_base = "https://open.corp.example"\n'
    with pytest.raises(ConfigError):
        load(text, LARKNB_TRUSTED_HOSTS=named)


def test_trust_cannot_mix_the_brands(load: Load) -> None:
    """A host of the other brand stays refused even when it is named as trusted: no app belongs to both."""
    with pytest.raises(ConfigError, match="feishu"):
        load(LARKNB_OPEN_BASE="https://open.larksuite.com", LARKNB_TRUSTED_HOSTS="open.larksuite.com")


def test_one_foreign_host_alone_is_refused(load: Load) -> None:
    """A code from the public accounts page is not sent to another platform because one line was forgotten."""
    with pytest.raises(ConfigError, match="accounts_base"):
        load('[app]\nopen_base = "http://127.0.0.1:8123"\n')


@pytest.mark.parametrize(
    "uri",
    [
        "https://localhost:8765/callback",
        "http://localhost/callback",
        "http://localhost:8765",
        "http://localhost:8765/",
        "http://0.0.0.0:8765/callback",
        "http://example.com:8765/callback",
        "http://localhost.evil.example:8765/callback",
        "http://localhost:8765/callback?next=1",
        "http://localhost:8765/callback#x",
        "http://localhost:0/callback",
        "http://localhost:99999/callback",
        "http://user@localhost:8765/callback",
        *(f"http://localhost:{port}/callback" for port in (1, 9, 5060, 6000, 6667, 10080)),
    ],
)
def test_a_redirect_stays_on_this_machine(load: Load, uri: str) -> None:
    """The login's answer comes back over http to a port of this machine that a browser will open, or not at all."""
    with pytest.raises(ConfigError, match="redirect_uris"):
        load(f'[app]\nredirect_uris = ["http://localhost:8765/callback", "{uri}"]\n')


def test_a_redirect_is_kept_letter_by_letter(load: Load) -> None:
    """The console compares redirect URLs as strings, so nothing is tidied up."""
    uris = ("http://LocalHost:8765/CallBack/", "http://[::1]:8766/cb", "http://127.0.0.1:8767/cb")
    assert load(f"[app]\nredirect_uris = {json.dumps(uris)}\n").redirect_uris == uris
    with pytest.raises(ConfigError, match="redirect_uris"):
        load("[app]\nredirect_uris = []\n")
