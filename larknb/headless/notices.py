"""What there is to tell after a run: one notice per incident of a notebook, and what is remembered of it.

An incident begins with a run that fails and ends with the next good one; each of the two is told once. In between one
more notice may come: when a run fails for want of a login after others failed for something else, or the other way
round, since something else is to be done then. A run that a signal stopped, or that found another sync at work, begins
and ends nothing. A good run that brought changes is told where that is asked for. Each date within the next two days at
which login or consent ends is told once, too.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from larknb import stored
from larknb.headless.records import UNNUMBERED, encodable
from larknb.results.runs import RunResult
from larknb.results.user import User

__all__ = ["Incident", "Notice", "NoticeMemory", "decide", "mark_told", "read_memory", "write_memory"]

log = logging.getLogger("larknb")

FORMAT = 1
SOON = 2 * 86400.0  # seconds before its end at which a login or a consent is told of


@dataclass(frozen=True)
class Incident:
    """A notebook that fails: since when, and which notices told of it (``failed``, ``login``)."""

    since: float
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoticeMemory:
    """What is going on, by notebook, and the ends of login and consent that were told."""

    incidents: Mapping[str, Incident] = field(default_factory=dict)
    ends: tuple[float, ...] = ()


@dataclass(frozen=True)
class Notice:
    """Something to tell; ``at`` is when the failing or the run began, or the date, perhaps estimated, of an end."""

    kind: Literal["failed", "login", "recovered", "changed", "login_ends", "consent_ends"]
    notebook: str
    at: float
    is_estimated: bool = False


def decide(
    memory: NoticeMemory, result: RunResult, user: User | None, now: float, *, tell: str = "failures"
) -> tuple[list[Notice], NoticeMemory]:
    """Return what is to be told after a run, and what is going on now.

    Parameters
    ----------
    user : User, optional
        Who is logged in; None if nobody is.
    tell : str
        ``changes``: also that a good run brought some.
    """
    notebook = encodable(Path(result.notebook).stem)
    incident = memory.incidents.get(notebook)
    notices: list[Notice] = []
    if result.ok:
        notices += [Notice("recovered", notebook, incident.since)] if incident else []
        if tell == "changes" and result.summary and (result.summary.rows or result.summary.lines):
            notices.append(Notice("changed", notebook, result.started_at))
    elif result.status not in ("stopped", "busy"):
        incident = incident or Incident(result.started_at)
        kind: Literal["login", "failed"] = "login" if result.status == "login" else "failed"
        notices += [] if kind in incident.told else [Notice(kind, notebook, incident.since)]
        memory = replace(memory, incidents={**memory.incidents, notebook: incident})
    memory = replace(memory, ends=tuple(end for end in memory.ends if end > now))
    return notices + _ends(memory, user, notebook, now), memory


def mark_told(memory: NoticeMemory, notice: Notice) -> NoticeMemory:
    """Return the memory once a notice was told."""
    if notice.kind in ("login_ends", "consent_ends"):
        return replace(memory, ends=(*memory.ends, notice.at))
    if notice.kind == "changed":
        return memory
    incidents = dict(memory.incidents)
    incident = incidents.pop(notice.notebook)
    if notice.kind != "recovered":
        incidents[notice.notebook] = replace(incident, told=(*incident.told, notice.kind))
    return replace(memory, incidents=incidents)


def read_memory(file: Path) -> NoticeMemory:
    """Return what a file remembers; nothing if, as the log says, it cannot be read: rather a notice twice than none."""
    lost = "what was told before is not known"
    return stored.recall(file, NoticeMemory, lost, format=FORMAT, migrate=UNNUMBERED)


def write_memory(file: Path, memory: NoticeMemory) -> None:
    """Write the memory; the file of a newer larknb stays as it is, and a disk that refuses it costs a notice twice."""
    try:
        stored.write(file, memory, format=FORMAT)
    except (stored.Newer, OSError) as error:
        log.warning("what was told is not kept: %s", error)


def _ends(memory: NoticeMemory, user: User | None, notebook: str, now: float) -> list[Notice]:
    """Return the notices of what ends soon; the identity of an app never does."""
    if user is None or user.identity == "tenant":
        return []
    # A login that renews itself and whose end nobody told has none to be warned of.
    ends_at = user.refresh_ends_at or (None if user.renewable else user.access_ends_at)
    login = Notice("login_ends", notebook, ends_at or 0.0, user.refresh_is_estimated)
    consent = Notice("consent_ends", notebook, user.consent_ends_at or 0.0)
    both = [login, consent] if login.at != consent.at else [consent]
    return [notice for notice in both if now < notice.at <= now + SOON and notice.at not in memory.ends]
