"""What commands print and write."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

from larknb.messages import say

if TYPE_CHECKING:
    import pandas as pd

    from larknb.model import Source

__all__ = ["print_added", "print_frame", "print_result", "to_csv", "write_text"]


def print_result(result: Any) -> None:
    """Print plain dicts and lists as JSON, everything else as it shows itself."""
    print(json.dumps(result, ensure_ascii=False, indent=2) if isinstance(result, (dict, list)) else result)


def print_added(source: Source) -> None:
    """Print a source that was added, and its tables."""
    print(say("cli.added", name=source.name, kind=say(f"kind.{source.kind or 'wiki'}")))
    for table in source.about.get("tables", {}).values():
        print(f"  {table}")


def print_frame(frame: pd.DataFrame) -> None:
    """Print the head and tail of a frame as wide as the terminal is, and where it comes from."""
    import pandas as pd

    with pd.option_context(
        "display.unicode.east_asian_width", True, "display.width", shutil.get_terminal_size((120, 24)).columns,
        "display.max_columns", 0, "display.max_rows", 20, "display.min_rows", 20, "display.max_colwidth", 30,
    ):  # fmt: skip
        print(frame)
    origin = frame.attrs["larknb"]
    print(say("cli.loaded", rows=len(frame), source=origin["source"], table=origin["table"], at=origin["synced_at"]))


def write_text(target: str, content: str, encoding: str) -> None:
    """Write to a file, or to stdout for ``-``."""
    if target == "-":
        sys.stdout.write(content if content.endswith("\n") else content + "\n")
        return
    with open(target, "w", encoding=encoding, newline="") as file:  # noqa: PTH123  newline is the point
        file.write(content)
    print(target)


def to_csv(frame: pd.DataFrame) -> str:
    """Return the frame as CSV for spreadsheets; text that they would run as a formula gets a quote in front."""
    guarded = frame.reset_index()
    for name in guarded.columns:
        if guarded[name].dtype.kind not in "biufM":
            guarded[name] = [_guarded(value) for value in guarded[name]]
    guarded.columns = [_guarded(name) for name in guarded.columns]
    return guarded.to_csv(index=False, lineterminator="\r\n")


def _guarded(value: Any) -> Any:
    if hasattr(value, "tolist") and bool(getattr(value, "ndim", False)):
        value = ", ".join(map(str, value.tolist()))
    if isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@")):
        return f"'{value}"
    return value
