"""Every text that a user reads, in English and Chinese: one file for each room that speaks.

``say("init.logged_in", name="张三")`` gives one of them, filled in. The language is the argument, else that of the
`speaking` block around, else ``LARKNB_LANG``, else the machine's locale. A text that several rooms say stands in the
file of the lowest of them.

A number and its noun stand together: ``{count:# source}`` gives "1 source" and "3 sources".
"""

from __future__ import annotations

import functools
import json
import locale
import os
import re
import string
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from larknb.env import LANG

__all__ = ["CATALOGUE", "joined", "language", "quoted", "say", "speaking"]

CATALOGUE: dict[str, tuple[str, str]] = {
    key: texts
    for room in iter_modules(__path__)
    for key, texts in import_module(f"{__name__}.{room.name}").TEXTS.items()
}


class _Formatter(string.Formatter):
    """Fills a text in as ``str.format`` does, and puts nouns into the plural."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if not format_spec.startswith("# "):
            return super().format_field(value, format_spec)
        return f"{value}{format_spec[1:]}{'' if str(value) == '1' else 's'}"


_FORMATTER = _Formatter()
_spoken: ContextVar[str | None] = ContextVar("larknb_language", default=None)


def say(key: str, lang: str | None = None, **values: Any) -> str:
    """Return the text of ``key`` in the user's language, with ``values`` filled in."""
    english, chinese = CATALOGUE[key]
    return _FORMATTER.vformat(chinese if language(lang) == "zh" else english, (), values)


def joined(*sentences: str) -> str:
    """Return sentences one behind the other: with a blank between them in English, with none in Chinese."""
    return ("" if language() == "zh" else " ").join(each for each in sentences if each)


def quoted(value: object) -> str:
    """Return a value as a text may quote it: on one line, short, and without a password."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = re.sub(r"//[^/\s]*@", "//…@", text)
    return text if len(text) <= 100 else text[:99] + "…"


def language(lang: str | None = None) -> str:
    """Return ``"zh"`` or ``"en"``: what was asked for, else what is spoken here, ``LARKNB_LANG``, or the locale."""
    wanted = lang or _spoken.get() or os.environ.get(LANG) or _locale()
    return "zh" if wanted.lower().startswith(("zh", "chinese")) else "en"


@contextmanager
def speaking(lang: str | None) -> Iterator[None]:
    """Speak one language inside, errors included; None changes nothing. A thread has to be given the context."""
    token = _spoken.set(lang or _spoken.get())
    try:
        yield
    finally:
        _spoken.reset(token)


@functools.cache
def _locale() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value
    # On Windows the variables are unset; getlocale says "Chinese (Simplified)_China" or "zh_CN" there.
    return locale.getlocale()[0] or "en"
