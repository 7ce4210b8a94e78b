"""A file from the platform: bytes instead of an envelope, through the same door as every other call.

It is written as it comes. What broke off goes on where it was, by a range, in this process or in a later one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

import requests

from larknb.api.client import LarkClient
from larknb.errors import ApiError, BudgetSpent
from larknb.messages import say
from larknb.partial import Partial, Received
from larknb.wire.incoming import TooLarge, pieces

__all__ = ["Download", "download"]

MOST = 9_500  # downloads in 24 hours: the platform gives an app 10,000 a day for all it does
WORTH_IT = 1_000_000  # bytes: a try that brought so many was not in vain, whatever ended it


@dataclass(frozen=True)
class Download:
    """What came: the file (None where it is larger than the limit), its name and its content type."""

    file: Received | None
    name: str = ""
    content_type: str = ""


class _Misplaced(requests.RequestException):
    """Bytes that do not go on where the last ones ended: they are asked for from the first one."""


def download(
    client: LarkClient, path: str, into: Partial, *, limit: int, api: str = "", extra: str = "", resumes: bool = True
) -> Download:
    """Return a file of at most ``limit`` bytes; of a larger one only what it is.

    Parameters
    ----------
    path : str
        Below ``/open-apis/``.
    into : Partial
        Where it is written. What lies there of it is not asked for again, and if it is whole, nothing is asked.
    api : str
        Documentation path of the call, named in errors.
    extra : str
        The permission parameter of a base with advanced permissions; it is encoded here, once.
    resumes : bool
        False for what may be another file by now: it is asked for whole.

    Raises
    ------
    BudgetSpent
        Nearly as much was downloaded as an app may in a day.
    LarkError
        It is gone, may not be read, or could not be had after several tries.
    """
    if not resumes:
        into.discard()
    elif into.take_up() > limit:
        return Download(None, into.name, into.content_type)
    if into.is_whole:
        return _done(into)
    read, params = partial(_received, into=into, limit=limit), {"extra": extra} if extra else None
    while True:
        before = into.size
        try:
            return client.stream(path, read, partial(_asked, client, into), api=api, params=params)
        except ApiError:
            if into.size - before < WORTH_IT:
                raise


def _asked(client: LarkClient, into: Partial) -> Mapping[str, str]:
    """Return the headers of the next try, which is counted; packed bytes could not be gone on with."""
    if not client.downloads.take(MOST):
        raise BudgetSpent(say("media.spent.what", count=MOST), source=client.source_name, next=say("media.spent.next"))
    return {"Accept-Encoding": "identity", **({"Range": f"bytes={into.size}-"} if into.size else {})}


# --- one answer -----------------------------------------------------------------------------------------------------


def _received(response: requests.Response, into: Partial, limit: int) -> Download | None:
    """Take what an answer brings; None where it is no file."""
    if response.status_code == requests.codes.requested_range_not_satisfiable:
        return _at_the_end(response, into)
    if not _is_file(response):
        return None
    name, content_type = _name(response), response.headers.get("content-type", "").partition(";")[0].strip().lower()
    first, total = _place(response)
    if response.status_code == requests.codes.partial and (first != into.size or _is_packed(response)):
        into.discard()
        raise _Misplaced("another range than the one that was asked for")
    if first and total != into.total and None not in (total, into.total):
        into.discard()
        raise _Misplaced("another file than the one that was begun")
    if not first:
        into.begin(name, content_type, total)
    if total is not None and total > limit:
        into.discard()
        return Download(None, name, content_type)
    try:
        into.take(pieces(response, limit - into.size))
    except TooLarge:
        into.discard()
        return Download(None, name, content_type)
    if total is not None and into.size != total:
        raise _Misplaced("fewer bytes than there are")
    return _done(into)


def _at_the_end(response: requests.Response, into: Partial) -> Download | None:
    """Say that there is no more, if so much as came is all of it; else it is another file, asked for anew."""
    total = _place(response)[1]
    if into.size and total == into.size:
        return _done(into)
    if not into.size:
        return None
    into.discard()
    raise _Misplaced("a range that is none")


def _done(into: Partial) -> Download:
    return Download(into.finish(), into.name, into.content_type)


def _is_file(response: requests.Response) -> bool:
    """Say whether an answer is the file: some errors come with status 200, as JSON that is no attachment."""
    if response.status_code not in (200, 206):
        return False
    kind = response.headers.get("content-type", "").lower()
    return "content-disposition" in response.headers or not kind.startswith(("application/json", "text/html"))


def _is_packed(response: requests.Response) -> bool:
    return response.headers.get("content-encoding", "").strip().lower() not in ("", "identity")


def _place(response: requests.Response) -> tuple[int | None, int | None]:
    """Return the place of the first byte that comes, and how many there are in all; None for what is not told."""
    header, length = response.headers.get("content-range", ""), response.headers.get("content-length", "")
    if response.status_code == requests.codes.ok or not header:
        is_told = re.fullmatch("[0-9]{1,15}", length) and not _is_packed(response)
        return 0, int(length) if is_told and response.status_code == requests.codes.ok else None
    told = re.fullmatch(r"\s*bytes\s+(?:([0-9]{1,18})-[0-9]{1,18}|\*)/(?:([0-9]{1,18})|\*)\s*", header, re.IGNORECASE)
    first, total = told.groups() if told else (None, None)
    return (None if first is None else int(first)), (None if total is None else int(total))


def _name(response: requests.Response) -> str:
    """Return the file's name; the plain form carries raw UTF-8, which arrives as Latin-1."""
    header = response.headers.get("content-disposition", "")
    if encoded := re.search(r"filename\*\s*=\s*UTF-8''([^;]+)", header, re.IGNORECASE):
        return unquote(encoded[1].strip())
    plain = re.search(r'filename\s*=\s*"?([^";]+)', header, re.IGNORECASE)
    # Stripped as UTF-8: some letters of it end in a byte that is a blank in Latin-1.
    return plain[1].encode("latin-1", "replace").decode("utf-8", "replace").strip() if plain else ""
