"""The custom bots of groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Bot:
    """A custom bot of a group.

    Attributes
    ----------
    key : str
        Of the signature; empty: none is asked for.
    keywords : list of str
        A message holds one of them; none: it may hold anything.
    is_elsewhere : bool
        The requests come from addresses that the bot does not accept.
    messages : list of dict
        What was put into the group, as it was sent.
    """

    token: str
    key: str = ""
    keywords: list[str] = field(default_factory=list)
    is_elsewhere: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The message cards alone."""
        return [message["card"] for message in self.messages if message["msg_type"] == "interactive"]
