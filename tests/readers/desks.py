"""Desks: a stand-in with one source, somebody who reads it, and a shelf for what was read so far."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from larknb.api.client import LarkClient
from larknb.cache.manifest import MediaEntry
from larknb.cache.media import Names, entry_of, has_media, place
from larknb.cache.tablefiles import with_computed
from larknb.guides.guide import to_guide
from larknb.model import Batch, Grid, Guide, Learned, Media, Parcel, Source
from larknb.partial import Partial
from larknb.readers.base import Look, Reader
from larknb.readers.bitable import BitableReader
from larknb.readers.document import DocumentReader
from larknb.readers.spreadsheet import SpreadsheetReader
from larknb.sandbox import Base, Docx, Fault, Sandbox, Sheet, Spreadsheet, Table, blocks
from larknb.tabular.grid import row_hashes
from larknb.tabular.typed import to_frame, to_table

BASE = "AppTest0000000000000000001"
DOCUMENT = "DocTest0000000000000000001"
SPREADSHEET = "ShtTest0000000000000000001"
ROWS: list[list[Any]] = [["名称", "数量", "日期"], ["甲", 1, date(2026, 1, 16)], ["乙", 2, date(2026, 1, 17)]]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@dataclass(frozen=True)
class Cached:
    """A table on the shelf."""

    name: str
    rows: int
    gone: bool = False


@dataclass
class Shelf:
    """What is kept of a source between two visits, as the cache would."""

    folder: Path
    state: Mapping[str, Any] = field(default_factory=dict)
    again: Collection[str] = ()
    embedded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: dict[str, Cached] = field(default_factory=dict)
    grids: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    coming: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    batches: dict[str, pa.Table] = field(default_factory=dict)
    media: dict[str, MediaEntry] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, table_id: str) -> int | None:
        if table_id not in self.tables:
            return None
        batch = self.batches.get(table_id)
        return batch.num_rows if batch is not None else self.tables[table_id].rows if table_id in self.grids else None

    def schema(self, table_id: str) -> pa.Schema:
        return self.batches[table_id].schema

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        return self.batches[table_id].column("_record_id")

    def row_groups(self, table_id: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        rows = self.batches[table_id]
        rows = rows if columns is None else rows.select(columns)
        yield from (rows.slice(first, 7) for first in range(0, rows.num_rows, 7))

    def has_media(self, token: str, *, proven: bool = False) -> bool:
        return has_media(self.folder, self.media, token, proven=proven)

    def partial(self, token: str) -> Partial:
        return Partial(self.folder / "media", token)

    def take(self, parcel: Parcel) -> None:
        if isinstance(parcel, Media):
            entry = entry_of(self.folder, parcel, self.media, Names(self.folder, self.media))
            self.media[parcel.token] = entry
            if parcel.file is not None:
                place(self.folder, {str(entry.file): parcel.file})
                self.partial(parcel.token).discard()
        elif isinstance(parcel, Guide):
            self.record = parcel.record
        elif isinstance(parcel, Grid):
            key, before = parcel.table.table_id, self.coming.pop(parcel.table.table_id, {})
            both = (
                {}
                if parcel.fresh
                else {which: [*before[which], *parcel.record[which]] for which in ("values", "dates")}
            )
            self.coming[key] = {**parcel.record, **both}
            if parcel.whole:
                self.grids[key] = self.coming.pop(key)
                self.tables[key] = Cached(parcel.table.name, len(row_hashes(self.grids[key])))
        elif isinstance(parcel, Batch) and parcel.computed_only:
            self.batches[parcel.table.table_id] = with_computed(self.batches[parcel.table.table_id], parcel.rows)
        elif isinstance(parcel, Batch):
            key = parcel.table.table_id
            self.batches[key] = pa.concat_tables([*([] if parcel.fresh else [self.batches[key]]), parcel.rows])
            self.tables[key] = Cached(parcel.table.name, self.batches[key].num_rows)

    def learn(self, learned: Learned) -> None:
        self.state, self.again, self.embedded = learned.state, learned.again, learned.embedded
        self.tables = {key: replace(table, gone=key in learned.gone) for key, table in self.tables.items()
                       if key in learned.selected or key in learned.gone}  # fmt: skip

    def frame(self, sheet_id: str) -> pd.DataFrame:
        return to_frame(to_table(self.grids[sheet_id]))

    @property
    def guide(self) -> Mapping[str, Any]:
        return to_guide(self.record, {key: asdict(entry) for key, entry in self.media.items()}, self.embedded)


@dataclass
class Desk:
    """A stand-in with one source, somebody who reads it, and what was read so far."""

    box: Sandbox
    client: LarkClient
    waits: list[float]
    shelf: Shelf
    made: object
    part: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)

    @property
    def reader(self) -> Reader:
        raise NotImplementedError

    def visit(self, **asked: Any) -> Look:
        """Look, read, and keep what came; return the look with what was learned by reading. Forget earlier requests."""
        self.box.journal.clear()
        look = self.reader.look(self.client, self.shelf, **asked)
        self.parcels = [*self.reader.read(self.client, self.shelf, look)]
        learned = self.parcels.pop() if look.plan else look
        assert isinstance(learned, Learned), "what was learned comes last"
        for parcel in self.parcels:
            if not isinstance(parcel, (Batch, Grid)) or parcel.table.table_id not in learned.failed:
                self.shelf.take(parcel)
        self.shelf.learn(learned)
        return replace(look, **vars(learned))

    def requests(self) -> list[str]:
        return self.box.journal.endpoints()

    def meanwhile(self, run: Callable[[], object], endpoint: str = "values_batch", **kwargs: Any) -> None:
        """Do something just before a request is worked on."""
        self.box.faults.add(Fault.call(lambda _: run()), endpoint=endpoint, **kwargs)

    def reply(self, code: int, endpoint: str, **kwargs: Any) -> None:
        self.box.faults.add(Fault.reply(None, code), endpoint=endpoint, **kwargs)

    def bytes_of(self, token: str) -> bytes | None:
        """What lies there of a picture or file."""
        entry = self.shelf.media[token]
        return (self.shelf.folder / entry.file).read_bytes() if entry.file else None

    def kinds(self) -> list[str]:
        return [type(parcel).__name__ for parcel in self.parcels]


class BaseDesk(Desk):
    """A desk with a base on it; look and read are two steps, and what was learned stays here."""

    learned = Learned()
    page = 500

    @property
    def base(self) -> Base:
        assert isinstance(self.made, Base)
        return self.made

    @property
    def people(self) -> Table:
        return self.base.table("people")

    @property
    def reader(self) -> BitableReader:
        source = Source("staff", self.box.url, "bitable", BASE, part=self.part, options=self.options)
        return BitableReader(source, settle=7.0, page=self.page, sleep=self.waits.append)

    def look(self, **asked: Any) -> Look:
        self.box.journal.clear()
        return self.reader.look(self.client, self.shelf, **asked)

    def read(self, look: Look) -> list[Batch]:
        """Read what a look planned, and keep it."""
        self.box.journal.clear()
        *batches, learned = self.reader.read(self.client, self.shelf, look)
        assert isinstance(learned, Learned), "what was learned comes last"
        found = [batch for batch in batches if isinstance(batch, Batch)]
        for batch in found:
            self.shelf.take(batch)
        self.shelf.learn(learned)
        self.learned = learned
        return found

    def read_all(self, **asked: Any) -> list[Batch]:
        """Look and read."""
        return self.read(self.look(**asked))

    def searches(self) -> list[tuple[int, bool]]:
        """Page size of each search, and whether it asked for the first page."""
        asked = [call for call in self.box.journal if call.endpoint == "search"]
        return [(int(call.query["page_size"]), "page_token" not in call.query) for call in asked]

    def fail(self, code: int, endpoint: str = "search", **options: Any) -> None:
        self.reply(code, endpoint, **options)

    def answer(self, data: Mapping[str, Any], endpoint: str = "search", **options: Any) -> None:
        self.box.faults.add(Fault.reply(200, {"code": 0, "data": data}), endpoint=endpoint, **options)


class BookDesk(Desk):
    """A desk with a spreadsheet on it."""

    @property
    def book(self) -> Spreadsheet:
        assert isinstance(self.made, Spreadsheet)
        return self.made

    @property
    def reader(self) -> SpreadsheetReader:
        source = Source("表", self.box.url, "spreadsheet", SPREADSHEET, part=self.part, options=self.options)
        return SpreadsheetReader(source, settle=7.0, sleep=self.waits.append)

    def ranges(self) -> list[str]:
        """The ranges of each request for values, as one string."""
        return [call.query["ranges"] for call in self.box.journal if call.endpoint == "values_batch"]


class PageDesk(Desk):
    """A desk with a document on it."""

    @property
    def docx(self) -> Docx:
        assert isinstance(self.made, Docx)
        return self.made

    @property
    def reader(self) -> DocumentReader:
        source = Source("指引", self.box.url, "document", self.docx.document_id, options=self.options)
        return DocumentReader(source, settle=7.0, sleep=self.waits.append)

    def write(self, *parts: blocks.Part) -> None:
        """Put blocks into the document, a revision each."""
        for part in parts:
            self.docx.append(part if isinstance(part, blocks.Block) else blocks.text(part))

    def media(self) -> dict[str, Media]:
        return {parcel.token: parcel for parcel in self.parcels if isinstance(parcel, Media)}


def detail(desk: BookDesk) -> Sheet:
    return desk.book.sheet("明细")


def large(desk: BookDesk, rows: int = 5_000) -> Sheet:
    """Make the worksheet several windows long."""
    detail(desk).replace([["n", *["t"] * 19], *[[n, *["x"] * 19] for n in range(2, rows + 1)]])
    return detail(desk)


def picture(desk: PageDesk, name: str = "a.png", kind: str = "image/png", data: bytes = PNG) -> str:
    """Put a picture into the document and return its token."""
    token = desk.box.tenant.add_media(data, name, kind)
    desk.write(blocks.image(token))
    return token
