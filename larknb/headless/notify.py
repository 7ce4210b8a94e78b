"""Notices of the night shift: message cards that a custom bot puts into a group, one per incident.

An incident of a notebook begins with a run that fails and ends with the next good one; each of the two is told once.
Between them one more card may come: when a run fails for want of a login after others failed for something else, or
the other way round, for then something else is to be done. A run that a signal stopped, or that found another sync at
work, begins and ends nothing. Each date within the next two days at which login or consent ends is told once, too.

What was told is kept only after the bot took the card: one that could not be sent is tried again after the next run.

The protocol is that of the custom bots' guide (open.feishu.cn, "自定义机器人使用指南"): webhook, signature and codes;
at most 20 KB, 100 a minute, 5 a second. Every title holds the word ``larknb``, which may be the bot's keyword.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from filelock import FileLock

from larknb import display
from larknb.config.secrets import Webhook
from larknb.errors import ApiError, LarkError
from larknb.files import write_atomically
from larknb.messages import say
from larknb.results.runs import RunResult
from larknb.results.user import User
from larknb.wire.codes import code_of, from_failure
from larknb.wire.session import failure_reason, new_session

__all__ = [
    "Incident",
    "Notice",
    "State",
    "card",
    "decide",
    "notify",
    "preview",
    "send",
    "told",
]

log = logging.getLogger("larknb")

SOON = 2 * 86400.0  # seconds before its end at which a login or a consent is told of
LAST_LINES, LONGEST_LINE = 10, 120  # of the failing cell's output, and its characters
LONGEST = 600  # characters of any other text: the whole card stays below the 20 KB that the bot takes
PATIENCE = 60.0  # seconds to wait for the notices of another notebook

Card = dict[str, Any]


@dataclass(frozen=True)
class Incident:
    """A notebook that fails: since when, and what was told of it (``failed``, ``login``)."""

    since: float
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """What is going on, by notebook, and the ends of login and consent that were told."""

    incidents: Mapping[str, Incident] = field(default_factory=dict)
    ends: tuple[float, ...] = ()


@dataclass(frozen=True)
class Notice:
    """Something to tell; ``at`` is since when it fails or failed, or the date at which something ends."""

    kind: Literal["failed", "login", "recovered", "login_ends", "consent_ends"]
    notebook: str
    at: float


# --- what to tell -----------------------------------------------------------------------------------------------


def decide(state: State, result: RunResult, user: User | None, now: float) -> tuple[list[Notice], State]:
    """Say what is to be told after a run, and what is going on now; touches neither disk nor network.

    Parameters
    ----------
    user : User, optional
        Who is logged in; None where nobody is.
    """
    notebook = Path(result.notebook).stem
    incident = state.incidents.get(notebook)
    notices: list[Notice] = []
    if result.ok:
        notices += [Notice("recovered", notebook, incident.since)] if incident else []
    elif result.status not in ("stopped", "busy"):
        incident = incident or Incident(result.started_at)
        kind: Literal["login", "failed"] = "login" if result.status == "login" else "failed"
        notices += [] if kind in incident.told else [Notice(kind, notebook, incident.since)]
        state = replace(state, incidents={**state.incidents, notebook: incident})
    state = replace(state, ends=tuple(end for end in state.ends if end > now))
    return notices + _ends(state, user, notebook, now), state


def _ends(state: State, user: User | None, notebook: str, now: float) -> list[Notice]:
    """Return the notices of what ends soon; the identity of an app never does."""
    if user is None or user.identity == "tenant":
        return []
    login = Notice("login_ends", notebook, user.refresh_ends_at or user.access_ends_at or 0.0)
    consent = Notice("consent_ends", notebook, user.consent_ends_at or 0.0)
    both = [login, consent] if login.at != consent.at else [consent]
    return [notice for notice in both if now < notice.at <= now + SOON and notice.at not in state.ends]


def told(state: State, notice: Notice) -> State:
    """Return the state once a notice was told."""
    if notice.kind in ("login_ends", "consent_ends"):
        return replace(state, ends=(*state.ends, notice.at))
    incidents = dict(state.incidents)
    incident = incidents.pop(notice.notebook)
    if notice.kind != "recovered":
        incidents[notice.notebook] = replace(incident, told=(*incident.told, notice.kind))
    return replace(state, incidents=incidents)


# --- how it looks -----------------------------------------------------------------------------------------------

_COLOURS = {"failed": "red", "login": "red", "recovered": "green", "login_ends": "orange", "consent_ends": "orange"}


def card(notice: Notice, result: RunResult, root: Path, redact: Callable[[str], str] = str) -> Card:
    """Return the message card of a notice.

    Every text is a ``plain_text``: what a cell printed is neither Markdown nor a mention there.
    """
    fails, ends = notice.kind in ("failed", "login"), notice.kind.endswith("_ends")
    step = "" if notice.kind == "recovered" else say(f"notice.next.{'ends' if ends else notice.kind}", folder=root)
    facts = {
        "what": result.headline() if fails else "",
        "since": "" if ends else display.moment(notice.at),
        "end": display.moment(notice.at) if ends else "",
        "next": step,
        "workspace": str(root),
        "machine": platform.node(),
        "run": "" if ends else result.output,
    }
    lines = [say(f"notice.fact.{name}", value=_short(redact(value))) for name, value in facts.items() if value]
    if fails and (printed := _last_lines(redact(_printed(Path(result.output))))):
        lines.append(say("notice.fact.output", lines=printed))
    title = say(f"notice.{notice.kind}", notebook=_short(redact(notice.notebook)))
    return {
        "config": {"wide_screen_mode": True},
        "header": {"template": _COLOURS[notice.kind], "title": _text(title)},
        "elements": [{"tag": "div", "text": _text(line)} for line in lines],
    }


def _text(content: str) -> Card:
    return {"tag": "plain_text", "content": content}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _printed(notebook: Path) -> str:
    """Return what the failing cell printed and showed: it is the last one with outputs, the error at the least."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        outputs = next(cell["outputs"] for cell in reversed(cells) if cell.get("outputs"))
        texts = [output.get("text") or output.get("data", {}).get("text/plain") or "" for output in outputs]
        return "\n".join("".join(text).rstrip() for text in texts if text)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration):
        return ""  # the notice is worth more than what would complete it


def _last_lines(text: str) -> str:
    lines = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).splitlines()
    return "\n".join(line[:LONGEST_LINE] for line in lines[-LAST_LINES:])


# --- how it gets there ------------------------------------------------------------------------------------------

_REFUSALS = {19001: "address", 19021: "sign", 19022: "ip", 19024: "keyword"}


def send(webhook: Webhook, message: Card, now: float) -> None:
    """Let the bot put a card into its group.

    Raises
    ------
    ApiError
        It could not be reached, or refused the card.
    """
    host = urlsplit(webhook.url).netloc
    body = {"msg_type": "interactive", "card": message, **(_signature(webhook.key, now) if webhook.key else {})}
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    try:
        with new_session(webhook.url) as session:
            answer = session.post(webhook.url, data=content, headers={"Content-Type": "application/json"})
    except requests.RequestException as error:
        reason = failure_reason(error)
        raise from_failure("network", host=host, reason=reason) from None  # its text holds the address
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise from_failure("garbled", host=host, status=answer.status_code)
    code = code_of(said if "code" in said else {"code": said.get("StatusCode")})  # the first version's name for it
    if code != 0:
        msg = str(said.get("msg") or said.get("StatusMessage") or "")[:200]
        advice = say(f"notice.refused.{_REFUSALS.get(code or 0, 'other')}")
        raise ApiError(say("notice.refused.what", msg=msg), source=host, next=advice, code=code, msg=msg)


def _signature(key: str, now: float) -> dict[str, str]:
    """Return the signature: the HMAC-SHA256 of nothing at all, with timestamp, line feed and key as its key."""
    stamp = str(int(now))
    digest = hmac.digest(f"{stamp}\n{key}".encode(), b"", "sha256")
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def preview(webhook: Webhook | None, message: Card) -> str:
    """Return as text what `send` would send, and where to, but for what is secret."""
    where = f"POST {webhook.url.rpartition('/')[0]}/****" if webhook else say("notice.nowhere")
    return f"{where}\n{json.dumps(message, ensure_ascii=False, indent=2)}"


def notify(
    result: RunResult,
    user: User | None,
    *,
    root: Path,
    file: Path,
    deliver: Callable[[Card], None],
    now: float,
    redact: Callable[[str], str] = str,
    remember: bool = True,
) -> list[Notice]:
    """Tell what there is to tell after a run, and return it.

    Parameters
    ----------
    root : path
        The workspace, for people.
    file : path
        Keeps what was told.
    deliver : callable
        Takes each card. A LarkError of it is logged, and the card is tried again after the next run.
    remember : bool
        False leaves the file as it is: nothing was really told.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock"), timeout=PATIENCE):
        notices, state = decide(_load(file), result, user, now)
        for notice in notices:
            try:
                deliver(card(notice, result, root, redact))
            except LarkError as error:
                log.warning("notice %s of %s: %s", notice.kind, notice.notebook, error)
            else:
                state = told(state, notice)
        if remember:
            write_atomically(file, json.dumps(asdict(state), ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    return notices


def _load(file: Path) -> State:
    """Return the state that a file keeps; where it is missing or damaged, nothing was told."""
    try:
        kept = json.loads(file.read_bytes())
        incidents = {
            str(name): Incident(float(each["since"]), tuple(map(str, each["told"])))
            for name, each in kept["incidents"].items()
        }
        return State(incidents, tuple(map(float, kept["ends"])))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return State()
