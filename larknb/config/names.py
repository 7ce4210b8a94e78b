"""Which source a name means."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count

from larknb.errors import NotFound
from larknb.messages import quoted, say
from larknb.model import Source

__all__ = [
    "called",
    "choose",
    "choose_all",
    "folded",
    "free_name",
    "not_found",
]


def folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


def choose(sources: Sequence[Source], name: str) -> tuple[Source, str | None]:
    """Return the source that ``name`` means, and what stands behind its name: a table, a child, or None.

    The whole name comes first, then the longest source name that ends before a ``/`` (titles contain ``/`` themselves).
    A name that is equal after NFKC counts as equal.

    Raises
    ------
    NotFound
        No source is called so; the message names the three nearest.
    """
    slashes = [match.start() for match in re.finditer("[/／]", name)]
    for cut in (len(name), *reversed(slashes)):
        if source := called(sources, name[:cut]):
            return source, name[cut + 1 :].strip() or None
    raise not_found(sources, name)


def called(sources: Sequence[Source], name: str) -> Source | None:
    equal = [source for source in sources if source.name and folded(source.name) == folded(name)]
    return next((source for source in equal if source.name == name), equal[0] if equal else None)


def not_found(sources: Sequence[Source], name: str) -> NotFound:
    names = [source.name for source in sources if source.name]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.0)
    text = say("source.near", near=" · ".join(near)) if near else say("source.none")
    return NotFound(say("source.unknown", name=quoted(name)), next=text)


def choose_all(sources: Sequence[Source], names: Iterable[str]) -> list[tuple[Source, str | None]]:
    """Return what each of several names means, in their order and each once."""
    chosen: dict[tuple[str, str | None], tuple[Source, str | None]] = {}
    for name in names:
        source, rest = choose(sources, name)
        chosen.setdefault((source.key, rest), (source, rest))
    return list(chosen.values())


def free_name(title: str, taken: Iterable[str]) -> str:
    """Return the title, numbered where another source has it: two bases may well be called the same."""
    used = set(taken)
    return next(name for number in count(1) if (name := title if number == 1 else f"{title} {number}") not in used)
