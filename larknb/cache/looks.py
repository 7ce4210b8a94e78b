"""When sources were looked at that had not changed: one file for all of them, instead of a manifest for each.

A look that learns nothing new says one thing, when it began. It stands here beside the seal of the manifest that it
found, and counts for that manifest alone. What is lost of this file costs a look, and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from larknb import stored
from larknb.disk import refused

__all__ = ["LOOKS", "Looks"]

LOOKS = "looks.json"
FORMAT = 1
KEPT = 30 * 86_400  # seconds: after that every source has been read again, or is gone

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class _Look:
    seal: str
    at: float


@dataclass(frozen=True)
class _File:
    looks: Mapping[str, _Look] = field(default_factory=dict)


class Looks:
    """The looks of all sources of a cache, by key; read once, and written by whoever holds the cache's lock."""

    def __init__(self, root: Path) -> None:
        self._path = root / LOOKS
        self._found = dict(_read(self._path).looks)
        self._new: dict[str, _Look] = {}

    def at(self, key: str, seal: str) -> float:
        """Return when the manifest of a source was last found to be true; 0 where only the manifest can tell."""
        look = self._new.get(key) or self._found.get(key)
        return look.at if look is not None and look.seal == seal else 0.0

    def note(self, key: str, seal: str, at: float) -> None:
        """Note that a look found what a manifest says."""
        self._new[key] = _Look(seal, at)

    def save(self) -> None:
        """Write what was noted; a disk that takes nothing costs the next sync some looks."""
        if not self._new:
            return
        looks = {**_read(self._path).looks, **self._new}
        newest = max(look.at for look in looks.values())
        kept = {key: look for key, look in looks.items() if look.at > newest - KEPT}
        try:
            stored.write(self._path, _File(kept), format=FORMAT)
        except stored.Newer as error:
            log.warning("%s", error)
        except OSError as error:
            log.warning("%s", refused(error, self._path))
        self._found, self._new = kept, {}


def _read(path: Path) -> _File:
    return stored.recall(path, _File, format=FORMAT, level=logging.DEBUG)
