"""Where the caches of sources lie, and whose a folder is."""

from __future__ import annotations

from pathlib import Path

from larknb.cache import manifest, rebuild
from larknb.files import file_name
from larknb.model import Kind, Source

__all__ = ["FOLDERS", "folder_of", "key_of", "kind_of"]

FOLDERS: dict[Kind, str] = {
    "bitable": "bitable_cache",
    "spreadsheet": "spreadsheet_cache",
    "document": "fault_diagnosis_cache/guides",
}


def key_of(folder: Path) -> str:
    """Return the key of the source whose folder it is; empty where it cannot be told."""
    return manifest.key_of(folder) or rebuild.key_of(folder)


def kind_of(folder: Path) -> Kind:
    """Return the kind of the sources that lie where a folder lies."""
    place = folder.parent.name
    return next((kind for kind, name in FOLDERS.items() if Path(name).name == place), "bitable")


def folder_of(source: Source, place: Path, present: Path | None) -> Path:
    """Return the folder that a source should have: no name is given twice, nor with another case alone.

    Parameters
    ----------
    place : Path
        Where the sources of its kind lie.
    present : Path, optional
        The folder that it has.
    """
    name = file_name(source.name, source.key)
    if present == place / name:
        return present
    same = [folder for folder in place.glob("*") if folder.name.casefold() == name.casefold()]
    taken = {name.casefold()} if any(_is_taken(each, source) for each in same) else set()
    return place / file_name(source.name, source.key, taken)


def _is_taken(place: Path, source: Source) -> bool:
    """Say whether a place is another source's, or holds what is no folder."""
    return not place.is_dir() or key_of(place) not in ("", source.key)
