"""Cache: one manifest per source, and the files it points to.

A sync writes its tables into a new snapshot folder (`larknb.cache.snapshot`), brings them to the disk, and makes them
current by one rename of ``manifest.json``: all tables of a source flip together, and a process that is killed at any
instant leaves the last good state readable. A table that a read found unchanged keeps its file in an older snapshot.
The files directly in the source's folder are copies for people and other programs, replaced last and never read here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from larknb.cache import guidefiles
from larknb.cache.gridfiles import read_grid
from larknb.cache.guidefiles import GUIDE, MARKDOWN, RAW, read_guide, read_media, read_record
from larknb.cache.tablefiles import link_texts, row_groups
from larknb.errors import NotFound, WrongKind
from larknb.files import file_name, write_atomically
from larknb.guides.document import Document
from larknb.messages import say
from larknb.model import Entry, Kind, Source, Stamp
from larknb.results.base import Result
from larknb.results.sources import Column
from larknb.tabular import frames, grid, preview, typed
from larknb.tabular.frames import link_ids
from larknb.tabular.friendly import Friendly
from larknb.tabular.preview import PREVIEW_ROWS, Preview
from larknb.tabular.raw import RECORD_ID, linked_tables
from larknb.tabular.typed import to_table

__all__ = ["Cache", "SourceCache"]

FOLDERS: dict[Kind, str] = {
    "bitable": "bitable_cache",
    "spreadsheet": "spreadsheet_cache",
    "document": "fault_diagnosis_cache/guides",
}
FORMAT = 1  # of the manifest
FORMS: dict[str, Any] = {"records": frames, "grid": typed}  # what makes a table's friendly form from its raw one

log = logging.getLogger("larknb")
T = TypeVar("T")


class Cache:
    """All cached sources of a workspace, below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def sources(self) -> dict[str, SourceCache]:
        """Every source that has a manifest here, by key."""
        manifests = [path for folder in FOLDERS.values() for path in (self.root / folder).glob("*/manifest.json")]
        found = [SourceCache(path.parent) for path in sorted(manifests)]
        return {str(cached.manifest["key"]): cached for cached in found if "key" in cached.manifest}

    def of(self, source: Source) -> SourceCache:
        """Return the cache of a source to sync into; a renamed source's folder moves along.

        Only the holder of the workspace's lock may call this.
        """
        assert source.kind is not None, "a wiki link is resolved before its cache is asked for"
        place = self.root / FOLDERS[source.kind]
        cached = self.sources.get(source.key)
        taken = {other.folder.name.casefold() for other in self.sources.values()
                 if other is not cached and other.folder.parent == place}  # fmt: skip
        folder = place / file_name(source.name, source.key, taken)
        if cached is None or cached.folder != folder:
            if cached is not None and not folder.exists():
                place.mkdir(parents=True, exist_ok=True)
                cached.folder.rename(folder)
            cached = self.sources[source.key] = SourceCache(folder)
        cached.manifest |= {"name": source.name, "kind": source.kind, "key": source.key, "part": source.part,
                            "url": source.url, "token": source.target, "wiki": source.wiki,
                            "about": dict(source.about) or cached.manifest.get("about", {})}  # fmt: skip
        return cached


class SourceCache:
    """One source's folder: its manifest and what it points to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshot = ""  # the earlier state that this is, if it is one (`larknb.cache.history.at`)
        self.manifest: dict[str, Any] = {"format": FORMAT, "snapshot": None, "tables": {}, "snapshots": {}, "state": {},
                                         "identity": ""}  # fmt: skip
        self.reload()

    def reload(self) -> None:
        """Read the manifest again; a damaged one counts as none."""
        try:
            found = orjson.loads((self.folder / "manifest.json").read_bytes())
        except FileNotFoundError:
            return
        except ValueError:
            log.warning(say("cache.damaged", path=self.folder / "manifest.json"))
            return
        if isinstance(found, dict):
            self.manifest |= found

    def save(self) -> None:
        """Make the manifest current."""
        write_atomically(self.folder / "manifest.json", orjson.dumps(self.manifest, option=orjson.OPT_INDENT_2))

    # --- what the manifest says ---------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The source's name when it was last synced."""
        return str(self.manifest.get("name", self.folder.name))

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The current tables by table_id."""
        tables: dict[str, dict[str, Any]] = self.manifest["tables"]
        return tables

    @property
    def guide(self) -> dict[str, Any] | None:
        """The current state of a document: its files, revision, title; None for a source that is none."""
        guide: dict[str, Any] | None = self.manifest.get("guide")
        return guide

    @property
    def state(self) -> dict[str, Any]:
        """What the reader wanted to remember."""
        state: dict[str, Any] = self.manifest["state"]
        return state

    @property
    def stamp(self) -> Stamp | None:
        """The gate's answer before the last read."""
        stamp = self.manifest.get("stamp")
        return Stamp(stamp["mtime"], stamp["settled"]) if stamp else None

    @property
    def entry(self) -> Entry | None:
        """What `decide` needs; None as long as nothing was read."""
        read = [table.get("tried_at", table["read_at"]) for table in self.tables.values() if not table.get("gone")]
        read += [self.guide["read_at"]] if self.guide else []
        # What failed is due at once, however young the rest is.
        checked_at = 0.0 if self.manifest.get("problem") else self.manifest.get("checked_at", 0.0)
        return Entry(checked_at, min(read)) if read else None

    @property
    def parts(self) -> dict[str, str]:
        """What the source consists of: name by table_id, of a document also its title by its own token."""
        own = {str(self.manifest["token"]): str(self.guide["title"])} if self.guide else {}
        return own | {key: str(entry["name"]) for key, entry in self.tables.items()}

    @property
    def has_grids(self) -> bool:
        """True when a table of the source is a worksheet."""
        return any(entry["form"] == "grid" for entry in self.tables.values())

    @property
    def typing(self) -> dict[str, Any]:
        """The options by which the grids became tables."""
        return next((dict(entry["options"]) for entry in self.tables.values() if entry["form"] == "grid"), {})

    def table_id(self, table: str) -> str | None:
        """Return the id of a table given its name or id; a table that is gone leaves its name to a new one."""
        if table in self.tables:
            return table
        named = [key for key, entry in self.tables.items() if entry["name"] == table]
        return min(named, key=lambda key: bool(self.tables[key].get("gone")), default=None)

    def size(self, entry: Mapping[str, Any]) -> int:
        """Return the bytes of the current files of a table or a document."""
        if "folder" in entry:
            paths = [self.folder / entry["folder"] / name for name in (RAW, GUIDE, MARKDOWN)]
        else:
            paths = [self.folder / entry[form] for form in ("raw", "friendly")]
        return sum(path.stat().st_size for path in paths if path.exists())

    def note(self, at: float, *, stamp: Stamp | None = None, state: dict[str, Any] | None = None) -> None:
        """Keep what a look that read nothing learned: when it began, the gate's stamp, the reader's state."""
        self.manifest |= {"checked_at": at, "problem": "", "state": self.state | (state or {})}
        if stamp is not None:
            self.manifest["stamp"] = {"mtime": stamp.mtime, "settled": stamp.settled}
        self.save()

    def note_problem(self, problem: str, at: float) -> None:
        """Keep the reason why a look failed; the data and the time of the last good look stay as they are."""
        self.manifest |= {"problem": problem, "problem_at": at}
        self.save()

    # --- what a reader asks (`larknb.readers.base.Known`) -------------------------------------------------------

    def rows(self, table_id: str) -> int | None:
        """Return how many rows the cached table has, None if there is none or its files were deleted."""
        entry = self.tables.get(table_id)
        return int(entry["rows"]) if entry is not None and self.has_files(entry) else None

    def has_files(self, entry: Mapping[str, Any]) -> bool:
        """Say whether the files of a current table are all there."""
        return all((self.folder / entry[form]).exists() for form in ("raw", "friendly"))

    def has_media(self, token: str) -> bool:
        """Say whether a picture or file of a document is there already."""
        return guidefiles.has_media(self.folder, self.manifest.get("media", {}), token)

    def schema(self, table_id: str) -> pa.Schema:
        """Return the raw schema of a cached table of records."""
        return pq.read_schema(self.folder / self.tables[table_id]["raw"])

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        """Return the record ids of a cached table, one per row."""
        path = self.folder / self.tables[table_id]["raw"]
        return pq.read_table(path, columns=[RECORD_ID]).column(0)

    # --- frames -------------------------------------------------------------------------------------------------

    def frame(self, table_id: str, columns: Sequence[str] | None = None, *, links: str = "text") -> pd.DataFrame:
        """Return a table as `load` gives it.

        Parameters
        ----------
        columns : sequence of str, optional
            Friendly names or field_ids, in the order wanted.
        links : str
            ``"text"``, or ``"id"`` for the record ids of linked rows.
        """
        return self._reading(lambda: self._frame(self.tables[table_id], columns, links))

    def raw_frame(self, table_id: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table in its loss-free form, columns by field_id; ``columns`` are field_ids or friendly names.

        A sheet's loss-free record is its `grid`; what it has as a table is returned as it is stored.
        """
        return self._reading(lambda: self._raw_frame(self.tables[table_id], columns))

    def columns(self, table_id: str) -> list[Column]:
        """Return the columns of a table, with the share of rows that have no value."""
        return self._reading(lambda: self._columns(self.tables[table_id]))

    def document(self) -> Document:
        """Return a document as its current state tells it; WrongKind for a source that is none."""
        entry = self.guide
        if entry is None:
            raise WrongKind(say("guide.what"), source=self.name, next=say("guide.next"))
        folder = self.folder / entry["folder"]
        guide = self._reading(lambda: read_guide(folder))
        media = partial(read_media, self.folder)
        return Document(guide, self.folder, record=lambda: read_record(folder), frame=self.frame, media=media)

    def preview(self, table_id: str) -> Result:
        """Return the raw head of a table beside the names and types that its columns got."""
        entry = self.tables[table_id]
        if entry["form"] == "grid":
            return preview.preview(self.grid(table_id), entry["options"])
        known = [column for column in self.columns(table_id) if column.field_id]
        head = self._reading(lambda: pq.read_table(self.folder / entry["raw"])).slice(0, PREVIEW_ROWS)
        cells = [[_as_json(cell) for cell in head.column(column.field_id).to_pylist()] for column in known]
        names, types = [column.name for column in known], [f"{column.type} → {column.dtype}" for column in known]
        rows = [(number, "data", *row) for number, row in enumerate(zip(*cells, strict=True), 1)]
        letters = [column.field_id for column in known]
        return Preview(entry["name"], letters, [(None, "name", *names), (None, "type", *types), *rows])

    def grid(self, table_id: str) -> dict[str, Any]:
        """Return a worksheet as it was received; WrongKind for a table of records."""
        if self.tables[table_id]["form"] != "grid":
            raise WrongKind(say("grid.what"), source=self.name, next=say("grid.next"))
        return self._reading(lambda: read_grid(self.folder / self.tables[table_id]["raw"]))

    def _reading(self, read: Callable[[], T]) -> T:
        """Read files of the manifest; a sync elsewhere may just have replaced them, so look once more."""
        try:
            return read()
        except FileNotFoundError as error:
            if self.snapshot:  # what is current now is another state
                when = self.snapshot
                raise NotFound(say("history.none.what", when=when), source=self.name) from error
            self.reload()
            return read()

    def _frame(self, entry: Mapping[str, Any], columns: Sequence[str] | None, links: str) -> pd.DataFrame:
        form = FORMS[entry["form"]]
        names = None if columns is None else [form.INDEX, *self._named(entry, columns)]
        table = self._friendly(entry, names)
        if links == "id" and entry["form"] == "records":
            table = link_ids(table, pq.read_table(self.folder / entry["raw"]))
        frame: pd.DataFrame = form.to_frame(table)
        return frame

    def _friendly(self, entry: Mapping[str, Any], names: Sequence[str] | None = None) -> pa.Table:
        """Return the friendly form of a table, or some columns of it in the order asked."""
        table = (
            pq.read_table(self.folder / entry["friendly"], columns=names) if "friendly" in entry else self._made(entry)
        )
        return table if names is None else table.select(names)

    def _schema(self, entry: Mapping[str, Any]) -> pa.Schema:
        """Return the friendly schema of a table."""
        return pq.read_schema(self.folder / entry["friendly"]) if "friendly" in entry else self._made(entry).schema

    def _made(self, entry: Mapping[str, Any]) -> pa.Table:
        """Return the friendly form of an older state, which keeps its raw files alone."""
        raw = self.folder / entry["raw"]
        if entry["form"] == "grid":
            return to_table(read_grid(raw), entry["options"])
        schema = pq.read_schema(raw)
        linked = linked_tables(schema) & self.tables.keys()
        texts = {key: link_texts(self.folder / self.tables[key]["raw"]) for key in linked}
        friendly = Friendly(schema, entry["columns"], texts)
        for rows in row_groups(raw):
            friendly.learn(rows)
        return pa.concat_tables([friendly.convert(rows) for rows in row_groups(raw)])

    def _raw_frame(self, entry: Mapping[str, Any], columns: Sequence[str] | None) -> pd.DataFrame:
        if entry["form"] == "grid":
            names = None if columns is None else [grid.INDEX, *self._named(entry, columns)]
            table = self._friendly(entry, names)
            stored: pd.DataFrame = table.replace_schema_metadata(None).to_pandas(types_mapper=pd.ArrowDtype)
            return stored.set_index(grid.INDEX)
        path = self.folder / entry["raw"]
        if columns is None:
            return frames.raw_frame(pq.read_table(path))
        known = pq.read_schema(path).names
        ids = {column.name: column.field_id or column.name for column in frames.columns(self._schema(entry))}
        wanted = [name if name in known else ids.get(name, name) for name in columns]
        if missing := [name for name in wanted if name not in known]:
            raise self._no_column(missing[0], [*ids])
        return frames.raw_frame(pq.read_table(path, columns=[RECORD_ID, *wanted]))

    def _columns(self, entry: Mapping[str, Any]) -> list[Column]:
        schema = self._schema(entry)
        source = entry["raw"] if entry["form"] == "records" else entry.get("friendly")
        empty = _empty_shares(self.folder / source) if source else {}
        found: list[Column] = FORMS[entry["form"]].columns(schema, empty)
        return found

    def _named(self, entry: Mapping[str, Any], wanted: Sequence[str]) -> list[str]:
        """Return the friendly names of columns that were named by name or field_id."""
        ids: dict[str, list[str]] = {}
        known = FORMS[entry["form"]].columns(self._schema(entry))
        for column in known:
            ids.setdefault(column.field_id, []).append(column.name)
        all_names = [column.name for column in known]
        names: list[str] = []
        for name in wanted:
            if name not in all_names and name not in ids:
                raise self._no_column(name, all_names)
            names += [name] if name in all_names else ids[name]
        return names

    def _no_column(self, name: str, names: Sequence[str]) -> NotFound:
        what = say("column.missing.what", column=name)
        return NotFound(what, source=self.name, next=say("field.missing.next", fields=", ".join(names)))


def _empty_shares(path: Path) -> dict[str, float]:
    """Return the share of rows without a value, by column."""
    with pq.ParquetFile(path) as file:
        rows = file.metadata.num_rows
        names = file.schema_arrow.names if rows else []
        return {name: file.read(columns=[name]).column(0).null_count / rows for name in names}


def _as_json(cell: Any) -> str:
    """Return a raw cell as text; members of structs that hold nothing are left out."""
    if isinstance(cell, list):
        return "[" + ", ".join(map(_as_json, cell)) + "]"
    if isinstance(cell, dict):
        return "{" + ", ".join(f"{key}: {_as_json(value)}" for key, value in cell.items() if value is not None) + "}"
    return "" if cell is None else str(cell)
