"""The pictures, files and boards of a document, each downloaded once."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from larknb.api.client import LarkClient
from larknb.api.download import download
from larknb.errors import LarkError
from larknb.messages import say
from larknb.model import Media
from larknb.readers.base import Known, may_heal, stops_everything
from larknb.readers.blocks import Blocks, MediaKind, media_in

__all__ = [
    "new_media",
]

log = logging.getLogger("larknb")

LARGEST = 20_000_000  # bytes of a picture or file that is downloaded
IN_VAIN = 2  # downloads in a row that failed for no reason of their own, before the others are left out

APIS: dict[MediaKind, tuple[str, str]] = {  # documentation path and path of each download
    "file": ("drive-v1/media/download", "drive/v1/medias/{}/download"),
    "board": ("board-v1/whiteboard/download_as_image", "board/v1/whiteboards/{}/download_as_image"),
}


def new_media(client: LarkClient, known: Known, blocks: Blocks, *, anew: bool, name: str) -> Iterator[Media]:
    """Yield the pictures and files that are new, or why one could not be had.

    Parameters
    ----------
    anew : bool
        Ask for boards that are there already as well: an edited board keeps its token.
    name : str
        The source, for the log.
    """
    refused: dict[MediaKind, LarkError] = {}  # what would be refused to all others of the kind as well
    in_vain = 0
    for token, kind in media_in(blocks).items():
        if known.has_media(token) and not (anew and kind == "board"):
            continue
        if kind in refused:
            yield Media(token, problem=refused[kind].brief())
            continue
        try:
            yield _download(client, token, kind)
            in_vain = 0
        except LarkError as error:
            log.warning("%s: %s", name, error)
            in_vain = in_vain + 1 if may_heal(error) else 0
            if error.lacks_scope or stops_everything(error) or in_vain >= IN_VAIN:
                refused[kind] = error
            yield Media(token, problem=error.brief())


def _download(client: LarkClient, token: str, kind: MediaKind) -> Media:
    api, path = APIS[kind]
    found = download(client, path.format(token), limit=LARGEST, api=api)
    problem = "" if found.data is not None else say("media.large", megabytes=LARGEST // 1_000_000)
    return Media(token, found.name, found.content_type, found.data, problem)
