from __future__ import annotations

import math
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.config.secrets import Secret
from larknb.errors import ConfigError
from larknb.headless.parameters import inject, parse


def cells(*tagged: tuple[str, str]) -> Any:
    """A notebook of code cells, each given as tag and source."""
    make: Any = nbformat.v4
    made = [make.new_code_cell(source, metadata={"tags": [tag]} if tag else {}) for tag, source in tagged]
    return make.new_notebook(cells=made)


def sources(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells]


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    names.pop("__builtins__")
    return names


def test_values_go_below_the_defaults() -> None:
    """The cell comes right after the one tagged ``parameters``, with papermill's tag and comment."""
    notebook = cells(("", "import x"), ("parameters", "a = 1"), ("", "a"))
    inject(notebook, {"a": 2, "kind": None})
    assert sources(notebook) == ["import x", "a = 1", "# Parameters\na = 2\nkind = None", "a"]
    assert notebook.cells[2].metadata.tags == ["injected-parameters"]


def test_values_of_an_earlier_run_are_replaced() -> None:
    """An executed notebook can be run again with other values."""
    notebook = cells(("parameters", "a = 1"), ("injected-parameters", "a = 2"), ("", "a"))
    inject(notebook, {"a": 3})
    assert sources(notebook) == ["a = 1", "# Parameters\na = 3", "a"]


def test_a_notebook_without_defaults_gets_them_on_top() -> None:
    """And one that is given no values stays as it is."""
    notebook = cells(("", "a"))
    inject(notebook, {})
    assert sources(notebook) == ["a"]
    inject(notebook, {"a": 1})
    assert sources(notebook) == ["# Parameters\na = 1", "a"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(values)
def test_every_value_arrives_as_it_was(value: Any) -> None:
    """None, bool, int, float, str, list and dict, nested, are written as Python that means the same."""
    notebook = cells(("", ""))
    inject(notebook, {"value": value})
    assert run(sources(notebook)[0]) == {"value": value}


def test_numbers_that_are_no_literals() -> None:
    """NaN, infinity, tuples and NumPy's numbers arrive, too."""
    notebook = cells(("", ""))
    inject(notebook, {"a": math.nan, "b": -math.inf, "c": (1, 2), "d": np.int64(7), "e": np.float32(0.5)})
    found = run(sources(notebook)[0])
    assert math.isnan(found.pop("a"))
    assert found == {"b": -math.inf, "c": [1, 2], "d": 7, "e": 0.5}
    assert {type(found["d"]), type(found["e"])} == {int, float}


@pytest.mark.parametrize("name", ["class", "a b", "", "1a", "a\nimport os", "a=1;b"])
def test_a_name_must_be_one(name: str) -> None:
    """What is no Python name could be code."""
    with pytest.raises(ConfigError, match="parameter"):
        inject(cells(("", "")), {name: 1})


class Evil:
    def __repr__(self) -> str:
        return "__import__('os').system('echo')"


@pytest.mark.parametrize("value", [Evil(), [Evil()], {1: {2: Evil()}}, {1, 2}, Secret("u-secret-token"), object])
def test_a_foreign_value_is_refused(value: Any) -> None:
    """A repr could be code, and a token must not be written into a notebook."""
    with pytest.raises(ConfigError) as caught:
        inject(cells(("", "")), {"a": value})
    assert "u-secret" not in str(caught.value)


def test_texts_of_the_command_line() -> None:
    """JSON where it is JSON, Python's words for true, false and null, else the text itself."""
    texts = ["a=1", "b=[1, null]", "c=True", "d=false", "e=None", "f=007", "g=x=y", "h=", 'i="1"', " j =1.5"]
    assert parse(texts) == {
        "a": 1, "b": [1, None], "c": True, "d": False, "e": None, "f": "007", "g": "x=y", "h": "", "i": "1", "j": 1.5,
    }  # fmt: skip
    with pytest.raises(ConfigError):
        parse(["a"])
