"""Makes the manifest of a source again, where it is damaged or gone, of the snapshots that lie in its folder.

Each snapshot has a record of what it consists of. Those of larknb 0.1 have none: of them the files tell what they are,
as far as that goes. What only the manifest knew (what the last look learned, and when it was) is learned at the next
sync, which therefore reads everything.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from larknb import stored
from larknb.cache import deltas, records
from larknb.cache.checks import Corrupt, is_whole, parsing
from larknb.cache.gridfiles import read_grid
from larknb.cache.manifest import (
    GUIDE_FILES,
    GuideEntry,
    Manifest,
    MediaEntry,
    PastTable,
    SnapshotEntry,
    TableEntry,
)
from larknb.cache.policy import snapshot_time
from larknb.cache.records import Record
from larknb.cache.tablefiles import schema_of
from larknb.messages import say
from larknb.model import Kind, Source
from larknb.tabular.raw import TABLE_KEY

__all__ = ["key_of", "rebuilt"]

RAW, GUIDE, _ = GUIDE_FILES
TABLES, GRIDS, FRIENDLY = deltas.RAW, deltas.GRID, ".parquet"

log = logging.getLogger("larknb")


def rebuilt(folder: Path, source: Source | None = None, kind: Kind = "bitable") -> Manifest | None:
    """Return the manifest of a source's folder as its snapshots tell it; None where there is nothing to tell.

    Parameters
    ----------
    source : Source, optional
        Whose folder it is. The snapshots of larknb 0.1 do not say that.
    kind : str
        What it is of, by the place where it lies.
    """
    known, damaged = _records(folder)
    bare = damaged if known else [each for each in records.folders(folder) if _holds_files(each)]
    newest = next(reversed(known.values()), None)
    states = _states(folder, known, bare)
    return _with_states(_blank(newest, source, folder, kind), states, newest) if states else None


def key_of(folder: Path) -> str:
    """Return the key of the source whose snapshots lie in a folder; empty where none of them says it."""
    newest = next(reversed(_records(folder)[0].values()), None)
    return newest.key if newest is not None else ""


def _records(folder: Path) -> tuple[dict[str, Record], list[Path]]:
    """Return the records of the states that are kept, the newest last, and the folders whose record is damaged."""
    found: dict[str, Record] = {}
    damaged: list[Path] = []
    for snapshot in records.folders(folder):
        try:
            record = records.read(snapshot)
        except (stored.Damaged, stored.Newer) as problem:
            log.warning(say("cache.record", path=problem.path))
            log.debug("%s", problem)
            damaged.append(snapshot)
            continue
        if record is not None and not record.dropped:
            found[snapshot.name] = record
    return dict(sorted(found.items(), key=lambda item: (item[1].entry.sequence, item[0]))), damaged


def _holds_files(snapshot: Path) -> bool:
    """Say whether a folder without a record holds what a snapshot does; a torn one never became one."""
    names = records.visible(snapshot)
    if records.BEGUN in names:
        return False
    return any(name.endswith((TABLES, deltas.SUFFIX, GRIDS)) or name == RAW for name in names)


def _blank(newest: Record | None, source: Source | None, folder: Path, kind: Kind) -> Manifest:
    """Return a manifest that knows whose it is, and nothing else."""
    if newest is not None:
        return Manifest(
            name=newest.name, kind=newest.kind, key=newest.key, part=newest.part, url=newest.url, token=newest.token,
            wiki=newest.wiki, about=newest.about, options=newest.options,
        )  # fmt: skip
    if source is not None and source.kind is not None:
        return Manifest.of(source).told(source)
    token = source.target if source is not None else folder.name
    key, url = (source.key, source.url) if source is not None else (folder.name, "")
    return Manifest(name=folder.name, kind=kind, key=key, url=url, token=token, wiki=bool(source and source.wiki))


# --- the states -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _State:
    """What a source consisted of, and what the sync did that found it so."""

    entry: SnapshotEntry
    tables: Mapping[str, TableEntry] = field(default_factory=dict)
    guide: GuideEntry | None = None
    media: Mapping[str, MediaEntry] = field(default_factory=dict)
    has_record: bool = True


def _states(folder: Path, known: Mapping[str, Record], bare: list[Path]) -> dict[str, _State]:
    """Return all states in their order; those without a record come where their names belong."""
    found: dict[str, _State] = {}
    waiting, last = [*bare], _State(SnapshotEntry.empty())
    for name, record in [*known.items(), ("~", None)]:
        while waiting and waiting[0].name < name:
            snapshot = waiting.pop(0)
            state = _of_files(folder, snapshot, last)
            if state.tables != last.tables or state.guide != last.guide:  # else nothing of ours lies there
                last = found[snapshot.name] = state
        if record is not None:
            last = found[name] = _State(record.entry, _usable(folder, record), record.guide, record.media)
    return found


def _usable(folder: Path, record: Record) -> dict[str, TableEntry]:
    """Return the tables of a record whose files are there; the friendly ones of old states are not, as a rule."""
    found: dict[str, TableEntry] = {}
    for key, table in record.tables.items():
        raw, friendly = ((folder / name).is_file() for name in (table.raw, table.friendly))
        if not raw and table.delta and deltas.is_readable(folder / table.delta, table.delta_check):
            table, raw = table.as_kept(), True
        if not friendly:
            table = replace(table, friendly="", friendly_check="")
        if raw or friendly:
            found[key] = table
        else:
            log.warning(say("cache.lost", path=folder / table.raw))
    return found


def _with_states(manifest: Manifest, states: Mapping[str, _State], newest: Record | None) -> Manifest:
    """Return a manifest with the newest state as the current one; its tables are read again at the next look."""
    current = [*states][-1]
    now = states[current]
    snapshots: dict[str, SnapshotEntry] = {}
    sequence = 0
    for name, state in states.items():
        sequence = max(sequence + 1, state.entry.sequence)
        snapshots[name] = replace(state.entry, sequence=sequence)
        if not state.has_record:
            past = {key: each.past() for key, each in state.tables.items()}
            snapshots[name] = replace(snapshots[name], tables=past, guide=state.guide)
    parts = [*now.tables] + ([manifest.token] if now.guide else [])
    told = say("cache.rebuilt", count=len(states))
    return replace(
        manifest, snapshot=current, snapshots=snapshots, tables=dict(now.tables), guide=now.guide, media=now.media,
        again=tuple(parts), problem=told, identity=newest.entry.identity if newest else "",
    )  # fmt: skip


# --- states without a record ----------------------------------------------------------------------------------------


def _of_files(folder: Path, snapshot: Path, before: _State) -> _State:
    """Return a state as the files of its folder tell it; what was not written anew is as it was before."""
    at = snapshot_time(snapshot.name)
    tables = {**before.tables, **dict(_tables(folder, snapshot, at))}
    guide = _guide(folder, snapshot, at) or before.guide
    files = [snapshot / name for name in records.visible(snapshot)]
    entry = SnapshotEntry(
        synced_at=at, rows=sum(table.rows for table in tables.values()), added=0, changed=0, removed=0,
        bytes=sum(path.stat().st_size for path in files), calls=0, identity="",
    )  # fmt: skip
    return _State(entry, tables, guide, _media(folder, guide), has_record=False)


def _tables(folder: Path, snapshot: Path, at: float) -> Iterator[tuple[str, TableEntry]]:
    for path in (snapshot / name for name in records.visible(snapshot)):
        try:
            if path.name.endswith(GRIDS) or (path.name.endswith(deltas.SUFFIX) and deltas.is_of_grid(path)):
                yield _sheet(folder, path, at)
            elif path.name.endswith(deltas.SUFFIX):
                yield _table(folder, path, at, deltas.about(path).rows)
            elif path.name.endswith(TABLES):
                yield _table(folder, path, at, pq.read_metadata(path).num_rows)
        except (Corrupt, FileNotFoundError) as problem:
            log.warning(say("cache.lost", path=path))
            log.debug("%s", problem)


def _table(folder: Path, path: Path, at: float, rows: int) -> tuple[str, TableEntry]:
    with parsing(path):
        about: Mapping[str, Any] = orjson.loads(schema_of(path).metadata[TABLE_KEY])
        key, name = str(about["table_id"]), str(about["name"])
    file = path.name.removesuffix(TABLES).removesuffix(deltas.SUFFIX)
    past = PastTable(
        name=name, file=file, form="records", raw=path.relative_to(folder).as_posix(),
        rows=rows, revision=0, read_at=at, computed_at=at,
    )  # fmt: skip
    return key, _with_friendly(folder, past)


def _sheet(folder: Path, path: Path, at: float) -> tuple[str, TableEntry]:
    with parsing(path):
        record = read_grid(path)
        key, name, revision = str(record["sheet_id"]), str(record["title"]), int(record.get("revision") or 0)
    past = PastTable(
        name=name, file=path.name.removesuffix(GRIDS).removesuffix(deltas.SUFFIX), form="grid",
        raw=path.relative_to(folder).as_posix(), rows=0, revision=revision, read_at=at, computed_at=at,
    )  # fmt: skip
    entry = _with_friendly(folder, past)
    if entry.friendly:
        with parsing(path), pq.ParquetFile(folder / entry.friendly) as file:
            entry = replace(entry, rows=file.metadata.num_rows)
    return key, entry


def _with_friendly(folder: Path, past: PastTable) -> TableEntry:
    """Return an entry with the friendly file that lies beside the raw one, if it does."""
    friendly = (Path(past.raw).parent / f"{past.file}{FRIENDLY}").as_posix()
    return replace(TableEntry.of(past), friendly=friendly if is_whole(folder / friendly, "") else "")


def _guide(folder: Path, snapshot: Path, at: float) -> GuideEntry | None:
    if not all((snapshot / name).is_file() for name in GUIDE_FILES):
        return None
    place = snapshot.relative_to(folder).as_posix()
    try:
        with parsing(snapshot / GUIDE):
            guide: Mapping[str, Any] = orjson.loads((snapshot / GUIDE).read_bytes())
            tokens = tuple(sorted({str(asset["token"]) for asset in guide["assets"]}))
            return GuideEntry(
                folder=place, json=f"{place}/{GUIDE}", title=str(guide["title"]), revision=guide["revision_id"],
                read_at=at, warnings=len(guide["warnings"]), media=tokens,
            )  # fmt: skip
    except Corrupt as problem:
        log.warning(say("cache.lost", path=snapshot / GUIDE))
        log.debug("%s", problem)
        return None


def _media(folder: Path, guide: GuideEntry | None) -> dict[str, MediaEntry]:
    """Return the pictures and files of a document that lie there under their tokens."""
    place, found = folder / "media", {}
    wanted = set(guide.media) if guide is not None else set()
    for path in sorted(place.iterdir()) if wanted and place.is_dir() and not place.is_symlink() else ():
        if path.stem in wanted and path.is_file():
            found[path.stem] = MediaEntry(file=f"media/{path.name}", bytes=path.stat().st_size)
    return found
