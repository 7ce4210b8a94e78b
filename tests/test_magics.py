"""``%load_ext larknb`` in a real IPython shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from larknb.errors import ConfigError
from larknb.results.diff import Diff
from larknb.results.history import History
from larknb.results.search import SearchHits
from larknb.results.status import Status
from larknb.results.sync import SyncReport
from tests.conftest import Lab, sign_in, sync, text


@pytest.fixture
def shell(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A shell in the folder of a synced workspace."""
    monkeypatch.chdir(synced.workspace.root)
    shell: Any = InteractiveShell.instance()
    shell.extension_manager.load_extension("larknb")
    yield shell
    shell.extension_manager.unload_extension("larknb")
    InteractiveShell.clear_instance()


def ran(shell: Any, code: str) -> Any:
    done = shell.run_cell(code)
    done.raise_error()
    return done.result


@pytest.mark.parametrize(
    ("line", "kind"),
    [("", Status), ("status", Status), ("sync", SyncReport), ("sync s1 --force", SyncReport), ("search p1", SearchHits),
     ("load s1/people", pd.DataFrame), ("history s1", History), ("diff s1/people", Diff), ("diff s1 -1", Diff)],
)  # fmt: skip
def test_a_line_is_a_call(shell: Any, line: str, kind: type) -> None:
    """What comes is what the call gives, and shows itself as that does."""
    assert isinstance(ran(shell, f"%lark {line}"), kind)


@pytest.mark.parametrize(
    ("line", "table"),
    [
        ("s1/people", "s1/people"),
        ("s1/people 2026-01-15", "s1/people"),
        ("s1/people --since 2026-01-15", "s1/people"),
        ("s1/my team", "s1/my team"),
        ("s1/my team 2026-01-15", "s1/my team"),
        ("'s1/my team' 2026-01-15", "s1/my team"),
        ("s1/my team 2026-01-15 12:00", "s1/my team"),
        ("tblPeople 2026-01-15", "s1/people"),
    ],
)
def test_what_changed_since(shell: Any, synced: Lab, line: str, table: str) -> None:
    """A time may follow the name, and the name may hold blanks; no time means the last state that differs."""
    synced.base.table("teams").name = "my team"
    synced.later(10 * 86400)
    sign_in(synced.workspace, synced.box)
    synced.people.add({"name": text("new")})
    synced.base.table("my team").add({"title": text("new")})
    sync(synced, force=True)
    found = ran(shell, f"%lark diff {line}".replace("tblPeople", "s1/tblPeople"))
    assert (found.source, [*found.to_frame()["change"]]) == (table, ["added"])


def test_sql_in_a_cell(shell: Any) -> None:
    """The frame is the cell's result, and a variable where one is named."""
    assert len(ran(shell, "%%larksql rows\nSELECT * FROM people")) == 30
    assert len(shell.user_ns["rows"]) == 30
    with pytest.raises(ConfigError, match="%%larksql rows"):
        ran(shell, "%%larksql 1x\nSELECT 1")


def test_what_cannot_be_run_is_explained(shell: Any) -> None:
    """The message names what there is."""
    with pytest.raises(ConfigError, match="status, sources"):
        ran(shell, "%lark nope")
    with pytest.raises(ConfigError):
        ran(shell, "%lark load")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ('lk.load("s', {"s1", "s1/people", "s1/teams"}),
        ('x = lk.tables("', {"s1"}),
        ("lk.load('s1/pe", {"s1/people"}),
        ("%lark load s1/t", {"s1/teams"}),
        ("%lark st", {"status"}),
        ("%lark d", {"diff", "document"}),
        ("%lark diff s1/t", {"s1/teams"}),
    ],
)
def test_names_come_by_tab(shell: Any, typed: str, offered: set[str]) -> None:
    """Sources and tables inside the calls that take them, commands behind ``%lark``."""
    with provisionalcompleter():
        found = {completion.text for completion in shell.Completer.completions(typed, len(typed))}
    assert offered <= found


def test_children_of_a_space_come_by_tab(shell: Any, synced: Lab) -> None:
    """They are named as sources are, also those that have no tables."""
    space = synced.box.tenant.add_wiki_space("guides")
    space.add_node(synced.box.tenant.add_document("heat"))
    synced.workspace.add(f"{synced.box.url}/wiki/space/{space.space_id}")
    synced.workspace.sync("guides", progress=False).raise_for_failures()
    typed = 'lk.document("guides/h'
    with provisionalcompleter():
        found = {completion.text for completion in shell.Completer.completions(typed, len(typed))}
    assert "guides/heat" in found


def test_sources_are_had_by_name_and_offer_them(synced: Lab) -> None:
    """``lk.sources()["…"]`` completes, too."""
    sources = synced.workspace.sources()
    assert sources["s1"] is sources[0]
    assert sources._ipython_key_completions_() == ["s1"]
    with pytest.raises(KeyError):
        sources["nope"]
