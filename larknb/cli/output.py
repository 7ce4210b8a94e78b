"""What commands print and write."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from larknb import disk
from larknb.console import tell
from larknb.messages import say
from larknb.visible import visible, visible_json

if TYPE_CHECKING:
    import pandas as pd

    from larknb.model import Source

__all__ = [
    "forget_stdout",
    "is_read_by_people",
    "print_added",
    "print_frame",
    "print_result",
    "target_file",
    "to_csv",
    "write",
]


def print_result(result: Any) -> None:
    """Print plain dicts and lists as JSON for programs, everything else as it shows itself."""
    if isinstance(result, (dict, list)):
        write("-", [visible_json(json.dumps(result, ensure_ascii=False, indent=2)).encode()])
    else:
        tell(result)


def print_added(source: Source) -> None:
    """Print a source that was added, and its tables."""
    tell(say("cli.added", name=source.name, kind=say(f"kind.{source.kind or 'wiki'}")))
    for table in source.about.get("tables", {}).values():
        tell(f"  {visible(str(table))}")


def print_frame(frame: pd.DataFrame) -> None:
    """Print the head and tail of a frame as wide as the terminal is, and where it comes from."""
    import pandas as pd

    with pd.option_context(
        "display.unicode.east_asian_width", True, "display.width", shutil.get_terminal_size((120, 24)).columns,
        "display.max_columns", 0, "display.max_rows", 20, "display.min_rows", 20, "display.max_colwidth", 30,
    ):  # fmt: skip
        tell(frame)
    origin = frame.attrs.get("larknb")
    if origin is None:
        tell(say("cli.rows", rows=len(frame)))
        return
    tell(say("cli.loaded", rows=len(frame), source=origin["source"], table=origin["table"], at=origin["synced_at"]))


def write(target: str, pieces: Iterable[bytes], shown: Callable[[str], str] | None = None) -> None:
    """Write UTF-8 for programs to a file and print its name, or for ``-`` to stdout, ended by a line end.

    Parameters
    ----------
    shown : callable, optional
        Makes of each piece what stdout gets.
    """
    if target == "-":
        _to_stdout((shown(piece.decode()).encode() for piece in pieces) if shown else pieces)
        return
    with target_file(target) as file:
        file.writelines(pieces)


@contextmanager
def target_file(path: str) -> Iterator[IO[bytes]]:
    """Open a file that a command writes, and print its name once it is there; LarkError where the disk refuses."""
    try:
        with open(path, "wb") as file:  # noqa: PTH123  an empty name is refused; as a Path it would mean this folder
            yield file
    except OSError as error:
        raise disk.refused(error, path or '""', advice=say("cli.disk.next")) from error
    tell(path)


def is_read_by_people() -> bool:
    """Say whether stdout is a terminal: no program reads what goes there."""
    return sys.stdout is not None and sys.stdout.isatty()


def forget_stdout() -> None:
    """Let what was not written yet go nowhere: the end of the process would try again, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _to_stdout(pieces: Iterable[bytes]) -> None:
    """Write bytes past the code page and the line ends of stdout, where it has bytes beneath."""
    if sys.stdout is None:
        return  # pythonw has none
    binary = getattr(sys.stdout, "buffer", None)
    last = b""
    try:
        sys.stdout.flush()  # what was printed comes first
        for last in pieces:
            _ = sys.stdout.write(last.decode()) if binary is None else binary.write(last)
        if not last.endswith(b"\n"):
            _ = sys.stdout.write("\n") if binary is None else binary.write(b"\n")
        (binary or sys.stdout).flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forget_stdout()
        raise disk.refused(error, "stdout") from error


# --- CSV --------------------------------------------------------------------------------------------------------


QUOTED = ";\t\r\n"  # the writer quotes cells with any sign of its line end: all that begins a cell or a row somewhere


def to_csv(frame: pd.DataFrame, *, excel: bool) -> list[bytes]:
    """Return a frame as CSV, row by row; text that a spreadsheet would run as a formula gets a quote in front.

    With ``excel`` it has the byte order mark and the line ends that Excel expects of a file.
    """
    from larknb.tabular.records import flat

    guarded = flat(frame)
    for position, dtype in enumerate(guarded.dtypes):
        if dtype.kind not in "biufM":
            guarded.isetitem(position, [_guarded(value) for value in guarded.iloc[:, position]])
    guarded.columns = [_guarded(name) for name in guarded.columns]
    lines = _Lines()
    guarded.to_csv(lines, index=False, lineterminator=QUOTED)
    mark, end = ("\ufeff", "\r\n") if excel else ("", "\n")
    rows = [(line.removesuffix(QUOTED) + end).encode("utf-8", "replace") for line in lines.kept]
    return [mark.encode(), *rows] if mark else rows


class _Lines(io.StringIO):
    """Keeps the rows that a CSV writer writes."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def write(self, line: str) -> int:
        """Keep one row."""
        self.kept.append(line)
        return len(line)


def _guarded(value: Any) -> Any:
    if isinstance(value, (list, tuple)) or bool(getattr(value, "ndim", False)):
        cells = value.tolist() if hasattr(value, "tolist") else value
        value = cells[0] if len(cells) == 1 else "; ".join(map(str, cells))
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Say whether a spreadsheet may take a text for a formula: by its first visible sign, of any width."""
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", first)[:1] in ("=", "+", "-", "@")
