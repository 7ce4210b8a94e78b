"""What the login card shows in each state, as static HTML and as text. Pure.

Everything from outside is escaped. Colours are JupyterLab's variables with a fallback; every style stays inside its
element. The only script is the line of each copy button, and it reads nothing but the field beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal, NamedTuple

from larknb import display
from larknb.auth.creation import AppCreation
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login
from larknb.auth.registration import Brand
from larknb.auth.scopes import for_console, refused
from larknb.config.addresses import BRANDS
from larknb.config.settings import Settings
from larknb.errors import LarkError
from larknb.messages import say
from larknb.results.user import User
from larknb.screens import qr
from larknb.visible import visible, visible_lines

__all__ = [
    "Mood",
    "View",
    "box",
    "creating",
    "ended",
    "failed",
    "gone",
    "preparing",
    "set_up",
    "setup",
    "signed_in",
    "table",
    "text_of",
    "waiting",
]

Mood = Literal["open", "waiting", "good", "bad"]

_COLOURS: dict[Mood, str] = {
    "open": display.BRAND,
    "waiting": display.WARN,
    "good": display.GOOD,
    "bad": display.BAD,
}
_BOX = (
    "max-width:640px;box-sizing:border-box;padding:10px 16px;margin:2px 0;border-radius:6px;font-size:13px;"
    f"line-height:1.6;color:{display.INK};border:1px solid {display.LINE};"
    "border-left:4px solid {colour};overflow-wrap:anywhere;display:flex;flex-direction:column;gap:4px"
)
_TITLE = "font-size:14px;font-weight:600"
_DOT = "display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:8px;background:{colour}"
_SOFT = f"{display.SOFT};font-size:12px"
_BUTTON = (
    "display:inline-block;margin:2px 0;padding:5px 16px;border-radius:4px;font-weight:600;text-decoration:none;"
    f"color:{display.INVERSE};background:{display.BRAND}"
)
_FIELD = (
    f"flex:1;min-width:0;box-sizing:border-box;padding:2px 6px;font:12px/1.5 {display.MONO};"
    f"color:inherit;background:{display.SHADE};border:1px solid {display.LINE};"
    "border-radius:3px;resize:{resize}"
)
_SMALL_BUTTON = (
    "padding:2px 10px;border-radius:3px;font-size:12px;cursor:pointer;color:inherit;background:transparent;"
    f"border:1px solid {display.EDGE}"
)
_COPY = (
    "var b=this,f=b.previousElementSibling,done=()=>b.textContent=b.dataset.done;f.select();"
    "navigator.clipboard?navigator.clipboard.writeText(f.value).then(done):document.execCommand('copy')&&done()"
)
_GRID = "display:grid;grid-template-columns:fit-content(50%) 1fr;gap:0 16px;align-items:baseline"
_QUESTION = "font-weight:600;margin-top:4px"
_SIDES = "display:flex;flex-wrap:wrap;gap:8px 16px;align-items:flex-start"
_BAD = f"color:{_COLOURS['bad']}"
_CODE = f"font:600 22px/1.5 {display.MONO};letter-spacing:2px"


class View(NamedTuple):
    """What the card or a part of it shows, as HTML, and as text where no HTML is shown."""

    html: str
    text: str

    def bundle(self) -> dict[str, str]:
        """Return it as Jupyter displays it."""
        return {"text/html": self.html, "text/plain": self.text}


def setup(
    settings: Settings, scopes: Sequence[str], problem: LarkError | None = None, *, can_create: bool = False
) -> View:
    """Return the steps in the developer console, above the fields for App ID and secret.

    Parameters
    ----------
    can_create : bool
        There is a button, too, that makes an app by one scan.
    """
    doors = [text_of(say("card.setup.scan", label=say("card.create"))), text_of(say("card.setup.own"))]
    link = f"{settings.console_base}/{settings.app_id}" if settings.app_id else settings.console_base
    return box(
        "bad" if problem else "open",
        say("card.setup.title"),
        *([_styled(_BAD, problem.brief())] if problem else []),
        *(doors if can_create else []),
        _link(say("card.setup.console"), link),
        _copied(say("card.setup.redirect"), *settings.redirect_uris),
        _copied(say("card.setup.scopes"), for_console(scopes)),
        text_of(say("card.setup.publish")),
        text_of(say("card.setup.fields")),
    )


def creating(creation: AppCreation, brand: str) -> View:
    """Return the QR code and the links of the page that makes an app, that of the ``brand`` first.

    Both platforms are offered: which one the company is on, is known only once somebody confirmed.
    """
    order: tuple[Brand, Brand] = ("lark", "feishu") if brand == "lark" else ("feishu", "lark")
    first, second = order
    offer, pages = creation.offer, creation.pages
    steps = [
        text_of(say("card.create.scan")),
        _button(say(f"card.create.{first}"), pages[first]),
        _note(f"{say(f'card.create.{second}')} {pages[second]}"),
        text_of(say("card.create.compare")),
        _styled(_CODE, offer.user_code),
        text_of(say("card.create.waiting")),
    ]
    ends = say("card.create.good_until", ends=display.clock_time(offer.ends_at))
    return box("waiting", say("card.create"), _beside(qr.svg(pages[first]), steps), _soft(ends))


def set_up(told: Sequence[str], mood: Mood = "waiting", *, question: str = "") -> View:
    """Return what a set-up said until now, and what it asks."""
    lines = [line for text in told for line in text.split("\n")]
    asked = [_styled(_QUESTION, line) for line in question.strip().split("\n") if line]
    return box(mood, say("card.init"), *map(_told, lines), *asked)


def preparing() -> View:
    """Return what is shown while the platform is asked for the app's scopes or the tokens."""
    return box("waiting", say("card.preparing.title"))


def waiting(
    login: Login | DeviceLogin, *, problem: str = "", late: bool = False, before: User | None = None, anew: bool = False
) -> View:
    """Return the link and what will happen.

    Parameters
    ----------
    problem : str
        Why the last try did not work.
    late : bool
        The answer should have come by now: say what the platform's page may show and what to do then.
    before : User, optional
        Who is logged in meanwhile.
    anew : bool
        They asked for a new login; else they lack the scopes that this one asks for.
    """
    title = say("card.waiting.title")
    notes = [_note(shortfall)] if (shortfall := login.shortfall()) else []
    if before and anew:
        title = say("card.again.title", name=_name(before))
    elif before:
        title = say("card.more.title", name=_name(before))
        notes.append(text_of(say("card.more", scopes=" ".join(refused(login.scopes, before.scopes)))))
    notes += [_styled(_BAD, problem)] if problem else []
    ends = say("card.good_until", ends=display.clock_time(login.ends_at))
    where = f"{login.app.app_id} · {login.app.open_base.partition('://')[2]} · {ends}"
    steps = _device_steps(login) if isinstance(login, DeviceLogin) else _code_steps(login, late=late)
    brand = "lark" if login.app.open_base == BRANDS["lark"]["open_base"] else "feishu"
    link = _button(say(f"card.authorize.{brand}"), login.url)
    return box("waiting", title, *notes, link, *steps, _soft(where))


def _code_steps(login: Login, *, late: bool) -> list[View]:
    steps = [text_of(say("card.waiting.back" if login.listening else "card.waiting.paste"))]
    if login.busy:
        steps.append(text_of(say("card.waiting.busy", uris=", ".join(login.busy))))
    if late:
        words = {"redirect_uri": login.redirect_uri, "scopes": " ".join(login.scopes)}
        hints = (_bullet(say(f"card.late.{hint}", **words)) for hint in ("redirect", "scope", "closed", "remote"))
        steps += [_link(say("card.late.title"), f"{login.app.open_base}/app/{login.app.app_id}"), *hints]
    return steps


def _device_steps(login: DeviceLogin) -> list[View]:
    device = login.device
    picture = qr.svg(device.url)
    steps = [text_of(say("card.device.compare")), _styled(_CODE, device.user_code)]
    if picture:
        steps.append(View(f'<div style="line-height:0">{picture}</div>', ""))
    return [*steps, text_of(say("card.device.waiting"))]


def signed_in(user: User, notes: Iterable[str] = ()) -> View:
    """Return who is logged in, and until when."""
    facts = _facts(user.lines()[1:])
    title = say("card.done.title", name=_name(user))
    told = [note for note in notes if note != user.status_message]  # which is one of the facts
    return box("good", title, *map(_note, told), facts, _soft(say("card.done.next")))


def gone(note: str = "") -> View:
    """Return that nobody is logged in any more, and what is to be told of that."""
    told = [_note(note)] if note else []
    return box("open", say("card.gone.title"), *told, text_of(say("card.gone.next")))


def ended() -> View:
    """Return that the card waits no longer."""
    return box("open", say("card.failed.title"), text_of(say("card.ended")))


def failed(error: Exception) -> View:
    """Return what went wrong, and what to do next."""
    # Another exception than ours was not written for people, and may show a secret that it worked on.
    problem = str(error) if isinstance(error, LarkError) else type(error).__name__
    return box("bad", say("card.failed.title"), text_of(problem))


def _name(user: User) -> str:
    return user.name or user.open_id or say("user.app")


def box(mood: Mood, title: str, *parts: View) -> View:
    """Return a card: a title with a dot in the colour of the mood, and its parts below."""
    colour = _COLOURS[mood]
    head = f'<div style="{_TITLE}"><span style="{_DOT.format(colour=colour)}"></span>{escape(title)}</div>'
    body = "".join(part.html for part in parts)
    box = f'<div class="larknb larknb-head" data-mood="{mood}" style="{_BOX.format(colour=colour)}">{head}{body}</div>'
    text = "\n".join([visible(title), *(part.text for part in parts if part.text)])
    return View(visible_lines(box), visible_lines(text))


def _beside(picture: str, steps: Sequence[View]) -> View:
    """Return a picture, where there is one, and steps at its side, or below it in a narrow window."""
    body = "".join(step.html for step in steps)
    side = f'<div style="flex:1 1 240px;min-width:0">{body}</div>'
    image = f'<div style="line-height:0">{picture}</div>' if picture else ""
    text = "\n".join(step.text for step in steps)
    return View(f'<div style="{_SIDES}">{image}{side}</div>', text)


def text_of(text: str) -> View:
    """Return a line of text."""
    return View(f"<div>{escape(text)}</div>", visible(text))


def _note(text: str) -> View:
    """Return a line whose address at its end, if any, is a link."""
    before, mark, after = text.rpartition("http")
    link = display.anchor(mark + after, (mark + after).partition("?")[0]) if mark else escape(after)
    return View(f"<div>{escape(before)}{link}</div>", visible(text))


def _told(text: str) -> View:
    """Return a line as it stands; an address at its end is a link."""
    found = re.fullmatch(r"(.*?)(https?://\S+)", text)
    link = display.anchor(found[2], found[2].partition("?")[0]) if found else ""
    before = found[1] if found else text
    return View(f'<div style="white-space:pre-wrap">{escape(before)}{link}</div>', visible(text))


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> View:
    """Return a table."""
    return View(display.html("", header, rows), display.text("", header, rows))


def _bullet(text: str) -> View:
    return View(f'<div style="padding-left:16px;text-indent:-10px">• {escape(text)}</div>', f"- {visible(text)}")


def _styled(style: str, text: str) -> View:
    return View(f'<div style="{style}">{escape(text)}</div>', visible(text))


def _soft(text: str) -> View:
    return _styled(_SOFT, text)


def _facts(lines: Sequence[tuple[str, str]]) -> View:
    cells = "".join(f'<div style="{_SOFT}">{escape(label)}</div><div>{escape(value)}</div>' for label, value in lines)
    return View(f'<div style="{_GRID}">{cells}</div>', display.facts(lines))


def _button(label: str, url: str) -> View:
    link = display.anchor(url, label, f'class="larknb-link" style="{_BUTTON}" ')
    return View(f"<div>{link}</div>", f"{label}: {url}")


def _link(label: str, url: str) -> View:
    return View(f"<div>{escape(label)} {display.anchor(url, url)}</div>", f"{label} {url}")


def _copied(label: str, *values: str) -> View:
    """Return a label and below it read-only fields, each with a button that copies it."""
    fields = "".join(map(_copied_field, values))
    return View(f"<div>{escape(label)}</div>{fields}", "\n".join([label, *values]))


def _copied_field(value: str) -> str:
    rows = min(6, value.count("\n") + 1)
    style = _FIELD.format(resize="vertical" if rows > 1 else "none;field-sizing:content")  # a long address wraps
    label, done = escape(say("card.copy")), escape(say("card.copied"))
    return (
        '<div style="display:flex;gap:6px;align-items:start;margin:2px 0">'
        f'<textarea readonly rows="{rows}" style="{style}">{escape(value)}</textarea>'
        f'<button type="button" style="{_SMALL_BUTTON}" onclick="{escape(_COPY)}" data-done="{done}">{label}</button>'
        "</div>"
    )
