"""Pictures, files and boards, of documents and of the cells of tables: each is downloaded once."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from larknb.api.client import LarkClient
from larknb.api.download import Download, download
from larknb.errors import LarkError
from larknb.messages import say
from larknb.model import Media
from larknb.readers.base import Known, may_heal, stops_everything
from larknb.wire.codes import remedy

__all__ = ["LARGEST", "Left", "MediaKind", "Wanted", "fetch_media"]

log = logging.getLogger("larknb")

MediaKind = Literal["file", "board"]  # a picture is a file, too
Left = Mapping[str, int]  # token -> the limit under which it was too large; 0: it was refused, or is gone

LARGEST = 20_000_000  # bytes of a picture or file of a document that is downloaded
BARRED = 5  # files of a base in a row that one may not have: the others are not asked for on that day
IN_VAIN = 2  # downloads in a row that failed for no reason of their own, before the others are left out
REFUSED = (403, 404)  # statuses that another try of the same day does not heal

APIS: dict[MediaKind, tuple[str, str]] = {  # documentation path and path of each download
    "file": ("drive-v1/media/download", "drive/v1/medias/{}/download"),
    "board": ("board-v1/whiteboard/download_as_image", "board/v1/whiteboards/{}/download_as_image"),
}


@dataclass(frozen=True)
class Wanted:
    """A picture or file that a source shows.

    Parameters
    ----------
    name, content_type, size
        What the source tells of it; 0 where it tells no size.
    extras : tuple of str
        Values of the permission parameter, in the order in which they are tried.
    table_id : str
        The table that shows it.
    """

    token: str
    kind: MediaKind = "file"
    name: str = ""
    content_type: str = ""
    size: int = 0
    extras: tuple[str, ...] = ("",)
    table_id: str = ""

    def came(self, problem: str = "", found: Download | None = None, *, is_skipped: bool = False) -> Media:
        """Return what became of it; what the source calls it goes before what the answer does."""
        name, kind = (found.name, found.content_type) if found else ("", "")
        file = found.file if found and not problem else None
        return Media(self.token, self.name or name, self.content_type or kind, file, problem, is_skipped, self.table_id)


def fetch_media(
    client: LarkClient, known: Known, wanted: Iterable[Wanted], *, limit: int, left: Left, anew: bool, name: str
) -> Generator[Media, None, dict[str, int]]:
    """Yield the pictures and files that are not there yet, or why one could not be had; return what is now `Left`.

    Parameters
    ----------
    limit : int
        Bytes of the largest one that is downloaded.
    left : mapping
        What earlier visits left out for good reasons: it is not asked for again.
    anew : bool
        Prove what is there, and ask for boards that are there as well: an edited board keeps its token.
    name : str
        The source, for the log.
    """
    fetching = _Fetching(client, known, limit, name)
    later = {token: size for token, size in left.items() if not anew}
    new = [each for each in wanted if not _is_had(known, each, later, limit, anew=anew)]
    for done, each in enumerate(new, 1):
        media = fetching.fetch(each)
        later.pop(each.token, None)
        if each.token in fetching.left:
            later[each.token] = fetching.left[each.token]
        yield replace(media, done=done, total=len(new))
    return later


def _is_had(known: Known, each: Wanted, left: Left, limit: int, *, anew: bool) -> bool:
    """Say whether one is there, or there is no use in asking for it."""
    if each.token in left and (left[each.token] == 0 or limit <= left[each.token]):
        return True
    return known.has_media(each.token, proven=anew) and not (anew and each.kind == "board")


class _Fetching:
    """Downloads one after the other, and what the failures of some mean to the others."""

    def __init__(self, client: LarkClient, known: Known, limit: int, name: str) -> None:
        self._client, self._known, self._limit, self._name = client, known, limit, name
        self._in_vain = self._barred = self._works = 0
        self.left: dict[str, int] = {}

    def fetch(self, each: Wanted) -> Media:
        """Return what became of one."""
        if each.size > self._limit:
            return self._too_large(each, None)
        if (refused := self._client.refused.get(each.kind)) is not None:
            return each.came(refused.brief())
        if self._barred >= BARRED:
            self.left[each.token] = 0
            return each.came(say("media.barred"))
        try:
            found = self._download(each)
        except LarkError as error:
            self._note(each, error)
            return each.came(error.brief())
        self._in_vain = self._barred = 0
        if found.file is None:
            return self._too_large(each, found)
        if each.size and each.size != found.file.size:
            self._known.partial(each.token).discard()
            return each.came(say("media.size", came=found.file.size, size=each.size))
        return each.came(found=found)

    def _download(self, each: Wanted) -> Download:
        """Download one, with the next permission parameter where one is refused."""
        # What was right for the last one is tried first.
        *others, last = sorted(range(len(each.extras)), key=lambda number: number != self._works)
        for number in others:
            try:
                return self._try(each, number)
            except LarkError as error:
                # Without a parameter a 403 is the last word; with one, another may say what this one does not.
                if error.lacks_scope or error.status not in ((400, 403) if each.extras[number] else (400,)):
                    raise
                log.info("%s: %s: %s", self._name, each.token, error)
        return self._try(each, last)

    def _try(self, each: Wanted, number: int) -> Download:
        api, path = APIS[each.kind]
        found = download(
            self._client, path.format(each.token), self._known.partial(each.token), limit=self._limit, api=api,
            extra=each.extras[number], resumes=each.kind == "file",
        )  # fmt: skip
        self._works = number
        return found

    def _note(self, each: Wanted, error: LarkError) -> None:
        log.warning("%s: %s", self._name, error)
        is_final = error.status in REFUSED and remedy(error.code).heal == "stop"
        self._in_vain = self._in_vain + 1 if may_heal(error) and not is_final else 0
        if error.lacks_scope or stops_everything(error) or self._in_vain >= IN_VAIN:
            self._client.refused[each.kind] = error
        elif is_final:
            error.next = say("media.final")
            self.left[each.token] = 0
            self._barred = self._barred + 1 if error.status != 404 and each.extras[0] else 0

    def _too_large(self, each: Wanted, found: Download | None) -> Media:
        self.left[each.token] = self._limit
        return each.came(say("media.large", megabytes=f"{self._limit / 1_000_000:g}"), found, is_skipped=True)
