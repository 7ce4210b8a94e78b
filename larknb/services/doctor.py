"""The doctor: checks that run side by side, each bounded in time, and what each of them found.

A check that crashes or hangs is a finding of its own. What it tells is fit to be passed on: secrets are taken out, and
the person's folder is written ``~``.
"""

from __future__ import annotations

import contextvars
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import larknb
from larknb import console, logs
from larknb.errors import LarkError
from larknb.results.doctor import Answer, DoctorReport, Finding
from larknb.services.context import Context
from larknb.services.doctoring import probing
from larknb.services.doctoring.app import check_app, check_redirects, check_refresh
from larknb.services.doctoring.disk import check_cache, check_disk, check_locks, check_permissions
from larknb.services.doctoring.examination import Check, Examination, Unasked, finding, of_error
from larknb.services.doctoring.login import check_login, check_scopes
from larknb.services.doctoring.machine import check_fonts, check_versions
from larknb.services.doctoring.mending import mend
from larknb.services.doctoring.network import check_clock, check_network
from larknb.services.doctoring.quota import check_quota
from larknb.services.doctoring.reading import check_sources
from larknb.services.doctoring.schedule import check_schedule

__all__ = ["doctor"]

LIMIT = 40.0  # seconds for all checks: the whole, with start and report, takes at most 45

SILENT = ("hosts", "secret", "brand")  # checks whose faults leave nobody to be asked by a probe

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class _Named:
    """A check and its name in the findings; one that ``asks`` the platform and hangs is a fault."""

    name: str
    check: Check
    asks: bool = True


CHECKS = (
    _Named("clock", check_clock),
    _Named("hosts", check_network),
    _Named("app", check_app),
    _Named("redirect", check_redirects),
    _Named("login", check_login),
    _Named("refresh", check_refresh),
    _Named("scopes", check_scopes),
    _Named("sources", check_sources),
    _Named("quota", check_quota, asks=False),
    _Named("cache", check_cache, asks=False),
    _Named("disk", check_disk, asks=False),
    _Named("permissions", check_permissions, asks=False),
    _Named("locks", check_locks, asks=False),
    _Named("schedule", check_schedule, asks=False),
    _Named("versions", check_versions, asks=False),
    _Named("fonts", check_fonts, asks=False),
)


Show = Callable[[str], bool]  # shows the answers to a probe, and says whether they may be kept


def doctor(
    context: Context,
    probe: bool | Sequence[str] = False,
    *,
    fix: bool = False,
    show: Show | None = None,
    limit: float = LIMIT,
) -> DoctorReport:
    """Examine a workspace, and first repair what is safe to repair (see `larknb.Workspace.doctor`).

    Parameters
    ----------
    show : callable, optional
        Is shown the answers to a probe, and says whether they may be kept; by default they are printed and kept.
    limit : float
        Seconds for all checks together; one that is not done by then is told as such.
    """
    settings = _settings(context)
    if not settings and context.settings.exists:
        with suppress(LarkError):  # a disk that takes no log is examined all the same
            context.prepare()
    mended = [] if settings or not fix else [*mend(Examination(context.again()))]
    found = [*settings, *_examined(Examination(context.again()), limit)]
    passable = _passable(context)
    cleaned = [*dict.fromkeys(_clean(each, passable) for each in found)]
    mended = [*map(passable, mended)]
    if settings or probe is False or any(each.level == "fault" and each.check in SILENT for each in cleaned):
        return DoctorReport(cleaned, mended)
    answers, kept = _probed(context, () if probe is True else probe, show or _printed)
    return DoctorReport(cleaned, mended, answers, passable(kept))


def _probed(context: Context, names: Sequence[str], show: Show) -> tuple[list[Answer], str]:
    """Return the answers to a probe, and the file that they were kept in once they had been shown."""
    answers = probing.probe(context.again(), names)
    may = show("\n".join(map(str, answers)))
    return answers, str(probing.keep(context, answers, larknb.__version__)) if may else ""


def _printed(text: str) -> bool:
    console.tell(text)
    return True


def _settings(context: Context) -> list[Finding]:
    """Return what is wrong with the settings: nothing that needs them can be looked at then."""
    try:
        _ = context.settings.app_id
    except LarkError as error:
        return [of_error("settings", error)]
    return []


# --- side by side ---------------------------------------------------------------------------------------------------


def _examined(examination: Examination, limit: float) -> list[Finding]:
    """Run all checks in threads that nobody has to wait for, and return what was found within ``limit`` seconds."""
    answers: queue.SimpleQueue[tuple[_Named, list[Finding]]] = queue.SimpleQueue()
    for each in CHECKS:
        spoken = contextvars.copy_context()  # a thread speaks the language of whoever asked
        threading.Thread(target=spoken.run, args=(_run, each, examination, answers), daemon=True).start()
    waiting, found, end = [*CHECKS], {each.name: [_late(each, limit)] for each in CHECKS}, time.monotonic() + limit
    while waiting:
        try:
            done, findings = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        waiting.remove(done)
        found[done.name] = findings
    return [each for findings in found.values() for each in findings]


def _run(each: _Named, examination: Examination, answers: queue.SimpleQueue[tuple[_Named, list[Finding]]]) -> None:
    try:
        findings = each.check(examination)
    except Unasked:
        findings = [finding("note", each.name, "unasked")]
    except LarkError as error:
        findings = [of_error(each.name, error)]
    except Exception as error:
        log.exception("a check of the doctor crashed")
        findings = [finding("note", each.name, "crashed", error=type(error).__name__)]
    answers.put((each, findings))


def _late(each: _Named, limit: float) -> Finding:
    """Return the finding for a check that is not done in time."""
    key = "late" if each.asks else "slow"
    return finding("fault" if each.asks else "note", each.name, key, seconds=f"{limit:g}")


# --- fit to be passed on --------------------------------------------------------------------------------------------


def _passable(context: Context) -> Callable[[str], str]:
    """Return what makes a text fit to be passed on: no secret in it, and the person's folder written ``~``."""
    home = str(Path.home())
    try:
        redact = context.redactor()
    except LarkError:
        redact = logs.redactor()

    def passable(text: str) -> str:
        text = redact(text)
        return text.replace(home, "~") if len(home) > 1 else text

    return passable


def _clean(found: Finding, passable: Callable[[str], str]) -> Finding:
    texts = (found.what, found.why, found.next, found.link, found.source)
    return Finding(found.level, found.check, *map(passable, texts))
