"""The house of the stand-in: who may import whom, file by file; imports for types and inside functions count too."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from larknb import sandbox

HOUSE = Path(sandbox.__file__).parent
NAMES = """
    blocks
    world.ids world.times world.memory world.people world.company world.document
    world.bitable.cells world.bitable.fields world.bitable.rows world.bitable.base world.bitable
    world.sheets.cells world.sheets.ranges world.sheets.workbook world.sheets
    world.docx world.dump world.drive world.wiki world.media world.bots world.tenant world
    sample.tokens sample.chance sample.pictures sample.columns sample.files sample.history
    sample.staff sample.safety sample.bases sample.book
    sample.guides.desk sample.guides.motor sample.guides.battery sample.guides.can sample.guides.brake
    sample.guides.charger sample.guides sample
    wire.codes wire.errors wire.exchange wire.paging wire
    platform.scopes platform.knobs platform.accounts platform.registrations platform.platform
    platform.endpoint platform.guard platform
    endpoints.accounts endpoints.registration endpoints.bots endpoints.drive endpoints.media endpoints.wiki
    endpoints.contact
    endpoints.bitable.shapes endpoints.bitable.lookup endpoints.bitable.filters endpoints.bitable.records
    endpoints.bitable.layout endpoints.bitable.search endpoints.bitable.old endpoints.bitable
    endpoints.sheets.showing endpoints.sheets.layout endpoints.sheets.values endpoints.sheets
    endpoints.docx.markdown endpoints.docx.document endpoints.docx.text endpoints.docx endpoints
    serving.journal serving.faults serving.limits serving.failures serving.dispatch serving.server serving
    box serve __init__ __main__
"""
ORDER = NAMES.split()  # from the bottom up: a file imports only files that stand before it


def name_of(path: Path) -> str:
    """Return the name as in the order; a package's own file has the name of the package."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(HOUSE.rglob("*.py"))}


def imported(name: str) -> set[str]:
    """Return the full names of all modules that a file imports."""
    path, found = FILES[name], set()
    package = ["larknb", "sandbox", *path.relative_to(HOUSE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*above, node.module] if node.module else above)
            for taken in (f"{module}.{alias.name}" for alias in node.names):
                found.add(taken if taken.removeprefix("larknb.sandbox.") in FILES else module)
    return found


def needs(name: str) -> set[str]:
    """Return the files of the house that a file imports."""
    inside = {"__init__" if one == "larknb.sandbox" else one.removeprefix("larknb.sandbox.") for one in imported(name)}
    return inside & set(FILES)


def circle_in(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return one circle, from a name back to itself, or nothing if there is none."""
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            if circle := walk(other, [*trail, name]):
                return circle
        done.add(name)
        return []

    return next((circle for name in sorted(graph) if (circle := walk(name, []))), [])


def test_every_file_has_its_place() -> None:
    """The order names each file once, and no file that is not there."""
    assert sorted(ORDER) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_imports_point_down_the_order(name: str) -> None:
    """A file knows only files that stand before it."""
    assert needs(name) <= set(ORDER[: ORDER.index(name)])


@pytest.mark.parametrize("name", FILES)
def test_nothing_else_is_needed(name: str) -> None:
    """Neither anything of the client nor any library but orjson."""
    others = {one for one in imported(name) if not f"{one}.".startswith("larknb.sandbox.")}
    assert {one.split(".")[0] for one in others} <= {*sys.stdlib_module_names, "orjson"}


@pytest.mark.parametrize("name", [one for one in FILES if one.startswith("endpoints.")])
def test_no_product_knows_another_one(name: str) -> None:
    """An endpoint of bases imports no endpoint of documents."""
    product = name.split(".")[1]
    assert {one.split(".")[1] for one in needs(name) if one.startswith("endpoints.")} <= {product}


def test_there_is_no_circle() -> None:
    """No file imports, by whatever way, a file that imports it."""
    circle = circle_in({name: needs(name) for name in FILES})
    assert not circle, " -> ".join(circle)


@pytest.mark.parametrize(
    ("graph", "circle"),
    [
        ({"a": "b", "b": "c", "c": ""}, []),
        ({"a": "bc", "b": "c", "c": ""}, []),
        ({"a": "b", "b": "c", "c": "b"}, ["b", "c", "b"]),
        ({"a": "", "b": "", "c": "abc"}, ["c", "c"]),
    ],
)
def test_circles_are_found(graph: dict[str, str], circle: list[str]) -> None:
    """Also those that begin further in, or that a file makes alone."""
    assert circle_in(graph) == circle
