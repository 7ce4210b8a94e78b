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
    "columns_to_see",
    "find_source",
    "free_name",
    "near_names",
    "no_table",
    "normal_form",
    "options_of",
    "unknown_source",
]

NEAR = 0.6  # how much of a name must be right before another one is offered for it
SHORT, NEAR_SHORT = 2, 0.5  # of a name of two characters, as many Chinese ones are, one may be wrong


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
    if near := near_names(name, names):
        text = say("source.near", near=" · ".join(near))
    else:
        text = say("source.list") if names else say("source.none")
    return NotFound(say("source.unknown", name=quoted(name)), next=text)


def near_names(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three names that are spelt much like ``name`` or hold it, the nearest first; often there is none."""
    folded = {normal_form(each).casefold(): each for each in names}
    wanted = normal_form(name).casefold()
    close = difflib.get_close_matches(wanted, folded, n=3, cutoff=NEAR if len(wanted) > SHORT else NEAR_SHORT)
    holding = [each for each in folded if wanted and wanted in each]
    return [folded[each] for each in dict.fromkeys([*close, *holding])][:3]


def columns_to_see(name: str, names: Iterable[str], source: str) -> str:
    """Return what to do where a table has no column ``name``: the nearest ones, and the call that lists them all."""
    if near := near_names(name, names):
        return say("column.missing.near", near=" · ".join(near), source=source)
    return say("column.missing.see", source=source)


def no_table(name: str, source: str, there: Sequence[str]) -> NotFound:
    """Return the error for a table that does not exist, beside those that are ``there``."""
    near = near_names(name, there)
    key = "table.near.next" if near else "table.missing.next"
    then = say(key, near=" · ".join(near), tables=", ".join(there))
    return NotFound(say("table.missing.what", table=name), source=source, next=then)


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
