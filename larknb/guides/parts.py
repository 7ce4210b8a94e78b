"""Parts of a document, by the words that a reader has for them: a heading with all that stands below it, a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, SupportsIndex, overload

from larknb.config.names import near_names
from larknb.errors import ChooseTable, NotFound
from larknb.guides import schema
from larknb.guides.guide import block_token
from larknb.messages import say
from larknb.visible import visible_lines

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Part", "Tables", "find_heading", "labels_of", "sections_below"]

MOST_NAMED = 5  # parts that an error lists where none is near
NUMBER = re.compile(r"[\d.．、:：()（）\s]+|[第附][\d一二三四五六七八九十]+[章节部分录]?\s*")  # before a heading


class Tables(list["pd.DataFrame"]):
    """The tables of a document in order; one can also be had by its caption, or by the heading above it.

    Parameters
    ----------
    labels : sequence of sequence of str
        What each table may be called, the nearest word first.
    """

    def __init__(self, frames: Iterable[pd.DataFrame], labels: Sequence[Sequence[str]], title: str) -> None:
        super().__init__(frames)
        self._labels, self._title = labels, title

    @overload
    def __getitem__(self, index: SupportsIndex | str) -> pd.DataFrame: ...
    @overload
    def __getitem__(self, index: slice) -> list[pd.DataFrame]: ...
    def __getitem__(self, index: SupportsIndex | str | slice) -> pd.DataFrame | list[pd.DataFrame]:
        """Return a table by its place, or by a word.

        Raises
        ------
        NotFound, ChooseTable
            No table, or more than one, is called so.
        """
        return super().__getitem__(self._place(index) if isinstance(index, str) else index)

    def _place(self, word: str) -> int:
        for equal in _WAYS:
            for rank in range(max(map(len, self._labels), default=0)):
                found = [n for n, each in enumerate(self._labels) if len(each) > rank and equal(each[rank], word)]
                if len(found) == 1:
                    return found[0]
                if found:
                    places = ", ".join(map(str, found))
                    what = say("part.tables.what", word=word, count=len(found))
                    then = say("part.tables.next", places=places)
                    raise ChooseTable(what, source=self._title, tables=[word], next=then)
        known = [label for each in self._labels for label in each]
        raise _unknown(say("part.table.what", word=word), self._title, word, known)

    def _ipython_key_completions_(self) -> list[str]:
        return [*dict.fromkeys(label for each in self._labels for label in each)]


class Part(dict[str, object]):
    """A heading with all that stands below it, down to the next one of its level.

    Its keys are those of the section in `Document.sections`; ``text`` and ``markdown`` hold the sections below, too.
    """

    def __init__(
        self, section: schema.Section, below: Sequence[schema.Section], url: str, tables: Callable[[], Tables],
        html: Callable[[str], str],
    ) -> None:  # fmt: skip
        every = [section, *below]
        text = "\n".join(line for each in every for line in _lines(each, own=each is section))
        markdown = "\n\n".join(each["markdown"].rstrip("\n") for each in every if each["markdown"]) + "\n"
        super().__init__({**section, "text": text, "markdown": markdown})
        self.heading, self.text, self.markdown, self.url = section["heading"] or "", text, markdown, url
        self._tables, self._html = tables, html

    @property
    def tables(self) -> Tables:
        """The tables that stand in it, as `Document.tables` gives them."""
        return self._tables()

    def __repr__(self) -> str:
        return visible_lines(self.markdown.rstrip())

    def _repr_html_(self) -> str:
        return self._html(self.markdown)


def _lines(section: schema.Section, *, own: bool) -> list[str]:
    heading = [] if own or not section["heading"] else [section["heading"]]
    return [*heading, *([section["text"]] if section["text"] else [])]


def sections_below(sections: Sequence[schema.Section], place: int) -> list[schema.Section]:
    """Return the sections that stand below a heading."""
    level = sections[place]["level"]
    below: list[schema.Section] = []
    for section in sections[place + 1 :]:
        if section["level"] <= level:
            break
        below.append(section)
    return below


def find_heading(sections: Sequence[schema.Section], heading: str, title: str) -> int:
    """Return the index of the section of a heading; with those above it, ``"A/B"``, where several are called so.

    Width, case and blanks do not count, nor does the number before a heading if nothing else is asked for.

    Raises
    ------
    NotFound
        None is called so, or several; the message names them.
    """
    headed = [section for section in sections if section["heading"]]
    for equal in _WAYS:
        found = [section for section in headed if any(equal(name, heading) for name in _names(section))]
        if len(found) == 1:
            return found[0]["index"]
        if found:
            paths = " · ".join("/".join(section["path"][1:]) for section in found)
            what = say("part.several.what", heading=heading)
            raise NotFound(what, source=title, next=say("part.several.next", paths=paths))
    known = [str(section["heading"]) for section in headed]
    raise _unknown(say("part.missing.what", heading=heading), title, heading, known)


def labels_of(guide: schema.Guide, names: Mapping[str, str]) -> list[list[str]]:
    """Return what each table of a document may be called: its own name or the line above it, then the headings upwards.

    ``names`` are those of embedded tables, by the token of their block.
    """
    return [_labels(table, guide["sections"][table["section"]], names) for table in guide["tables"]]


def _labels(table: schema.Table, section: schema.Section, names: Mapping[str, str]) -> list[str]:
    own = [names.get(block_token(table), "")] if table["source"] != "table" else []
    above = [_line_above(table, section)] if table["source"] == "table" else []
    return [*(own or above), *reversed(section["path"][1:])]


def _line_above(table: schema.Table, section: schema.Section) -> str:
    """Return the line of text above a table, which is mostly its caption."""
    lines, rows = section["text"].split("\n"), table["rows"] or []
    first = " | ".join(map(str, rows[0])).split("\n")[0] if rows else ""
    return lines[lines.index(first) - 1] if first in lines[1:] else ""


def _names(section: schema.Section) -> list[str]:
    path = section["path"]
    return [str(section["heading"]), *(sign.join(path[start:]) for sign in ("/", " > ") for start in range(len(path)))]


def _unknown(what: str, title: str, word: str, known: Sequence[str]) -> NotFound:
    there = [*dict.fromkeys(filter(None, known))]
    near = near_names(word, there)
    then = say("part.near", near=" · ".join(near)) if near else say("part.there", names=" · ".join(there[:MOST_NAMED]))
    return NotFound(what, source=title, next=then if there else "")


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _unnumbered(text: str) -> str:
    number = NUMBER.match(text)
    return text[number.end() :] if number else text


_WAYS: tuple[Callable[[str, str], bool], ...] = (
    lambda name, word: name == word,
    lambda name, word: _folded(name) == _folded(word),
    lambda name, word: _folded(_unnumbered(name)) == _folded(word),
    lambda name, word: bool(word.strip()) and _folded(word) in _folded(name),
)
