"""Which source a name means."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count

from larknb.errors import NotFound
from larknb.messages import quoted, say
from larknb.model import Options, Source

__all__ = [
    "choose",
    "choose_all",
    "find_source",
    "free_name",
    "normal_form",
    "options_of",
    "unknown_source",
]


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
        if source := find_source(sources, name[:cut]):
            return source, name[cut + 1 :].strip() or None
    raise unknown_source(sources, name)


def choose_all(sources: Sequence[Source], names: Iterable[str]) -> list[tuple[Source, str | None]]:
    """Return what each of several names means, in their order and each once."""
    chosen: dict[tuple[str, str | None], tuple[Source, str | None]] = {}
    for name in names:
        source, rest = choose(sources, name)
        chosen.setdefault((source.key, rest), (source, rest))
    return list(chosen.values())


def find_source(sources: Sequence[Source], name: str) -> Source | None:
    """Return the source of this name: the one that is spelt so, else one whose name is equal after NFKC."""
    equal = [source for source in sources if source.name and normal_form(source.name) == normal_form(name)]
    return next((source for source in equal if source.name == name), equal[0] if equal else None)


def unknown_source(sources: Sequence[Source], name: str) -> NotFound:
    """Return the error for a name that no source has; it offers the nearest ones."""
    names = [source.name for source in sources if source.name]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.0)
    text = say("source.near", near=" · ".join(near)) if near else say("source.none")
    return NotFound(say("source.unknown", name=quoted(name)), next=text)


def normal_form(name: str) -> str:
    """Return the form in which two names are compared."""
    return unicodedata.normalize("NFKC", name).strip()


def options_of(options: Options, *names: str) -> Options:
    """Return the options of one table of a source, which go before those of the source; any of its names will do."""
    forms = {normal_form(name) for name in names}
    own = [each for name, each in options.get("by_table", {}).items() if normal_form(name) in forms]
    merged = {name: value for name, value in options.items() if name != "by_table"}
    return merged | {name: value for each in own for name, value in each.items()}


def free_name(title: str, taken: Iterable[str]) -> str:
    """Return the title, numbered where another source has it: two bases may well be called the same."""
    used = set(taken)
    return next(name for number in count(1) if (name := title if number == 1 else f"{title} {number}") not in used)
