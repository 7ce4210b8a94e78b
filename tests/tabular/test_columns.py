"""A raw column -> friendly ones: dates, selects, ratings, places."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from larknb.tabular.frames import to_frame
from larknb.tabular.friendly import Friendly
from tests.tabular.records import DATE_ONLY, DAY, NEW_YEAR, SHANGHAI, frame_of, listed, one_column


def test_one_time_of_day_makes_the_column_a_date_time() -> None:
    """A date-only column in which one value is not midnight of the base is zone-aware, with every instant exact."""
    days = frame_of(one_column(5, [NEW_YEAR, None, NEW_YEAR + DAY], property=DATE_ONLY))["X"]
    assert str(days.dtype) == "datetime64[ms]"
    assert listed(days) == [pd.Timestamp("2024-01-01"), None, pd.Timestamp("2024-01-02")]
    times = frame_of(one_column(5, [NEW_YEAR, None, NEW_YEAR + 1], property=DATE_ONLY))["X"]
    assert str(times.dtype) == SHANGHAI
    assert times.iloc[2] == pd.Timestamp(NEW_YEAR + 1, unit="ms", tz="UTC")


def test_a_column_only_ever_widens() -> None:
    """Once a date-time, always one, until the field is defined otherwise; a date may still become one."""
    timed, days = (one_column(5, [NEW_YEAR + shift], property=DATE_ONLY) for shift in (1, 0))
    learned = Friendly(timed.schema)
    learned.learn(timed)
    assert str(frame_of(days)["X"].dtype) == "datetime64[ms]"
    assert str(frame_of(days, known=learned.learned)["X"].dtype) == SHANGHAI
    assert str(frame_of(timed, known=Friendly(days.schema).learned)["X"].dtype) == SHANGHAI
    other = one_column(5, [NEW_YEAR], property={"date_formatter": "dd/MM/yyyy"})
    assert str(frame_of(other, known=learned.learned)["X"].dtype) == "datetime64[ms]"


def test_a_formatter_with_hours_decides() -> None:
    """A field that shows hours is zone-aware although every value is midnight."""
    column = frame_of(one_column(5, [NEW_YEAR], property={"date_formatter": "yyyy-MM-dd HH:mm"}))["X"]
    assert str(column.dtype) == SHANGHAI


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
