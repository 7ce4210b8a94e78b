"""DocumentReader: one document with its pictures, files and embedded tables, read at one revision.

The blocks are handed on as they were received; what they mean is decided in the cache. A revision that moves during the
read starts it over, and a document that never stands still is kept as it was last seen and read again at the next look.
A picture is downloaded once, by its token. A sheet or base inside the document is read by the reader of its kind, as if
it were a source of its own; what is wrong with one of them, or with a picture, never costs the document.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from larknb.api.client import LarkClient
from larknb.api.download import download
from larknb.errors import AccessDenied, ApiError, BudgetSpent, LarkError, LoginRequired, NotFound
from larknb.messages import say
from larknb.model import Batch, Grid, Guide, Media, Parcel, Source, Stamp
from larknb.readers import gate
from larknb.readers.base import Known, KnownMedia, Look
from larknb.readers.bitable import BitableReader
from larknb.readers.embedded import (
    BOARD,
    FILE,
    IMAGE,
    REFERENCE,
    TOKEN,
    Block,
    Blocks,
    Part,
    Within,
    parts_in,
    parts_of,
    payload_of,
)
from larknb.readers.spreadsheet import SpreadsheetReader
from larknb.wire.codes import remedy

__all__ = [
    "DocumentReader",
]

log = logging.getLogger("larknb")

PAGE = 500  # blocks: the most that a page of them holds
READINGS = 3  # of a document whose revision moves: the first, and twice again
MOST_REFERENCES = 100  # synced blocks of other documents that one document may pull in, a request each
LARGEST = 20_000_000  # bytes of a picture or file that is downloaded
IN_VAIN = 2  # downloads in a row that failed for no reason of their own, before the others are left out

WIKI = ("space_id", "obj_edit_time")  # what a wiki node tells beside its token

INFO_API = "document-docx/docx-v1/document/get"
BLOCKS_API = "document-docx/docx-v1/document-block/list"
CHILDREN_API = "document-docx/docx-v1/document-block-children/get"
MEDIA_API = "drive-v1/media/download"
BOARD_API = "board-v1/whiteboard/download_as_image"

LATEST = {"document_revision_id": -1, "user_id_type": "open_id"}  # an older revision needs the right to edit
PATHS = {MEDIA_API: "drive/v1/medias/{}/download", BOARD_API: "board/v1/whiteboards/{}/download_as_image"}


@dataclass(frozen=True)
class _Whole:
    """Plan to read the document itself, and then look at what is embedded in it."""

    document: Mapping[str, Any]
    force: bool
    full: bool
    stamps: Mapping[str, Stamp]


@dataclass(frozen=True)
class _Embedded:
    """Plan to read a part."""

    part: Part
    known: Known
    look: Look


@dataclass(frozen=True)
class DocumentReader:
    """Reads one document.

    Parameters
    ----------
    source : Source
        A resolved source of kind ``document``. Its option ``images = false`` leaves out pictures, files and boards.
    settle : float
        Seconds to wait before a changed embedded base is read; a document proves itself by its revision.
    """

    source: Source
    settle: float = 5.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)

    @property
    def path(self) -> str:
        """Path of the document below ``/open-apis/``."""
        return f"docx/v1/documents/{self.source.target}"

    def asked_along(self, state: Mapping[str, Any]) -> list[Source]:
        """Return the embedded spreadsheets that the gate must ask together with the document."""
        return [self._source_of(part) for part in parts_of(state) if part.kind == "spreadsheet"]

    # --- the look -----------------------------------------------------------------------------------------------

    def look(
        self, client: LarkClient, known: KnownMedia, *, force: bool = False, full: bool = False, moved: bool = True,
        stamps: Mapping[str, Stamp] | None = None,
    ) -> Look:  # fmt: skip
        """Ask the revision and say what must be read.

        Parameters
        ----------
        moved : bool
            False where the gate says that the document was not edited: its revision is not asked then.
        stamps : mapping, optional
            What the gate answered, by token; an embedded spreadsheet whose stamp did not move is not asked either.
            Embedded bases are asked at every look.
        """
        stamps, state = stamps or {}, known.state
        again = self.source.target in known.again
        look = Look(state={"parts": {}, "stamps": {}})
        look.state |= {key: state[key] for key in ("revision", "title", "references") if key in state}
        if moved or force or full or again or "revision" not in state:
            document = self._info(client)
            look.state["title"] = document.get("title")
            if force or full or again or str(document.get("revision_id")) != str(state.get("revision")):
                look.plan.append(_Whole(document, force, full, stamps))
        look.selected[self.source.target] = str(look.state.get("title") or self.source.name)
        if not look.plan:
            for part in parts_of(state):
                look.plan += self._look_at(client, known, look, part, stamps=stamps)
        return look

    def _info(self, client: LarkClient) -> dict[str, Any]:
        document: dict[str, Any] = client.get(self.path, api=INFO_API).get("document") or {}
        return document

    def _look_at(
        self, client: LarkClient, known: Known, look: Look, part: Part, *, stamps: Mapping[str, Stamp],
        force: bool = False, full: bool = False,
    ) -> list[_Embedded]:  # fmt: skip
        """Look at an embedded base or spreadsheet and return the plan to read it, if anything of it must be read."""
        before: Mapping[str, Any] = known.state.get("parts", {}).get(part.token, {})
        look.state["parts"][part.token] = {"kind": part.kind, "ids": [*part.ids], "state": before.get("state", {})}
        view = Within(known, part)
        look.contains.add(part.kind)
        look.selected |= {part.key(key): entry.name for key, entry in view.tables.items()
                          if part.key(key) in known.tables}  # fmt: skip
        stamp = stamps.get(part.token)
        moved = force or full or stamp is None or not _same(known.state.get("stamps", {}).get(part.token), stamp)
        if part.kind == "spreadsheet" and not moved and view.is_whole:
            self._keep_as_before(known, look, part)
            return []
        try:
            found = self._reader(part).look(client, view, force=force, full=full)
        except LarkError as error:
            self._note(look, part.keys, error)
            look.again |= {*part.keys} & {*known.again}
            return []
        look.state["parts"][part.token]["state"] = found.state
        if part.kind == "spreadsheet" and stamp is not None:
            look.state["stamps"][part.token] = {"mtime": stamp.mtime, "settled": stamp.settled}
        there = {part.key(key): name for key, name in found.selected.items()}
        look.selected |= there
        look.embedded |= {key: {"status": "ok"} for key in there}
        missing = NotFound(say("trouble.missing.what"), source=self.source.name)
        self._note(look, [key for key in part.keys if key not in there], missing)
        self._note_failed(look, part, found)
        return [_Embedded(part, view, found)] if found.plan else []

    def _keep_as_before(self, known: Known, look: Look, part: Part) -> None:
        """Remember of a part that was not asked what was remembered of it before."""
        look.state["stamps"][part.token] = known.state["stamps"][part.token]
        look.embedded |= {key: dict(known.embedded[key]) for key in part.keys if key in known.embedded}

    def _note(self, look: Look, keys: Sequence[str], error: LarkError, *, torn: bool = False) -> None:
        """Keep why embedded tables were not read. That one may not see them is nobody's failure; all else is told."""
        if _stops_everything(error):
            raise error
        barred = isinstance(error, AccessDenied) or error.lacks_scope
        status = "forbidden" if barred else "failed"
        look.embedded |= {key: {"status": status, "problem": error.brief()} for key in keys}
        if torn or not (barred or isinstance(error, NotFound)):
            look.failed |= dict.fromkeys(keys, error)
            look.selected |= {key: look.selected.get(key, key) for key in keys}

    def _note_failed(self, look: Look, part: Part, found: Look) -> None:
        for table_id, error in found.failed.items():
            self._note(look, [part.key(table_id)], error)

    def _reader(self, part: Part) -> BitableReader | SpreadsheetReader:
        kind = BitableReader if part.kind == "bitable" else SpreadsheetReader
        return kind(self._source_of(part), settle=self.settle, sleep=self.sleep)

    def _source_of(self, part: Part) -> Source:
        options = {"tables" if part.kind == "bitable" else "sheets": [*part.ids]}
        return Source(self.source.name, self.source.url, part.kind, part.token, identity=self.source.identity,
                      options=options)  # fmt: skip

    # --- the read -----------------------------------------------------------------------------------------------

    def read(self, client: LarkClient, known: KnownMedia, look: Look) -> Iterator[Parcel]:
        """Yield what was planned: new media, the embedded tables that changed, then the document.

        Raises
        ------
        LarkError
            The blocks could not be read.
        """
        for plan in look.plan:
            if isinstance(plan, _Whole):
                yield from self._whole(client, known, look, plan)
            else:
                yield from self._embedded(client, known, look, plan)

    def _whole(self, client: LarkClient, known: KnownMedia, look: Look, plan: _Whole) -> Iterator[Parcel]:
        document, blocks, moved = self._blocks(client, plan.document)
        look.state |= {"revision": document.get("revision_id"), "title": document.get("title")}
        look.again |= {self.source.target} if moved else set()
        # That a synced block or a board was edited moves nothing here: both are asked again with every full read.
        anew = plan.force or plan.full
        references = self._references(client, blocks, {} if anew else known.state.get("references", {}))
        look.state["references"] = references
        everything = [*blocks, *(block for fetched in references.values() for block in fetched)]
        if self.source.options.get("images", True):
            yield from self._media(client, known, everything, anew=anew)
        parts = parts_in(everything)
        stamps = {**plan.stamps, **self._new_stamps(client, parts, plan.stamps)}
        for part in parts:
            planned = self._look_at(client, known, look, part, stamps=stamps, force=plan.force, full=plan.full)
            for each in planned:
                yield from self._embedded(client, known, look, each)
        stamp = plan.stamps.get(self.source.target)
        wiki = {"node_token": self.source.token} | {key: self.source.about.get(key) for key in WIKI}
        yield Guide(
            {
                "document": document,
                "url": self.source.url,
                "wiki": wiki if self.source.wiki else None,
                "latest_modify_time": stamp.mtime if stamp else None,
                "moved": moved,
                "blocks": blocks,
                "references": references,
            }
        )

    def _new_stamps(
        self, client: LarkClient, parts: Iterable[Part], stamps: Mapping[str, Stamp]
    ) -> Mapping[str, Stamp]:
        """Return the stamps of embedded spreadsheets that the gate was not asked for: nobody knew of them yet."""
        new = [self._source_of(part) for part in parts if part.kind == "spreadsheet" and part.token not in stamps]
        return gate.ask(client, new).stamps if new else {}

    def _blocks(self, client: LarkClient, before: Mapping[str, Any]) -> tuple[Mapping[str, Any], Blocks, bool]:
        """Return the document and its blocks at one revision; the last value says that there was none."""
        for reading in range(1, READINGS + 1):
            blocks = self._listing(client)
            after = self._info(client)
            if str(after.get("revision_id")) == str(before.get("revision_id")):
                return after, blocks, False
            log.warning("%s: it changed during reading %d of %d", self.source.name, reading, READINGS)
            before = after
        return after, blocks, True

    def _listing(self, client: LarkClient) -> Blocks:
        """Return all blocks in their order, from the first page once more if a page token went stale."""
        pages = partial(client.items, "GET", f"{self.path}/blocks", page_size=PAGE, api=BLOCKS_API, params=LATEST)
        try:
            return list(pages())
        except ApiError as error:
            if error.code != 1770022:
                raise
            return list(pages())

    def _references(self, client: LarkClient, blocks: Blocks, before: Mapping[str, Blocks]) -> dict[str, Blocks]:
        """Return the blocks of other documents that synced references stand for, also those within each other.

        What was there ``before`` costs no request.
        """
        found: dict[str, Blocks] = {}
        own = {block.get("block_id") for block in blocks}
        waiting = deque(_referred(blocks))
        while waiting and len(found) < MOST_REFERENCES:
            document_id, block_id = waiting.popleft()
            key = f"{document_id}/{block_id}"
            if key in found or block_id in own or not (TOKEN.fullmatch(document_id) and TOKEN.fullmatch(block_id)):
                continue
            found[key] = before.get(key) or self._descendants(client, document_id, block_id)
            waiting.extend(_referred(found[key]))
        return found

    def _descendants(self, client: LarkClient, document_id: str, block_id: str) -> Blocks:
        """Return a block with all below it; none where it may not be read: the guide will show that."""
        path = f"docx/v1/documents/{document_id}/blocks/{block_id}/children"
        params = {"with_descendants": "true", **LATEST}
        try:
            return list(client.items("GET", path, page_size=PAGE, api=CHILDREN_API, params=params))
        except LarkError as error:
            if _stops_everything(error):
                raise
            log.warning("%s: %s", self.source.name, error)
            return []

    def _embedded(self, client: LarkClient, known: Known, look: Look, plan: _Embedded) -> Iterator[Batch | Grid]:
        """Yield the rows of an embedded base or spreadsheet, under the names that the cache has for its tables."""
        part, came = plan.part, False
        try:
            for parcel in self._reader(part).read(client, plan.known, plan.look):
                came = True
                yield replace(parcel, table=replace(parcel.table, table_id=part.key(parcel.table.table_id)))
        except LarkError as error:
            before = known.state.get("parts", {}).get(part.token, {})
            look.state["parts"][part.token]["state"] = before.get("state", {})
            look.state["stamps"].pop(part.token, None)
            self._note(look, part.keys, error, torn=came)
        else:
            self._note_failed(look, part, plan.look)
            look.again |= {part.key(table_id) for table_id in plan.look.again}

    # --- media --------------------------------------------------------------------------------------------------

    def _media(self, client: LarkClient, known: KnownMedia, blocks: Blocks, *, anew: bool) -> Iterator[Media]:
        """Yield the pictures and files that are new, boards also ``anew``, or why one could not be had."""
        refused: dict[str, LarkError] = {}  # by API: what would be refused to all others as well
        in_vain = 0
        for token, api in _tokens(blocks).items():
            if known.has_media(token) and not (anew and api == BOARD_API):
                continue
            if api in refused:
                yield Media(token, problem=refused[api].brief())
                continue
            try:
                yield self._download(client, token, api)
                in_vain = 0
            except LarkError as error:
                log.warning("%s: %s", self.source.name, error)
                in_vain = in_vain + 1 if _may_heal(error) else 0
                if error.lacks_scope or _stops_everything(error) or in_vain >= IN_VAIN:
                    refused[api] = error
                yield Media(token, problem=error.brief())

    def _download(self, client: LarkClient, token: str, api: str) -> Media:
        found = download(client, PATHS[api].format(token), limit=LARGEST, api=api)
        problem = "" if found.data is not None else say("media.large", megabytes=LARGEST // 1_000_000)
        return Media(token, found.name, found.content_type, found.data, problem)


def _tokens(blocks: Blocks) -> dict[str, str]:
    """Return the token of every picture, file and board, with the API that gives it."""
    found: dict[str, str] = {}
    for block in blocks:
        kind = block.get("block_type")
        if kind in (IMAGE, FILE):
            found.setdefault(str(payload_of(block, "image" if kind == IMAGE else "file").get("token") or ""), MEDIA_API)
        elif kind == BOARD:
            found.setdefault(str(payload_of(block, "board").get("token") or ""), BOARD_API)
        for element in _elements(block):
            found.setdefault(str(payload_of(element, "file").get("file_token") or ""), MEDIA_API)
    return {token: api for token, api in found.items() if TOKEN.fullmatch(token)}


def _elements(block: Block) -> Iterator[Mapping[str, Any]]:
    for payload in block.values():
        elements = payload.get("elements") if isinstance(payload, Mapping) else None
        if isinstance(elements, list):
            yield from (element for element in elements if isinstance(element, Mapping))


def _referred(blocks: Blocks) -> Iterator[tuple[str, str]]:
    """Yield document and block of each synced reference."""
    for block in blocks:
        if block.get("block_type") == REFERENCE:
            payload = payload_of(block, "reference_synced")
            yield str(payload.get("source_document_id")), str(payload.get("source_block_id"))


def _same(before: Mapping[str, Any] | None, now: Stamp) -> bool:
    """Say whether a stamp proves that nothing was edited since."""
    return before is not None and bool(before["settled"]) and before["mtime"] == now.mtime


def _stops_everything(error: LarkError) -> bool:
    """Say whether every other call would end the same way."""
    return isinstance(error, BudgetSpent) or (isinstance(error, LoginRequired) and not error.lacks_scope)


def _may_heal(error: LarkError) -> bool:
    return isinstance(error, ApiError) and (error.code is None or remedy(error.code).heal == "retry")
