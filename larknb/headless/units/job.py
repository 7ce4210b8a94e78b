"""What a unit runs and when: the workspace, the options of ``larknb schedule``, and the times of a day."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from larknb.config.values import parse_duration
from larknb.errors import ConfigError
from larknb.headless.times import parse_time
from larknb.messages import say

__all__ = ["DAY", "Job", "checked", "unnameable"]

DAY = 1440  # minutes
# What would end the line in a unit of some system, or is no text: control characters, line and paragraph separators,
# halves of a character; and the two characters that no XML may hold.
_BREAKING = {"Cc", "Zl", "Zp", "Cs"}
_NO_XML = "\ufffe\uffff"


@dataclass(frozen=True)
class Job:
    """A scheduled notebook, as a unit starts it.

    Parameters
    ----------
    root : path
        The workspace, as the unit names it.
    options : mapping
        Those of ``larknb schedule``: a name and its value, which is a text, a number, True, or a list.
    python : path
        The interpreter.
    """

    root: PurePath
    options: Mapping[str, Any]
    python: PurePath

    def __post_init__(self) -> None:
        for word in self.command():
            checked(word)

    @property
    def name(self) -> str:
        """What the unit is called: the same for the same workspace and notebook, in letters that every system takes."""
        folder = re.sub(r"[^A-Za-z0-9]+", "-", self.root.name).strip("-")
        key = f"{self.root}/{self.options['notebook']}"
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return "-".join(part for part in ("larknb", folder[:40], digest) if part)

    @property
    def log(self) -> PurePath:
        """The file that takes what a run prints when the system starts it."""
        return self.root / "work" / "logs" / "schedule.log"

    def command(self, *once: str) -> list[str]:
        """Return the command line; ``-P`` so that no file of the workspace passes for a module."""
        start = [str(self.python), "-P", "-m", "larknb", "--home", str(self.root), "schedule"]
        names = self.options.get("names") or ()
        words = (word for name, value in self.options.items() if name != "names" for word in _option(name, value))
        return [*start, *words, *once, *(["--", *names] if names else [])]  # a name may begin with a dash

    def times(self) -> list[tuple[int, int]]:
        """Return the hours and minutes of a day at which it runs; ConfigError if the interval fits no day."""
        clocks = [parse_time(each) for each in self.options.get("at") or ()]
        times = {(clock.hour, clock.minute) for clock in clocks}
        if interval := self.options.get("interval"):
            minutes = parse_duration(interval, bare=3600) / 60
            if minutes < 1 or minutes % 1 or DAY % minutes:
                raise ConfigError(say("install.interval.what", interval=interval), next=say("install.interval.next"))
            times |= {divmod(minute, 60) for minute in range(0, DAY, int(minutes))}
        return sorted(times)

    def hours(self) -> dict[tuple[int, ...], list[int]]:
        """Return the same times as hours with the minutes that they share."""
        by_minute: dict[int, list[int]] = {}
        for hour, minute in self.times():
            by_minute.setdefault(minute, []).append(hour)
        shared: dict[tuple[int, ...], list[int]] = {}
        for minute, hours in by_minute.items():
            shared.setdefault(tuple(hours), []).append(minute)
        return shared


def checked(word: str) -> str:
    """Return a word that a unit of any system can hold; ConfigError for any other."""
    if any(unicodedata.category(char) in _BREAKING or char in _NO_XML for char in word):
        raise unnameable(word)
    return word


def unnameable(word: str) -> ConfigError:
    """Return the error for a word that a unit cannot hold."""
    return ConfigError(say("install.word.what", word=ascii(word)), next=say("install.word.next"))


def _option(name: str, value: Any) -> Iterator[str]:
    """Yield the words of one option; nothing for one that is off or unset."""
    option = f"--{name.replace('_', '-')}"
    if value is True:
        yield option
    elif value not in (None, False):
        for each in map(str, value if isinstance(value, (list, tuple)) else [value]):
            yield from [f"{option}={each}"] if each.startswith("-") else [option, each]
