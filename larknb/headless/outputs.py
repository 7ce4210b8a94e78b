"""The outputs of cells, kept within bounds while they arrive: of a flood the beginning, the end and a note between."""

from __future__ import annotations

import atexit
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from nbclient import NotebookClient

from larknb import display
from larknb.headless.notebook import nbformat
from larknb.messages import say

__all__ = ["HEAD", "SHOWN", "TAIL", "BoundedClient", "first_words", "last_words"]

HEAD = 800_000  # characters that one cell may print before only the end is kept
TAIL = 100_000  # characters of that end
SHOWN = 5_000_000  # characters of all results, tables and pictures of one cell
ERROR = 20_000  # characters of one error with its traceback
DEEPEST = 100  # levels of one output
LONGEST_WORD = 4000  # characters of a secret, at least

Message = dict[str, Any]  # of a kernel: JSON of Jupyter's protocol


class BoundedClient(NotebookClient):
    """nbclient with bounded outputs, so that a cell can flood neither the file nor the memory.

    It also joins what was printed piece by piece; nbclient's own ``coalesce_streams`` needs minutes for a long line.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cell, self._bounds = -1, dict[int, _Bounds]()  # a thread of a cell may print during a later one

    def process_message(self, msg: Message, cell: Any, cell_index: int) -> Any:
        """Process a message of the kernel; an update of an earlier output is bounded, too."""
        if msg["msg_type"] == "update_display_data" and (size := _size(msg["content"]["data"])) > SHOWN:
            msg["content"]["data"] = {"text/plain": _left_out(size)}
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: list[Any], msg: Message, display_id: str | None, cell_index: int) -> Any:
        """Add an output, or what the bounds leave of it."""
        content, kind = msg["content"], msg["msg_type"]
        is_hooked = bool(self.output_hook_stack[msg["parent_header"].get("msg_id")])  # an Output widget takes it
        if self._cell != cell_index:
            self.settle()
            self._cell = cell_index
        bounds = self._bounds.setdefault(cell_index, _Bounds())
        if self.clear_before_next_output and not is_hooked:
            self.clear_before_next_output = False
            self.clear_output(outs, {**msg, "content": {"wait": False}}, cell_index)
            bounds = self._bounds.setdefault(cell_index, _Bounds())
        if kind == "stream" and not is_hooked:
            return bounds.write(content["name"], content["text"], outs)
        if kind == "error":
            _shorten(content)
        elif not bounds.admit(_size(content), outs):
            return None
        return super().output(outs, msg, display_id, cell_index)

    def settle(self) -> None:
        """Put what was printed until now into the outputs."""
        for bounds in self._bounds.values():
            bounds.settle()

    def forget_exit(self) -> None:
        """Take back the clean-up that nbclient plans for the end of this process: the kernel is gone before."""
        atexit.unregister(self._cleanup_kernel)

    def clear_output(self, outs: list[Any], msg: Message, cell_index: int) -> None:
        """Forget what a cell has put out so far."""
        super().clear_output(outs, msg, cell_index)
        if not outs:
            self._bounds.pop(cell_index, None)


@dataclass
class _Stream:
    """What a cell printed to stdout or stderr: one output, whose text is joined when it is needed."""

    output: Any
    head: list[str] = field(default_factory=list)
    tail: str = ""
    left_out: int = 0
    is_settled: bool = False

    def write(self, text: str, room: int) -> int:
        """Add a text, the first ``room`` characters to the head; return how many these were."""
        self.is_settled = False
        head, rest = text[:room], text[room:]
        if head:
            self.head.append(head)
        self.tail += rest
        if len(self.tail) > 2 * TAIL:
            self.left_out += len(self.tail) - TAIL
            self.tail = self.tail[-TAIL:]
        return len(head)

    def settle(self) -> None:
        """Put the text into the output."""
        if self.is_settled:
            return
        self.is_settled = True
        head, tail = "".join(self.head), self.tail
        if self.left_out:
            head, tail = first_words(head), last_words(tail)
            left_out = self.left_out + sum(map(len, self.head)) - len(head) + len(self.tail) - len(tail)
            head += ("" if head.endswith("\n") else "\n") + f"{_left_out(left_out)}\n"
        self.output["text"] = _overwritten(head + tail)


def _overwritten(text: str) -> str:
    """Return what a terminal shows in the end: a progress bar overwrites its line."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


@dataclass
class _Bounds:
    """What one cell has printed and shown so far."""

    printed: int = 0
    shown: int = 0
    refused: int = 0
    streams: dict[str, _Stream] = field(default_factory=dict)
    note: Any = None

    def write(self, name: str, text: str, outs: list[Any]) -> Any:
        """Add what was printed; each stream has one output."""
        if name not in self.streams:
            outs.append(nbformat().v4.new_output("stream", name=name, text=""))
            self.streams[name] = _Stream(outs[-1])
        stream = self.streams[name]
        self.printed += stream.write(text, HEAD - self.printed)
        return stream.output

    def settle(self) -> None:
        """Put what was printed until now into the outputs."""
        for stream in self.streams.values():
            stream.settle()

    def admit(self, size: int, outs: list[Any]) -> bool:
        """Say whether an output fits; one note stands for all that do not."""
        if self.shown + size <= SHOWN:
            self.shown += size
            return True
        self.refused += size
        if self.note is None:
            self.note = nbformat().v4.new_output("display_data")
            outs.append(self.note)
        self.note["data"] = {"text/plain": _left_out(self.refused)}
        return False


def _left_out(size: int) -> str:
    return say("run.left_out", size=display.size(size))


def _shorten(error: MutableMapping[str, Any]) -> None:
    """Cut an error of many pages, in place."""
    if (size := _size(error)) > ERROR:
        if len(error["evalue"]) > ERROR // 2:
            error["evalue"] = first_words(error["evalue"][: ERROR // 2])
        error["traceback"] = [f"{error['ename']}: {error['evalue']}", _left_out(size - len(error["evalue"]))]


def first_words(text: str) -> str:
    """Return the beginning of a text that was cut, to the last whole line or word: half a secret is not recognised."""
    return text[: text.rfind("\n") + 1] or text[: text.rfind(" ") + 1] or text[:-LONGEST_WORD]


def last_words(text: str) -> str:
    """Return the end of a text that was cut, from the first whole line or word."""
    return text[text.find("\n") + 1 or text.find(" ") + 1 or LONGEST_WORD :]


def _size(value: Any, depth: int = DEEPEST) -> int:
    """Return roughly how many characters a value takes in the file; too many for one that is nested without end."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, (dict, list, tuple)):
        if not depth:
            return SHOWN + 1
        keys = sum(map(len, value)) if isinstance(value, dict) else 0
        return keys + sum(_size(item, depth - 1) for item in (value.values() if isinstance(value, dict) else value))
    return 8
