"""What of a document is not there."""

from __future__ import annotations

from dataclasses import dataclass

from larknb.results.base import Attribute, Rows

__all__ = ["Unread", "UnreadPart"]


@dataclass(frozen=True)
class UnreadPart:
    """A part of a document that is not there, or not as it is on the platform.

    ``what`` is what can be told of it: a title, a token, a text; ``url`` leads to its place in the document.
    """

    kind: str
    what: str
    reason: str
    url: str


class Unread(Rows[UnreadPart]):
    """What of a document is not there, in its order, with reason and link: `larknb.guides.document.Document.unread`."""

    title, none = "unread.title", "unread.none"
    wrapping = 2
    COLUMNS = (
        Attribute("kind", header="unread.kind"),
        Attribute("what", header="unread.what"),
        Attribute("reason", header="unread.reason"),
        Attribute("url", header="unread.url", last=True),
    )
