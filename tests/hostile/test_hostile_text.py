"""Names, cells and messages that act on a terminal, a log, a page or a sheet: people see escapes, programs data."""

from __future__ import annotations

import csv
import io
import json
import logging
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from larknb import console, display, errors
from larknb.auth.app import App
from larknb.auth.device import DeviceLogin
from larknb.auth.store import TokenStore
from larknb.cli.output import print_result, to_csv
from larknb.config.secrets import Secret
from larknb.errors import ApiError, Asker, LarkError
from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from larknb.logs import log_to
from larknb.model import Progress
from larknb.results.changes import Changed, Changes
from larknb.results.runs import CellError, CellRun, RunList, RunResult, RunRow
from larknb.results.search import Hit, SearchHits
from larknb.results.sources import Column, Columns
from larknb.results.status import Status, StatusRow
from larknb.results.sync import SyncReport, SyncRow
from larknb.results.user import User
from larknb.sandbox import Fault, Field
from larknb.screens import card, terminal
from larknb.screens.progress import reporter
from tests.cli.conftest import home
from tests.cli.running import run
from tests.conftest import Lab, sync, text
from tests.guides.builders import para, record, table
from tests.guides.builders import text as heading

__all__ = ["home"]  # a fixture

NASTY = {
    "clears the screen": "a\x1b[2Jb", "sets the title": "a\x1b]0;owned\x07b", "8-bit escape": "a\x9b31mb",
    "8-bit title": "a\x9d0;owned\x9cb", "hidden letters": "a\x1b[8mb\x1b[0m",
    "link": "a\x1b]8;;https://evil.example\x1b\\b",
    "line feed": "a\n2026-01-01 00:00:00,000 INFO 1 all is well", "carriage return": "a\rall is well",
    "CR LF": "a\r\nb",
    "next line": "a\x85b", "line separator": "a\u2028b", "paragraph separator": "a\u2029b", "form feed": "a\x0cb",
    "vertical tab": "a\x0bb", "backspace": "a\x08\x08b", "NUL": "a\x00b", "bell": "a\x07", "delete": "a\x7fb",
    "turned around": "a\u202egnp.exe", "embedded": "a\u202b\u202cb", "isolated": "a\u2067b\u2069",
    "mark": "a\u200eb\u200f\u061c",
    "no width": "a\u200bb", "byte order mark": "\ufeffa", "joined Latin": "ad\u200dmin", "soft hyphen": "a\xadb",
    "invisible operator": "a\u2062b", "tags": "a\U000e0041\U000e007fb", "filler": "a\u3164b",
    "half an emoji": "a\ud83db",
    "annotation": "a\ufff9b\ufffb", "smuggled": "a\ufe00\ufe01\U000e0101", "separators": "a\x1c\x1d\x1e\x1fb",
}  # fmt: skip
READABLE = [
    "王小明",
    "محمد عبد الله",
    "יוסי כהן",
    "می\u200cخواهم",
    "👩\u200d💻",
    "👨\u200d👩\u200d👧",
    "❤\ufe0f\u200d🔥",
    "é",
]
ZERO_WIDTH = {*"\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u3164\ufeff\uffa0"}

each_nasty = pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)


def acting(text: str) -> set[str]:
    """Return what in a text acts on whoever shows it; line feeds and tabs of its own are counted elsewhere."""
    return {
        char
        for char in text
        if char not in "\n\t\u200c\u200d"
        and (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in ZERO_WIDTH)
    }


# --- what people see --------------------------------------------------------------------------------------------------


def error_of(nasty: str) -> LarkError:
    asker = Asker("user", f"{nasty} (ou_1)")
    return LarkError(f"No {nasty}", source=nasty, next=f"ask {nasty}", code=5, msg=nasty, log_id=nasty, asker=asker)


def user_of(nasty: str) -> User:
    return User(nasty, nasty, nasty, "cli_a", "open.feishu.cn", beside=nasty)


def run_of(nasty: str) -> RunResult:
    error = CellError(1, nasty, "ValueError", nasty)
    cells = (CellRun(1, nasty, 0.5),)
    return RunResult(nasty, f"work/{nasty}.ipynb", "failed", started_at=0.0, items=cells, error=error, report=nasty)


def hits_of(nasty: str) -> SearchHits:
    return SearchHits([Hit("bitable", nasty, nasty, nasty, f"x {nasty}", f"https://x/{nasty}", ((0, 1),))])


def columns_of(nasty: str) -> Columns:
    return Columns([Column(nasty, "fld", nasty, "str", nasty, (nasty, nasty), 0.5)])


def document_of(nasty: str) -> Document:
    return Document(to_guide(record(para(nasty), heading(3, nasty), table([[nasty, "b"]]), title=nasty)))


def document_with_html_of(nasty: str) -> str:
    whole = record(para(nasty), heading(3, nasty), table([[nasty, "b"]]), title=nasty)
    return Document(to_guide(whole), record=lambda: whole)._repr_html_()


def runs_of(nasty: str) -> RunList:
    return RunList([RunRow("2026-01-01T00:00:00", nasty, "ok", 1.0, nasty, nasty)], "/root")


def report_of(nasty: str) -> SyncReport:
    rows = [SyncRow(nasty, "bitable", nasty, "failed", problem=nasty)]
    return SyncReport(rows, {nasty: ApiError(nasty)}, {nasty: Asker("user", nasty), "b": Asker("tenant", nasty)})


def status_of(nasty: str) -> Status:
    rows = [StatusRow(nasty, "bitable", nasty, 3, "stale", 7300.0, nasty, nasty, 1, 1)]
    return Status(rows, login=nasty, read_as={nasty: Asker("user", nasty)})


def changes_of(nasty: str) -> Changes:
    return Changes([Changed(nasty, "bitable", nasty, 2, 0, 1)], failed=1, cost=nasty, login=nasty)


RESULTS: dict[str, Callable[[str], object]] = {
    "report": report_of, "status": status_of, "changes": changes_of,
    "user": user_of, "run": run_of, "hits": hits_of, "columns": columns_of, "runs": runs_of,
}  # fmt: skip
LINES: dict[str, Callable[[str], str]] = {  # one line, whatever the text holds
    "headline": lambda nasty: display.text(nasty, [], []),
    "value": display.plain,
    "error": lambda nasty: str(error_of(nasty)),
    "error in a table": lambda nasty: error_of(nasty).brief(),
    "error as a cause": lambda nasty: str(error_of(nasty).at(nasty)),
    "fact": lambda nasty: display.facts([("name", nasty)]),
}
PAGES: dict[str, Callable[[str], str]] = {
    "table": lambda nasty: display.html(nasty, [nasty], [(nasty,)], nasty),
    "facts": lambda nasty: display.facts_html([(nasty, nasty)]),
    "line": display.soft,
    "box": lambda nasty: display.boxed(nasty, display.anchor("https://x", nasty), nasty),
    "card": lambda nasty: card.signed_in(user_of(nasty), [nasty, f"{nasty} http://x/{nasty}"]).html,
    "failed card": lambda nasty: card.failed(error_of(nasty)).html,
    "hits": lambda nasty: str(hits_of(nasty)._repr_html_()),
    "user": lambda nasty: str(user_of(nasty)._repr_html_()),
    "run": lambda nasty: str(run_of(nasty)._repr_html_()),
    "document": document_with_html_of,
    "document without its record": lambda nasty: document_of(nasty)._repr_html_(),
}


@pytest.mark.parametrize("place", LINES)
def test_a_line_stays_a_line(place: str) -> None:
    """Nothing acts, and nothing begins a line of its own, also where Python alone sees a line end."""
    shown = {name: LINES[place](nasty) for name, nasty in NASTY.items()}
    assert [name for name, each in shown.items() if acting(each) or len(each.splitlines()) != 1] == []


@pytest.mark.parametrize("result", RESULTS)
def test_a_result_shows_nothing_that_acts(result: str) -> None:
    """It has as many lines as with a harmless text."""
    plain = len(repr(RESULTS[result]("a")).splitlines())
    shown = {name: repr(RESULTS[result](nasty)) for name, nasty in NASTY.items()}
    assert [name for name, each in shown.items() if acting(each) or len(each.splitlines()) != plain] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_nothing_that_acts(page: str) -> None:
    """Neither as text nor in an attribute."""
    assert [name for name, nasty in NASTY.items() if acting(PAGES[page](nasty))] == []


@each_nasty
def test_a_table_keeps_one_line_per_row(nasty: str) -> None:
    """Of many rows with values of several lines, and the columns still line up."""
    shown = display.text("", ["name", "rows"], [(nasty, 1), ("b\nc\r\nd", 2), ("e", 3)])
    assert acting(shown + display.text("", [], [], nasty)) == set()
    lines = shown.split("\n")
    assert len(lines) == len(shown.splitlines()) == 4
    assert len({display.width(line) for line in lines}) == 1


@pytest.mark.parametrize("name", READABLE)
def test_names_of_all_scripts_stay_readable(name: str) -> None:
    """In a table, an error, a page and a card, joiners included."""
    told = [display.text("", ["name"], [(name,)]), str(error_of(name)), display.html("", ["name"], [(name,)])]
    assert [name in each for each in [*told, card.signed_in(user_of(name)).text]] == [True] * 4


@each_nasty
def test_a_note_and_a_text_for_people(nasty: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is told beside a result and as one, and the progress of a sync."""
    console.note(nasty)
    console.tell(display.plain(nasty))
    print_result(run_of(nasty))
    with reporter() as show:
        show(Progress(nasty, 1, 2, nasty, state="done"))
    captured = capsys.readouterr()
    assert acting(captured.out + captured.err) == set()
    assert len(captured.err.splitlines()) == 2


def test_a_document_as_text() -> None:
    """Its title, sections and cells, in a terminal."""
    assert [name for name, nasty in NASTY.items() if acting(repr(document_of(nasty)))] == []


@each_nasty
def test_a_card_as_text(nasty: str) -> None:
    """Where no HTML is shown, the name of whoever signed in is part of one line."""
    shown, plain = (card.signed_in(user_of(name), [name]).text for name in (nasty, "a"))
    assert acting(shown) == set()
    assert len(shown.splitlines()) == len(plain.splitlines())


@pytest.mark.parametrize("nasty", [NASTY["clears the screen"], NASTY["turned around"], NASTY["8-bit title"]])
def test_a_device_code_is_what_one_sees(lab: Lab, tmp_path: Path, nasty: str) -> None:
    """A server that names the code cannot rewrite the terminal in which it is compared."""
    body = {
        "device_code": "device-1",
        "user_code": f"AB{nasty}",
        "verification_uri": "https://x/device",
        "expires_in": 60,
    }
    lab.box.faults.add(Fault.reply(200, body), endpoint="device", times=None)
    app = App(lab.box.app_id, Secret(lab.box.app_secret), lab.box.url, lab.box.url)
    told: list[str] = []
    lab.box.faults.add(Fault.reply(400, {"error": "access_denied"}), endpoint="token", times=None)
    store = TokenStore(tmp_path / "work" / "token.json", app, own_place=True)
    login = DeviceLogin(app, store, ("a:b",), clock=lab.clock, pause=lambda _: False)
    with pytest.raises(LarkError):
        terminal.device_in_terminal(login, tell=told.append)
    assert "AB" in told[0]
    assert acting("".join(told)) == set()


# --- the log ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The log file, written to as a workspace does."""
    logger = logging.getLogger("larknb")
    before = [*logger.handlers]
    log_to(tmp_path / "larknb.log")
    yield tmp_path / "larknb.log"
    for handler in [*logger.handlers]:
        if handler not in before:
            logger.removeHandler(handler)
            handler.close()


@each_nasty
def test_a_record_is_one_line(log: Path, nasty: str) -> None:
    """Whatever a server or a file name put into it: no line of the log is forged."""
    logger = logging.getLogger("larknb")
    record = logger.makeRecord("larknb", logging.WARNING, "x.py", 1, "%s: %s", (nasty, error_of(nasty)), None)
    for handler in logger.handlers:  # past pytest's own capture, which cannot carry half an emoji between its processes
        handler.handle(record)
    written = log.read_text(encoding="utf-8", errors="surrogateescape")
    assert acting(written) == set()
    assert len(written.splitlines()) == 1


@each_nasty
def test_a_traceback_forges_no_record(log: Path, nasty: str) -> None:
    """What follows the line of a record is indented, also where another handler wrote it before."""
    logger = logging.getLogger("larknb")
    other = logging.StreamHandler(io.StringIO())
    logger.handlers.insert(0, other)
    try:
        int(nasty)
    except ValueError:
        logger.exception("failed", stack_info=True)
    finally:
        logger.removeHandler(other)
    first, *rest = log.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    assert first.endswith("failed")
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert acting("".join(rest)) == set()


# --- a whole workspace ------------------------------------------------------------------------------------------------

WHOLE = {name: nasty for name, nasty in NASTY.items() if "\ud83d" not in nasty}  # the stand-in speaks UTF-8


@pytest.fixture
def hostile(home: Lab) -> Lab:
    """Names of a base, a table, fields and options, and cells: each holds whatever acts."""
    everything = "".join(WHOLE.values())
    base = home.box.tenant.add_base(f"base{everything}", app_token="AppNasty00000000000000001")
    options = {"options": [{"id": "opt1", "name": f"opt{everything}"}]}
    fields = [Field("name", 1, is_primary=True), Field(f"f{everything}", 1), Field("choice", 3, property=options)]
    table = base.add_table(f"t{everything}", fields, table_id="tblNasty")
    table.add_many([{"name": text(nasty), f"f{everything}": text(nasty)} for nasty in WHOLE.values()])
    home.workspace.add(f"{home.box.url}/base/AppNasty00000000000000001", name="nasty")
    sync(home).raise_for_failures()
    return home


COMMANDS = [
    ["status"], ["sources"], ["sync", "--force"], ["load", "nasty"], ["schema", "nasty"], ["paths", "nasty"],
    ["search", "well"], ["read", "nasty"], ["load", "nasty", "no such"], ["whoami"], ["runs"],
    ["load", "nasty/x\x1b[2J\ny"],
    ["load", "nasty", "--columns", "x\x9b31m"], ["add", "https://evil.example/\x1b[2J"], ["remove", "x\u202ey"],
]  # fmt: skip


def test_no_command_shows_what_acts(hostile: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, lists, errors and notes of every command, with names and cells that all of it stands in."""
    for argv in COMMANDS:
        _, out, err = run(capsys, *argv)
        assert (argv, acting(out + err)) == (argv, set())


def test_programs_get_what_is_there(hostile: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """JSON, Parquet, and a frame hold every character; JSON says in escapes what acts."""
    cells = sorted(WHOLE.values())
    assert sorted(hostile.workspace.load("nasty")["name"]) == cells
    parquet = next(iter(hostile.workspace.paths("nasty").values()))
    assert sorted(pd.read_parquet(parquet)["name"]) == cells
    _, out, _ = run(capsys, "load", "nasty", "--json")
    assert sorted(row["name"] for row in json.loads(out)) == cells
    assert acting(out) == set()
    run(capsys, "load", "nasty", "--json", str(tmp_path / "out.json"))
    assert sorted(row["name"] for row in json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))) == cells
    schema = run(capsys, "schema", "nasty", "--json")[1]
    assert acting(schema) == set()
    name = json.loads(schema)[1]["name"]
    assert name.startswith(f"f{''.join(WHOLE.values())}"[:40])


@pytest.mark.parametrize("is_terminal", [True, False])
def test_csv_is_whole_unless_a_terminal_shows_it(
    hostile: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    """A pipe and a file get every character; a terminal gets escapes, and one line per row."""
    capsys.readouterr()
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal, raising=False)
    _, out, _ = run(capsys, "load", "nasty", "--csv")
    names = {row["name"] for row in csv.DictReader(io.StringIO(out, newline=""))}
    if is_terminal:
        assert acting(out) == set()
    else:
        assert names == {*WHOLE.values()}


def test_the_server_s_message_forges_nothing(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal in many lines is one line of the report and of stderr."""
    msg = "no\n2026-01-01 00:00:00,000 INFO 1 all is well\x1b[2J\u202e"
    home.box.faults.add(Fault.reply(400, {"code": 1254000, "msg": msg}), endpoint="fields", times=None)
    _, out, err = run(capsys, "sync", "--force")
    assert acting(out + err) == set()
    assert r"no\n2026" in out
    assert not [line for line in (out + err).splitlines() if line.startswith("2026-01-01 00:00:00,000")]
    with pytest.raises(LarkError) as caught:
        sync(home, force=True).raise_for_failures()
    assert acting(str(caught.value) + str(sync(home, force=True)._repr_html_())) == set()


def test_every_error_keeps_the_words_of_the_server() -> None:
    """For programs: its attributes are what came."""
    for name in errors.__all__:
        if name != "Asker":
            error = getattr(errors, name)("a\nb", msg="c\nd", source="e\nf")
            assert (error.what, error.msg, error.source) == ("a\nb", "c\nd", "e\nf")


# --- spreadsheets -----------------------------------------------------------------------------------------------------

FORMULAS = [f"{hiding}{sign}1+1" for sign in "=+-@＝＋－＠﹦﹢﹣﹫" for hiding in ("", "\ufeff", " ", "\t")] + [
    f"{blank}=1"
    for blank in "\r\n\x0b\x0c\x85\u1680\u2003\u2007\u2028\u2029\u202f\u205f\u3000\u200b\u2060\x00\x1b\u202e"
]


@pytest.mark.parametrize("excel", [True, False])
@pytest.mark.parametrize("formula", FORMULAS, ids=ascii)
def test_no_cell_header_or_index_runs(formula: str, *, excel: bool) -> None:
    """Whatever stands before the sign; the data behind the quote are whole."""
    frame = pd.DataFrame({formula: [formula], "list": [[formula, "b"]]}, index=pd.Index([formula], name=formula))
    content = b"".join(to_csv(frame.rename_axis(f"{formula}i"), excel=excel)).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(content, newline=""))
    assert [*head[:2], *row] == [f"'{formula}i", f"'{formula}", f"'{formula}", f"'{formula}", f"'{formula}; b"]


@pytest.mark.parametrize("excel", [True, False])
@pytest.mark.parametrize("separator", [";", "\t", ",", "\n", "\r", "\r\n", '"'])
def test_no_part_of_a_cell_becomes_a_cell(separator: str, *, excel: bool) -> None:
    """Also where another sign than the comma separates cells, as in Excel of many countries: such cells are quoted."""
    frame = pd.DataFrame({"a": [f"x{separator}=1"]}).rename_axis("n")
    content = b"".join(to_csv(frame, excel=excel)).decode("utf-8-sig")
    assert content.splitlines(keepends=True)[1].startswith('0,"x')
    assert [*csv.reader(io.StringIO(content, newline=""))][1] == ["0", f"x{separator}=1"]
