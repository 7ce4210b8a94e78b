"""The custom bot of a group: how a notice looks as a message card, and how the card gets there.

The protocol is that of the custom bots' guide (open.feishu.cn, "自定义机器人使用指南"): webhook, signature and codes;
at most 20 KB, 100 a minute, 5 a second. Every title holds the word ``larknb``, which may be the bot's keyword.
"""

from __future__ import annotations

import base64
import hmac
import json
import platform
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from larknb import display
from larknb.config.secrets import MaskedBytes, Secret, Webhook
from larknb.errors import ApiError
from larknb.headless.notices import Notice
from larknb.messages import say
from larknb.results.changes import Summary, changed_in_brief
from larknb.results.runs import RunResult
from larknb.visible import visible_lines
from larknb.wire.apart import apart
from larknb.wire.codes import code_of
from larknb.wire.outgoing import hidden
from larknb.wire.reply import Reply
from larknb.wire.session import new_session

__all__ = ["Card", "card", "preview", "send"]

LAST_LINES, LONGEST_LINE = 10, 120  # of the failing cell's output, and its characters
LONGEST = 600  # characters of any other text: the whole card stays below the 20 KB that the bot takes

Card = dict[str, Any]  # a message card, as the platform takes it

# --- how it looks -----------------------------------------------------------------------------------------------

_COLOURS = {"failed": "red", "login": "red", "recovered": "green", "changed": "blue"}
_SOON = "orange"  # what ends soon


def card(
    notice: Notice, result: RunResult, root: Path, redact: Callable[[str], str] = str, *, changes: bool = False
) -> Card:
    """Return the message card of a notice, with the first lines of what changed if ``changes`` are asked for.

    Every text is a ``plain_text``: what a cell printed is neither Markdown nor a mention there.
    """
    fails, ends = notice.kind in ("failed", "login"), notice.kind.endswith("_ends")
    advice = (
        ""
        if notice.kind in ("recovered", "changed")
        else say(f"notice.next.{'ends' if ends else notice.kind}", folder=root)
    )
    facts = {
        "what": result.headline() if fails else changed_in_brief(result.summary) if notice.kind == "changed" else "",
        "since": "" if ends or notice.kind == "changed" else display.moment(notice.at),
        "end": _end(notice) if ends else "",
        "next": advice,
        "workspace": str(root),
        "machine": platform.node(),
        "run": "" if ends else result.output,
    }
    lines = [say(f"notice.fact.{name}", value=_short(redact(value))) for name, value in facts.items() if value]
    if changes and result.summary and result.summary.lines and notice.kind in ("failed", "login", "changed"):
        lines.append(say("notice.fact.changes", lines=_changed(result.summary, redact)))
    if fails and (printed := _last_lines(redact(_printed(Path(result.output))))):
        lines.append(say("notice.fact.output", lines=printed))
    title = say(f"notice.{notice.kind}", notebook=_short(redact(notice.notebook)))
    return {
        "config": {"wide_screen_mode": True},
        "header": {"template": _COLOURS.get(notice.kind, _SOON), "title": _text(title)},
        "elements": [{"tag": "div", "text": _text(line)} for line in lines],
    }


def _end(notice: Notice) -> str:
    at = display.moment(notice.at)
    return say("user.estimated", at=at) if notice.is_estimated else at


def _text(content: str) -> Card:
    return {"tag": "plain_text", "content": visible_lines(content)}


def _changed(summary: Summary, redact: Callable[[str], str]) -> str:
    """Return the first lines of what changed; a cell of a notebook may show more, and longer ones."""
    return _short("\n".join(" ".join(redact(line).split()) for line in summary.lines[:LAST_LINES]))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _printed(notebook: Path) -> str:
    """Return what the failing cell printed and showed; it is the last one with outputs, since its error is one."""
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
        The bot could not be reached, or refused the card.
    """
    host = urlsplit(webhook.url).netloc
    body = {"msg_type": "interactive", "card": message, **(_signature(webhook.key, now) if webhook.key else {})}
    reply = _post(webhook, MaskedBytes(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")))
    answer = reply.body
    if answer is None:
        raise reply.error(webhook.url)
    code = code_of(answer if "code" in answer else {"code": answer.get("StatusCode")})  # the name in version 1
    if code != 0:
        msg = str(answer.get("msg") or answer.get("StatusMessage") or "")[:200]
        advice = say(f"notice.refused.{_REFUSALS.get(code or 0, 'other')}")
        raise ApiError(say("notice.refused.what", msg=msg), source=host, next=advice, code=code, msg=msg)


def _post(webhook: Webhook, content: MaskedBytes) -> Reply:
    address, headers = hidden(webhook.url)

    def answer() -> Reply:
        sent = {**headers, "Content-Type": "application/json"}
        with new_session(address) as session, session.post(address, data=content, headers=sent) as response:
            return Reply.of(response)

    try:
        return apart(answer).without(webhook.secrets)
    except requests.RequestException as error:
        return Reply.lost(error)


def _signature(key: str, now: float) -> dict[str, str]:
    """Return the signature: the HMAC-SHA256 of an empty text; its key is timestamp, line feed and the bot's key."""
    stamp = str(int(now))
    digest = hmac.digest(f"{stamp}\n{key}".encode(), b"", "sha256")
    return {"timestamp": stamp, "sign": Secret(base64.b64encode(digest).decode())}


def preview(webhook: Webhook | None, message: Card) -> str:
    """Return as text what `send` would send and where to, without the secrets."""
    where = f"POST {webhook.url.rpartition('/')[0]}/****" if webhook else say("notice.nowhere")
    return f"{where}\n{json.dumps(message, ensure_ascii=False, indent=2)}"
