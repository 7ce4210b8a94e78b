"""The night shift: headless runs, the schedule, and what a system's own scheduler needs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import larknb
from larknb import console, display
from larknb.config.edit import keep_secrets
from larknb.config.values import parse_duration
from larknb.env import HOME, INTERVAL, NOTEBOOK
from larknb.errors import ConfigError, LarkError
from larknb.files import file_name, is_there, write_atomically
from larknb.headless import bot, installed, leftovers, records, units
from larknb.headless.notify import notify
from larknb.headless.ours import not_written
from larknb.headless.parameters import parse
from larknb.headless.redaction import Redactor
from larknb.headless.report import require, write_report
from larknb.headless.runner import output_path, run_notebook
from larknb.headless.schedule import KEEP
from larknb.headless.schedule import schedule as run_on_the_clock
from larknb.headless.times import parse_time
from larknb.messages import language, say
from larknb.results.changes import Changes, changed_by, changed_in_brief
from larknb.results.diff import Diff
from larknb.results.runs import RunList, RunResult, RunRow
from larknb.results.sync import SyncReport
from larknb.screens.progress import reporter
from larknb.services.account import keep_login, whoami
from larknb.services.context import Context
from larknb.services.differing import changed_since

if TYPE_CHECKING:
    from larknb.headless.records import RunRecord
    from larknb.headless.units import Job, System

__all__ = ["changes", "copy_notebooks", "install_unit", "job_of", "keep_all_secrets", "notify_of", "run", "runs",
           "schedule", "uninstall_unit", "unit_text"]  # fmt: skip

SCHEDULED = "scheduled_sync"  # the notebook whose runs count where no run says its own
LINES, LONGEST = 8, 100  # the first lines of what changed, and the characters of each

log = logging.getLogger("larknb")


# --- one run ----------------------------------------------------------------------------------------------------


def run(
    context: Context,
    notebook: str | os.PathLike[str],
    parameters: Mapping[str, Any] | Sequence[str] | None = None,
    *,
    timeout: float | None = 600,
    deadline: float | None = None,
    output: str | os.PathLike[str] | None = None,
    report: bool = False,
    gap: float | None = None,
) -> RunResult:
    """Run a notebook headlessly (see `larknb.Workspace.run`).

    ``gap`` are the seconds since the last run of a schedule: its kernel is told, so that every tick looks.
    """
    values = parameters if isinstance(parameters, Mapping) else parse(parameters or ())
    path = _notebook_path(context, notebook)
    if report:
        require()
    context.prepare()
    folder, redact = context.settings.work / "runs", context.redactor()
    leftovers.clean_up(folder, redact)
    with reporter() as show:
        result = run_notebook(
            path,
            Path(output) if output is not None else output_path(folder, path, context.clock()),
            parameters=values,
            timeout=timeout,
            deadline=deadline,
            env={HOME: str(context.root), NOTEBOOK: path.stem, **({INTERVAL: str(gap)} if gap else {})},
            redact=redact,
            show=show,
        )
    return _with_report(result, redact) if report else result


def _with_report(result: RunResult, redact: Callable[[str], str]) -> RunResult:
    """Write the report of a run and return the result with its path; without one if that fails."""
    try:
        return replace(result, report=str(write_report(Path(result.output), redact)))
    except Exception as error:
        log.exception("no report")
        console.note(say("html.failed", reason=redact(f"{type(error).__name__}: {error}")))
        return result


def _notebook_path(context: Context, notebook: str | os.PathLike[str]) -> Path:
    """Return the path of a notebook; one that we ship is copied into the workspace where it is missing there."""
    path = Path(notebook)
    if path.suffix or path.exists():
        return path
    copy_notebooks(context)
    return context.root / "notebooks" / f"{path.name}.ipynb"


def copy_notebooks(context: Context) -> None:
    """Copy the notebooks of the user's language into ``notebooks/``; what is there already stays as it is."""
    package = Path(larknb.__file__).parent
    shipped = next(folder for folder in (package / "notebooks", package.parent / "notebooks") if folder.is_dir())
    target = context.root / "notebooks"
    spoken = shipped if language() == "zh" else shipped / "en"
    for path in sorted(spoken.glob("*.ipynb")):
        try:
            if not is_there(target / path.name):
                write_atomically(target / path.name, path.read_bytes())
        except OSError as error:
            raise not_written(target / path.name, error) from error


# --- what runs left ---------------------------------------------------------------------------------------------


def runs(context: Context) -> RunList:
    """Return the headless runs, the newest first; kernels that a killed run left behind are ended."""
    folder = context.settings.work / "runs"
    leftovers.clean_up(folder, lambda text: context.redactor()(text))  # hardly ever is there a log to clean
    found = [record for each in sorted(folder.glob("*/")) for record in records.newest_first(each)]
    found.sort(key=lambda record: record.started_at, reverse=True)
    return RunList([_row(record, context.root) for record in found], str(context.root))


def _row(record: RunRecord, root: Path) -> RunRow:
    """Return the record of a run as a row; its path counts from the workspace, if it is there."""
    output = Path(record.output)
    output = output.relative_to(root) if output.is_relative_to(root) else output
    return RunRow(
        display.iso(record.started_at), Path(record.notebook).stem, record.status, record.seconds,
        changed_in_brief(record.summary), output.as_posix(),
    )  # fmt: skip


def changes(context: Context, report: SyncReport) -> Changes:
    """Return what changed since the last run of this notebook that ended well, and what this sync cost.

    The first run of all tells what its own sync changed, cell by cell.
    """
    folder = context.settings.work / "runs" / file_name(os.environ.get(NOTEBOOK, SCHEDULED))
    last, earlier = records.since(folder)
    usage = context.usage
    cost = say("changes.cost", calls=report.calls, total=usage.total(), forecast=usage.forecast())
    names = dict.fromkeys(row.source for row in (*earlier, *changed_by(report)))
    details = changed_since(context, [*names], last.started_at + last.seconds if last else None)
    return Changes.of(
        report, earlier, since=last and last.started_at, cost=cost, login=_login_ends(context), details=details,
        lines=_first_lines(details, context.redactor()),
    )  # fmt: skip


def _first_lines(details: Diff | None, redact: Callable[[str], str]) -> list[str]:
    """Return the first lines of what changed, for the run's record and a message; secrets go before a line is cut."""
    sentences = details.sentences(redact) if details else iter(())
    return [line if len(line) <= LONGEST else line[: LONGEST - 1] + "…" for line in islice(sentences, LINES)]


def _login_ends(context: Context) -> str:
    """Say when the login ends, if nobody does anything."""
    try:
        user = whoami(context)
    except LarkError:
        return say("changes.login_ended")
    if user.refresh_ends_at is None:
        return ""  # the app's own identity never ends
    return say("changes.login", refresh=user.refresh_end, consent=display.moment(user.consent_ends_at))


# --- the schedule -----------------------------------------------------------------------------------------------


def schedule(
    context: Context,
    notebook: str | os.PathLike[str] = SCHEDULED,
    parameters: Mapping[str, Any] | None = None,
    *,
    interval: float | str | None = None,
    at: Sequence[str] = (),
    once: bool = False,
    timeout: float | None = 600,
    deadline: float | None = None,
    keep: int | None = None,
    show: Callable[[str], None] | None = None,
) -> int:
    """Run a notebook now and at each time that is due, and return the exit code (see `larknb.Workspace.schedule`)."""
    seconds = _interval(interval, at, once=once)
    settings = context.settings
    if settings.report:
        require()
    path = _notebook_path(context, notebook)

    def run_once(gap: float | None) -> RunResult:
        return run(
            context.again(), path, parameters, timeout=timeout, deadline=deadline, report=settings.report, gap=gap
        )

    return run_on_the_clock(
        run_once,
        output_path(settings.work / "runs", path, context.clock()).parent,
        interval=seconds,
        at=[parse_time(each) for each in at],
        once=once,
        keep=KEEP if keep is None else keep,
        keep_alive=lambda: keep_login(context.again()),
        after=lambda result: notify_of(context.again(), result, show),
        clock=context.clock,
        sleep=context.sleep,
    )


def _interval(interval: float | str | None, at: Sequence[str], *, once: bool) -> float | None:
    """Return the seconds between two runs: an hour unless something else is asked for."""
    if interval is None and not at and not once:
        interval = 3600.0
    seconds = parse_duration(interval, bare=3600) if isinstance(interval, str) else interval
    if seconds is not None and seconds <= 0:
        raise ConfigError(say("config.value", value=interval), next=say("accept.duration"))
    return seconds


def notify_of(context: Context, result: RunResult, show: Callable[[str], None] | None = None) -> None:
    """Tell a person what there is to tell after a run: through the bot, or to ``show`` instead."""
    settings, webhook = context.settings, context.settings.webhook
    if webhook is None and show is None:
        return
    try:
        user = whoami(context)
    except LarkError:
        user = None  # the run tells of it

    def deliver(card: bot.Card) -> None:
        if show is not None:
            show(bot.preview(webhook, card))
        elif webhook is not None:
            bot.send(webhook, card, context.clock())

    notices = notify(
        result,
        user,
        root=context.root,
        file=settings.work / "runs" / "notices.json",
        deliver=deliver,
        now=context.clock(),
        redact=Redactor(context.redactor()),
        remember=show is None,
        tell=settings.tell,
    )
    if show is not None and not notices:
        show(say("notice.none"))


# --- the system's own scheduler ---------------------------------------------------------------------------------


def keep_all_secrets(context: Context) -> list[Path]:
    """Keep the secrets that only the environment holds in their files under ``work/``, and return these files."""
    return keep_secrets(context.root)


def install_unit(context: Context, system: System, options: Mapping[str, Any], tell: Callable[[str], None]) -> bool:
    """Let the system start `schedule` with these options; False if some of that is left to the user."""
    if files := keep_secrets(context.root, write=False):
        names = ", ".join(map(str, files))
        raise ConfigError(say("install.secret.what", files=names), next=say("install.secret.next"))
    job = job_of(context, options)
    done = units.install(system, job, tell)
    installed.remember(context.settings.work, system, job)
    if names := ", ".join(units.unseen(os.environ)):
        tell(say("install.unseen", names=names, where=say(f"install.where.{system}")))
    return done


def uninstall_unit(context: Context, system: System, options: Mapping[str, Any]) -> bool:
    """Undo `install_unit`; False if there was nothing."""
    job = job_of(context, options)
    installed.forget(context.settings.work, system, job)
    return units.uninstall(system, job)


def unit_text(context: Context, system: System, options: Mapping[str, Any]) -> str:
    """Return what `install_unit` would write, on whatever system."""
    return units.text(system, job_of(context, options))


def job_of(context: Context, options: Mapping[str, Any]) -> Job:
    """Return what a unit starts: without times every hour, and a notebook of the present folder by its whole path."""
    if not options.get("interval") and not options.get("at"):
        options = {**options, "interval": "1h"}
    notebook = Path(options["notebook"])
    if notebook.suffix or notebook.exists():
        options = {**options, "notebook": str(units.network_path(notebook.absolute()))}
    return units.Job(units.network_path(context.root), options, units.network_path(Path(sys.executable)))
