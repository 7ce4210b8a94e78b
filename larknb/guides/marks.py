"""Text with marks, written in a dialect of markup, and what both of our dialects, Markdown and HTML, share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from larknb.guides.forms import Item, Node, Span, Spans, plain

__all__ = [
    "ENTITY",
    "Dialect",
    "line_of",
    "lines_of",
    "math",
    "runs",
    "safe_address",
]

MARKS = ("link", "underline", "bold", "italic", "strike")  # from the outside in; code is inside of them all

OURS = (
    "feishu-sheet",
    "feishu-bitable",
    "feishu-media",
    "feishu-board",
    "feishu-minutes",
)  # schemes that nothing opens
SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "feishu", "lark", *OURS})

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_UNSAFE = re.compile(r"""[\x00-\x20\x7f<>()\[\]"'`\\|]""")
ENTITY = re.compile(r"&(?=#?\w+;)")


@dataclass(frozen=True)
class Dialect:
    """How one markup language writes text, code, formulas, a mark around something, and one thing after another."""

    text: Callable[[str], str]
    code: Callable[[str], str]
    math: Callable[[str], str]
    mark: Callable[[str, str], str]
    link: Callable[[str, str], str]
    join: Callable[[Sequence[str]], str]


def lines_of(spans: Spans, dialect: Dialect) -> list[str]:
    """Return text line by line; a mark never reaches over a line's end."""
    lines: list[list[Span]] = [[]]
    for span in spans:
        first, *rest = (Span(text, span.marks, span.math) for text in span.text.split("\n"))
        lines[-1].append(first)
        lines += [[piece] for piece in rest]
    return [line_of([span for span in line if span.text], dialect).strip() for line in lines]


def line_of(spans: Spans, dialect: Dialect, depth: int = 0) -> str:
    """Return one line of text: neighbours that share a mark share its signs.

    ``depth`` is for the function itself: how many of ``MARKS`` are written already, further out.
    """
    if depth == len(MARKS):
        alike = groupby(spans, key=lambda span: (span.math, span.marks.code))
        return dialect.join([_piece(plain(some), dialect, math=math, code=code) for (math, code), some in alike])
    mark = MARKS[depth]
    parts: list[str] = []
    for value, some in groupby(spans, key=lambda span: getattr(span.marks, mark)):
        inside = line_of(list(some), dialect, depth + 1)
        core = inside.strip()
        if not value or (not core and mark != "link"):
            parts.append(inside)
            continue
        # Signs next to a blank would not be read as marks.
        before, after = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :] if core else ""
        parts.append(before + (dialect.link(core, value) if mark == "link" else dialect.mark(mark, core)) + after)
    return dialect.join(parts)


def _piece(text: str, dialect: Dialect, *, math: bool, code: bool) -> str:
    """Return text whose marks are written already, except for that of code."""
    if math:
        return dialect.math(text)
    if not code or not (core := text.strip()):
        return dialect.text(text)
    before, _, after = text.partition(core)
    return before + dialect.code(core) + after


def math(text: str, sign: str = "$") -> str:
    """Return a formula; a blank, which means nothing in it, keeps a reader without math from seeing a tag or link."""
    text = re.sub(r"<(?=[A-Za-z/!?])|\](?=[(\[])", r"\g<0> ", text)
    return sign + re.sub(r"(?<!\\)\$", r"\\$", text) + sign if text else ""


def safe_address(url: str) -> str | None:
    """Return an address as a link may name it, or None for one that a click must not follow (``javascript:``)."""
    scheme = _SCHEME.match(url)
    if not url or (scheme and scheme[1].lower() not in SCHEMES):
        return None
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", url)


def runs(nodes: Iterable[Node]) -> Iterator[Node | list[Item]]:
    """Yield the nodes one by one, but the items of a list together."""
    run: list[Item] = []
    for node in nodes:
        if run and not (isinstance(node, Item) and node.kind == run[0].kind):
            yield run
            run = []
        if isinstance(node, Item):
            run.append(node)
        else:
            yield node
    if run:
        yield run
