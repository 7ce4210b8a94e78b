"""The people of a tenant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .ids import derived_id, derived_number


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
