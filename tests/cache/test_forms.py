"""Frames of both forms of a table."""

from __future__ import annotations

import pyarrow as pa
import pytest

from larknb.cache.forms import FORMS
from larknb.cache.manifest import Form
from larknb.tabular.friendly import Friendly
from larknb.tabular.typed import to_table

from . import taking
from .taking import info, rows


def friendly(form: Form) -> pa.Table:
    if form == "grid":
        return to_table(taking.grid().record)
    table = info()
    made = Friendly(table.schema)
    made.learn(rows(table, 2))
    return made.convert(rows(table, 2))


@pytest.mark.parametrize(("form", "index", "names"), [
    ("records", "_record_id", ["name", "day", "sum"]), ("grid", "_row", ["名称", "数量"]),
])  # fmt: skip
def test_a_form_makes_frames(form: Form, index: str, names: list[str]) -> None:
    """Under its own index, which is none of the columns; a share of empty cells is told where it is known."""
    maker, table = FORMS[form], friendly(form)
    frame = maker.to_frame(table)
    assert (frame.index.name, maker.index, len(frame)) == (index, index, 2)
    told = maker.columns(table.schema, {names[0]: 0.5, "fldN": 0.5})
    assert [column.name for column in told][: len(names)] == names
    assert [column.empty for column in told][:2] == [0.5, None]
