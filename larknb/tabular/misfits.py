"""Values that fit no column: how many rows have one, in which columns, and what one looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from larknb.tabular.raw import EXTRA, cells_of, definitions_of

__all__ = ["NONE", "Misfits", "misfits_of"]

LONGEST = 80  # letters of the example: a cell may be a whole page


@dataclass(frozen=True)
class Misfits:
    """Rows with values that fit no column, and these columns by the names that people see, each with an example."""

    rows: int = 0
    examples: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, later: Misfits) -> Misfits:
        return Misfits(self.rows + later.rows, {**later.examples, **self.examples})


NONE = Misfits()


def misfits_of(rows: pa.Table) -> Misfits:
    """Return the misfits among some raw rows.

    A cell that is in its column, and of which ``_extra`` keeps further members, fits.
    """
    extras = rows.column(EXTRA)
    if extras.null_count == rows.num_rows:
        return NONE
    at = pc.indices_nonzero(cells_of(rows, EXTRA).is_valid())
    some = rows.take(at)
    filled = {name: some.column(name).is_valid().to_pylist() for name in some.column_names if name != EXTRA}
    names = {name: definition["field_name"] for name, definition in definitions_of(rows.schema).items()}
    count, examples = 0, dict[str, str]()
    for row, extra in enumerate(some.column(EXTRA).to_pylist()):
        odd = {name: cell for name, cell in json.loads(extra).items() if name not in filled or not filled[name][row]}
        count += bool(odd)
        for name, cell in odd.items():
            examples.setdefault(names.get(name, name), _example(cell))
    return Misfits(count, examples)


def _example(cell: Any) -> str:
    text = json.dumps(cell, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
