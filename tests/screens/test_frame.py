"""What all cards have in common."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets as widgets
import pytest

from larknb.screens.card import View
from larknb.screens.frame import CardWidget


class Small(CardWidget):
    """A card that ends when it is told."""

    def __init__(self) -> None:
        self.ended, self.starts = False, 0
        super().__init__(View("<b>one</b>", "one"))

    @property
    def is_over(self) -> bool:
        return self.ended

    def start(self) -> None:
        self.starts += 1


@pytest.fixture
def card() -> Iterator[Small]:
    card = Small()
    yield card
    card.close()


def test_a_state_closes_the_widgets_of_the_last_one(card: Small) -> None:
    """The head says what is so now, as text, too; dead fields are gone."""
    field = widgets.Text()
    card.draw(View("<b>two</b>", "two"), [field])
    assert (card.children, repr(card), card.view.html) == ((field,), "two", "<b>two</b>")
    card.draw(View("<b>three</b>", "three"), [])
    assert (field.comm, card.children) == (None, ())


def test_the_end_closes_it(card: Small) -> None:
    """A saved notebook shows no widget."""
    card.ended = True
    card.draw(View("", "done"), [])
    assert card.comm is None


def test_it_starts_once_however_often_it_is_shown(card: Small) -> None:
    """And not at all where nothing is left to do."""
    card.show()
    card.show()
    assert card.starts == 1
    done = Small()
    done.ended = True
    done.show()
    assert done.starts == 0
    done.close()


def test_what_is_saved_holds_no_value(card: Small) -> None:
    """The view and a hint, whatever stands in its fields."""
    card.draw(View("", ""), [widgets.Text("hunter2")])
    assert "hunter2" not in str(card._repr_mimebundle_())
