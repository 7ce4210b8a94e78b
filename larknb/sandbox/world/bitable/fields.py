"""The columns and the views of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from larknb.sandbox.world.ids import derived_id

from .cells import AUTO_NUMBER, UI_TYPES, text_of


@dataclass(frozen=True)
class Field:
    """One column.

    Parameters
    ----------
    type, ui_type : int, str
        The platform's number and, where one number has several faces (Email, Currency, ...), its name.
    property : dict
        As the field list answers it. The options of a select may be plain names.
    description : str, optional
        Left out of the answer while it is ``None``, as ``is_hidden`` is.
    """

    name: str
    type: int
    ui_type: str = ""
    property: dict[str, Any] | None = None
    field_id: str = ""
    is_primary: bool = False
    description: str | None = None
    is_hidden: bool | None = False

    def __post_init__(self) -> None:
        filled = {
            "name": self.name.strip(),
            "ui_type": self.ui_type or UI_TYPES.get(self.type, "Text"),
            "field_id": self.field_id or derived_id("fld", 10, self.name, self.type),
            "property": _named_options(self.property),
        }
        for name, value in filled.items():
            object.__setattr__(self, name, value)


def options_of(column: Field) -> list[dict[str, Any]]:
    """Options of a select, empty for other columns."""
    return list((column.property or {}).get("options") or [])


def is_counter(column: Field) -> bool:
    """Whether this is a plain auto number, whose cells are the serials of the rows."""
    rule = (column.property or {}).get("auto_serial") or {}
    return column.type == AUTO_NUMBER and rule.get("type") == "auto_increment_number"


def _named_options(prop: dict[str, Any] | None) -> dict[str, Any] | None:
    options = (prop or {}).get("options")
    if prop is None or not isinstance(options, (list, tuple)):
        return prop
    return {**prop, "options": [_full_option(option, place) for place, option in enumerate(options)]}


def _full_option(option: Any, place: int) -> Any:
    return {"id": derived_id("opt", 10, option), "name": option, "color": place} if isinstance(option, str) else option


def recorded_field(item: Mapping[str, Any]) -> Field:
    """Column from an item of a recorded field list."""
    description = item.get("description")
    return Field(
        item["field_name"],
        item["type"],
        item["ui_type"],
        item.get("property"),
        item["field_id"],
        is_primary=item.get("is_primary", False),
        description=text_of(description) if description is not None else None,
        is_hidden=item.get("is_hidden"),
    )


@dataclass(frozen=True)
class View:
    """One view: which rows it shows is either listed or a filter."""

    view_id: str
    name: str
    type: str = "grid"
    public_level: str = "Public"
    private_owner: str | None = None
    filter_info: dict[str, Any] | None = None
    record_ids: tuple[str, ...] | None = None
    hidden_fields: tuple[str, ...] | None = None
