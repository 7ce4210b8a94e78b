"""The bytes inside documents, and the links that lead to them for a while."""

from __future__ import annotations

from dataclasses import dataclass

from .bitable.base import Base


@dataclass
class Media:
    """Bytes under a token.

    Attributes
    ----------
    base : Base or None
        Where it is an attachment; with advanced permissions a request must say where in the base it is.
    readers : set of str or None
        Identities that may download it; ``None``: everybody.
    """

    token: str
    data: bytes
    name: str
    content_type: str
    base: Base | None = None
    readers: set[str] | None = None


@dataclass(frozen=True)
class MediaLink:
    """A link that needs no bearer, until it dies."""

    media: Media
    ends_at: float
