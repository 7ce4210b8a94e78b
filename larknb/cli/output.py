"""What commands print and write."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from larknb import disk, display
from larknb.console import tell
from larknb.display import fold, local
from larknb.messages import say
from larknb.visible import visible, visible_json, visible_lines

if TYPE_CHECKING:
    import pandas as pd

    from larknb.errors import LarkError
    from larknb.model import Source

__all__ = [
    "forget_stdout",
    "is_read_by_people",
    "parts_to_csv",
    "print_added",
    "print_error",
    "print_frame",
    "print_line",
    "print_result",
    "target_file",
    "to_csv",
    "write",
]


def print_result(result: Any) -> None:
    """Print plain dicts and lists as JSON for programs, everything else as it shows itself."""
    if isinstance(result, (dict, list)):
        write("-", [visible_json(json.dumps(result, ensure_ascii=False, indent=2)).encode()])
    elif is_read_by_people() or "COLUMNS" in os.environ:
        from larknb.cli.drawing import draw

        draw(result)
    else:
        tell(result)  # whole lines, for grep and its kin


def print_line(text: str) -> None:
    """Print a sentence, folded to the width of a terminal."""
    tell("\n".join(fold(text, shutil.get_terminal_size().columns)) if is_read_by_people() else text)


def print_error(told: LarkError, error: Exception | None = None) -> None:
    """Print what went wrong as one paragraph on stderr; with ``error`` its traceback comes first."""
    if sys.stderr is None:
        return  # pythonw has none
    if error is not None:
        sys.stderr.write(visible_lines("".join(traceback.format_exception(error))))
    text = f"larknb: {told}"
    lines = fold(text, shutil.get_terminal_size().columns) if sys.stderr.isatty() else [text]
    print(*lines, sep="\n", file=sys.stderr)


def print_added(source: Source) -> None:
    """Print a source that was added, and its tables."""
    tell(say("cli.added", name=source.name, kind=say(f"kind.{source.said_kind}")))
    for table in source.about.get("tables", {}).values():
        tell(f"  {visible(str(table))}")


def print_frame(frame: pd.DataFrame, *, whole: bool = False) -> None:
    """Print the head and tail of a frame as wide as the terminal is, and where it comes from."""
    from larknb.cli.drawing import draw_frame

    draw_frame(frame, whole=whole)
    origin = frame.attrs.get("larknb")
    if origin is None:
        print_line(say("cli.rows", rows=len(frame)))
        return
    at = local(origin["synced_at"])
    print_line(say("cli.loaded", rows=len(frame), source=origin["source"], table=origin["table"], at=at))


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
ROWS = 20_000  # what memory holds at once of a table as text


def to_csv(frame: pd.DataFrame, *, excel: bool) -> Iterator[bytes]:
    """Yield a frame as CSV, many rows at a time; text that a spreadsheet would run as a formula gets a quote in front.

    With ``excel`` it has the byte order mark and the line ends that Excel expects of a file.
    """
    yield from parts_to_csv([frame], lambda names: frame.loc[:, frame.columns.isin(names)], excel=excel)


def parts_to_csv(
    parts: Iterable[pd.DataFrame], columns: Callable[[list[str]], pd.DataFrame], *, excel: bool
) -> Iterator[bytes]:
    """Yield a table that comes in parts as `to_csv` does.

    Parameters
    ----------
    columns : callable
        Returns some columns of the whole table: times are written as fine as the finest of their column.
    """
    finest: dict[int, pd.Series[Any]] = {}
    slices = (part.iloc[start : start + ROWS] for part in parts for start in range(0, len(part) or 1, ROWS))
    for number, part in enumerate(slices):
        if not number:
            times = [position for position, dtype in enumerate(part.dtypes) if dtype.kind == "M"]
            whole = columns([part.columns[position] for position in times]) if times else part
            finest = {position: _finest(whole.iloc[:, at]) for at, position in enumerate(times)}
        yield _rows(part, finest, excel=excel, head=not number)


def _rows(part: pd.DataFrame, finest: Mapping[int, pd.Series[Any]], *, excel: bool, head: bool) -> bytes:
    from larknb.tabular.records import flat

    guarded = flat(part)
    first = guarded.shape[1] - part.shape[1]  # those of the index come before
    for position, dtype in enumerate(guarded.dtypes):
        if position - first in finest:
            guarded.isetitem(position, _as_fine(guarded.iloc[:, position], finest[position - first]))
        elif dtype.kind == "m":
            guarded.isetitem(position, [_length(cell) for cell in guarded.iloc[:, position]])
        elif dtype.kind not in "biufM":
            guarded.isetitem(position, _all_guarded(guarded.iloc[:, position]))
    guarded.columns = [_guarded(name) for name in guarded.columns]
    lines = _Lines()
    guarded.to_csv(lines, index=False, header=head, lineterminator=QUOTED)
    mark, end = ("\ufeff" if head else "", "\r\n") if excel else ("", "\n")
    return "".join([mark, *(line.removesuffix(QUOTED) + end for line in lines.kept)]).encode("utf-8", "replace")


def _length(cell: Any) -> str:
    import pandas as pd

    return "" if pd.isna(cell) else display.length(cell)


class _Lines(io.StringIO):
    """Keeps the rows that a CSV writer writes."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def write(self, line: str) -> int:
        """Keep one row."""
        self.kept.append(line)
        return len(line)


# --- times: pandas leaves out what no time of a column has, the hour or the fraction of a second --------------------


def _finest(times: pd.Series[Any]) -> pd.Series[Any]:
    """Return one of the times that has what any of them has; none where all are whole days."""
    there = times.dropna()
    found = there[there.dt.microsecond > 0], there[there != there.dt.normalize()]
    return next((some.iloc[:1] for some in found if len(some)), there.iloc[:0])


def _as_fine(times: pd.Series[Any], finest: pd.Series[Any]) -> Any:
    """Return times as text that is as fine as the finest of the whole column."""
    import pandas as pd

    if not len(finest):
        return times
    texts = pd.concat([finest.astype(times.dtype), times]).astype(str).iloc[1:]
    return texts.where(times.notna(), None)


# --- guards -------------------------------------------------------------------------------------------------------


def _all_guarded(column: pd.Series[Any]) -> Any:
    """Return the cells of a column that may hold text."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        options = [*map(_guarded, column.cat.categories), None]  # one that is missing has the number -1
        return [options[code] for code in column.cat.codes]
    if isinstance(column.dtype, pd.StringDtype):
        return _guarded_texts(column)
    return [cell if type(cell) is float else _guarded(cell) for cell in column.tolist()]


def _guarded_texts(column: pd.Series[Any]) -> Any:
    """Return a column of texts; as a rule their first bytes say of all at once that they are harmless."""
    import numpy as np
    import pyarrow as pa

    texts = pa.array(column, pa.large_string())
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    _, offsets, data = texts.buffers()
    begins = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    there = np.flatnonzero(np.diff(begins))
    first = np.frombuffer(data, np.uint8)[begins[:-1][there]] if there.size else there
    unclear = there[~np.array(_HARMLESS)[first]].tolist()
    if not unclear:
        return column
    cells = column.tolist()
    for row in unclear:
        cells[row] = _guarded(cells[row])
    return cells


# By its first byte: a letter or digit of ASCII, or an ideograph (from U+4000 to U+9FFF).
_HARMLESS = [chr(byte).isalnum() if byte < 0x80 else 0xE4 <= byte <= 0xE9 for byte in range(256)]


def _guarded(value: Any) -> Any:
    if isinstance(value, (list, tuple)) or bool(getattr(value, "ndim", False)):
        cells = value.tolist() if hasattr(value, "tolist") else value
        value = cells[0] if len(cells) == 1 else "; ".join(map(str, cells))
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Say whether a spreadsheet may take a text for a formula: by its first visible sign, of any width."""
    if text[:1].isalnum():
        return False  # the quickest way out, and for most the way
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", first)[:1] in ("=", "+", "-", "@")
