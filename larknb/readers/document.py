"""DocumentReader: one document with its pictures, files and embedded tables, read whole and at one revision.

The blocks are handed on as they were received; what they mean is decided in the cache. An answer that lacks blocks, or
a revision that moves during the read, starts it over. A document that never comes whole fails; one that never stands
still is kept as it was last seen and read again at the next look.
A sheet or base inside the document is read by the reader of its kind, as if it were a source of its own; what is wrong
with one of them, or with a picture, never costs the document.
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
from larknb.errors import AccessDenied, ApiError, LarkError, NotFound
from larknb.messages import say
from larknb.model import Guide, Learned, Parcel, Source, Stamp
from larknb.readers import gate
from larknb.readers.base import Known, Look, Torn, stands_still, stops_everything
from larknb.readers.bitable import BitableReader
from larknb.readers.blocks import Blocks, is_token, media_in, part_of, parts_in, references_in
from larknb.readers.embedded import Inside, Part, Within, look_at, not_there, read_parts
from larknb.readers.media import LARGEST, Left, Wanted, fetch_media
from larknb.readers.spreadsheet import SpreadsheetReader
from larknb.readers.whole import check_blocks
from larknb.tabular.raw import storable_json

__all__ = [
    "DocumentReader",
]

log = logging.getLogger("larknb")

PAGE = 500  # blocks: the most that a page of them holds
READINGS = 3  # of a document whose revision moves: the first, and twice again
MOST_REFERENCES = 100  # synced blocks of other documents that one document may pull in, a request each
STALE_PAGE = 1770022  # a page token that is good no more

WIKI = ("space_id", "obj_edit_time")  # what a wiki node tells beside its token
OWN = ("revision", "title", "references", "left", "owner")  # what is remembered of the document itself

INFO_API = "document-docx/docx-v1/document/get"
BLOCKS_API = "document-docx/docx-v1/document-block/list"
CHILDREN_API = "document-docx/docx-v1/document-block-children/get"

LATEST = {"document_revision_id": -1, "user_id_type": "open_id"}  # an older revision needs the right to edit

Stamps = Mapping[str, Stamp]


@dataclass(frozen=True)
class _Whole:
    """Plan to read the document itself, and then to look at what is embedded in it."""

    document: Mapping[str, Any]
    tables: tuple[str]
    force: bool
    full: bool
    stamps: Stamps


@dataclass(frozen=True)
class _Parts:
    """Plan to read embedded parts; those of which nothing is due are here because the memory is of all of them."""

    own: Mapping[str, Any]
    parts: Sequence[Inside]
    stamps: Stamps

    @property
    def tables(self) -> list[str]:
        return [key for inside in self.parts for key in inside.due]


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
        return [part.source(self.source) for part in _parts_of(state) if part.kind == "spreadsheet"]

    # --- the look -----------------------------------------------------------------------------------------------

    def look(
        self, client: LarkClient, known: Known, *, force: bool = False, full: bool = False, moved: bool = True,
        stamps: Stamps | None = None,
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
        stamps, state, target = stamps or {}, known.state, self.source.target
        own = {key: state[key] for key in OWN if key in state}
        every = force or full or target in known.again
        if moved or every or "revision" not in state:
            document = self._info(client)
            own["title"] = document.get("title")
            if every or str(document.get("revision_id")) != str(state.get("revision")):
                whole = _Whole(document, (target,), force, full, stamps)
                return Look.of(self._together(own, [], stamps), whole)
        parts = [self._look_at(client, known, part, stamps) for part in _parts_of(state)]
        return Look.of(self._together(own, parts, stamps), _Parts(own, parts, stamps))

    def _info(self, client: LarkClient) -> dict[str, Any]:
        document = client.get(self.path, api=INFO_API).get("document")
        return storable_json(document) if isinstance(document, dict) else {}

    # --- embedded tables ----------------------------------------------------------------------------------------

    def _look_at(
        self, client: LarkClient, known: Known, part: Part, stamps: Stamps, *, force: bool = False, full: bool = False
    ) -> Inside:
        """Return an embedded part with what a look at it found; of a spreadsheet that stands still none is needed."""
        before = known.state.get("parts", {}).get(part.token, {}).get("state", {})
        reader = BitableReader if part.kind == "bitable" else SpreadsheetReader
        inside = Inside(part, Within(known, part, before), reader(part.source(self.source), self.settle, self.sleep))
        if part.kind == "spreadsheet" and not (force or full) and inside.known.is_whole:
            stamp = known.state.get("stamps", {}).get(part.token)
            if stands_still(Stamp(**stamp) if stamp else None, stamps.get(part.token)):
                return inside
        return look_at(client, inside, force=force, full=full)

    def _together(
        self, own: Mapping[str, Any], parts: Sequence[Inside], stamps: Stamps, *, moved: bool = False
    ) -> Learned:
        """Return what was learned of the document and of its embedded parts as one."""
        target = self.source.target
        told = Learned(selected={target: str(own.get("title") or self.source.name)}, again=(target,) if moved else ())
        for inside in parts:
            told = self._with_part(told, inside)
        memos = {inside.part.token: _memo(inside) for inside in parts}
        kept = {inside.part.token: stamp for inside in parts if (stamp := _stamp(inside, stamps))}
        memory = {**own, "parts": memos, "stamps": kept}
        return replace(told, state=memory, contains=tuple(sorted({inside.part.kind for inside in parts})))

    def _with_part(self, told: Learned, inside: Inside) -> Learned:
        """Return what was told until now, with the tables of one part."""
        holder, keys, found = inside.known.known, inside.part.keys.values(), inside.found
        cached = {key: holder.tables[key].name for key in keys if key in holder.tables}
        there = found.selected
        statuses: dict[str, Mapping[str, str]] = {key: {"status": "ok"} for key in there}
        if inside.was_left_alone:
            statuses = {key: holder.embedded[key] for key in keys if key in holder.embedded}
        told = replace(
            told,
            again=(*told.again, *found.again),
            embedded={**told.embedded, **statuses},
            selected={**told.selected, **cached, **there},
            drift=(*told.drift, *found.drift),
        )
        for key in inside.missing:
            told = _noted(told, key, not_there(self.source))
        for key, error in found.failed.items():
            told = _noted(told, key, error, torn=inside.torn)
        return told

    # --- the read -----------------------------------------------------------------------------------------------

    def read(self, client: LarkClient, known: Known, look: Look) -> Iterator[Parcel]:
        """Yield what was planned (new media, the embedded tables that changed, the document), and what was learned.

        Raises
        ------
        LarkError
            The blocks could not be read.
        """
        plans: Sequence[_Whole | _Parts] = look.plan
        for plan in plans:
            if isinstance(plan, _Whole):
                yield from self._whole(client, known, plan)
            else:
                parts = yield from read_parts(client, plan.parts)
                yield self._together(plan.own, parts, plan.stamps)

    def _whole(self, client: LarkClient, known: Known, plan: _Whole) -> Iterator[Parcel]:
        """Yield new media, embedded tables, the document, and what was learned of all of them."""
        document, blocks, moved = self._blocks(client, plan.document)
        # That a synced block or a board was edited moves nothing here: both are asked again with every full read.
        anew = plan.force or plan.full
        references, stale = self._references(client, blocks, known.state.get("references", {}), anew=anew)
        everything = [*blocks, *(block for fetched in references.values() for block in fetched)]
        left: Left = {}
        if self.source.options.get("images", True):
            wanted = [Wanted(token, kind) for token, kind in media_in(everything).items()]
            left = yield from fetch_media(client, known, wanted, limit=LARGEST, left=known.state.get("left", {}),
                                          anew=anew, name=self.source.name)  # fmt: skip
        shown = parts_in(everything)
        stamps = {**plan.stamps, **self._new_stamps(client, shown, plan.stamps)}
        look = partial(self._look_at, client, known, stamps=stamps, force=plan.force, full=plan.full)
        parts = yield from read_parts(client, map(look, shown))
        stamp = plan.stamps.get(self.source.target)
        owner = (stamp.owner if stamp else "") or known.state.get("owner", "")
        yield Guide(
            {
                "document": document,
                "url": self.source.url,
                "wiki": self._place(),
                "latest_modify_time": stamp.mtime if stamp else None,
                "owner": owner,
                "moved": moved,
                "blocks": blocks,
                "references": references,
                **({"stale": stale} if stale else {}),
            }
        )
        own = {"revision": document.get("revision_id"), "title": document.get("title"), "references": references,
               "left": left, "owner": owner}  # fmt: skip
        yield self._together(own, parts, stamps, moved=moved)

    def _place(self) -> dict[str, object] | None:
        """Return the document's place in a wiki, if it has one."""
        if not self.source.wiki:
            return None
        return {"node_token": self.source.token} | {key: self.source.about.get(key) for key in WIKI}

    def _new_stamps(self, client: LarkClient, parts: Iterable[Part], stamps: Stamps) -> Stamps:
        """Return the stamps of embedded spreadsheets that the gate was not asked for: nobody knew of them yet."""
        new = [part.source(self.source) for part in parts if part.kind == "spreadsheet" and part.token not in stamps]
        return gate.ask(client, new).stamps if new else {}

    def _blocks(self, client: LarkClient, before: Mapping[str, Any]) -> tuple[Mapping[str, Any], Blocks, bool]:
        """Return the document and its blocks, read until they are whole and of one revision.

        The last value says that there was no such reading: these are the last blocks that were at least whole.

        Raises
        ------
        ApiError
            None of the readings was whole.
        """
        whole: tuple[Mapping[str, Any], Blocks] | None = None
        why = ""
        for reading in range(1, READINGS + 1):
            blocks = self._listing(client)
            after = self._info(client)
            try:
                _check(blocks, self.source.target, after)
                whole, why = (after, blocks), "it changed"
                if str(after["revision_id"]) == str(before.get("revision_id")):
                    return after, blocks, False
            except Torn as torn:
                why = str(torn)
            log.warning("%s: %s during reading %d of %d", self.source.name, why, reading, READINGS)
            before = after
        if whole is None:
            raise ApiError(say("whole.what", why=why), source=self.source.name, next=say("torn.next"))
        return *whole, True

    def _listing(self, client: LarkClient) -> Blocks:
        """Return all blocks in their order, from the first page once more if a page token went stale."""
        pages = partial(client.items, "GET", f"{self.path}/blocks", page_size=PAGE, api=BLOCKS_API, params=LATEST)
        try:
            return _kept(pages())
        except ApiError as error:
            if error.code != STALE_PAGE:
                raise
            return _kept(pages())

    def _references(
        self, client: LarkClient, blocks: Blocks, before: Mapping[str, Blocks], *, anew: bool
    ) -> tuple[dict[str, Blocks], list[str]]:
        """Return the blocks of other documents that synced references stand for, also those within each other.

        What was there ``before`` costs no request, unless it is to be asked ``anew``; where that fails it stays, and
        the second value names it.
        """
        found: dict[str, Blocks] = {}
        failed: list[str] = []
        own = {block.get("block_id") for block in blocks}
        waiting = deque(references_in(blocks))
        while waiting and len(found) < MOST_REFERENCES:
            document_id, block_id = waiting.popleft()
            key = f"{document_id}/{block_id}"
            if key in found or block_id in own or not (is_token(document_id) and is_token(block_id)):
                continue
            kept = before.get(key) or []
            fresh = kept if kept and not anew else self._descendants(client, document_id, block_id)
            found[key] = fresh or kept
            failed += [key] if kept and not fresh else []
            waiting.extend(references_in(found[key]))
        return found, failed

    def _descendants(self, client: LarkClient, document_id: str, block_id: str) -> Blocks:
        """Return a block with all below it; none where it may not be read, or never came whole."""
        path = f"docx/v1/documents/{document_id}/blocks/{block_id}/children"
        params = {"with_descendants": "true", **LATEST}
        for _ in range(READINGS):
            try:
                found = _kept(client.items("GET", path, page_size=PAGE, api=CHILDREN_API, params=params))
                check_blocks(found, block_id, is_page=False)
            except Torn as torn:
                log.warning("%s, %s/%s: %s", self.source.name, document_id, block_id, torn)
            except LarkError as error:
                if stops_everything(error):
                    raise
                log.warning("%s: %s", self.source.name, error)
                return []
            else:
                return found
        return []


def _kept(items: Iterable[Any]) -> Blocks:
    """Return blocks as they were received, as far as a file can hold them."""
    blocks: Blocks = storable_json(list(items))
    return blocks


def _check(blocks: Blocks, document_id: str, document: Mapping[str, Any]) -> None:
    """Raise Torn unless the blocks are those of a document, and it tells its revision."""
    check_blocks(blocks, document_id)
    if document.get("revision_id") is None:
        raise Torn("a document without a revision")


# --- what is remembered of parts ----------------------------------------------------------------------------------


def _parts_of(state: Mapping[str, Any]) -> list[Part]:
    """Return the parts that were there at the last visit."""
    return [part_of(each["kind"], token, each["ids"]) for token, each in state.get("parts", {}).items()]


def _memo(inside: Inside) -> dict[str, object]:
    return {"kind": inside.part.kind, "ids": [*inside.part.keys], "state": inside.found.state}


def _stamp(inside: Inside, stamps: Stamps) -> Mapping[str, Any] | None:
    """Return the stamp to remember of a part; without one it is looked at again."""
    token = inside.part.token
    if inside.was_left_alone:
        remembered: Mapping[str, Any] = inside.known.known.state["stamps"][token]
        return remembered
    if inside.part.kind != "spreadsheet" or inside.error is not None or token not in stamps:
        return None
    return {"mtime": stamps[token].mtime, "settled": stamps[token].settled}


def _noted(told: Learned, key: str, error: LarkError, *, torn: bool = False) -> Learned:
    """Return what was told, and why a table was not read: a failure, unless it is gone or one may not see it."""
    barred = isinstance(error, AccessDenied) or error.lacks_scope
    status = {"status": "forbidden" if barred else "failed", "problem": error.brief()}
    told = replace(told, embedded={**told.embedded, key: status})
    if not torn and (barred or isinstance(error, NotFound)):
        return told
    name = told.selected.get(key, key)
    return replace(told, failed={**told.failed, key: error}, selected={**told.selected, key: name})
