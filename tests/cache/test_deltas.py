"""Old states of a table as what changed: equal to what they were, checked, and no dearer to lose than they must be."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.cache import deltas, loading, records
from larknb.cache.cached import SourceCache
from larknb.cache.history import at
from larknb.cache.manifest import Manifest
from larknb.cache.verify import verify
from larknb.errors import NotFound
from larknb.model import Batch, Grid, TableInfo
from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import raw_schema

from .taking import FIELDS, NOW, SOURCE, computed, grid, info, opened, take

MORE: list[dict[str, Any]] = [
    *FIELDS,
    {"field_id": "fldS", "field_name": "state", "type": 3, "ui_type": "SingleSelect",
     "property": {"options": [{"id": f"o{n}", "name": f"s{n}"} for n in range(9)]}},
    {"field_id": "fldU", "field_name": "who", "type": 11, "ui_type": "User", "property": {"multiple": True}},
    {"field_id": "fldL", "field_name": "link", "type": 18, "ui_type": "SingleLink", "property": {"table_id": "tblA"}},
]  # fmt: skip
ROWS = 150


def table(name: str = "t", fields: list[dict[str, Any]] = MORE) -> TableInfo:
    return TableInfo("tblA", name, 1, raw_schema("tblA", name, fields, time_zone="Asia/Shanghai"))


def record(number: int, version: int = 0) -> dict[str, Any]:
    dice = random.Random(number * 1000 + version)
    fields = {
        "name": [{"type": "text", "text": f"n{dice.getrandbits(60):x}"}],
        "day": 1_690_992_000_000 + dice.randrange(9**9),
        "sum": {"type": 2, "value": [dice.random()]}, "state": f"s{dice.randrange(9)}" if number % 5 else None,
        "who": [{"id": f"ou_{number % 7}", "name": f"p{version}", "en_name": "", "email": ""}],
        "link": {"link_record_ids": [f"rec{number}"]},
    }  # fmt: skip
    editor = {"id": "ou_1", "name": "王敏"} if version != 7 else None
    return {"record_id": f"rec{number}", "fields": fields, "created_time": 5, "last_modified_by": editor}


def batch(versions: dict[int, int], name: str = "t") -> Batch:
    """Return a table of these records, each in some version of it."""
    found = table(name)
    return Batch(found, to_arrow(found.schema, [record(*item) for item in versions.items()]), fresh=True)


def edited(versions: dict[int, int], number: int) -> dict[int, int]:
    """Return a table of which a few rows came, differ or went."""
    left = {key: version for key, version in versions.items() if key != 10 + number}
    return {**left, 20 + number: number + 1, 1000 + number: 0}


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A delta is worth it for a small table, too."""
    monkeypatch.setattr(deltas, "LEAST", 0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[pd.DataFrame]]:
    """The folder of a table after six snapshots, and what each gave."""
    cached = SourceCache(tmp_path_factory.mktemp("long") / "source", Manifest.of(SOURCE))
    versions, frames = dict.fromkeys(range(ROWS), 0), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deltas, "LEAST", 0)
        for number in range(6):
            take(cached, NOW + 60 * number, batch(versions))
            frames.append(loading.frame(cached, "tblA"))
            versions = edited(versions, number)
    return cached.folder, frames


@pytest.fixture
def long(made: tuple[Path, list[pd.DataFrame]], tmp_path: Path) -> tuple[SourceCache, list[pd.DataFrame]]:
    """A copy of it."""
    shutil.copytree(made[0], tmp_path / "source")
    cached = SourceCache.open(tmp_path / "source")
    assert cached is not None
    return cached, made[1]


def folder(cached: SourceCache, index: int) -> Path:
    return cached.folder / "snapshots" / cached.manifest.ordered[index]


def names(cached: SourceCache, index: int) -> list[str]:
    return sorted(path.name for path in folder(cached, index).iterdir() if path.name != records.FILE)


def readable(cached: SourceCache, frames: list[pd.DataFrame]) -> list[bool]:
    """Say which snapshots give what they gave; none gives anything else."""
    found = []
    for name, frame in zip(opened(cached).manifest.ordered, frames, strict=True):
        try:
            pd.testing.assert_frame_equal(loading.frame(at(opened(cached), name, NOW), "tblA"), frame)
        except NotFound:
            found.append(False)
        else:
            found.append(True)
    return found


# --- equal, and small -----------------------------------------------------------------------------------------------


def test_an_old_state_costs_what_changed(long: tuple[SourceCache, list[pd.DataFrame]]) -> None:
    """The first keeps its raw file, the others a delta, the newest all it needs; each gives what it gave."""
    cached, frames = long
    delta = "t.delta.arrow.zst"
    assert [names(cached, index) for index in range(6)] == [
        ["t.raw.parquet"], [delta], [delta], [delta], [delta], [delta, "t.parquet", "t.raw.parquet"]
    ]  # fmt: skip
    assert (folder(cached, 1) / delta).stat().st_size < 0.3 * (folder(cached, 0) / "t.raw.parquet").stat().st_size
    assert readable(cached, frames) == [True] * 6
    assert verify(opened(cached)) == []


KINDS = ["edit", "add", "insert", "delete", "rename", "move", "person", "none"]
EDITS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 39)), min_size=1, max_size=12)


@pytest.mark.soak
@settings(max_examples=25)
@given(st.lists(EDITS, min_size=1, max_size=6))
def test_whatever_was_edited_an_old_state_is_what_it_was(tmp_path_factory: Any, steps: list[Any]) -> None:
    """Values, order, columns and the raw form; also rows that came in the middle, and columns that were renamed."""
    cached = SourceCache(tmp_path_factory.mktemp("c"), Manifest.of(SOURCE))
    versions, name, told = dict.fromkeys(range(40), 0), "t", []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deltas, "WORTH", 9.0)
        for number, edits in enumerate([[], *steps]):
            for what, key in edits:
                versions, name = changed(versions, name, what, key, 100 * number)
            take(cached, NOW + 60 * number, batch(versions, name))
            told.append((cached.manifest.snapshot, loading.frame(cached, "tblA"), loading.raw_frame(cached, "tblA")))
    for snapshot, frame, raw in told:
        then = at(opened(cached), snapshot, NOW)
        pd.testing.assert_frame_equal(loading.frame(then, "tblA"), frame)
        pd.testing.assert_frame_equal(loading.raw_frame(then, "tblA"), raw)


def changed(versions: dict[int, int], name: str, what: str, key: int, new: int) -> tuple[dict[int, int], str]:
    """Return a table after one edit."""
    rows = [*versions.items()]
    match what:
        case "edit" | "person":
            return (
                {**versions, key: 7 if what == "person" else versions[key] + 1} if key in versions else versions
            ), name
        case "add" | "insert":
            place = len(rows) if what == "add" else min(key, len(rows))
            return dict([*rows[:place], (new + key + 1000, 0), *rows[place:]]), name
        case "delete":
            return {each: version for each, version in rows if each != key}, name
        case "move":
            return dict([*rows[key:], *rows[:key]]), name
        case "rename":
            return versions, f"t{key}"
    return versions, name


def test_computed_columns_alone_make_a_delta(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a whole read does; the state before has the values of then."""
    from .taking import batch as plain

    monkeypatch.setattr(deltas, "WORTH", 9.0)
    take(cached, NOW, plain(info(), 4))
    take(cached, NOW + 60, computed([0, 1, 2, 99]))
    take(cached, NOW + 120, computed([0, 1, 98, 99]))
    sums = [loading.frame(at(cached, index, NOW), "tblA")["sum"].to_list() for index in (-3, -2, -1)]
    assert sums == [[0, 1, 2, 3], [0, 1, 2, 99], [0, 1, 98, 99]]
    assert "t.delta.arrow.zst" in names(cached, 1)


def test_a_table_without_rows(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before and after it had some."""
    monkeypatch.setattr(deltas, "WORTH", 99.0)
    for number, count in enumerate((0, 3, 0, 0, 2)):
        take(cached, NOW + 60 * number, batch(dict.fromkeys(range(count), number)), accept_shrink=True)
    assert [len(loading.frame(at(cached, index, NOW), "tblA")) for index in range(-4, 0)] == [0, 3, 0, 2]


# --- chains ---------------------------------------------------------------------------------------------------------


def test_a_chain_begins_anew_before_it_grows_long(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many deltas; a file that is lost takes no more with it."""
    monkeypatch.setattr(deltas, "MOST_LINKS", 2)
    versions = dict.fromkeys(range(ROWS), 0)
    for number in range(7):
        take(cached, NOW + 60 * number, batch(versions))
        versions = edited(versions, number)
    assert ["t.raw.parquet" in names(cached, index) for index in range(7)] == [True, False, False] * 2 + [True]


def test_a_chain_begins_anew_after_the_time_of_the_history(cached: SourceCache) -> None:
    """What was deleted long ago does not stay because later states count from it."""
    versions = dict.fromkeys(range(ROWS), 0)
    for number, days in enumerate((0, 80, 100)):
        take(cached, NOW + 86400 * days, batch(versions))
        versions = edited(versions, number)
    assert [any(deltas.is_delta(Path(name)) for name in names(cached, index)) for index in range(3)] == [
        False, True, False
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows", [range(ROWS - 1, -1, -1), range(5000, 5000 + ROWS)], ids=["another order", "all others"]
)
def test_where_much_changed_the_raw_file_stays(cached: SourceCache, rows: range) -> None:
    """A delta would be no smaller, or could not tell the order."""
    take(cached, NOW, batch(dict.fromkeys(range(ROWS), 0)))
    first = loading.frame(cached, "tblA")
    take(cached, NOW + 60, batch(dict.fromkeys(rows, 1)))
    assert names(cached, 0) == ["t.raw.parquet"]
    assert names(cached, 1) == ["t.parquet", "t.raw.parquet"]
    assert readable(cached, [first, loading.frame(cached, "tblA")]) == [True, True]


# --- losses ---------------------------------------------------------------------------------------------------------


def remove(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [remove, flip])
@pytest.mark.parametrize("index", [0, 1, 4])
def test_a_lost_file_takes_those_that_count_from_it(
    long: tuple[SourceCache, list[pd.DataFrame]], damage: Any, index: int
) -> None:
    """Earlier states and the current one read on; the others name the file; the next snapshot begins a new chain."""
    cached, frames = long
    path = folder(cached, index) / names(cached, index)[0]
    damage(path)
    kept = [number < (index if index else 0) for number in range(5)] + [True]
    assert readable(cached, frames) == kept
    with pytest.raises(NotFound, match=path.name):
        loading.frame(at(opened(cached), 4 - 6, NOW), "tblA")
    assert [(each.path, each.heals) for each in verify(opened(cached))] == [(path, "nothing")]
    take(cached, NOW + 600, batch(edited(dict.fromkeys(range(ROWS), 0), 9)))
    assert "t.raw.parquet" in names(cached, 6)
    assert not any(name.endswith(deltas.SUFFIX) for name in names(cached, 6))
    assert readable(cached, [*frames, loading.frame(cached, "tblA")])[:5] == kept[:5]


def test_a_damaged_delta_of_the_current_state_is_no_loss(long: tuple[SourceCache, list[pd.DataFrame]]) -> None:
    """Its raw file is there, for ``as_of`` as well; the next snapshot begins a new chain."""
    cached, frames = long
    flip(folder(cached, 5) / "t.delta.arrow.zst")
    assert readable(cached, frames) == [True] * 6
    take(cached, NOW + 600, batch(edited(dict.fromkeys(range(ROWS), 0), 9)))
    assert names(cached, 6) == ["t.parquet", "t.raw.parquet"]


def test_a_manifest_is_made_again_of_deltas(long: tuple[SourceCache, list[pd.DataFrame]]) -> None:
    """Also where the newest snapshot is gone: the last but one has its delta alone, and is the current state then."""
    cached, frames = long
    (cached.folder / "manifest.json").unlink()
    assert readable(cached, frames) == [True] * 6
    for path in folder(cached, 5).iterdir():
        path.unlink()
    now = opened(cached)
    pd.testing.assert_frame_equal(loading.frame(now, "tblA"), frames[4])
    assert readable(now, frames[:5]) == [True] * 5
    take(now, NOW + 600, batch(edited(dict.fromkeys(range(ROWS), 0), 9)))
    assert readable(now, [*frames[:5], loading.frame(now, "tblA")]) == [True] * 6


def test_a_record_that_is_gone_tells_less(long: tuple[SourceCache, list[pd.DataFrame]]) -> None:
    """Nothing is deleted as long as nobody knows what a delta needs; the files tell the state again."""
    cached, frames = long
    (folder(cached, 2) / records.FILE).write_bytes(b"{")
    before = {path for path in cached.folder.rglob("*") if path.is_file()}
    take(cached, NOW + 600, batch(edited(dict.fromkeys(range(ROWS), 0), 9)))
    assert before <= {path for path in cached.folder.rglob("*") if path.is_file()}
    (cached.folder / "manifest.json").unlink()
    assert len(loading.frame(at(opened(cached), opened(cached).manifest.ordered[2], NOW), "tblA")) == len(frames[2])


# --- worksheets -----------------------------------------------------------------------------------------------------


def sheet(versions: dict[int, int]) -> Grid:
    """Return a worksheet with a row for each record; a date is in the second pass, and many rows are alike."""
    cells = [[f"n{number}", random.Random(number * 1000 + version).random(), 45000 + number % 3]
             for number, version in versions.items()]  # fmt: skip
    found = grid("s", "sheet1", ["name", "cost", "day"], *cells)
    dates = [[None, None, 45000 + number % 3] for number in versions]
    return replace(found, record={**found.record, "dates": [{"row": 2, "column": 1, "values": dates}]})


@pytest.fixture
def sheets(tmp_path: Path) -> tuple[SourceCache, list[pd.DataFrame], list[dict[str, Any]]]:
    """A worksheet after six snapshots, what each gave, and the grids."""
    cached = SourceCache(tmp_path / "source", Manifest.of(SOURCE))
    versions, frames, grids = dict.fromkeys(range(ROWS), 0), [], []
    for number in range(6):
        take(cached, NOW + 60 * number, sheet(versions))
        frames.append(loading.frame(cached, "sheet1"))
        grids.append(loading.grid(cached, "sheet1"))
        versions = edited(versions, number)
    return cached, frames, grids


def readable_sheets(cached: SourceCache, frames: list[pd.DataFrame], grids: list[dict[str, Any]]) -> list[bool]:
    """Say which snapshots give what they gave, as a frame and as a grid; none gives anything else."""
    found = []
    for name, frame, whole in zip(opened(cached).manifest.ordered, frames, grids, strict=True):
        state = at(opened(cached), name, NOW)
        try:
            pd.testing.assert_frame_equal(loading.frame(state, "sheet1"), frame)
            assert loading.grid(state, "sheet1") == whole
        except NotFound:
            found.append(False)
        else:
            found.append(True)
    return found


def test_an_old_state_of_a_worksheet_costs_what_changed(
    sheets: tuple[SourceCache, list[pd.DataFrame], list[dict[str, Any]]],
) -> None:
    """Its grid is as it was, and so is the frame; nothing is found wrong."""
    cached, frames, grids = sheets
    assert readable_sheets(cached, frames, grids) == [True] * 6
    assert [names(cached, index) for index in range(6)] == [
        ["s.grid.json.gz"], *[["s.delta.arrow.zst"]] * 4, ["s.delta.arrow.zst", "s.grid.json.gz", "s.parquet"],
    ]  # fmt: skip
    sizes = [sum(path.stat().st_size for path in folder(cached, index).glob("s.[dg]*")) for index in range(5)]
    assert max(sizes[1:]) * 2 < sizes[0]
    assert verify(opened(cached)) == []


@pytest.mark.parametrize("lost", ["manifest.json", "records"])
def test_a_cache_of_worksheets_is_made_again_of_its_deltas(
    sheets: tuple[SourceCache, list[pd.DataFrame], list[dict[str, Any]]], lost: str
) -> None:
    """With the records of the snapshots, and without any."""
    cached, frames, grids = sheets
    (cached.folder / "manifest.json").unlink()
    for index in range(6) if lost == "records" else ():
        (folder(cached, index) / records.FILE).unlink()
    assert readable_sheets(cached, frames, grids) == [True] * 6


@pytest.mark.parametrize("how", ["cut", "gone", "flipped"])
def test_a_delta_of_a_worksheet_that_is_lost_costs_those_behind_it(
    sheets: tuple[SourceCache, list[pd.DataFrame], list[dict[str, Any]]], how: str
) -> None:
    """The present state and those before it stay; the next sync begins a new chain."""
    cached, frames, grids = sheets
    path = folder(cached, 2) / "s.delta.arrow.zst"
    data = path.read_bytes()
    path.write_bytes({"cut": data[:-9], "gone": b"", "flipped": data[:200] + bytes([data[200] ^ 1]) + data[201:]}[how])
    assert readable_sheets(cached, frames, grids) == [True, True, False, False, False, True]
    assert {path} <= {each.path for each in verify(opened(cached))}
    take(cached, NOW + 600, sheet(edited(dict.fromkeys(range(ROWS), 0), 9)))
    assert names(cached, 6) == ["s.grid.json.gz", "s.parquet"]


def test_a_large_worksheet_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory would have to hold two of it."""
    cached = SourceCache(tmp_path / "source", Manifest.of(SOURCE))
    monkeypatch.setattr(deltas, "LARGEST", 100)
    for number in range(2):
        take(cached, NOW + 60 * number, sheet(edited(dict.fromkeys(range(ROWS), 0), number)))
    assert names(cached, 0) == ["s.grid.json.gz"]


# --- pruning --------------------------------------------------------------------------------------------------------


def pruned(cached: SourceCache) -> Iterator[None]:
    """Take two snapshots days later, so that of the old ones only the last of the day is kept."""
    versions = dict.fromkeys(range(ROWS), 0)
    for number in range(6):
        versions = edited(versions, number)
    for seconds in (0, 60):
        take(cached, NOW + 5 * 86400 + seconds, batch(edited(versions, seconds)))
        yield


def test_what_a_kept_delta_needs_stays(long: tuple[SourceCache, list[pd.DataFrame]]) -> None:
    """The states between are gone, their files are not; nothing else stays of them."""
    cached, frames = long
    assert len([*pruned(cached)]) == 2
    assert len(cached.manifest.snapshots) == 3
    pd.testing.assert_frame_equal(loading.frame(at(opened(cached), -3, NOW), "tblA"), frames[5])
    assert verify(opened(cached)) == []
    left = [sorted(path.name for path in each.iterdir()) for each in records.folders(cached.folder)[:5]]
    assert left == [["snapshot.json.gz", "t.raw.parquet"]] + [["snapshot.json.gz", "t.delta.arrow.zst"]] * 4


@pytest.mark.parametrize("last", [0, 1, 3])
def test_pruning_may_end_anywhere(
    long: tuple[SourceCache, list[pd.DataFrame]], last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of deletions; what is kept reads, and the next sync deletes the rest."""
    cached, frames = long
    steps, unlink = pruned(cached), Path.unlink
    next(steps)
    done = []

    def stop(path: Path, missing_ok: bool = False) -> None:
        done.append(path)
        if len(done) > last and path.parent.parent.name == "snapshots":
            raise KeyboardInterrupt
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", stop)
        next(steps)
        raise KeyboardInterrupt
    now = opened(cached)
    pd.testing.assert_frame_equal(loading.frame(at(now, now.manifest.ordered[0], NOW), "tblA"), frames[5])
    assert verify(now) == []
