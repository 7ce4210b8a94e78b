"""Parameters of a notebook, as papermill has them: a cell tagged ``parameters``, and one after it that overrides it."""

from __future__ import annotations

import json
import keyword
import math
import numbers
from collections.abc import Iterable, Mapping
from typing import Any

from larknb.errors import ConfigError
from larknb.headless.notebook import INJECTED, nbformat
from larknb.messages import say

__all__ = ["inject", "parse"]

DEFAULTS = "parameters"  # papermill's tag of the cell with the defaults

_WORDS = {"True": True, "False": False, "None": None}  # Python's spellings of what JSON calls true, false and null


def parse(texts: Iterable[str]) -> dict[str, object]:
    """Return the parameters that ``name=value`` texts mean; a value that is no JSON is a text."""
    found: dict[str, object] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise _refused(text)
        try:
            found[name.strip()] = _WORDS[value] if value in _WORDS else json.loads(value)
        except ValueError:
            found[name.strip()] = value
    return found


def inject(notebook: Any, parameters: Mapping[str, object]) -> None:
    """Put a cell with the values into a notebook: in place of an injected one, else after the defaults, else on top.

    Raises
    ------
    ConfigError
        A name is no Python name, or a value has no literal.
    """
    if not parameters:
        return
    source = "\n".join(["# Parameters", *(_assignment(name, value) for name, value in parameters.items())])
    cell = nbformat().v4.new_code_cell(source, metadata={"tags": [INJECTED]})
    if (old := _tagged(notebook, INJECTED)) is not None:
        notebook.cells[old] = cell
    elif (defaults := _tagged(notebook, DEFAULTS)) is not None:
        notebook.cells.insert(defaults + 1, cell)
    else:
        notebook.cells.insert(0, cell)


def _tagged(notebook: Any, tag: str) -> int | None:
    return next((at for at, cell in enumerate(notebook.cells) if tag in cell.metadata.get("tags", [])), None)


def _assignment(name: str, value: Any) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise _refused(name)
    try:
        return f"{name} = {_literal(value)}"
    except TypeError as error:
        raise _refused(name) from error


def _literal(value: Any) -> str:
    """Return Python source for a value; the ``repr`` of an unknown type is not trusted."""
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, numbers.Integral):  # NumPy's numbers are of these kinds, too
        return repr(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value)) if math.isfinite(value) else f"float({str(float(value))!r})"
    if type(value) is str:  # a subclass may be a token, which no notebook may hold
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(key)}: {_literal(item)}' for key, item in value.items())}}}"
    raise TypeError(type(value).__name__)


def _refused(name: str) -> ConfigError:
    return ConfigError(say("run.parameter.what", name=name), next=say("run.parameter.next"))
