r"""Text that others wrote, safe to look at: what acts instead of being seen becomes an escape such as ``\x1b``.

That are control characters (a terminal obeys them, a line feed forges a line of a log), lone surrogates, and what is
not seen: characters that turn the direction of a text around, that have no width, or that are tags. What people need in
order to read stays: letters of any script with their marks, blanks of any width, a joiner between two characters that
are no ASCII (Persian words, families of emoji), and a variation selector behind the character that it varies.

A backslash is not doubled, so nobody can turn such a text back. It is for people; what programs read is never changed.
"""

from __future__ import annotations

import re

__all__ = ["person", "visible", "visible_json", "visible_lines"]

# Control and format characters, fillers and blanks without a width, lone surrogates, what is no character.
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001345f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

_IN_LINES = re.compile(f"[{_HIDDEN}{_JOINERS}{_SELECTORS}]")
_ANYWHERE = re.compile(rf"[\n\t{_HIDDEN}{_JOINERS}{_SELECTORS}]")
_SELECTOR = re.compile(f"[{_SELECTORS}]")


def visible(text: str) -> str:
    """Return a text on one line."""
    return _ANYWHERE.sub(_escaped, text)


def visible_lines(text: str) -> str:
    """Return a text of several lines, which may hold tabs."""
    return _IN_LINES.sub(_escaped, text)


def visible_json(text: str) -> str:
    """Return JSON that says the same, in its own escapes."""
    return _IN_LINES.sub(_json_escaped, text)


def person(label: str) -> str:
    """Return a person without the open_id behind the name; a label that is nothing else stays."""
    return re.sub(r" \(ou_\w+\)$", "", label)


def _escaped(match: re.Match[str]) -> str:
    return match[0] if _helps(match) else match[0].encode("unicode_escape").decode("ascii")


def _json_escaped(match: re.Match[str]) -> str:
    if _helps(match):
        return match[0]
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _helps(match: re.Match[str]) -> bool:
    """Say whether a joiner or a selector stands where people need it."""
    text, (start, end) = match.string, match.span()
    char, before, after = match[0], text[max(0, start - 1) : start], text[end : end + 1]
    if char in _JOINERS:
        return (_is_seen(before) or bool(_SELECTOR.match(before))) and _is_seen(after)
    if _SELECTOR.match(char):
        return _is_seen(before) or (char == "\ufe0f" and before in (*"0123456789#*",))  # 1️⃣ is a digit in a frame
    return False


def _is_seen(char: str) -> bool:
    return not char.isascii() and not char.isspace() and not _ANYWHERE.match(char)
