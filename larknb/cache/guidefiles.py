"""The files of a document: record, house form, Markdown, media."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from larknb.files import file_name, write_atomically
from larknb.guides.guide import EXTENSIONS
from larknb.model import Media

__all__ = [
    "has_media",
    "keep_media",
    "read_guide",
    "read_media",
    "read_record",
    "tokens",
    "write_guide",
]

# --- on disk ------------------------------------------------------------------------------------------------------

RAW, GUIDE, MARKDOWN = "raw.json.gz", "guide.json", "guide.md"


def write_guide(folder: Path, record: Mapping[str, Any], guide: Mapping[str, Any]) -> None:
    """Write a document into a snapshot's folder: the record, the house form, the Markdown."""
    (folder / RAW).write_bytes(gzip.compress(orjson.dumps(record), mtime=0))
    (folder / GUIDE).write_bytes(orjson.dumps(guide, option=orjson.OPT_INDENT_2))
    (folder / MARKDOWN).write_bytes(guide["markdown"].encode())


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of a snapshot."""
    record: dict[str, Any] = orjson.loads(gzip.decompress((folder / RAW).read_bytes()))
    return record


def read_guide(folder: Path) -> dict[str, Any]:
    """Return the house form that lies in a folder."""
    guide: dict[str, Any] = orjson.loads((folder / GUIDE).read_bytes())
    return guide


def keep_media(folder: Path, media: Media, kept: dict[str, dict[str, Any]]) -> None:
    """Write a picture or file to ``media/`` below the source's folder and note it in ``kept``, by token.

    One that could not be had is noted with its reason, unless an earlier download of it is there.
    """
    if media.data is None:
        if has_media(folder, kept, media.token):
            return
        # An answer that told what it is was left out on purpose: it was too large.
        status = "skipped" if media.content_type else "failed"
        about = {"name": media.name, "mime": media.content_type}
        kept[media.token] = {"status": status, "error": media.problem} | {key: v for key, v in about.items() if v}
        return
    taken = {Path(other["file"]).stem.casefold() for token, other in kept.items()
             if token != media.token and "file" in other}  # fmt: skip
    suffix = re.search(r"\.[A-Za-z0-9]{1,10}$", media.name)
    extension = suffix[0].lower() if suffix else EXTENSIONS.get(media.content_type, ".bin")
    file = f"media/{file_name(media.token, '', taken)}{extension}"
    write_atomically(folder / file, media.data)
    kept[media.token] = {"file": file, "name": media.name or None, "mime": media.content_type or None,
                         "bytes": len(media.data), "sha256": hashlib.sha256(media.data).hexdigest()}  # fmt: skip


def has_media(folder: Path, kept: Mapping[str, Mapping[str, Any]], token: str) -> bool:
    """Say whether a picture or file lies there; an empty file counts as none."""
    file = kept.get(token, {}).get("file")
    try:
        return file is not None and (folder / file).stat().st_size > 0
    except OSError:
        return False


def read_media(folder: Path, file: str, most: int) -> bytes | None:
    """Return a picture or file if it lies there and has at most ``most`` bytes."""
    try:
        path = folder / file
        return path.read_bytes() if path.stat().st_size <= most else None
    except OSError:
        return None


def tokens(guide: Mapping[str, Any]) -> set[str]:
    """Return the tokens of the pictures and files that a guide shows."""
    return {str(asset["token"]) for asset in guide["assets"]}
