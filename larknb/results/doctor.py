"""What the doctor found: each finding with its cause, what to do about it, and a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from larknb import display
from larknb.messages import say
from larknb.results.base import Attribute, Json, Rows
from larknb.visible import visible

__all__ = ["Answer", "DoctorReport", "Finding", "Level"]

Level = Literal["ok", "note", "fault"]

_ORDER: tuple[Level, ...] = ("fault", "note", "ok")  # in which people see them
_COLOURS: dict[Level, str] = {"fault": display.BAD, "note": display.WARN, "ok": display.GOOD}


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Parameters
    ----------
    level : str
        ``fault`` keeps something from working, ``note`` is good to know, ``ok`` is as it should be.
    check : str
        Which check, by a name that does not depend on the language.
    what, why, next : str
        What is so, how it comes about, and what to do; the last two are empty where all is well.
    link : str
        A page that helps, if there is one.
    source : str
        The source that it is about, if it is about one.
    """

    level: Level
    check: str
    what: str
    why: str = ""
    next: str = ""
    link: str = ""
    source: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer to one question of a probe; its evidence are statuses, codes, counts and types."""

    question: str
    answer: Literal["yes", "no", "unclear"]
    evidence: str

    def __str__(self) -> str:
        return visible(f"{say(f'doctor.answer.{self.answer}')}  {self.question} ({self.evidence})")


class DoctorReport(Rows[Finding]):
    """What the doctor found, faults first.

    ``ok`` says that there is no fault; ``mended`` are sentences on what was repaired; ``answers`` are those to a probe,
    and ``kept`` is the file that holds them, empty where they were not kept.

    Examples
    --------
    >>> report = lk.doctor()
    >>> report.ok
    True
    """

    title = "doctor.title"
    COLUMNS = (
        Attribute("level", lambda level: say(f"doctor.level.{level}")),
        Attribute("check"),
        Attribute("source"),
        Attribute("what"),
        Attribute("why", header="doctor.why"),
        Attribute("next", header="doctor.next"),
        Attribute("link", header="doctor.link"),
    )

    def __init__(
        self, items: Sequence[Finding] = (), mended: Sequence[str] = (), answers: Sequence[Answer] = (), kept: str = ""
    ) -> None:
        super().__init__(sorted(items, key=lambda item: _ORDER.index(item.level)))
        self.mended, self.answers, self.kept = tuple(mended), tuple(answers), kept

    @property
    def ok(self) -> bool:
        """True when nothing is a fault; notes are none."""
        return not self.faults

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that keep something from working."""
        return tuple(item for item in self.items if item.level == "fault")

    def headline(self) -> str:
        """Return the line above: how many of each level."""
        levels = [item.level for item in self.items]
        fault, note, ok = map(levels.count, _ORDER)
        return f"{say(self.title)} · {say('doctor.counts', fault=fault, note=note, ok=ok)}"

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``."""
        answers = [vars(each) for each in self.answers]
        probe = {"probe": answers, "kept": self.kept} if answers else {}
        return {"ok": self.ok, "mended": list(self.mended), "rows": self.to_dicts(), **probe}

    def __repr__(self) -> str:
        lines = [self.headline(), *(say("doctor.mended", what=each) for each in self.mended)]
        for item in self.items:
            lines.append(f"{say(f'doctor.level.{item.level}')}  {item.check}: {item.what}")
            lines += [f"    {label}: {text}" for label, text in _details(item)]
        lines += [*map(str, self.answers), *([say("doctor.kept", path=self.kept)] if self.kept else [])]
        return "\n".join(visible(line) for line in lines)

    def _repr_html_(self) -> str:
        mended = "".join(f"<div>{escape(say('doctor.mended', what=each))}</div>" for each in self.mended)
        answers = "".join(f"<div>{escape(str(each))}</div>" for each in self.answers)
        kept = say("doctor.kept", path=self.kept) if self.kept else ""
        return display.boxed(self.headline(), mended + "".join(map(_as_html, self.items)) + answers, kept)


def _details(item: Finding) -> list[tuple[str, str]]:
    named = ((say("doctor.why"), item.why), (say("doctor.next"), item.next), (say("doctor.link"), item.link))
    return [(label, text) for label, text in named if text]


def _as_html(item: Finding) -> str:
    level = f'<b style="color:{_COLOURS[item.level]}">{escape(say(f"doctor.level.{item.level}"))}</b>'
    lines = [f"{level} {escape(item.check)}: {escape(item.what)}"]
    lines += [
        f"{escape(label)}: {display.anchor(text, text) if text == item.link else escape(text)}"
        for label, text in _details(item)
    ]
    return f'<div style="margin:4px 0">{"<br>".join(lines)}</div>'
