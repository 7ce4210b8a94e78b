"""CardWidget: what the cards of a notebook have in common, a head that is static HTML and the widgets under it.

The head is replaced in place: it says what to do next and holds the link, so that it works where widget scripts do not
load. Under it are widgets, only as long as something is to be typed or clicked; in the end there are none, and a saved
notebook shows no dead ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
from IPython.core.getipython import get_ipython
from IPython.display import display as show

from larknb.messages import say
from larknb.screens import controls
from larknb.screens.card import View

__all__ = ["CardWidget"]


class CardWidget(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A card that shows itself.

    Parameters
    ----------
    view : View
        What it shows first.
    """

    def __init__(self, view: View) -> None:
        # As wide as the head, to whose right JupyterLab leaves 20px free.
        super().__init__(layout=widgets.Layout(width="calc(100% - 20px)", max_width="640px", margin="0"))
        self.add_class("larknb-card")
        self._view = view
        self._rows: tuple[widgets.Widget, ...] = ()
        self._shown: list[tuple[Any, Any]] = []
        self._shown_in: int | None = None

    @property
    def view(self) -> View:
        """What its head shows now."""
        return self._view

    @property
    def is_over(self) -> bool:
        """Whether nothing can be typed or clicked any more."""
        raise NotImplementedError

    def start(self) -> None:
        """Go on in a thread of its own, once it is shown."""
        raise NotImplementedError

    def show(self) -> None:
        """Show the card under the present cell."""
        head = show(self._view.bundle(), raw=True, display_id=True)
        is_open = not self.is_over
        body = show(self._repr_mimebundle_(), raw=True, display_id=True) if is_open else None
        self._shown.append((head, body))
        self._shown_in = _cell()
        if is_open and len(self._shown) == 1:
            self.start()

    def draw(self, view: View, rows: Sequence[widgets.Widget]) -> None:
        """Show another state wherever the card is shown; the widgets of the last one are gone."""
        old, self._view = self._rows, view
        self.children = self._rows = tuple(rows)
        for head, body in self._shown:
            head.update(view.bundle(), raw=True)
            if self.is_over and body is not None:
                body.update({"text/html": "", "text/plain": ""}, raw=True)
        for widget in old:
            controls.close(widget)
        if self.is_over:
            self.close()

    def __repr__(self) -> str:
        return self._view.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, object]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": say("card.no_widgets")}

    def _ipython_display_(self) -> None:
        if _cell() != self._shown_in:  # as the value of the cell that made it, it is there already
            self.show()


def _cell() -> int | None:
    """Return the number of the present cell."""
    shell = get_ipython()
    return None if shell is None else shell.execution_count
