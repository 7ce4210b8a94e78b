"""How the columns of a table changed since they were last read: told by field_id, named as people see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from larknb.model import Drift
from larknb.tabular.raw import COMPUTED, Definition, named_options, property_of

__all__ = ["column_drift", "lost_columns"]

Definitions = Mapping[str, Definition]  # by field_id

MOST_LOST = 300  # columns that a table ever had and that are remembered, by the platform's own limit for a table


def column_drift(
    table: str, before: Definitions, after: Definitions, lost: Mapping[str, str], *, chosen: bool = False
) -> Iterator[Drift]:
    """Yield what became of the columns of a table, in their order, those that are gone last.

    Parameters
    ----------
    lost : mapping
        Columns that were removed earlier, name by field_id.
    chosen : bool
        The settings choose the columns: one more of them is no change of the base, unless it comes back.
    """
    gone = {key: str(before[key]["field_name"]) for key in before if key not in after}
    absent = {**lost, **gone}
    back = {key for key, new in after.items()
            if key not in before and (key in absent or new["field_name"] in absent.values())}  # fmt: skip
    for key, new in after.items():
        name = str(new["field_name"])
        if key in before:
            yield from _changed(table, before[key], new)
        elif key in back:
            yield Drift("column_readded", table, name)
        elif not chosen:
            yield Drift("column_added", table, name)
    returned = {after[key]["field_name"] for key in back}
    yield from (Drift("column_removed", table, name) for name in gone.values() if name not in returned)


def lost_columns(before: Definitions, after: Definitions, lost: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that a table had and has no more, name by field_id, the last ones that went."""
    names = {new["field_name"] for new in after.values()}
    gone = {**lost, **{key: str(old["field_name"]) for key, old in before.items() if key not in after}}
    kept = [(key, name) for key, name in gone.items() if key not in after and name not in names]
    return dict(kept[-MOST_LOST:])


def _changed(table: str, old: Definition, new: Definition) -> Iterator[Drift]:
    name, called = str(new["field_name"]), str(old["field_name"])
    if name != called:
        yield Drift("column_renamed", table, name, called, name)
    if _type_of(old) != _type_of(new):
        yield Drift("column_retyped", table, name, _type_word(old), _type_word(new))
        return
    options = named_options(new)
    for option, before in named_options(old).items():
        if options.get(option, before) != before:
            yield Drift("option_renamed", table, name, before, options[option])


def _type_of(definition: Definition) -> tuple[Any, ...]:
    """Return what tells the type of a field: its number, its face, and what a formula says that it yields."""
    declared = property_of(definition, "type") if definition.get("type") in COMPUTED else {}
    return definition.get("type"), definition.get("ui_type"), declared.get("data_type"), declared.get("ui_type")


def _type_word(definition: Definition) -> str:
    face = definition.get("ui_type") or f"Type{definition.get('type')}"
    result = property_of(definition, "type").get("ui_type") if definition.get("type") in COMPUTED else None
    return f"{face} ({result})" if isinstance(result, str) else str(face)
