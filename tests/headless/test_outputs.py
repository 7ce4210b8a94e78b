"""What one cell may put out: the head, the tail and a word about the rest."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.headless.outputs import HEAD, LONGEST_WORD, SHOWN, TAIL, BoundedClient, first_words, last_words
from tests.headless.conftest import Bench

# --- asked from the client that collects it -----------------------------------------------------------------------


class Cells:
    """A notebook whose cells a kernel's messages reach, without a kernel."""

    def __init__(self, count: int = 2) -> None:
        make: Any = nbformat.v4
        self.notebook = make.new_notebook(cells=[make.new_code_cell("") for _ in range(count)])
        self.client = BoundedClient(self.notebook)
        self.client.clear_before_next_output = False  # as nbclient does when a cell begins

    def send(self, kind: str, content: dict[str, Any], cell: int = 0) -> None:
        message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {"msg_id": "m"}, "content": content}
        self.client.process_message(message, self.notebook.cells[cell], cell)

    def print(self, text: str, name: str = "stdout", cell: int = 0) -> None:
        self.send("stream", {"name": name, "text": text}, cell)

    def show(self, text: str, cell: int = 0, **more: Any) -> None:
        self.send("display_data", {"data": {"text/plain": text}, "metadata": {}, "transient": {}, **more}, cell)

    def printed(self, cell: int = 0, name: str = "stdout") -> str:
        self.client.settle()
        (output,) = [one for one in self.outputs(cell) if one.get("name") == name]
        return str(output["text"])

    def outputs(self, cell: int = 0) -> list[Any]:
        return list(self.notebook.cells[cell].outputs)

    def shown(self, cell: int = 0) -> list[str]:
        return [one["data"]["text/plain"] for one in self.outputs(cell)]


# --- prints -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text("ab\n", max_size=5)), min_size=1, max_size=20))
def test_what_is_printed_piece_by_piece_is_one_text(pieces: list[tuple[str, str]]) -> None:
    """One output for each stream, in the order in which they began, and no letter is lost."""
    cells = Cells()
    for name, text in pieces:
        cells.print(text, name)
    assert [output["name"] for output in cells.outputs()] == list(dict.fromkeys(name for name, _ in pieces))
    for name in {name for name, _ in pieces}:
        assert cells.printed(name=name) == "".join(text for other, text in pieces if other == name)


@pytest.mark.parametrize("extra", [0, 1, TAIL, 2 * TAIL])
def test_a_print_within_the_bounds_is_whole(extra: int) -> None:
    """The head is kept, and behind it as much as the tail may hold before it is cut."""
    cells = Cells()
    cells.print("x" * HEAD)
    cells.print("y" * extra)
    assert cells.printed() == "x" * HEAD + "y" * extra


def test_of_a_flood_head_and_tail_stay() -> None:
    """The cut is between lines; what is left out is counted, in head and tail too."""
    cells = Cells()
    line = "x" * 99 + "\n"
    for _ in range((HEAD + 8 * TAIL) // 100):
        cells.print(line)
    head, mark, tail = cells.printed().partition("… 601 KB left out here …\n")
    assert mark
    assert {*head.splitlines(), *tail.splitlines()} == {"x" * 99}
    assert len(head) == HEAD == 800_000
    assert TAIL <= len(tail) <= 2 * TAIL


def test_a_flood_in_one_line_is_cut_in_it() -> None:
    """There is no place between lines: what could be half a secret goes, and the mark has a line of its own."""
    cells = Cells()
    cells.print("x" * (HEAD + 2 * TAIL + 1))
    kept = "x" * (HEAD - LONGEST_WORD), "x" * (TAIL - LONGEST_WORD)
    assert cells.printed() == f"{kept[0]}\n… 108 KB left out here …\n{kept[1]}"


def test_a_flood_of_words_is_cut_between_them() -> None:
    """A secret that the bound goes through leaves no half of itself."""
    cells = Cells()
    cells.print("x" * (HEAD - 5) + " secret1234 " + "y" * 2 * TAIL + " secret1234" * 2)
    cells.print(" z" * (2 * TAIL))
    assert re.search("sec?r?e?t?", cells.printed()) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("one\ntwo\nthr", "one\ntwo\n", "two\nthr"),
        ("one two thr", "one two ", "two thr"),
        ("one\ntwo thr", "one\n", "two thr"),
        ("x" * (LONGEST_WORD + 3), "xxx", "xxx"),
        ("half", "", ""),
    ],
)
def test_what_is_cut_ends_with_a_whole_word(text: str, first: str, last: str) -> None:
    """A line where there are lines, a word where there are words, else as much as a secret may be long is left out."""
    assert (first_words(text), last_words(text)) == (first, last)


def test_a_thread_that_prints_during_a_later_cell_has_one_output() -> None:
    """What it prints piece by piece is one text, in which a secret is recognised."""
    cells = Cells()
    for text, cell in (("tok", 0), ("other", 1), ("en-1234", 0), ("s", 1)):
        cells.print(text, cell=cell)
    assert (cells.printed(0), cells.printed(1)) == ("token-1234", "others")
    assert [len(cells.outputs(cell)) for cell in (0, 1)] == [1, 1]


def test_an_output_without_end_is_left_out() -> None:
    """Nested deeper than any program reads."""
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    cells = Cells()
    cells.send("display_data", {"data": {"application/json": deep}, "metadata": {}})
    (output,) = cells.outputs(0)
    assert "left out" in output["data"]["text/plain"]


def test_two_streams_share_the_head() -> None:
    """A cell that prints as much to both is bounded once."""
    cells = Cells()
    cells.print("x" * (HEAD - 10))
    cells.print("y" * (2 * TAIL + 11), "stderr")
    assert cells.printed(name="stderr").startswith("\n… ")  # ten characters could be half a secret
    assert cells.printed() == "x" * (HEAD - 10)


def test_each_cell_has_its_own_bounds() -> None:
    """What one printed is no reason to cut the next; and the first is brought up to date when that begins."""
    cells = Cells()
    cells.print("x" * HEAD)
    cells.print("y" * HEAD, cell=1)
    assert cells.outputs(0)[0]["text"] == "x" * HEAD
    assert cells.printed(1) == "y" * HEAD


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("1%\r2%\r3%\n", "3%\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\rb", "b"),
        ("plain\n1\r2", "plain\n2"),
        ("\r\r\r", ""),
        ("no return", "no return"),
    ],
)
def test_a_line_that_is_written_over_shows_its_last_state(text: str, seen: str) -> None:
    """As a terminal would; a line's own end is no writing over."""
    cells = Cells()
    for letter in text:
        cells.print(letter)
    assert cells.printed() == seen


# --- displays ---------------------------------------------------------------------------------------------------------


def test_displays_are_taken_until_the_bound() -> None:
    """One that does not fit is left out, and a smaller one after it still comes; one mark counts all that did not."""
    cells = Cells()
    size = 1_000_000 - len("text/plain") - len("data" + "metadata" + "transient")
    for letter in "abcdef":
        cells.show(letter * size)
    assert [text[0] for text in cells.shown()] == ["a", "b", "c", "d", "e", "…"]
    assert cells.shown()[5] == "… 1.0 MB left out here …"
    cells.show("g" * size)
    assert cells.shown()[5:] == ["… 2.0 MB left out here …"]
    assert SHOWN == 5 * 1_000_000


def test_a_display_that_does_not_fit_leaves_room_for_others() -> None:
    """A picture of 6 MB is no reason to refuse the table after it."""
    cells = Cells()
    cells.show("x" * (SHOWN + 1))
    cells.show("small")
    assert [text[:5] for text in cells.shown()] == ["… 5.0", "small"]


def test_an_update_cannot_bring_the_flood_in() -> None:
    """What takes the place of an earlier output is as bounded; a small one is taken as it is."""
    cells = Cells()
    cells.show("first", transient={"display_id": "d"})
    update = {"metadata": {}, "transient": {"display_id": "d"}}
    cells.send("update_display_data", {"data": {"text/plain": "second"}, **update})
    assert cells.shown() == ["second"]
    cells.send("update_display_data", {"data": {"text/plain": "x" * SHOWN}, **update})
    assert cells.shown() == ["… 5.0 MB left out here …"]


@pytest.mark.parametrize("wait", [False, True])
def test_what_is_cleared_does_not_count(wait: bool) -> None:
    """A cell may print and show as much as it likes, if it clears before; with ``wait``, at its next output."""
    cells = Cells()
    for n in range(3):
        cells.send("clear_output", {"wait": wait})
        cells.print(f"{n}" * HEAD)
    assert cells.printed() == "2" * HEAD


# --- errors -----------------------------------------------------------------------------------------------------------


def error(size: int) -> dict[str, Any]:
    return {"ename": "E", "evalue": "v" * size, "traceback": ["t" * size]}


def test_a_traceback_of_pages_is_cut() -> None:
    """Its words are kept to a length, the lines are left out and counted; a short one is whole."""
    cells = Cells()
    cells.send("error", error(5_000))
    cells.send("error", error(50_000), cell=1)
    (short,), (long,) = cells.outputs(0), cells.outputs(1)
    assert (short["evalue"], short["traceback"]) == ("v" * 5_000, ["t" * 5_000])
    assert long["evalue"] == "v" * (10_000 - LONGEST_WORD)
    assert long["traceback"] == [f"E: {long['evalue']}", "… 94.0 KB left out here …"]


def test_an_error_is_told_however_much_was_shown() -> None:
    """Of all outputs it is the one that must not be refused."""
    cells = Cells()
    cells.show("x" * (SHOWN - 100))
    cells.send("error", error(9_000))
    assert cells.outputs()[-1]["output_type"] == "error"


# --- with a kernel ----------------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_a_flood_of_prints_is_cut(bench: Bench) -> None:
    """Of 20 MB the beginning and the end stay, and a line between says how much is missing."""
    prints = "for n in range(400_000): print(f'{n:06} ' + 'x' * 43)"
    result = bench.run(f"{prints}\nimport sys; print('late', file=sys.stderr)")
    assert result.ok
    text = bench.text(1)
    assert text.startswith("000000 x")
    assert "399999 x" in text
    assert "\nlate\n" in text
    assert re.search(r"\n… \d\d\.\d MB left out here …\n", text)
    assert bench.output.stat().st_size < 1_300_000
    nbformat.validate(bench.executed())


def test_what_is_flushed_letter_by_letter_stays_whole(bench: Bench) -> None:
    """Below the bound nothing is lost, and streams stay apart."""
    bench.run("import sys\nfor n in range(300):\n    print(n % 10, end='', flush=True)\n    sys.stderr.write('.')")
    assert {o["name"]: "".join(o["text"]) for o in bench.executed()["cells"][1]["outputs"]} == {
        "stdout": "0123456789" * 30,
        "stderr": "." * 300,
    }


def test_a_progress_bar_leaves_its_last_state(bench: Bench) -> None:
    """As a terminal shows it; and a line of 2 MB does not hold the run up."""
    bar = "for n in range(300): print(f'\\r{n}', end='', flush=True)\nprint()"
    result = bench.run(f"{bar}", "print('x' * 2_000_000)", "print('end')")
    assert bench.text(1) == "299\n"
    assert result.seconds < 10
    assert "x\n… 1.2 MB left out here …\n" in bench.text(2)
    assert bench.text(3) == "end\n"


def test_a_flood_of_displays_is_cut(bench: Bench) -> None:
    """What fits stays, one mark tells of the rest; a later update cannot bring the flood in, nor can an error."""
    result = bench.run(
        "handle = display('first', display_id=True)\n"
        "for n in range(30): display({'text/html': 'y' * 300_000}, raw=True)",
        "handle.update('z' * 6_000_000)",
        "raise ValueError('e' * 3_000_000)",
    )
    outputs = bench.executed()["cells"][1]["outputs"]
    assert len(outputs) == 1 + 16 + 1
    assert "left out" in "".join(outputs[0]["data"]["text/plain"])
    assert "left out" in "".join(outputs[-1]["data"]["text/plain"])
    assert result.status == "failed"
    assert bench.output.stat().st_size < 5_200_000
    assert bench.output.with_suffix(".json").stat().st_size < 10_000


def test_what_a_cell_clears_does_not_count(bench: Bench) -> None:
    """A cell that shows its progress by clearing prints as much as it likes."""
    loop = "for n in range(50): clear_output(wait=True); print(n, 'x' * 100_000)"
    assert bench.run(f"from IPython.display import clear_output\n{loop}").ok
    assert bench.text(1) == f"49 {'x' * 100_000}\n"
