"""A file from the platform: bytes instead of an envelope, through the same door as every other call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import requests

from larknb.api.client import LarkClient
from larknb.errors import BudgetSpent
from larknb.messages import say
from larknb.wire.incoming import TooLarge, content

__all__ = ["Download", "download"]

MOST = 9_500  # downloads of one client, that is of one sync: the platform gives an app 10,000 a day for all it does


@dataclass(frozen=True)
class Download:
    """What came: the bytes (None where they were more than the limit), the file's name and its content type."""

    data: bytes | None
    name: str = ""
    content_type: str = ""


def download(client: LarkClient, path: str, *, limit: int, api: str = "") -> Download:
    """Return a file of at most ``limit`` bytes; of a larger one only what it is.

    Parameters
    ----------
    path : str
        Below ``/open-apis/``.
    api : str
        Documentation path of the call, named in errors.

    Raises
    ------
    BudgetSpent
        This client has downloaded nearly as much as an app may in a day.
    LarkError
        It is gone, may not be read, or could not be had after several tries.
    """
    if client.streams >= MOST:
        raise BudgetSpent(say("media.spent.what", count=MOST), source=client.source_name, next=say("media.spent.next"))
    return client.stream(path, lambda response: _received(response, limit) if _is_file(response) else None, api=api)


def _is_file(response: requests.Response) -> bool:
    """Say whether an answer is the file: some errors come with status 200, as JSON that is no attachment."""
    if response.status_code not in (200, 206):
        return False
    kind = response.headers.get("content-type", "").lower()
    return "content-disposition" in response.headers or not kind.startswith(("application/json", "text/html"))


def _received(response: requests.Response, limit: int) -> Download:
    name, content_type = _name(response), response.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        return Download(content(response, limit), name, content_type)
    except TooLarge:
        return Download(None, name, content_type)


def _name(response: requests.Response) -> str:
    """Return the file's name; the plain form carries raw UTF-8, which arrives as Latin-1."""
    header = response.headers.get("content-disposition", "")
    if encoded := re.search(r"filename\*\s*=\s*UTF-8''([^;]+)", header, re.IGNORECASE):
        return unquote(encoded[1].strip())
    plain = re.search(r'filename\s*=\s*"?([^";]+)', header, re.IGNORECASE)
    # Stripped as UTF-8: some letters of it end in a byte that is a blank in Latin-1.
    return plain[1].encode("latin-1", "replace").decode("utf-8", "replace").strip() if plain else ""
