"""What the settings of a base choose: tables, a view, columns and rows, all of them by the names that people see.

A name is understood once. From then on it stands for the id of what was called so, whatever that is called now: the
reader remembers these ids. A name that never stood for anything is a mistake in the settings.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from larknb.api.client import LarkClient
from larknb.config.names import near_names, no_table, normal_form, options_of
from larknb.errors import ConfigError
from larknb.messages import say
from larknb.model import Source
from larknb.tabular.raw import COMPUTED, FieldType, named_options

__all__ = ["MOST_NAMES", "Chosen", "Tables", "check", "chosen_tables", "follow", "list_fields", "view_of"]

MOST_NAMES = 200  # that search accepts in field_names
LIST_PAGE = 100  # fields and views
NEAR, LIKE = 3, 0.4  # names that were perhaps meant: how many, and how like; of two characters one may be wrong

SELECTS = (FieldType.SINGLE_SELECT, FieldType.MULTI_SELECT)
Ids = Mapping[str, str]  # of what the names in the settings stood for, by name


def follow(name: str, there: Ids, known: Ids) -> str | None:
    """Return the id that a name stands for; None where it stands for nothing.

    Parameters
    ----------
    there : mapping
        What there is now: name by id.
    known : mapping
        What names stood for before: id by name.
    """
    if known.get(name) in there:
        return known[name]
    return name if name in there else next((key for key, called in there.items() if called == name), None)


def near_first(name: str, names: Iterable[str]) -> str:
    """Return the names that there are as one text, the nearest ones first."""
    listed = sorted(names)
    near = difflib.get_close_matches(name, listed, NEAR, LIKE)
    return ", ".join([*near, *(each for each in listed if each not in near)])


# --- tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tables:
    """The tables that are asked for: those that there are, cached ones that are gone, and what names stand for."""

    there: Ids
    gone: Ids
    ids: Ids


def chosen_tables(source: Source, names: Ids, gone: Ids, known: Ids) -> Tables:
    """Return the tables that the settings ask for, in the order of the base; NotFound where they name none.

    Parameters
    ----------
    names, gone : mapping
        The tables that there are, and cached ones that there are no more: name by id.
    known : mapping
        What the names stood for before.
    """
    wanted = [source.part] if source.part else source.options.get("tables")
    own = _named(source, source.options.get("by_table", ()), names, gone, known)
    if wanted is None:
        return Tables(dict(names), dict(gone), own)
    ids = _named(source, wanted, names, gone, known)
    asked = {*ids.values(), *wanted}
    there, lost = ({key: name for key, name in each.items() if key in asked or name in asked} for each in (names, gone))
    return Tables(there, lost, {**own, **ids})


def _named(source: Source, wanted: Iterable[str], names: Ids, gone: Ids, known: Ids) -> dict[str, str]:
    """Return the ids of tables by the names that the settings give them, as wide as they may be written."""
    ids: dict[str, str] = {}
    for name in wanted:
        form = normal_form(name)
        forms = {key: normal_form(called) for tables in (names, gone) for key, called in tables.items()}
        found = follow(name, names, known) or follow(name, gone, known) or known.get(name) or follow(form, forms, {})
        if found is not None:
            ids[name] = found
        elif not (source.parent and name in source.options.get("by_table", {})):  # it may be another child's table
            raise no_table(name, source.name, [*names.values()])
    return ids


# --- a view -----------------------------------------------------------------------------------------------------------


def view_of(
    client: LarkClient, source: Source, base: str, tables: Ids, known: Mapping[str, Ids]
) -> tuple[str, Any]:  # fmt: skip
    """Return the id of the view that limits a source, and its definition; an empty id where none does.

    API: bitable-v1/app-table-view/get.

    Parameters
    ----------
    known : mapping
        What names of views stood for before, id by name, in each table by its id.
    """
    wanted: str | None = source.options.get("view")
    if wanted is None:
        return "", None
    path = _views(source, base, tables, wanted)
    is_id = re.fullmatch("vew[A-Za-z0-9]+", wanted)
    before = known.get(next(iter(tables)), {}).get(wanted)
    view_id = wanted if is_id else before or str(_view(client, source, path, wanted)["view_id"])
    view = client.get(f"{path}/{view_id}", api="bitable-v1/app-table-view/get").get("view") or {}
    _refuse_form(view, source, wanted)
    return view_id, view.get("property")


def _views(source: Source, base: str, tables: Ids, wanted: str) -> str:
    """Return the path of the views; ConfigError where there is more than one table, or a filter beside the view."""
    if len(tables) != 1:
        raise ConfigError(say("view.tables.what", view=wanted), source=source.name, next=say("view.tables.next"))
    own = options_of(source.options, *next(iter(tables.items())))
    if "filter" in own:  # the platform would ignore the view without a word
        raise ConfigError(say("view.filter.what", view=wanted), source=source.name, next=say("view.filter.next"))
    return f"{base}/tables/{next(iter(tables))}/views"


def _view(client: LarkClient, source: Source, path: str, wanted: str) -> Mapping[str, Any]:
    """Return the view that a name or id stands for. API: bitable-v1/app-table-view/list."""
    items = client.items("GET", path, page_size=LIST_PAGE, api="bitable-v1/app-table-view/list")
    listed = {str(item["view_id"]): item for item in items}
    names = {key: str(item.get("view_name") or "") for key, item in listed.items()}
    found = follow(wanted, names, {})
    if found is None:
        what = say("view.missing.what", view=wanted)
        then = say("view.missing.next", views=near_first(wanted, names.values()))
        raise ConfigError(what, source=source.name, next=then)
    return listed[found]


def _refuse_form(view: Mapping[str, Any], source: Source, wanted: str) -> None:
    if view.get("view_type") == "form":
        raise ConfigError(say("view.form.what", view=wanted), source=source.name, next=say("view.form.next"))


# --- columns and rows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """What is read of one table.

    Parameters
    ----------
    fields : sequence of mapping
        The definitions of its columns, in their order.
    names : tuple of str, optional
        The columns that a search is asked for, as they are called now; None for all.
    others : mapping
        Columns that are not kept, name by field_id: they may come along.
    filter : mapping, optional
        Which rows, by the names that columns have now.
    view : str
        The view that limits the rows; empty where none does.
    ids : mapping
        What the names in the settings stand for, with those that stood for a column that is gone.
    options : mapping
        What the options in a filter stand for, by field_id.
    """

    fields: Sequence[Mapping[str, Any]] = ()
    names: tuple[str, ...] | None = None
    others: Ids = field(default_factory=dict)
    filter: Mapping[str, Any] | None = None
    view: str = ""
    ids: Ids = field(default_factory=dict)
    options: Mapping[str, Ids] = field(default_factory=dict)

    @classmethod
    def of(
        cls, source: Source, table: str, fields: Sequence[Mapping[str, Any]], *, view: str = "",
        known: Chosen | None = None,
    ) -> Chosen:  # fmt: skip
        """Return what the settings choose of a table with these fields; ConfigError where they name what is not there.

        Parameters
        ----------
        known : Chosen, optional
            What they chose before; without it options that a filter names must be there, too.
        """
        listed = {str(each["field_id"]): each for each in fields}
        place = _Place(source, table, listed, known)
        ids = {name: place.id_of(name) for name in source.options.get("fields") or ()}
        kept = [key for key in listed if key in ids.values() or not ids]
        if not kept and listed:
            raise place.missing(source.options["fields"][0])
        asked = None if not ids or len(kept) > MOST_NAMES else tuple(place.names[key] for key in kept)
        others = {key: name for key, name in place.names.items() if key not in kept}
        rows = source.options.get("filter")
        options: Mapping[str, Ids] = {}
        if rows is not None:
            ids |= {each["field_name"]: place.filtered(each["field_name"]) for each in _conditions(rows)}
            options = place.options_of(rows, ids)
            rows = place.told(rows, ids, options)
        return cls([listed[key] for key in kept], asked, others, rows, view, ids, options)

    @property
    def is_some(self) -> bool:
        """Say whether the settings leave columns out."""
        return bool(self.others)

    def body(self, computed: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the body of a search for all that is chosen, or for the ``computed`` columns of it; no sort."""
        body: dict[str, Any] = {"automatic_fields": computed is None}
        if (names := computed or self.names) is not None:
            body["field_names"] = list(names)
        if self.filter is not None:
            body["filter"] = dict(self.filter)
        if self.view:
            body["view_id"] = self.view
        return body

    def of_record(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a record without the columns that are left out."""
        cells = record.get("fields")
        if not self.others or not isinstance(cells, Mapping):
            return record
        left_out = {*self.others.values()}
        return {**record, "fields": {name: cell for name, cell in cells.items() if name not in left_out}}


@dataclass(frozen=True)
class _Place:
    """A table in which names are looked up, for the errors to name it."""

    source: Source
    table: str
    listed: Mapping[str, Mapping[str, Any]]
    known: Chosen | None

    @property
    def names(self) -> Ids:
        """The names of the columns, by id."""
        return {key: str(each["field_name"]) for key, each in self.listed.items()}

    @property
    def ids(self) -> Ids:
        """What names of columns stood for before."""
        return self.known.ids if self.known else {}

    def id_of(self, name: str) -> str:
        """Return the id of a column; of one that was there, and is gone, that which it had."""
        found = follow(name, self.names, self.ids) or self.ids.get(name)
        if found is None:
            raise self.missing(name)
        return found

    def filtered(self, name: str) -> str:
        """Return the id of a column that a filter names: it must be there, and of a type that can be filtered."""
        found = follow(name, self.names, self.ids)
        if found is None:  # without it other rows would come
            raise self.missing(name)
        if self.listed[found].get("type") in COMPUTED:
            what = say("filter.computed.what", table=self.table, field=self.names[found])
            raise ConfigError(what, source=self.source.name, next=say("filter.computed.next"))
        return found

    def options_of(self, rows: Mapping[str, Any], ids: Ids) -> Mapping[str, Ids]:
        """Return what the options that a filter names stand for, by field_id."""
        found: dict[str, dict[str, str]] = {}
        for each in _conditions(rows):
            key = ids[each["field_name"]]
            if self.listed[key].get("type") not in SELECTS:
                continue
            before = self.known.options.get(key, {}) if self.known else {}
            for name in each["value"]:
                option = follow(name, named_options(self.listed[key]), before) or before.get(name)
                if option is not None:
                    found.setdefault(key, {})[name] = option
                elif self.known is None:
                    raise self._no_option(key, name)
        return found

    def told(self, rows: Mapping[str, Any], ids: Ids, options: Mapping[str, Ids]) -> dict[str, Any]:
        """Return a filter by the names that its columns and options have now."""
        found = dict(rows)
        if "conditions" in rows:
            found["conditions"] = [
                self._condition(each, ids[each["field_name"]], options) for each in rows["conditions"]
            ]
        if "children" in rows:
            found["children"] = [self.told(child, ids, options) for child in rows["children"]]
        return found

    def _condition(self, each: Mapping[str, Any], key: str, options: Mapping[str, Ids]) -> dict[str, Any]:
        named, mine = named_options(self.listed[key]), options.get(key, {})
        values = [named.get(mine.get(value, ""), value) for value in each["value"]]
        return {**each, "field_name": self.names[key], "value": values}

    def missing(self, name: str) -> ConfigError:
        """Return the error for a column that is not there."""
        told = near_first(name, self.names.values())
        what = say("field.missing.what", table=self.table, field=name)
        near = near_names(name, self.names.values())
        then = say("field.near.next" if near else "field.missing.next", near=" · ".join(near), fields=told)
        return ConfigError(what, source=self.source.name, next=then)

    def _no_option(self, key: str, name: str) -> ConfigError:
        told = near_first(name, named_options(self.listed[key]).values())
        what = say("option.missing.what", field=self.names[key], option=name)
        return ConfigError(what, source=self.source.name, next=say("option.missing.next", options=told))


def _conditions(rows: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the conditions of a filter, those of its children too."""
    yield from rows.get("conditions", ())
    for child in rows.get("children", ()):
        yield from _conditions(child)


def list_fields(client: LarkClient, base: str, table_id: str) -> list[dict[str, Any]]:
    """Return the field list of a table, in its order. API: bitable-v1/app-table-field/list."""
    path = f"{base}/tables/{table_id}/fields"
    return list(client.items("GET", path, page_size=LIST_PAGE, api="bitable-v1/app-table-field/list"))


def check(client: LarkClient, source: Source, tables: Ids) -> None:
    """Raise ConfigError or NotFound unless all that the settings name is there; ask nothing where they name nothing.

    Parameters
    ----------
    tables : mapping
        The tables of the base: name by id.
    """
    base = f"bitable/v1/apps/{source.target}"
    selected = chosen_tables(source, tables, {}, {}).there
    if (view := source.options.get("view")) is not None:
        _refuse_form(_view(client, source, _views(source, base, selected, view), view), source, view)
    for table_id, name in selected.items():
        own = replace(source, options=options_of(source.options, table_id, name))
        if own.options.keys() & {"fields", "filter"}:
            Chosen.of(own, name, list_fields(client, base, table_id))
