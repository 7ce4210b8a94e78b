"""HTML of outputs as a report shows it: it looks the same, but runs nothing, fetches nothing and leads nowhere.

What is allowed is said here, element by element; everything else is left out. The rest is written anew, so that a
browser reads what this parser read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser

__all__ = ["clean", "clean_css"]

_ALLOWED = {
    "a", "abbr", "address", "article", "aside", "audio", "b", "bdi", "bdo", "big", "blockquote", "br",
    "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup",
    "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "meter", "nav", "ol", "p", "pre", "progress", "q",
    "rp", "rt", "ruby", "s", "samp", "section", "small", "source", "span", "strike", "strong", "style", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var",
    "video", "wbr",
}  # fmt: skip
_VOID = {"br", "col", "hr", "img", "source", "wbr"}
# Left out with all that is in them; of other elements, such as forms and buttons, what is in them stays.
_WHOLE = {
    "applet", "canvas", "embed", "frameset", "head", "iframe", "math", "noembed", "noframes", "noscript",
    "object", "plaintext", "script", "select", "svg", "template", "textarea", "title", "xmp",
}  # fmt: skip
_ATTRIBUTES = {
    "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "class", "color", "colspan", "controls",
    "datetime", "dir", "face", "headers", "height", "high", "id", "lang", "low", "max", "min", "open",
    "optimum", "reversed", "role", "rowspan", "scope", "size", "span", "start", "title", "type", "valign",
    "value", "width",
}  # fmt: skip
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_DATA = re.compile(r"data:(image|audio|video)/", re.IGNORECASE)
_FETCHING = re.compile(r"[\w-]*(?:url|src|image|image-set|cross-fade|expression)\s*\([^)]*\)?", re.IGNORECASE)
_BREAKING = re.compile(r"@\s*(?:import|charset|namespace|font-face)[^;{}]*[;{]?|-moz-binding|behavior\s*:|javascript:",
                       re.IGNORECASE)  # fmt: skip


def clean(html: str) -> str:
    """Return HTML with nothing but what is allowed, and every element closed."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return cleaner.result()


def clean_css(css: str) -> str:
    """Return CSS that fetches nothing; nothing at all where escapes could hide what it does."""
    if "\\" in css or "<" in css:
        return ""
    while (left := _BREAKING.sub("", _FETCHING.sub("none", re.sub(r"/\*.*?(\*/|$)", "", css, flags=re.DOTALL)))) != css:
        css = left  # what is left may begin anew what was taken out
    return css


class _Cleaner(HTMLParser):
    """Writes the allowed parts of HTML anew."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []  # elements that were written and not closed yet
        self._left_out: list[str] = []  # an element that is left out, and those of its name inside
        self._css: list[str] = []  # of the present style sheet: it may come in pieces

    def result(self) -> str:
        """Return what was written, every element closed."""
        while self._open:
            self._close()
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write the start of an allowed element."""
        if self._left_out or tag in _WHOLE:
            if not self._left_out or tag == self._left_out[0]:
                self._left_out.append(tag)
        elif tag in _ALLOWED:
            self._parts.append(f"<{tag}{''.join(_attributes(tag, attrs))}>")
            if tag not in _VOID:
                self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an element without content; in HTML the slash means nothing, but to those that are left out whole."""
        if tag not in _WHOLE:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those in it that were not closed; what was never begun ends nothing."""
        if self._left_out:
            if tag == self._left_out[0]:
                self._left_out.pop()
        elif tag in self._open:
            while self._close() != tag:
                pass

    def _close(self) -> str:
        """Close the innermost element, and return which it was."""
        tag = self._open.pop()
        self._parts += [clean_css("".join(self._css)), f"</{tag}>"]
        self._css = []
        return tag

    def handle_data(self, data: str) -> None:
        """Write a text, or keep a piece of a style sheet for its end."""
        if self._left_out:
            return
        if self._open and self._open[-1] == "style":
            self._css.append(data)
        else:
            self._parts.append(escape(data, quote=False))


def _attributes(tag: str, attrs: Iterable[tuple[str, str | None]]) -> Iterable[str]:
    """Yield the allowed attributes of an element, each with a blank before it."""
    for name, value in attrs:
        text = value or ""
        if name == "style":
            text = clean_css(text)
            allowed = bool(text)
        elif name == "href":
            allowed = tag == "a" and bool(_LINK.match(text))
        elif name == "src":
            allowed = tag in ("img", "audio", "video", "source") and bool(_DATA.match(text))
        else:
            allowed = name in _ATTRIBUTES or (name.startswith("aria-") and name.replace("-", "").isalpha())
        if allowed:
            yield f' {name}="{escape(text)}"'
    if tag == "a":
        yield ' rel="noopener noreferrer"'
