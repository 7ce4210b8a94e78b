"""Media: the pictures and files inside documents, links to them that live for a day, and drawing boards as pictures."""

from __future__ import annotations

import re
import secrets
import urllib.parse
from typing import Any

import orjson

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.world.bitable.base import Table
from larknb.sandbox.world.bitable.cells import plain
from larknb.sandbox.world.media import Media, MediaLink

WRONG_PARAMETER, NOT_FOUND, FORBIDDEN, DELETED, TOO_MANY = 1061002, 1061003, 1061004, 1061007, 1061045
BOARD_MISSING, BOARD_FORBIDDEN, BOARD_TOO_MANY = 2890003, 2890005, 2890006
MOST_TOKENS = 5
DAY = 86_400
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def _media(platform: Platform, request: Request, token: str, *, unsaid: int) -> Media:
    """Medium of this token; ``unsaid`` is the HTTP status where the place in the base ought to have been told."""
    media = platform.tenant.media.get(token)
    if media is None:
        raise CodeError(DELETED if token in platform.tenant.deleted else NOT_FOUND)
    identity = request.identity
    if media.readers is not None and identity not in media.readers:
        raise CodeError(FORBIDDEN)
    if media.base and media.base.is_advanced:
        place = _place(request.query.get("extra"))
        table = next((one for one in media.base.tables if one.table_id == place.get("tableId")), None)
        if table is None or (platform.needs_current_rev and place.get("rev", table.revision) != table.revision):
            raise CodeError(WRONG_PARAMETER, status=unsaid)
        if identity not in platform.roles or not _is_there(table, place.get("attachments"), token):
            raise CodeError(FORBIDDEN)
    return media


def _place(extra: str | None) -> dict[str, Any]:
    """Place in a base that ``extra`` tells; nothing where it is no such JSON, as one that was encoded twice."""
    try:
        place = orjson.loads(extra or "")["bitablePerm"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {}
    return place if isinstance(place, dict) else {}


def _is_there(table: Table, attachments: Any, token: str) -> bool:
    """Whether the cells that are named hold this file; those of ready addresses name none."""
    if attachments is None:
        return True
    try:
        named = [(field, record) for field, records in attachments.items()
                 for record, tokens in records.items() if token in tokens]  # fmt: skip
    except (AttributeError, TypeError):
        return False
    cells = [plain(table.rows[record].cells.get(field)) or [] for field, record in named if record in table.rows]
    return any(file.get("file_token") == token for cell in cells for file in cell)


def download(platform: Platform, request: Request) -> Response:
    """Bytes of a medium, all of them or the range asked for."""
    return _bytes(platform, request, _media(platform, request, request.params["file_token"], unsaid=400))


def _bytes(platform: Platform, request: Request, media: Media) -> Response:
    headers = {
        "Content-Disposition": _disposition(media.name),
        "Accept-Ranges": "bytes",
        "Cache-Control": "max-age=0, no-cache, no-store",
    }
    status, data, asked = 200, media.data, RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and any(asked.groups()) and not platform.ignores_ranges:
        first, last = _bounds(asked, len(data))
        if first > last:
            raise CodeError(WRONG_PARAMETER, status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        status, data = 206, data[first : last + 1]
    return Response(status, data, headers=headers, content_type=media.content_type, is_chunked=platform.chunked_media)


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int]:
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last or size), size - 1)


def _disposition(name: str) -> str:
    """Name of the file in both forms, the first with the bytes of UTF-8 as they are."""
    safe = re.sub(r'[\x00-\x1f"\\]', "_", name).encode().decode("latin-1")
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"


def make_links(platform: Platform, request: Request) -> Response:
    """Links for some media that work for a day and without a bearer; unknown tokens are left out."""
    if platform.empty_links and "extra" not in request.query:
        return success({"tmp_download_urls": []})
    tokens = [value for name, value in request.pairs if name == "file_tokens"]
    if not 1 <= len(tokens) <= MOST_TOKENS:
        raise CodeError(WRONG_PARAMETER)
    links = []
    for token in tokens:
        if token in platform.tenant.media:
            media = _media(platform, request, token, unsaid=403)
            code = platform.accounts.secret(secrets.token_urlsafe(64))
            platform.links[code] = MediaLink(media, platform.clock() + DAY)
            address = f"{platform.url}/space/api/box/stream/download/authcode/?code={code}"
            links.append({"file_token": token, "tmp_download_url": address})
    return success({"tmp_download_urls": links})


def follow_link(platform: Platform, request: Request) -> Response:
    """Bytes behind a link; a bearer is not wanted here, and a dead link leads nowhere."""
    link = platform.links.get(request.query.get("code", ""))
    if link is None or platform.clock() >= link.ends_at:
        raise CodeError(FORBIDDEN)
    return _bytes(platform, request, link.media)


def board_image(platform: Platform, request: Request) -> Response:
    """Drawing board as a picture."""
    media = platform.tenant.boards.get(request.params["board_id"])
    if media is None:
        raise CodeError(BOARD_MISSING)
    if media.readers is not None and request.identity not in media.readers:
        raise CodeError(BOARD_FORBIDDEN)
    return Response(200, media.data, content_type=media.content_type, is_chunked=platform.chunked_media)


SCOPES = (
    "docs:document.media:download",
    "docs:doc:readonly",
    "docs:doc",
    "drive:drive:readonly",
    "drive:drive",
    "sheets:spreadsheet:readonly",
    "sheets:spreadsheet",
    "bitable:app:readonly",
    "bitable:app",
)
MEDIAS = "/open-apis/drive/v1/medias"

ENDPOINTS = (
    Endpoint(
        "media",
        "GET",
        f"{MEDIAS}/{{file_token}}/download",
        download,
        SCOPES,
        limits=((5, 1), (10_000, DAY, TOO_MANY)),
        kind="file",
    ),
    Endpoint("tmp_urls", "GET", f"{MEDIAS}/batch_get_tmp_download_url", make_links, SCOPES),
    Endpoint("tmp_media", "GET", "/space/api/box/stream/download/authcode/", follow_link, tokens=(), kind="file"),
    Endpoint(
        "board",
        "GET",
        "/open-apis/board/v1/whiteboards/{board_id}/download_as_image",
        board_image,
        ("board:whiteboard:node:read",),
        limits=((50, 1, BOARD_TOO_MANY),),
        kind="file",
    ),
)
