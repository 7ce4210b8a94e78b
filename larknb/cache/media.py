"""Pictures and files of a source: they lie under their tokens in ``media/``; what one source has, no other asks for.

What is on its way lies there, too (`larknb.partial`). It gets its name when the state that shows it becomes current,
and loses the other one after that: killed in between, nothing is asked for twice, and nothing half is ever shown.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from larknb.cache import manifest
from larknb.cache.checks import is_whole, read_whole
from larknb.cache.manifest import Manifest, MediaEntry, TableEntry, is_inside
from larknb.cache.tablefiles import read_rows, schema_of
from larknb.files import file_name, is_plain, replace, sync_folder
from larknb.guides.guide import EXTENSIONS
from larknb.model import Media
from larknb.partial import LEFT, Partial, Received, link_or_copy
from larknb.stored import Damaged, Newer
from larknb.tabular.raw import RECORD_ID, file_columns

__all__ = [
    "FOLDER",
    "Lending",
    "Names",
    "entry_of",
    "files_in",
    "has_media",
    "place",
    "read_media",
    "sweep_partial",
    "tokens_in",
    "unfilled",
]

FOLDER = "media"

log = logging.getLogger("larknb")


class Names:
    """Which file below ``media/`` belongs to which token: no name is given twice, nor with another case alone.

    Parameters
    ----------
    kept : mapping
        What is known of pictures and files, by token.
    """

    def __init__(self, folder: Path, kept: Mapping[str, MediaEntry]) -> None:
        self._owners = {Path(entry.file).stem.casefold(): token for token, entry in kept.items() if entry.file}
        # What is no file, such as somebody's folder or a link, has its place to itself.
        foreign = (path.stem for path in (folder / FOLDER).glob("*") if path.is_symlink() or not path.is_file())
        self._owners |= dict.fromkeys(map(str.casefold, foreign), "")

    def of(self, media: Media) -> str:
        """Return the file of a picture or file that came."""
        own, token = media.token.casefold(), media.token
        stem = file_name(token, "", {own} if self._owners.get(own, token) != token else set())
        self._owners[stem.casefold()] = token
        suffix = re.search(r"\.[A-Za-z0-9]{1,10}$", media.name)
        return f"{FOLDER}/{stem}{suffix[0].lower() if suffix else EXTENSIONS.get(media.content_type, '.bin')}"


def entry_of(folder: Path, media: Media, kept: Mapping[str, MediaEntry], names: Names) -> MediaEntry:
    """Return what is known of a picture or file by now, and under which name it is to lie below the source's folder.

    One that could not be had is noted with its reason, unless an earlier download of it is there.

    Parameters
    ----------
    kept : mapping
        What is known of the others, by token.
    """
    name, mime, file = media.name or None, media.content_type or None, media.file
    if file is not None:
        return MediaEntry(file=names.of(media), name=name, mime=mime, bytes=file.size, sha256=file.sha256,
                          check=file.check)  # fmt: skip
    if has_media(folder, kept, media.token):
        return kept[media.token]
    return MediaEntry(status="skipped" if media.is_skipped else "failed", error=media.problem, name=name, mime=mime)


def place(folder: Path, coming: Mapping[str, Received]) -> None:
    """Give files that came whole the names that they are to have below the source's folder; they keep the others."""
    for name, file in coming.items():
        partial = folder / FOLDER / f".{Path(name).name}.{os.getpid()}.tmp"
        partial.unlink(missing_ok=True)
        link_or_copy(file.path, partial)
        replace(partial, folder / name)
    if coming:
        sync_folder(folder / FOLDER)


def has_media(folder: Path, kept: Mapping[str, MediaEntry], token: str, *, proven: bool = False) -> bool:
    """Say whether a picture or file lies there, as large as it was; ``proven``: its bytes are looked at."""
    known = kept.get(token)
    if known is None or known.file is None or not is_inside(known.file):
        return False
    path = folder / known.file
    try:
        size = path.stat().st_size if is_plain(path) else -1
    except OSError:
        return False
    return size == known.bytes if known.bytes is not None and not proven else is_whole(path, known.check)


def read_media(folder: Path, file: str, most: int, checks: Mapping[str, str] | None = None) -> bytes | None:
    """Return a picture or file if it lies there as it was written, and has at most ``most`` bytes."""
    try:
        path = folder / file
        return read_whole(path, (checks or {}).get(file, "")) if path.stat().st_size <= most else None
    except OSError:
        return None


def tokens_in(folder: Path, tables: Iterable[TableEntry]) -> set[str]:
    """Return the tokens of the files in the cells of tables."""
    found: set[str] = set()
    for entry in tables:
        path = folder / entry.raw
        names = file_columns(schema_of(path)) if entry.form == "records" else []
        for column in read_rows(path, columns=names).columns if names else ():
            found |= {file["file_token"] for files in column.drop_null().to_pylist() for file in files if file}
    return found


def unfilled(folder: Path, known: Manifest, tables: Mapping[str, TableEntry]) -> list[str]:
    """Return the tables that hold files which were there and are not, or are of another size by now."""
    if "attachments" not in orjson.loads(known.options or "{}"):
        return []
    lost = {token for token, each in known.media.items() if each.file and not has_media(folder, {token: each}, token)}
    return [key for key, entry in tables.items() if lost and lost & tokens_in(folder, [entry])]


# --- what is on its way, and what others have -----------------------------------------------------------------------


def sweep_partial(folder: Path, wanted: Iterable[str]) -> None:
    """Delete what came of pictures and files of which none of the ``wanted`` tokens tells any more."""
    place = folder / FOLDER
    if place.is_symlink() or not place.is_dir():
        return
    kept = {path.name for token in wanted for path in Partial(place, token).files}
    for path in [*place.iterdir()]:
        if LEFT.fullmatch(path.name) and path.name not in kept and is_plain(path):
            with suppress(OSError):  # in use; the next sweep takes it
                path.unlink()


class Lending:
    """What each source of a cache can give to the others.

    Parameters
    ----------
    folders : callable
        Gives the folders of all sources; nobody looks into them before something is wanted.
    """

    def __init__(self, folders: Callable[[], Iterable[Path]]) -> None:
        self._folders = folders

    @cached_property
    def _places(self) -> dict[str, list[Path]]:
        """The folders of the sources that have a file, by the name that its token gives it."""
        found: dict[str, list[Path]] = {}
        for folder in self._folders():
            with suppress(OSError):  # most have none
                for name in os.listdir(folder / FOLDER):  # noqa: PTH208  there may be hundreds of thousands
                    found.setdefault(name.partition(".")[0], []).append(folder)
        return found

    def note(self, folder: Path, tokens: Iterable[str]) -> None:
        """Note that a source has something by now."""
        if "_places" in vars(self):
            for token in tokens:
                self._places.setdefault(token, []).append(folder)

    def lend(self, token: str, partial: Partial) -> None:
        """Fill what is to come with what another source has of it, if one has."""
        for path, entry in self._had(token):
            if is_whole(path, entry.check):
                partial.lend(path, entry.check, entry.name or "", entry.mime or "")
                return

    def _had(self, token: str) -> Iterator[tuple[Path, MediaEntry]]:
        names = (token, file_name(token, "", {token.casefold()}))  # the second where another differs by case alone
        for folder in [*dict.fromkeys(each for name in names for each in self._places.get(name, ()))]:
            try:
                known = manifest.read(folder)
            except (Damaged, Newer, OSError) as problem:
                log.debug("%s", problem)
                continue
            entry = known.media.get(token) if known else None
            if entry is not None and entry.file and entry.check and entry.bytes and is_plain(folder / entry.file):
                yield folder / entry.file, entry


# --- files in the cells of a table ------------------------------------------------------------------------------------


def files_in(
    folder: Path, known: Mapping[str, MediaEntry], rows: pa.Table, titles: Mapping[str, str], missing: str
) -> list[dict[str, object]]:
    """Return what there is to say of each file in some columns, by place; ``missing`` says why one is not there."""
    found: list[dict[str, object]] = []
    for name, title in titles.items():
        for record_id, files in zip(rows[RECORD_ID].to_pylist(), rows[name].to_pylist(), strict=True):
            found += [
                {RECORD_ID: record_id, "column": title, **_file(folder, known, each, missing)} for each in files or ()
            ]
    return found


def _file(folder: Path, known: Mapping[str, MediaEntry], file: Mapping[str, Any], missing: str) -> dict[str, object]:
    token = file["file_token"] or ""
    entry = known.get(token)
    facts = {"name": file["name"], "size": file["size"], "type": file["type"], "path": None, "problem": ""}
    if entry is not None and has_media(folder, {token: entry}, token):
        return {**facts, "size": entry.bytes, "path": str(folder / str(entry.file))}
    return {**facts, "problem": (entry.error if entry else "") or missing}
