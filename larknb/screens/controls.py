"""What can be typed and clicked under the head of a login card; no value of a field outlives its click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from traitlets import HasTraits, Unicode

from larknb.config.secrets import Secret
from larknb.config.settings import Settings
from larknb.messages import say

__all__ = ["answer_fields", "button", "close", "paste_box", "set_up_fields"]

_INSET = "2px 16px 2px 20px"  # lines up with the text of the head


def set_up_fields(settings: Settings, on_save: Callable[[str, Secret, str], None]) -> list[widgets.Widget]:
    """Return fields for App ID, secret and brand, and a button that hands them over and empties the secret's."""
    wide = {"style": {"description_width": "90px"}, "layout": widgets.Layout(width="auto", margin=_INSET)}
    brands = [(say("card.feishu"), "feishu"), (say("card.lark"), "lark")]
    app_id = _Field(value=settings.app_id, description="App ID", placeholder="cli_…", **wide)
    secret = _UnseenField(description="App Secret", **wide)
    brand = widgets.Dropdown(options=brands, value=settings.brand, description=say("card.brand"), **wide)

    def save() -> None:
        # A widget's value may be saved with the notebook, and a secret may have been pasted into the other field.
        given, typed = Secret(secret.value), app_id.value.strip()
        secret.value = app_id.value = ""
        on_save(typed, given, brand.value)

    return [app_id, secret, brand, button(say("card.setup.save"), save, style="primary")]


def answer_fields(question: str, on_answer: Callable[[Secret], None], *, is_secret: bool) -> list[widgets.Widget]:
    """Return a field for the answer to a question, and a button that hands it over and empties the field."""
    layout = widgets.Layout(width="auto", margin=_INSET)
    field = (_UnseenField if is_secret else _Field)(layout=layout, placeholder=question.strip().rstrip(":：")[:80])

    def answer() -> None:
        given, field.value = Secret(field.value), ""
        on_answer(given)

    return [field, button(say("card.init.answer"), answer, style="primary")]


class _Quiet(HasTraits):
    """A field that does not send back to the page what was typed: a secret may be pasted into any field."""

    value = Unicode("").tag(sync=True, echo_update=False)


class _Field(_Quiet, widgets.Text):  # type: ignore[misc]
    """A line that everybody may see."""


class _UnseenField(_Quiet, widgets.Password):  # type: ignore[misc]
    """A line that shows dots."""


def paste_box(on_pasted: Callable[[Secret], None], *, is_open: bool) -> widgets.Widget:
    """Return a field for a pasted address, and a button that hands it over and empties the field."""
    field = _Field(placeholder=say("card.paste.field"), layout=widgets.Layout(flex="1 1 200px", width="auto"))

    def finish() -> None:
        pasted, field.value = Secret(field.value), ""  # a widget's value may be saved with the notebook
        on_pasted(pasted)

    row = widgets.HBox(
        [field, button(say("card.paste.finish"), finish, style="primary", margin="2px")],
        layout=widgets.Layout(flex_flow="row wrap"),
    )
    layout = widgets.Layout(margin="0 0 2px 0")
    titles = [say("card.paste.title")]
    return widgets.Accordion([row], titles=titles, selected_index=0 if is_open else None, layout=layout)


def button(label: str, act: Callable[[], None], *, style: str = "", margin: str = _INSET) -> widgets.Button:
    """Return a button that is as wide as its label needs, in a narrow window too."""

    def on_click(_: Any) -> None:
        act()

    layout = widgets.Layout(width="max-content", min_width="120px", flex="0 0 auto", margin=margin)
    made = widgets.Button(description=label, button_style=style, layout=layout)
    made.on_click(on_click)
    return made


def close(widget: widgets.Widget) -> None:
    """Close a widget and all within it."""
    for child in getattr(widget, "children", ()):
        close(child)
    widget.close()
