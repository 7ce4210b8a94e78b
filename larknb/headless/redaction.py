"""Secrets out of the texts of a run, also out of base64 in them: a picture, a data address, a header."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["Redact", "Redactor"]

Redact = Callable[[str], str]  # takes the secrets out of a text

SHORTEST = 8  # letters of base64: six bytes, fewer than any secret has
LONG = 1000  # characters of a text that is worth remembering
# A run of base64, standard or for addresses, over line breaks, also those that a JSON text spells out.
_RUN = re.compile(r"[\w+/-]{4,}(?:(?:\\r|\\n|\r|\n)+[ \t]*[\w+/-]{2,})*={0,2}", re.ASCII)
_BREAK = re.compile(r"(?:\\r|\\n|\r|\n)+[ \t]*")
_STANDARD = str.maketrans("-_", "+/")
_IN_ADDRESS = re.compile(r"(?<=;base64,)([A-Za-z0-9+/=\s]{24,})")
# How pictures, sounds, films, documents and archives begin.
_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"%PDF", b"PK\x03\x04", b"ID3", b"OggS", b"wOF",
               b"\x1a\x45\xdf\xa3", b"\x1f\x8b")  # fmt: skip
_MIME = re.compile(r"[\w.-]+/(?![\w.+-]*json$)[\w.+-]+")  # whose value may be a list of lines


class Redactor:
    """What takes the secrets out of texts and outputs, wherever they hide in them.

    Parameters
    ----------
    redact : callable
        Takes them out of a plain text.
    """

    def __init__(self, redact: Redact) -> None:
        self._redact = redact
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return a text without secrets, neither plain nor in base64."""
        return "".join(map(self._piece, _IN_ADDRESS.split(text)))

    def document(self, value: Any) -> Any:
        """Return what a notebook holds with every text in it redacted, values and keys.

        Called again and again for a notebook that grows, it looks at each long text once.
        """
        before, self._known = self._known, {}
        return self._redacted(value, before)

    def _redacted(self, value: Any, before: Mapping[str, str]) -> Any:
        if isinstance(value, str):
            return self._remembered(value, before)
        if isinstance(value, list):
            return [self._redacted(item, before) for item in value]
        if isinstance(value, dict):
            items = {self(key): self._redacted(_joined(key, item), before) for key, item in value.items()}
            return type(value)(items)
        return value

    def _remembered(self, text: str, before: Mapping[str, str]) -> str:
        if len(text) < LONG:
            return self(text)
        if text not in self._known:
            self._known[text] = before[text] if text in before else self(text)
        return self._known[text]

    def _piece(self, text: str) -> str:
        """Return a piece without secrets; the letters of a picture may look like a token by chance, and stay."""
        return self._decoded(text if _is_picture(text) else self._redact(text))

    def _decoded(self, text: str) -> str:
        """Return a text without the base64 that stands for a secret; all of it is tried at once, for that is quick."""
        decoded = "\n".join(piece for run in _RUN.finditer(text) for piece in _meanings(run[0]))
        return text if self._redact(decoded) == decoded else _RUN.sub(self._without_secret, text)

    def _without_secret(self, run: re.Match[str]) -> str:
        return "****" if any(self._redact(piece) != piece for piece in _meanings(run[0])) else run[0]


def _joined(key: str, value: Any) -> Any:
    """Return lines as the one text that a reader of the notebook makes of them: a secret may go over their ends."""
    is_lines = isinstance(value, list) and (_MIME.fullmatch(key) or key in ("source", "text"))
    return "".join(value) if is_lines and all(isinstance(line, str) for line in value) else value


def _meanings(run: str) -> Iterator[str]:
    """Yield what a run of base64 stands for, from each of the four places at which it may begin."""
    letters = _BREAK.sub("", run).rstrip("=").translate(_STANDARD)
    if len(letters) >= SHORTEST:
        for start in range(4):
            whole = letters[start:] if (len(letters) - start) % 4 != 1 else letters[start:-1]
            yield binascii.a2b_base64(whole + "=" * (-len(whole) % 4)).decode("latin-1")


def _is_picture(text: str) -> bool:
    """Say whether a text is base64 of something that is no text."""
    try:
        start = binascii.a2b_base64("".join(text[:30].split())[:24], strict_mode=True)
    except ValueError:
        return False
    return start.startswith(_BEGINNINGS) or start[4:8] == b"ftyp"
