"""What commands print and write."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from larknb import disk
from larknb.messages import say

if TYPE_CHECKING:
    import pandas as pd

    from larknb.model import Source

__all__ = [
    "forget_stdout",
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
        text = json.dumps(result, ensure_ascii=False, indent=2)
        write("-", [text.encode("utf-8", "backslashreplace")])  # JSON escapes a lone surrogate in just this way
    else:
        print(result)


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


def write(target: str, pieces: Iterable[bytes]) -> None:
    """Write UTF-8 for programs to a file and print its name, or for ``-`` to stdout, ended by a line end."""
    if target == "-":
        _to_stdout(pieces)
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
    print(path)


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


def to_csv(frame: pd.DataFrame, *, excel: bool) -> list[bytes]:
    """Return a frame as CSV, row by row; text that a spreadsheet would run as a formula gets a quote in front.

    With ``excel`` it has the byte order mark and the line ends that Excel expects of a file.
    """
    guarded = frame.reset_index()
    for position, dtype in enumerate(guarded.dtypes):
        if dtype.kind not in "biufM":
            guarded.isetitem(position, [_guarded(value) for value in guarded.iloc[:, position]])
    guarded.columns = [_guarded(name) for name in guarded.columns]
    lines = _Lines()
    guarded.to_csv(lines, index=False, lineterminator="\r\n")
    if excel:
        return ["\ufeff".encode(), *(line.encode("utf-8", "replace") for line in lines.kept)]
    return [(line.removesuffix("\r\n") + "\n").encode("utf-8", "replace") for line in lines.kept]


class _Lines(io.StringIO):
    """Keeps the rows that a CSV writer writes; told of CR LF, it quotes every cell with a line end of any kind."""

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
        value = cells[0] if len(cells) == 1 else ", ".join(map(str, cells))
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Say whether a spreadsheet may take a text for a formula: by its first visible sign, of any width."""
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", first)[:1] in ("=", "+", "-", "@")
