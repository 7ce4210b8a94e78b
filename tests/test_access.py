"""Who asks during one sync."""

from __future__ import annotations

from typing import cast

import pytest

from larknb.access import Access, calls_of, enter, lacking
from larknb.api.client import LarkClient
from larknb.errors import Asker, ConfigError, LoginRequired
from larknb.model import Source
from tests.conftest import Lab

DOCUMENT = Source("d", "https://x.feishu.cn/docx/d", "document", "d")
SPACE = Source("s", "https://x.feishu.cn/wiki/space/7", None, "7", library="space")


def access(*granted: str) -> Access:
    return Access(cast("LarkClient", None), Asker("user", "王敏"), granted)


def test_each_identity_enters_once(lab: Lab) -> None:
    """Three sources of two identities are two who ask; the app has no requests of the person."""
    with lab.workspace.context.clients() as client_of:
        app = Source("t", DOCUMENT.url, "document", "t", identity="tenant")
        found = enter(client_of, [DOCUMENT, SPACE, app])
        assert {identity: type(who) for identity, who in found.items()} == {"tenant": Access, "user": Access}
        assert calls_of(found) == 0


def test_who_cannot_enter_is_a_reason(lab: Lab) -> None:
    """A person who is not logged in is no access, and no error of the others."""
    lab.workspace.logout(local=True)
    with lab.workspace.context.clients() as client_of:
        assert isinstance(enter(client_of, [DOCUMENT])["user"], LoginRequired)


def test_without_an_app_nothing_can_work(lab: Lab) -> None:
    """That is an error of the settings."""

    def nobody(identity: str) -> LarkClient:
        raise ConfigError(identity)

    with pytest.raises(ConfigError):
        enter(nobody, [DOCUMENT])


@pytest.mark.parametrize(
    ("granted", "source", "missing"),
    [
        ((), DOCUMENT, False),  # an older login does not tell
        (("docx:document",), DOCUMENT, False),
        (("offline_access",), DOCUMENT, True),
        (("wiki:node:retrieve",), SPACE, False),
        (("wiki:wiki:readonly",), SPACE, False),
        (("docx:document",), SPACE, True),
    ],
)
def test_what_is_known_to_be_missing(granted: tuple[str, ...], source: Source, *, missing: bool) -> None:
    """The platform is not asked for what it would refuse."""
    problem = lacking(access(*granted), source)
    assert (problem is not None) == missing
    assert problem is None or problem.scopes
