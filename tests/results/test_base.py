"""What every result does, whichever call it is from."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any

import pytest

from larknb.errors import Asker
from larknb.results.base import Attribute, Result, Rows, read_as_line, some_of
from tests.results.samples import EVIL, RESULTS

every_result = pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)


@dataclass(frozen=True)
class Fruit:
    name: str
    rows: int | None
    note: str = "a long note"

    @property
    def colour(self) -> str:
        return f"{self.name} red"


class Basket(Rows[Fruit]):
    COLUMNS = (
        Attribute("name", str.upper, "column.source"),
        Attribute("note", header="column.problem", last=True),
        Attribute("rows"),
        Attribute("colour", header="column.place", only="screen"),
        Attribute("kind", only="frame"),
    )


class Named(Fruit):
    kind = "fruit"


BASKET = Basket([Named("fig", 7), Named("plum", None)])


def test_the_frame_has_what_is_declared_for_it() -> None:
    """Columns by their names, in the order declared, with values as they are; counts with gaps stay whole."""
    frame = BASKET.to_frame()
    assert [*frame.columns] == ["name", "note", "rows", "kind"]
    assert frame["name"].tolist() == ["fig", "plum"]
    assert str(frame["rows"].dtype) == "Int64"


def test_people_see_what_is_declared_for_them() -> None:
    """Headers in words, values as they are shown, and what is long behind the rest."""
    assert repr(BASKET).splitlines() == [
        "Source  Rows  Where     Problem",
        "FIG        7  fig red   a long note",
        "PLUM          plum red  a long note",
    ]


def test_a_program_gets_the_rows_of_the_frame() -> None:
    """``--json`` prints plain dicts."""
    assert BASKET.to_dicts()[1] == {"name": "plum", "note": "a long note", "rows": None, "kind": "fruit"}


def test_a_result_is_the_sequence_of_its_rows() -> None:
    """It is indexed, sliced, counted and looped over like a tuple."""
    first, second = BASKET
    assert (BASKET[0], BASKET[-1], BASKET[:1], len(BASKET)) == (first, second, (first,), 2)
    assert second in BASKET
    assert not Basket()


class Heap(Result):
    def columns(self) -> tuple[str, ...]:
        return ("name",)


@pytest.mark.parametrize("kind", [Result, Heap])
def test_a_result_without_a_table_says_so(kind: type[Result]) -> None:
    """Its class and what it lacks are named, so that nobody looks for the mistake elsewhere."""
    with pytest.raises(TypeError, match=rf"{kind.__name__} .*rows"):
        kind()


@every_result
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_result_survives_a_pickle(result: Rows[Any], lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process sent shows itself as before, in the language of whoever looks."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    again = pickle.loads(pickle.dumps(result))
    assert (repr(again), again._repr_html_()) == (repr(result), result._repr_html_())
    assert again.to_frame().equals(result.to_frame())


@every_result
def test_every_result_speaks_both_languages(result: Rows[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Headline, header and footer follow LARKNB_LANG when it is shown, not when it was made."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    english = result.headline(), result.shown()[0]
    monkeypatch.setenv("LARKNB_LANG", "zh")
    chinese = result.headline(), result.shown()[0]
    assert english[0] != chinese[0]
    assert len(english[1]) == len(chinese[1])
    assert english[1] != chinese[1]


@every_result
def test_every_result_is_harmless(result: Rows[Any]) -> None:
    """No name reaches a page as markup or a terminal as a command; the page needs no script."""
    page, screen = result._repr_html_(), repr(result)
    assert EVIL not in page
    assert "<script" not in page
    assert "javascript:" not in page
    assert "\x1b" not in screen


@every_result
def test_every_result_takes_the_colours_of_its_page(result: Rows[Any]) -> None:
    """Light and dark both read: text in the page's own colour, no background."""
    page = result._repr_html_()
    assert page.startswith('<div class="larknb" style="color:var(--jp-ui-font-color1,inherit);')
    assert "background" not in page


def test_many_options_are_cut() -> None:
    """A select may have 20,000 of them."""
    assert some_of([str(n) for n in range(8)]) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert some_of([str(n) for n in range(20_000)]) == "0, 1, 2, 3, 4, 5, 6, 7 … (20000)"


def test_who_asked_is_told_once() -> None:
    """One asker for all needs no list of sources; who is not known is left out."""
    person, unknown = Asker("user", "王"), Asker("user", "")
    assert read_as_line({"a": person, "b": person, "c": unknown}) == "Read as 王."
    assert read_as_line({"a": person, "b": Asker("tenant", "cli_a")}).count("Read as") == 2
    assert read_as_line({"c": unknown}) == ""
