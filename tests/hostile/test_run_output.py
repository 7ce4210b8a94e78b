"""Where a run writes: what is not ours is left alone; and no secret is in anything that it leaves."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larknb.cli import main
from larknb.errors import ConfigError
from larknb.headless import records
from larknb.headless.leftovers import clean_up
from larknb.headless.records import RunRecord, prune
from larknb.headless.report import write_report
from larknb.headless.runner import output_path
from larknb.results.runs import RunResult
from larknb.workspace import Workspace
from tests.headless.conftest import Bench, posix

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
SECRET = "k3y-Of_the.App2026"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose kernel does not start: quick, and with the same files."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")


def seen(folder: Path) -> dict[str, object]:
    """Return all that lies in a folder: kind, target and content."""
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        content = path.read_bytes() if stat.S_ISREG(mode) else path.readlink() if path.is_symlink() else b""
        found[str(path)] = (stat.S_IFMT(mode), content)
    return found


# --- what is not ours -------------------------------------------------------------------------------------------------

Put = Callable[[Path], object]


def write(content: bytes) -> Put:
    return lambda path: path.write_bytes(content)


def links(*pairs: tuple[str, str]) -> Put:
    def put(path: Path) -> None:
        for name, target in pairs:
            path.with_name(name or path.name).symlink_to(target)

    return put


def link(target: str, content: bytes | None = None) -> Put:
    def put(path: Path) -> None:
        path.symlink_to(target)
        if content is not None:
            path.with_name(target).write_bytes(content)

    return put


FOREIGN: dict[str, Put] = {
    "a device": link("/dev/null"),
    "a device that gives": link("/dev/zero"),
    "a pipe": os.mkfifo if os.name != "nt" else Path.mkdir,
    "a folder": Path.mkdir,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to a folder": link("."),
    "a link to a file of somebody": link("other", b"mine"),
    "a link to a link to a device": links(("l", "/dev/null"), ("", "l")),
    "notes": write("我的笔记".encode()),
    "a key": write(b"-----BEGIN OPENSSH PRIVATE KEY-----\n"),
    "settings": write(b'[app]\napp_id = "cli_mine"\n'),
    "a script": write(b"#!/bin/sh\nexec true\n"),
    "json": write(b'{"name": "a package", "version": "1.0"}'),
    "json with cells": write(b'{"cells": [1, 2]}'),
    "a record": write(b'{"notebook": "a", "output": "b", "status": "ok"}'),
    "a list": write(b'["nbformat", "cells"]'),
    "an image": write(b"\x89PNG\r\n\x1a\n" + bytes(1000)),
    "one byte": write(b"x"),
    "100 MB": write(b"x" * 100_000_000),
    "a page that speaks of notebooks": write(b'<p>"cells" and "nbformat"</p>'),
}


@posix
@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_not_ours_is_left_alone(bench: Bench, capsys: pytest.CaptureFixture[str], put: Put) -> None:
    """Refused with its path and exit code 2, before anything is run, and everything is as it was."""
    bench.write("open('trace', 'w')")
    bench.output.parent.mkdir()
    put(bench.output)
    before = seen(bench.output.parent)
    code = main(["--home", str(bench.root), "run", str(bench.path), "--output", str(bench.output)])
    assert code == 2
    assert str(bench.output) in capsys.readouterr().err
    assert seen(bench.output.parent) == before
    assert not (bench.root / "trace").exists()


@posix
@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/dev/full", "/dev/stdout", "/proc/self/environ", "/"])
def test_a_device_itself_is_left_alone(bench: Bench, capsys: pytest.CaptureFixture[str], path: str) -> None:
    """It would be replaced by a file, for everybody on this machine."""
    before = Path(path).stat()
    assert main(["--home", str(bench.root), "run", str(bench.write("1")), "--output", path]) == 2
    assert path in capsys.readouterr().err
    after = Path(path).stat()
    assert (before.st_mode, before.st_rdev) == (after.st_mode, after.st_rdev)


BESIDE: dict[str, tuple[str, Put]] = {
    "a package.json": (".json", write(b'{"name": "mine"}')),
    "a list": (".json", write(b"[]")),
    "a text": (".json", write(b"not json")),
    "a folder for the record": (".json", Path.mkdir),
    "a link for the record": (".json", link("other", b'{"notebook": 1, "output": 2, "status": 3}')),
    "a pipe for the record": (".json", FOREIGN["a pipe"]),
    "a log": (".log", write(b"of another program")),
    "a folder for the log": (".log", Path.mkdir),
    "a link for the log": (".log", link("other", b"of another program")),
    "a link to nothing for the log": (".log", link("nothing")),
    "a device for the log": (".log", link("/dev/null")),
    "a file for the sign": (".running", write(b"mine")),
    "a folder for the sign": (".running", Path.mkdir),
    "a pipe for the sign": (".running", FOREIGN["a pipe"]),
    "a link for the sign": (".running", link("nothing")),
}


@posix
@pytest.mark.parametrize(("suffix", "put"), BESIDE.values(), ids=BESIDE.keys())
def test_what_lies_beside_is_left_alone(
    bench: Bench, capsys: pytest.CaptureFixture[str], suffix: str, put: Put
) -> None:
    """Where the record, the log and the sign of the run belong: named, refused, and as it was."""
    bench.write("open('trace', 'w')")
    bench.output.parent.mkdir()
    put(path := bench.output.with_suffix(suffix))
    before = seen(bench.output.parent)
    assert main(["--home", str(bench.root), "run", str(bench.path), "--output", str(bench.output)]) == 2
    assert str(path) in capsys.readouterr().err
    assert seen(bench.output.parent) == before
    assert not (bench.root / "trace").exists()


@pytest.mark.parametrize("name", ["out.json", "out.log", "out.html", "out.running"])
def test_an_output_that_would_be_its_own_record(bench: Bench, name: str) -> None:
    """The names of what lies beside the notebook are taken."""
    assert main(["--home", str(bench.root), "run", str(bench.write("1")), "--output", str(bench.root / name)]) == 2
    assert not (bench.root / name).exists()


OURS: dict[str, Put] = {
    "nothing": lambda _: None,
    "an empty file": Path.touch,
    "a notebook": write(NOTEBOOK),
    "a notebook with a byte order mark": write(b"\xef\xbb\xbf" + NOTEBOOK),
    "a notebook on one line": write(NOTEBOOK.replace(b" ", b"")),
    "a large notebook": write(b'{"cells": [' + b" " * 1_000_000 + NOTEBOOK[len(b'{"cells": [') :]),
    "a link to nothing": link("behind"),
    "a link to a notebook": link("behind", NOTEBOOK),
}


@posix
@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("put", OURS.values(), ids=OURS.keys())
@pytest.mark.parametrize("name", ["1.ipynb", "no suffix", "1.txt"])
def test_what_is_ours_is_replaced(bench: Bench, put: Put, name: str) -> None:
    """A notebook, or nothing; a link stays one, and what is behind it is written; a second run goes as the first."""
    path, output = bench.write("print(1)"), bench.output.with_name(name)
    output.parent.mkdir()
    put(output)
    was_link = output.is_symlink()
    for _ in range(2):
        assert main(["--home", str(bench.root), "run", str(path), "--output", str(output)]) == 1
    assert output.is_symlink() is was_link
    assert json.loads(output.read_bytes())["metadata"]["larknb"]["status"] == "dead"


# --- files of people in our own folders -------------------------------------------------------------------------------

STAMP = "20260101T000000Z"


def leave_runs(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for day in range(2, 2 + count):
        run = folder / f"202601{day:02}T000000Z.ipynb"
        run.write_bytes(b'{"cells": [], "metadata": {"larknb": {"status": "ok"}}, "nbformat": 4, "nbformat_minor": 5}')
        run.with_suffix(".log").write_bytes(b"x")


PEOPLE: dict[str, Put] = {
    "notes.txt": write(b"mine"),
    ".DS_Store": write(b"\0\0\0\1Bud1"),
    "Thumbs.db": write(b"\xd0\xcf\x11\xe0"),
    "desktop.ini": write(b"[x]"),
    "mine.ipynb": write(NOTEBOOK),
    "mine.running": write(b""),
    "mine.json": write(b"{}"),
    f"{STAMP} copy.ipynb": write(NOTEBOOK),
    f"{STAMP}.ipynb": write(NOTEBOOK),
    f"{STAMP}.ipynb of a text": lambda path: path.with_name(f"{STAMP}.ipynb").write_bytes(b"mine"),
    f"{STAMP}.txt": write(b"mine"),
    f"{STAMP}-mine.log": write(b"mine"),
    "a folder": Path.mkdir,
    "a folder.ipynb": Path.mkdir,
    f"{STAMP}.ipynb as a folder": lambda path: path.with_name(f"{STAMP}.ipynb").mkdir(),
    f"{STAMP}.ipynb as a link": lambda path: link("x", b"mine")(path.with_name(f"{STAMP}.ipynb")),
    "a pipe": FOREIGN["a pipe"],
}  # fmt: skip


@posix
@pytest.mark.parametrize(("name", "put"), PEOPLE.items(), ids=PEOPLE.keys())
def test_files_of_people_are_ignored(tmp_path: Path, name: str, put: Put) -> None:
    """Neither pruned nor cleaned up nor counted, and the list of runs goes on."""
    runs = tmp_path / "work" / "runs"
    put_there = runs / "night"
    leave_runs(put_there, 3)
    ours = {path.name for path in put_there.iterdir()}
    put(put_there / name)
    before = {path: what for path, what in seen(put_there).items() if Path(path).name not in ours}
    prune(put_there, 1)
    clean_up(runs)
    Workspace(tmp_path).runs()
    after = {path: what for path, what in seen(put_there).items() if Path(path).name not in ours}
    assert after == before
    assert sorted(path.name for path in put_there.iterdir() if path.name in ours) == [
        "20260104T000000Z.ipynb", "20260104T000000Z.log",
    ]  # fmt: skip


@posix
@pytest.mark.parametrize("name", ["notes.txt", "notices.json", "night", "night.running", ".DS_Store"])
def test_files_of_people_beside_the_folders_of_runs(tmp_path: Path, name: str) -> None:
    """A file where a folder of runs would be, and what is no folder at all."""
    runs = tmp_path / "work" / "runs"
    runs.mkdir(parents=True)
    (runs / name).write_bytes(b"mine")
    clean_up(runs)
    assert len(Workspace(tmp_path).runs()) == 0
    assert (runs / name).read_bytes() == b"mine"


@pytest.mark.parametrize("suffix", [".ipynb", ".json", ".log", ".html", ".v0.json"])
def test_a_new_run_takes_no_name_that_is_taken(tmp_path: Path, suffix: str) -> None:
    """By whatever lies there."""
    path = output_path(tmp_path, Path("night.ipynb"), 0.0)
    path.parent.mkdir()
    path.with_suffix(suffix).write_bytes(b"mine")
    assert output_path(tmp_path, Path("night.ipynb"), 0.0) != path


# --- secrets ----------------------------------------------------------------------------------------------------------


def redact(text: str) -> str:
    return text.replace(SECRET, "****")


def finds(text: str) -> bool:
    """Say whether somebody who looks would find the secret, decoding all that looks like base64."""
    flat = re.sub(r'(\\n|\\r|\s|",|")+', "", text)
    runs = [*re.findall(r"[A-Za-z0-9+/_-]{8,}", text), *re.findall(r"[A-Za-z0-9+/_-]{8,}", flat)]
    meant = (base64.b64decode(f"{run[at:].translate(str.maketrans('-_', '+/'))}====") for run in runs for at in range(4)
             if len(run[at:]) % 4 != 1)  # fmt: skip
    return SECRET in text or SECRET in flat or any(SECRET.encode() in data for data in meant)


HIDES = f"""
import base64, os, sys, threading, time
from IPython.display import HTML, Javascript, JSON, Markdown, SVG, Image, display
secret = "".join({[*SECRET]!r})
b = lambda text: base64.b64encode(text.encode()).decode()
png = b"\\x89PNG\\r\\n\\x1a\\n" + bytes(200) + b"tEXt" + secret.encode() + bytes(50)
for before in ("", "a", "ab"):
    print(b(before + secret), base64.urlsafe_b64encode((before + secret).encode()).decode())
print(base64.encodebytes(b"x" * 50 + secret.encode() + b"y" * 100).decode())
display(Image(png, format="png"))
display(HTML(f"<img src='data:image/png;base64,{{base64.b64encode(png).decode()}}'>"))
display(HTML(f"<i>{{secret}}</i>"), Javascript(f"x = '{{secret}}'"), JSON({{"a": [secret, b(secret)], secret: 1}}))
display(Markdown(secret), SVG(f"<svg xmlns='http://www.w3.org/2000/svg'><text>{{secret}}</text></svg>"))
display({{"image/png": secret, "text/html": [secret[:5], secret[5:]]}}, raw=True)
display({{"application/vnd.jupyter.widget-state+json": {{"state": {{"m": {{"value": secret}}}}}}}}, raw=True)
for letter in secret:
    sys.stdout.write(letter); sys.stdout.flush()
print(secret, file=sys.stderr)
handle = display("nothing yet", display_id=True)
handle.update({{"text/plain": secret}}, raw=True)
sys.__stderr__.write(secret + b(secret)); sys.__stderr__.flush()
"""


def assert_no_secret(folder: Path) -> None:
    found = [path.name for path in folder.iterdir() if finds(path.read_text(encoding="utf-8"))]
    assert found == []


@posix
def test_no_output_holds_a_secret(bench: Bench) -> None:
    """Of whatever kind, in base64 or split: neither notebook nor record nor log nor report has it."""
    bench.run(HIDES, f"x = {SECRET!r}\nraise ValueError(secret + b('ab' + secret))", redact=redact)
    write_report(bench.output, redact)
    assert {path.suffix for path in bench.output.parent.iterdir()} == {".ipynb", ".json", ".log", ".html"}
    assert "****" in bench.log()
    assert_no_secret(bench.output.parent)


@pytest.mark.parametrize(
    "options",
    [pytest.param({"timeout": 1}, id="timeout"), pytest.param({"deadline": 4}, id="deadline", marks=pytest.mark.soak)],
)
def test_the_source_of_a_cell_that_was_cut_off(bench: Bench, options: dict[str, Any]) -> None:
    """Its first line is in the error, the record and the notebook: without the secret."""
    result = bench.run(f"x = '{SECRET}'; import time; time.sleep(60)", redact=redact, **options)
    assert result.exit_code == 124
    assert result.error is not None
    assert (result.error.line[:8], result.items[-1].line[:8]) == ("x = '***", "x = '***")
    for text in (str(result.error), repr(result), json.dumps(result.to_dict())):
        assert SECRET not in text
    assert_no_secret(bench.output.parent)


RUNNER = (
    "import sys; from pathlib import Path; from larknb.headless.runner import run_notebook\n"
    "run_notebook(Path(sys.argv[1]), Path(sys.argv[2]), redact=lambda text: text)"
)


@posix
@pytest.mark.crash
def test_the_raw_log_of_a_killed_runner(bench: Bench) -> None:
    """What the kernel wrote past its cells has no name until it is redacted: a killed runner leaves nothing of it."""
    noise = f"import os, time; os.write(2, {SECRET.encode()!r}); open('hanging', 'w').close(); time.sleep(60)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(bench.write(noise)), str(bench.output)], env=env
    ) as process:
        until = time.monotonic() + 60
        while not bench.is_hanging():
            assert time.monotonic() < until
            time.sleep(0.05)  # another process writes it
        process.kill()
        process.wait(10)
    assert not bench.output.with_suffix(".log").exists()


@pytest.mark.parametrize("place", ["runs", "elsewhere"])
def test_the_raw_log_of_an_earlier_larknb(bench: Bench, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """It was written as it came: the next run, or the next look at the runs, redacts it."""
    bench.write("1")
    bench.output.parent.mkdir()
    bench.output.write_bytes(NOTEBOOK)
    record = RunRecord.of(RunResult("n.ipynb", str(bench.output), "running", started_at=1.0))
    records.write(bench.output, record)
    bench.output.with_suffix(".log").write_text(f"{SECRET} {base64.b64encode(SECRET.encode()).decode()}")
    bench.output.with_suffix(".running").touch()
    if place == "runs":
        clean_up(bench.root, redact)
        assert "****" in bench.log()
    else:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        bench.run("1", redact=redact)
    assert not finds(bench.log())


def test_a_report_that_is_none_of_ours_is_left_alone(bench: Bench) -> None:
    """A page of that name is refused; a report, and nothing, are replaced."""
    bench.output.parent.mkdir(parents=True)
    bench.output.write_bytes(NOTEBOOK)
    page = bench.output.with_suffix(".html")
    page.write_text("<p>mine</p>", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"1\.html"):
        write_report(bench.output, redact)
    assert page.read_text(encoding="utf-8") == "<p>mine</p>"
    page.unlink()
    assert [write_report(bench.output, redact) for _ in range(2)] == [page, page]
