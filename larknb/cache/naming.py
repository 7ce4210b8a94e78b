"""Which folder a source has: by its kind and its name, or by the key that its manifest holds."""

from __future__ import annotations

from pathlib import Path

from larknb.cache import manifest, rebuild
from larknb.files import file_name
from larknb.model import KINDS, Kind, Source

__all__ = ["FOLDERS", "folder_of", "key_of", "kind_of", "likely", "named"]

FOLDERS: dict[Kind, str] = {
    "bitable": "bitable_cache",
    "spreadsheet": "spreadsheet_cache",
    "document": "fault_diagnosis_cache/guides",
}


def likely(root: Path, source: Source) -> list[Path]:
    """Return the folders that a source may have by its name, those for where another one has its name at the end."""
    return [*named(root, source), *named(root, source, {file_name(source.name, source.key).casefold()})]


def named(root: Path, source: Source, taken: frozenset[str] | set[str] = frozenset()) -> list[Path]:
    """Return the folder that its name gives a source, for each kind that it may be of."""
    kinds = [source.kind] if source.kind else KINDS
    return [root / FOLDERS[kind] / file_name(source.name, source.key, taken) for kind in kinds]


def key_of(folder: Path) -> str:
    """Return the key of the source whose folder it is; empty where it cannot be told."""
    return manifest.key_of(folder) or rebuild.key_of(folder)


def kind_of(folder: Path) -> Kind:
    """Return the kind of the sources that lie where a folder lies."""
    place = folder.parent.name
    return next((kind for kind, name in FOLDERS.items() if Path(name).name == place), "bitable")


def folder_of(source: Source, place: Path, known: Path | None) -> Path:
    """Return the folder that a source should have: no name is given twice, nor with another case alone."""
    name = file_name(source.name, source.key)
    if known == place / name:
        return known
    same = [folder for folder in place.glob("*") if folder.name.casefold() == name.casefold()]
    taken = {name.casefold()} if any(_is_taken(each, source) for each in same) else set()
    return place / file_name(source.name, source.key, taken)


def _is_taken(place: Path, source: Source) -> bool:
    """Say whether a place is another source's, or holds what is no folder."""
    return not place.is_dir() or key_of(place) not in ("", source.key)
