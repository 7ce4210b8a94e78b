from __future__ import annotations

import json
import logging
import time
from datetime import UTC
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.cli import main
from larknb.config.edit import save_webhook
from larknb.config.secrets import Secret, Webhook
from larknb.errors import ApiError
from larknb.headless.bot import card
from larknb.headless.notices import Notice
from larknb.headless.notify import notify
from larknb.headless.schedule import schedule
from larknb.results.runs import RunResult, RunStatus
from larknb.sandbox import Bot, Fault, Field, Sandbox
from larknb.services.night import notify_of
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, text, write_settings
from tests.headless.cards import HOUR, NOW, result, texts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "notices.json"


def test_a_card_that_could_not_be_sent_is_tried_again(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Until it is taken, with the time of the first failure; then no more."""
    taken: list[str] = []

    def broken(_: object) -> None:
        raise ApiError("no network")

    def tell(hour: int, deliver: Any) -> None:
        notify(result(at=NOW + hour * HOUR), None, root=file.parent, file=file, deliver=deliver, now=NOW)

    with caplog.at_level(logging.WARNING, "larknb"):
        tell(0, broken)
    assert "notice failed of nightly: no network" in caplog.text
    for hour in (1, 2):
        tell(hour, lambda message: taken.extend(texts(message)))
    assert [line for line in taken if line.startswith("Failing since")] == [
        next(t for t in texts(card(Notice("failed", "nightly", NOW), result(), file.parent)) if "since" in t)
    ]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"incidents": [], "ends": 1}', b'{"incidents": {"a": 1}}'])
def test_a_damaged_memory_tells_anew(file: Path, damage: bytes) -> None:
    """Rather a card twice than none."""
    file.parent.mkdir()
    file.write_bytes(damage)
    taken: list[Any] = []
    for _ in range(2):
        notify(result(), None, root=file.parent, file=file, deliver=taken.append, now=NOW)
    assert len(taken) == 1


@pytest.fixture
def home(tmp_path: Path, box: Sandbox, clock: Clock) -> tuple[Workspace, Bot]:
    """Return a workspace with a login and a bot, and the bot."""
    root = tmp_path / "共享 盘"
    write_settings(root, box)
    workspace = Workspace(root, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    bot, url = box.add_bot(key="k-sandbox")
    save_webhook(root, Webhook(Secret(url), Secret("k-sandbox")))
    return workspace, bot


def write_notebook(workspace: Workspace, *cells: str) -> Path:
    make: Any = nbformat.v4
    path = workspace.root / "nightly.ipynb"
    notebook = make.new_notebook(cells=[make.new_code_cell(cell) for cell in cells])
    path.write_text(make.writes_json(notebook), encoding="utf-8")
    return path


LEAK = (
    "import larknb as lk, pathlib\n"
    "for n in range(30): print('step', n)\n"
    "print('<at id=all></at> **bold**', str.__str__(lk.get_user_access_token()))\n"
    "print([p.read_text() for p in pathlib.Path('work').glob('*.json')])\n"
    "raise ValueError('no ' + str.__str__(lk.get_user_access_token()))"
)


def test_a_real_failure_is_told_without_a_secret(home: tuple[Workspace, Bot], box: Sandbox, clock: Clock) -> None:
    """Cell, error and last lines of a real run; what looks like a mention is text, what is secret is stars."""
    workspace, bot = home
    clock.now = time.time()
    sign_in(workspace, box)
    path = write_notebook(workspace, "1 + 1", LEAK)
    assert workspace.schedule(path, once=True) == 1
    shown = texts(bot.cards[0])
    assert shown[0] == "larknb: nightly fails"
    assert any("cell [2] (import larknb as lk, pathlib): ValueError: no ****" in line for line in shown)
    assert "step 29\n<at id=all></at> **bold** ****" in shown[-1]
    files = [path for room in ("runs", "logs") for path in (workspace.root / "work" / room).rglob("*.*")]
    assert {"notices.json", "larknb.log"} <= {path.name for path in files}
    everything = json.dumps(bot.messages) + "".join(path.read_text(encoding="utf-8") for path in files)
    assert not [secret for secret in box.secrets() if secret in everything]


def test_a_dry_run_prints_the_card(
    home: tuple[Workspace, Bot], clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook runs once; the card is on stdout, the bot's token is not, and nothing was told."""
    workspace, bot = home
    clock.now = time.time()
    monkeypatch.setenv("LARKNB_HOME", str(workspace.root))
    path = write_notebook(workspace, "1 / 0")
    assert main(["schedule", "--notebook", str(path), "--dry-run"]) == 1
    first, _, message = capsys.readouterr().out.partition("\n")
    assert first.endswith("/open-apis/bot/v2/hook/****")
    assert texts(json.loads(message))[0] == "larknb: nightly fails"
    assert bot.messages == []
    assert main(["schedule", "--notebook", str(path), "--once"]) == 1
    assert main(["schedule", "--notebook", str(path), "--once"]) == 1
    assert len(bot.cards) == 1
    write_notebook(workspace, "1")
    (workspace.root / "work" / "notify.json").unlink()
    assert main(["schedule", "--notebook", str(path), "--dry-run"]) == 0
    assert "works again" in (out := capsys.readouterr().out)
    assert "No bot is configured" in out


SYNC = (
    "import larknb as lk; from larknb.workspace import Workspace",
    "report = lk.sync(force=True); Workspace().changes(report)",
)


def test_what_changed_is_told_where_that_is_asked_for(home: tuple[Workspace, Bot], box: Sandbox, clock: Clock) -> None:
    """A real run that brought changes tells the first of them; one that brought none tells nothing."""
    workspace, bot = home
    clock.now = time.time() - 60
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    people = base.add_table("people", [Field("name", 1, is_primary=True), Field("note", 1)])
    row = people.add({"name": text("王敏"), "note": text("old")})
    more = f'[schedule]\ntell = "changes"\n[[sources]]\nname = "s"\nurl = "{box.url}/base/{base.app_token}"'
    write_settings(workspace.root, box, more=more)
    path = write_notebook(workspace, *SYNC)
    for what in ("the first look", "nothing", box.app_secret):
        clock.now = time.time()
        sign_in(workspace, box)
        if what != "nothing" and bot.cards:
            people.edit(row, {"note": text(f"<at id=all></at> {what}")})
        assert workspace.schedule(path, once=True) == 0
    first, last = map(texts, bot.cards)
    assert first[:2] == ["larknb: nightly found changes", "What happened: 1 source changed, rows +1 ~0 -0"]
    assert last[-1].splitlines()[1:] == ["~ s / people · 王敏 · note: old → <at id=all></at> ****"]


def test_nothing_to_tell(home: tuple[Workspace, Bot]) -> None:
    """A dry run of a good notebook says so."""
    workspace, _ = home
    lines: list[str] = []
    assert workspace.schedule(write_notebook(workspace, "1"), once=True, show=lines.append) == 0
    assert lines == ["There is nothing to report after this run"]


def test_a_run_that_somebody_else_starts_knows_how_often(home: tuple[Workspace, Bot]) -> None:
    """What cron starts with --once looks at every tick, as the schedule does: its kernel is told the interval."""
    workspace, bot = home
    path = write_notebook(workspace, "import os; assert os.environ['LARKNB_INTERVAL'] == '1800.0'")
    assert workspace.schedule(path, interval="30min", once=True) == 0
    assert bot.messages == []


@pytest.mark.soak
def test_two_weeks(home: tuple[Workspace, Bot], box: Sandbox, clock: Clock) -> None:
    """Each incident is told once and in time: failures, a bot out of reach, a login that dies on day seven."""
    workspace, bot = home
    clock.now = start = -(-clock.now // HOUR) * HOUR
    hour, seen = 0, 0
    told_at: list[tuple[int, str]] = []

    def run(_: float | None) -> RunResult:
        nonlocal hour
        hour = round((clock.now - start) / HOUR)
        if hour == 100:
            box.faults.add(Fault.drop(), endpoint="hook", times=3)
        if hour == 8 * 24:
            sign_in(workspace, box)
        status: RunStatus = "busy" if hour == 35 else "failed" if 30 <= hour < 40 or 100 <= hour < 106 else "ok"
        if (workspace.whoami().refresh_ends_at or 0) <= clock.now:
            status = "login"
        clock.advance(60)
        if hour == 14 * 24:
            return RunResult("nightly.ipynb", "x", "stopped", started_at=clock.now, signal=15)
        return result(status, at=clock.now)

    def after(ended: RunResult) -> None:
        nonlocal seen
        notify_of(workspace.context, ended)
        told_at.extend((hour, texts(each)[0].removeprefix("larknb: ")) for each in bot.cards[seen:])
        seen = len(bot.cards)

    folder = workspace.root / "work" / "runs" / "nightly"
    options: dict[str, Any] = {"tell": lambda _: None, "zone": UTC, "clock": clock, "sleep": clock.sleep}
    assert schedule(run, folder, interval=HOUR, after=after, **options) == 128 + 15
    assert told_at == [
        (30, "nightly fails"),
        (40, "nightly works again"),
        (103, "nightly fails"),
        (106, "nightly works again"),
        (5 * 24, "the login ends soon"),
        (7 * 24, "nightly needs a login"),
        (8 * 24, "nightly works again"),
        (13 * 24, "the login ends soon"),
    ]
