"""The list of a library's children, as the last walks left it: one typed JSON file per library.

It lies apart from the caches of the children, which are those of ordinary sources. A walk that was interrupted stands
in it, too, and goes on from there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from larknb import stored
from larknb.cache.policy import Held
from larknb.files import file_name
from larknb.library import Child, Root, Walk
from larknb.model import Entry

__all__ = ["FOLDER", "Listing", "read", "write"]

FOLDER = "library_cache"
FORMAT = 1

log = logging.getLogger("larknb")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What is known of a library.

    Parameters
    ----------
    key : str
        Of the library's source.
    root : Root, optional
        Where it begins; None as long as nobody could ask.
    options : str
        What identifies the settings that the list follows.
    children : tuple of Child
        All of them, those that are gone last.
    checked_at, full_at : float
        When the last walk began, and the last one that also asked where the library begins.
    doubts : tuple of str
        Why the list is not whole.
    problem : str
        Why the last walk failed; empty after a good one.
    held : Held, optional
        A list that lost most of its children and waits for a second look.
    walk : Walk, optional
        One that was interrupted.
    """

    key: str
    root: Root | None = None
    options: str = ""
    children: tuple[Child, ...] = ()
    checked_at: float = 0.0
    full_at: float = 0.0
    doubts: tuple[str, ...] = ()
    problem: str = ""
    held: Held | None = None
    walk: Walk | None = None

    @property
    def entry(self) -> Entry | None:
        """What `larknb.cache.policy.decide` needs; None as long as there was no walk."""
        if not self.checked_at:
            return None
        return Entry(0.0 if self.problem or self.walk else self.checked_at, self.full_at)

    @property
    def live(self) -> tuple[Child, ...]:
        """The children that are there."""
        return tuple(child for child in self.children if not child.gone)

    @property
    def gone(self) -> tuple[Child, ...]:
        """The children that are gone, whose caches are kept."""
        return tuple(child for child in self.children if child.gone)


def read(cache: Path, key: str) -> Listing:
    """Return what is known of a library; nothing where its file is missing or damaged.

    Raises
    ------
    stored.Newer
        A newer larknb wrote it.
    """
    try:
        found = stored.read(_path(cache, key), Listing, format=FORMAT)
    except stored.Damaged as damaged:
        log.warning("%s", damaged)  # the next walk makes it again
        found = None
    return found if found is not None and found.key == key else Listing(key=key)


def write(cache: Path, listing: Listing) -> Listing:
    """Make a list current, in one step, and return it."""
    stored.write(_path(cache, listing.key), listing, format=FORMAT)
    return listing


def _path(cache: Path, key: str) -> Path:
    # Tokens tell upper from lower case, and not every disk does: the name always has the hash.
    return cache / FOLDER / f"{file_name(key, key, {key.casefold()})}.json"
