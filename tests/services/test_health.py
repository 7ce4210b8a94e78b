"""The health of a workspace, as `status` tells it."""

from __future__ import annotations

import json

from tests.conftest import Lab, text


def test_status_tells_the_health(synced: Lab) -> None:
    """Fresh, then stale, then failed with the reason; never an error."""
    assert {row.state for row in synced.workspace.status()} == {"fresh"}
    synced.later(7200)
    status = synced.workspace.status()
    assert {row.state for row in status} == {"stale"}
    assert status.calls == 8
    synced.reply(91403, endpoint="tables")
    synced.workspace.sync(progress=False)
    rows = synced.workspace.status()
    assert {row.state for row in rows} == {"failed"}
    assert "91403" in rows[0].last_error
    synced.workspace.logout()
    assert "larknb login" in synced.workspace.status().login


def test_a_login_that_cannot_renew_itself_says_so(synced: Lab) -> None:
    """Whoever looks is told before the token ends, and after."""
    file = synced.workspace.settings.token_file
    token = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**token, "refresh_token": ""}), encoding="utf-8")
    assert "cannot renew" in repr(synced.workspace.whoami())
    assert "soon" in synced.workspace.status().login
    synced.clock.advance(3 * 3600)
    assert "has ended" in synced.workspace.status().login


def states(lab: Lab) -> dict[str, tuple[str, bool]]:
    """Return the state of each table, and whether it names a reason."""
    return {row.table: (row.state, bool(row.last_error)) for row in lab.workspace.status()}


def test_a_failing_table_is_named_alone(synced: Lab) -> None:
    """Its siblings have no reason of theirs; it fails until it could be read, and all where the base gave no answer."""
    synced.people.add({"name": text("one more")})
    synced.later(7200)
    synced.reply(91403, endpoint="search")
    synced.workspace.sync(progress=False)
    assert states(synced) == {"teams": ("failed", True), "people": ("stale", False)}
    synced.reply(91403, endpoint="tables")
    synced.workspace.sync(force=True, progress=False)
    assert states(synced) == {"teams": ("failed", True), "people": ("failed", True)}
    synced.workspace.sync(force=True, progress=False)
    assert states(synced) == {"teams": ("fresh", False), "people": ("fresh", False)}
