"""What all products have in common: people, documents with their stamps, and a memory for values that are seen late."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from .tenant import Tenant

T = TypeVar("T")
ALPHABET = string.ascii_letters + string.digits


def derived_id(prefix: str, length: int, *parts: object) -> str:
    """Identifier in the platform's shape that is the same whenever the parts are the same."""
    number = int.from_bytes(hashlib.sha512(repr(parts).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return prefix + "".join(letters)


def derived_number(length: int, *parts: object) -> str:
    """Number in the shape of the platform's numeric ids, the same whenever the parts are the same."""
    number = int.from_bytes(hashlib.sha512(repr(parts).encode()).digest(), "big")
    return f"7{number % 10 ** (length - 1):0{length - 1}}"


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


class Answers:
    """Bytes of answers that were made once, as long as there is room to keep them."""

    def __init__(self, room: int) -> None:
        self._size = self._room = room
        self._kept: dict[Hashable, bytes] = {}

    def once(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Answer under this key, made if it is not kept."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        made = make()
        if len(made) <= self._room:
            self._kept[key] = made
            self._room -= len(made)
        return made

    def forget(self) -> None:
        """Drop the answers: something has changed."""
        self._kept.clear()
        self._room = self._size


@dataclass
class User:
    """A person of the tenant, under all kinds of id."""

    open_id: str
    name: str
    en_name: str = ""
    email: str = ""
    mobile: str = ""
    union_id: str = ""
    user_id: str = ""
    employee_no: str = ""
    avatar_url: str = ""
    lark_id: str = ""

    def __post_init__(self) -> None:
        self.union_id = self.union_id or derived_id("on_", 32, self.open_id)
        self.user_id = self.user_id or derived_id("", 8, self.open_id).lower()
        self.lark_id = self.lark_id or derived_number(19, self.open_id)
        self.avatar_url = self.avatar_url or f"https://example.com/avatar/{self.user_id}.webp"

    def person(self) -> dict[str, Any]:
        """Person object as it stands in a cell."""
        return {
            "id": self.open_id,
            "name": self.name,
            "en_name": self.en_name,
            "email": self.email,
            "avatar_url": self.avatar_url,
        }

    def id_of(self, kind: str) -> str:
        """Id of one kind: ``open_id``, ``union_id``, ``user_id``, or the obsolete ``lark_id``."""
        ids = {"open_id": self.open_id, "union_id": self.union_id, "user_id": self.user_id, "lark_id": self.lark_id}
        return ids[kind]


class Document:
    """A document of any kind as Drive and Wiki know it.

    Attributes
    ----------
    readers : set of str or None
        Identities that may read it: open ids, and ``"tenant"`` for the app itself; ``None``: everybody.
    modifier : User
        Who changed it last.
    """

    kind = ""  # the platform's doc_type and obj_type
    path = ""  # first segment of the URL that people see

    def __init__(self, tenant: Tenant, token: str, name: str, owner: User) -> None:
        self.tenant = tenant
        self.token = token
        self.name = name
        self.owner = self.modifier = owner
        self.readers: set[str] | None = None
        self.created_at = int(tenant.clock())
        self._mtime = self.created_at
        self._mtimes: Past[int] = Past()

    @property
    def mtime(self) -> int:
        """Time of the last edit in whole seconds; set it to play a stamp that is wrong."""
        return self._mtime

    @mtime.setter
    def mtime(self, value: float) -> None:
        with self.tenant.lock:
            self._mtimes.note(self._mtime, self.tenant.clock(), self.tenant.keep_past())
            self._mtime = int(value)

    def touch(self) -> None:
        """Move the modify time to now, and nothing else."""
        self.mtime = self.tenant.clock()

    def mtime_at(self, moment: float) -> int:
        """Modify time as a reader saw it at that moment."""
        return self._mtimes.at(moment, self._mtime)

    def may_read(self, identity: str) -> bool:
        """Whether this identity, an open id or ``"tenant"``, may read the document."""
        return self.readers is None or identity in self.readers
