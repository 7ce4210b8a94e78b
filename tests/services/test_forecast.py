"""Which interval fits the budget, and where reading the edited rows alone would pay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.api.usage import Usage
from larknb.cache.cached import SourceCache
from larknb.cache.manifest import Manifest, SnapshotEntry, TableEntry
from larknb.model import Policy, Source
from larknb.sandbox import Field, Sandbox
from larknb.services.forecast import advise
from tests.conftest import PEOPLE, Clock, Lab, open_lab, sync, text, write_settings

FIRST_OF_JUNE = 1_780_300_800.0 - 8 * 3600  # in Shanghai; the other zones are in a month of 30 or 31 days
NOW = FIRST_OF_JUNE + 10 * 86_400
DAYS_OF_JUNE = 30


def snapshots(rows: int, edits: int) -> dict[str, SnapshotEntry]:
    """Return the first state, of long ago, and those that edits of the last two days made."""
    facts: dict[str, Any] = {"rows": rows, "removed": 0, "bytes": 1, "calls": rows // 500 + 4, "identity": ""}
    first = SnapshotEntry(sequence=1, synced_at=NOW - 30 * 86_400, added=rows, changed=0, **facts)
    later = [SnapshotEntry(sequence=2 + n, synced_at=NOW - n * 60, added=0, changed=1, **facts) for n in range(edits)]
    return {f"2026010{n}T000000Z": each for n, each in enumerate([first, *later])}


def base(name: str, rows: int, edits: int) -> tuple[Source, SourceCache]:
    source = Source(name, f"https://example.feishu.cn/base/{name}", "bitable", name)
    table = TableEntry(
        name="t", file="t", form="records", raw="t.raw.parquet", rows=rows, revision=1, read_at=NOW, computed_at=NOW
    )
    manifest = Manifest(
        name=name, kind="bitable", key=source.key, url=source.url, token=name, tables={"t": table},
        snapshots=snapshots(rows, edits),
    )  # fmt: skip
    return source, SourceCache(Path(name), manifest)


@pytest.mark.parametrize(
    ("bases", "rows", "edits", "daily", "minutes"),
    [
        (1, 100, 0, 600, 5),  # 288 looks of 2 requests, and 4 for the whole of it
        (1, 100, 0, 300, 10),
        (1, 100, 0, 52, 60),
        (1, 100_000, 0, 2_000, 5),
        (1, 100_000, 0, 300, 30),  # 204 of them are the daily reading of all
        (1, 100_000, 2, 300, 30),  # one edit a day costs what the daily reading does
        (1, 100_000, 20, 2_200, 30),  # 10 edits a day
        (1, 100_000, 20, 500, 12 * 60),
        (50, 100, 0, 700, 180),  # 51 a look, 200 for all of them
        (1, 100_000, 0, 200, 48 * 60),  # less than once a day
        (1, 100, 0, 0.0, None),
        (1, 100_000, 0, 1, None),
    ],
)
def test_the_shortest_interval_that_fits_the_budget_is_told(
    tmp_path: Path, bases: int, rows: int, edits: int, daily: float, minutes: float | None
) -> None:
    """A day of looks, and of the readings that they lead to, takes no more than its share."""
    cached = {f"b{n}": base(f"b{n}", rows, edits) for n in range(bases)}
    usage = Usage(tmp_path / "usage.json", round(daily * DAYS_OF_JUNE), clock=lambda: FIRST_OF_JUNE + 43_200)
    found = advise(cached, usage, Policy(), NOW).interval
    assert found == (None if minutes is None else minutes * 60)


@pytest.mark.parametrize("full_every", [0.0, 60.0, 1e12])
def test_settings_out_of_the_ordinary_are_reckoned_with(tmp_path: Path, full_every: float) -> None:
    """A reading of everything at each look, or never again."""
    usage = Usage(tmp_path / "usage.json", 100_000, clock=lambda: NOW)
    found = advise({"b": base("b", 5_000, 3)}, usage, Policy(full_every=full_every), NOW).interval
    assert found == (300 if full_every == 1e12 else 600)


def test_without_a_budget_no_interval_is_advised(tmp_path: Path) -> None:
    """There is nothing that it would have to fit."""
    assert advise({"b": base("b", 100, 0)}, Usage(tmp_path / "usage.json"), Policy(), NOW).interval is None


def test_the_advised_interval_keeps_a_day_within_its_share(synced: Lab) -> None:
    """Looks, an edit and the daily reading of everything cost what was foretold, or less."""
    file = synced.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n[budget]\nmonthly_calls = 3000\n", encoding="utf-8")
    advice = synced.workspace.status().advice
    assert advice is not None and advice.interval == 3600
    before = synced.workspace.status().calls
    for look in range(24):
        if look == 10:
            synced.people.add({"name": text("new")})
        sync(synced.later(advice.interval)).raise_for_failures()
    assert 48 < synced.workspace.status().calls - before <= 3000 / 31


# --- incremental ----------------------------------------------------------------------------------------------------

MODIFIED = Field("modified", 1002, field_id="fldModified")
SUM = Field("sum", 20, field_id="fldSum")
ROWS = 3000


def edited(root: Path, box: Sandbox, clock: Clock, fields: list[Field], *, remove: bool = False, more: str = "") -> Lab:
    """Open a workspace with a table of some pages, of which a row was edited twice, and synced each time."""
    table = box.tenant.add_base("bugs", app_token="AppBugs000000000000000001").add_table("t", fields)
    ids = table.add_many([{"name": text(f"bug {n}")} for n in range(ROWS)])
    url = f"{box.url}/base/AppBugs000000000000000001"
    lab = open_lab(root, box, clock, url, None)
    write_settings(root, box, f'{url}"\n{more}#')
    sync(lab).raise_for_failures()
    for number in range(2):
        table.edit(ids[0], {"name": text(f"again {number}")})
        if remove:
            table.delete(ids[-1 - number])
        assert [row.action for row in sync(lab.later())] == ["fetched"]
    return lab


FILTER = 'filter = {conjunction = "and", conditions = [{field_name = "name", operator = "isNotEmpty", value = []}]}\n'


@pytest.mark.parametrize(
    ("fields", "remove", "more", "is_told"),
    [
        ([PEOPLE[0], MODIFIED], False, "", True),
        ([PEOPLE[0]], False, "", False),
        ([PEOPLE[0], MODIFIED, SUM], False, "", False),
        ([PEOPLE[0], MODIFIED], True, "", False),
        ([PEOPLE[0], MODIFIED], False, 'fields = ["name", "modified"]\n', True),
        ([PEOPLE[0], MODIFIED], False, FILTER, False),
    ],
)
def test_incremental_is_advised_where_it_would_pay(
    tmp_path: Path, box: Sandbox, clock: Clock, fields: list[Field], remove: bool, more: str, is_told: bool
) -> None:
    """Where rows tell when they were edited, few of many were, and none of them was deleted."""
    status = edited(tmp_path, box, clock, fields, remove=remove, more=more).workspace.status()
    assert status.advice is not None
    assert [*status.advice.incremental] == (["s1"] if is_told else [])
    assert ("incremental = true would save about 240 calls" in status.footer()) == is_told
