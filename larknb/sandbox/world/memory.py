"""What documents remember beside their present data: earlier values, and bytes that were served already."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Past(Generic[T]):
    """Earlier values of something, for readers that see the world some seconds late."""

    def __init__(self) -> None:
        self._values: list[tuple[float, T]] = []

    def note(self, value: T, until: float, keep: float) -> None:
        """Remember that this was the value until now; forget what is older than ``keep`` seconds."""
        recent = [old for old in self._values if old[0] > until - keep]
        self._values = [*recent, (until, value)] if keep else []

    def at(self, moment: float, present: T) -> T:
        """Value as it was at a moment, the present one if nothing older is known."""
        return next((value for until, value in self._values if until > moment), present)


class ByteCache:
    """Bytes that were made once, as long as there is room to keep them."""

    def __init__(self, room: int) -> None:
        self._size = self._room = room
        self._kept: dict[Hashable, bytes] = {}

    def once(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Bytes under this key, made if they are not kept."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        made = make()
        if len(made) <= self._room:
            self._kept[key] = made
            self._room -= len(made)
        return made

    def forget(self) -> None:
        """Drop the bytes: something has changed."""
        self._kept.clear()
        self._room = self._size
