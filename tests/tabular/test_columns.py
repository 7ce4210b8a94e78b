"""A raw column -> friendly ones: dates, selects, ratings, places."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from larknb.tabular.frames import to_frame
from larknb.tabular.friendly import Friendly
from tests.tabular.records import NEW_YEAR, frame_of, listed, one_column


@pytest.mark.parametrize("formatter", ["yyyy/MM/dd", "yyyy-MM-dd HH:mm", None])
def test_every_time_is_of_one_kind(formatter: str | None) -> None:
    """Whatever the field shows and the cells hold, a column is what the base's clock says, so that columns subtract."""
    cells = [NEW_YEAR, None, NEW_YEAR + 61_001]
    times = frame_of(one_column(5, cells, property={"date_formatter": formatter}))["X"]
    assert str(times.dtype) == "datetime64[ms]"
    assert listed(times) == [pd.Timestamp("2024-01-01"), None, pd.Timestamp("2024-01-01 00:01:01.001")]


@pytest.mark.parametrize(("formatter", "clock"), [("yyyy/MM/dd", "00:00"), ("yyyy/MM/dd HH:mm", "01:00")])
def test_a_day_without_a_midnight(formatter: str, clock: str) -> None:
    """Where the clock goes forward at midnight a date is still the date, while a time is what the clock shows."""
    cells = [1541300400000]  # 2018-11-04, the first instant of the day in Sao Paulo
    column = frame_of(one_column(5, cells, "America/Sao_Paulo", property={"date_formatter": formatter}))["X"]
    assert listed(column) == [pd.Timestamp(f"2018-11-04 {clock}")]


def test_categories_are_the_options_then_the_unknown_names() -> None:
    """Options come in their own order, each once, unused ones too; names without an option follow as they appear."""
    options = [{"name": name} for name in ("丙", "甲", "丙", "乙")]
    raw = one_column(3, ["新", "甲", None, "更新"], property={"options": options})
    column = frame_of(raw)["X"]
    assert list(column.cat.categories) == ["丙", "甲", "乙", "新", "更新"]
    assert listed(column) == ["新", "甲", None, "更新"]


def test_unused_names_of_a_dictionary_are_no_categories() -> None:
    """A row group's dictionary may hold names that none of its rows has."""
    raw = one_column(3, ["甲", "乙", "丙"]).slice(2, 1)
    assert list(frame_of(raw)["X"].cat.categories) == ["丙"]


def test_a_rating_that_is_no_small_whole_number_widens_its_column() -> None:
    """Half a star is not rounded away: the column becomes float64, and stays it."""
    whole, half = (one_column(2, [3, None, other], ui_type="Rating") for other in (5, 4.5))
    assert str(frame_of(whole)["X"].dtype) == "Int8"
    learned = Friendly(half.schema)
    learned.learn(half)
    assert listed(to_frame(learned.convert(half))["X"]) == [3.0, None, 4.5]
    assert listed(frame_of(whole, known=learned.learned)["X"]) == [3.0, None, 5.0]
    assert str(frame_of(whole, known=learned.learned)["X"].dtype) == "float64"


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ({"location": "116.397755,39.903179"}, (None, 116.397755, 39.903179)),
        ({"location": " -0.5 , +3 ", "full_address": "甲"}, ("甲", -0.5, 3.0)),
        ({"location": "somewhere", "full_address": "甲"}, ("甲", None, None)),
        ({"location": "1,2,3"}, (None, None, None)),
        ({"full_address": "甲"}, ("甲", None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_location_has_an_address_and_coordinates(cell: Any, place: tuple[Any, ...]) -> None:
    """Longitude comes before latitude; what is no pair of numbers gives none."""
    frame = frame_of(one_column(22, [cell]))
    assert tuple(listed(frame.loc["rec0", ["X", "X.lng", "X.lat"]])) == place
