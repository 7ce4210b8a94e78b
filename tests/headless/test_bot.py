from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from larknb.config.secrets import Secret, Webhook
from larknb.errors import ApiError
from larknb.headless.bot import card, send
from larknb.headless.notices import Notice
from larknb.results.changes import Changed, Summary
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock
from tests.headless.cards import HOUR, NOW, result, texts


@pytest.mark.parametrize(
    ("kind", "colour", "title", "step"),
    [
        ("failed", "red", "larknb: nightly fails", "open the executed notebook"),
        ("login", "red", "larknb: nightly needs a login", "run larknb login in /data/共享 盘"),
        ("recovered", "green", "larknb: nightly works again", ""),
        ("changed", "blue", "larknb: nightly found changes", ""),
        ("login_ends", "orange", "larknb: the login ends soon", "run larknb login --force in /data/共享 盘"),
        ("consent_ends", "orange", "larknb: the consent ends soon", "run larknb login --force in"),
    ],
)
def test_a_card_says_what_where_and_what_next(kind: Any, colour: str, title: str, step: str) -> None:
    """Colour and title tell the state, the lines workspace, machine, dates, notebook and the next step."""
    message = card(
        Notice(kind, "nightly", NOW),
        result("ok" if kind in ("recovered", "changed") else "failed"),
        Path("/data/共享 盘"),
    )
    assert message["header"]["template"] == colour
    shown = texts(message)
    assert shown[0] == title
    assert any(step in line for line in shown if line.startswith("Next")) == bool(step)
    assert "Workspace: /data/共享 盘" in shown
    assert any(line.startswith("Machine: ") for line in shown)
    assert ("What happened: failed after 0.0 s: cell [2] (lk.sync()): ApiError: no network" in shown) == (
        colour == "red"
    )


def test_a_card_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Title and lines follow the language of the user."""
    monkeypatch.setenv("LARKNB_LANG", "zh")
    shown = texts(card(Notice("login", "定时同步", NOW), result("login"), Path("/data")))
    assert shown[0] == "larknb：定时同步 需要重新登录"
    assert "下一步：在 /data 中运行 larknb login" in shown


def test_the_largest_card_is_taken(box: Sandbox, tmp_path: Path) -> None:
    """However much a cell printed, and whatever it was, the bot takes the card."""
    bot, url = box.add_bot()
    stream = {"output_type": "stream", "name": "stdout", "text": ["😀" * 9000 + "\n"] * 99}
    output = tmp_path / "run.ipynb"
    output.write_text(json.dumps({"cells": [{"outputs": [stream]}, {"outputs": []}]}), encoding="utf-8")
    long = "😀" * 9000
    summary = Summary((Changed(long, "bitable", long, 1, 1, 1),), 0, (long,) * 99)
    run = replace(result(evalue=long, output=str(output)), summary=summary)
    send(Webhook(Secret(url), None), card(Notice("failed", long, NOW), run, Path("/" + long), changes=True), NOW)
    assert texts(bot.cards[0])[-1].count("\n") == 10


HOSTILE = ("~ t · r: <at id=all></at> **x** \x1b[2J\u202e", "+ t · a\nNext: run this", "- t · hunter2")


@pytest.mark.parametrize(
    ("kind", "asked"), [("changed", True), ("failed", True), ("failed", False), ("recovered", True)]
)
def test_a_card_carries_what_changed(kind: Any, asked: bool) -> None:
    """Where it is asked for: one line each whatever a cell holds, as text, without a secret."""
    run = replace(result("failed" if kind == "failed" else "ok"), summary=Summary((), 0, HOSTILE))
    message = card(Notice(kind, "nightly", NOW), run, Path("/data"), lambda text: text.replace("hunter2", "****"),
                   changes=asked)  # fmt: skip
    shown = [line for line in texts(message) if line.startswith("Changed since the last look:")]
    assert len(shown) == (asked and kind != "recovered")
    for lines in shown:
        assert lines.splitlines()[2:] == ["+ t · a Next: run this", "- t · ****"]
        assert "<at id=all></at> **x** " in lines
        assert not {"\x1b", "\u202e"} & {*lines}


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"cells": [{"outputs": 5}]}', b'{"cells": []}'])
def test_a_card_comes_without_the_notebook_too(tmp_path: Path, content: bytes | None) -> None:
    """A notebook that is gone or damaged costs the last lines, not the notice."""
    output = tmp_path / "run.ipynb"
    if content is not None:
        output.write_bytes(content)
    shown = texts(card(Notice("failed", "nightly", NOW), result(output=str(output)), tmp_path))
    assert not any(line.startswith("Its last output") for line in shown)


def test_the_bot_checks_our_signature(box: Sandbox, clock: Clock) -> None:
    """With the key the card arrives; with another one the error names key and clock, and not the address."""
    bot, url = box.add_bot(key="k-1", keywords=["larknb"])
    message = card(Notice("failed", "nightly", NOW), result(), Path("/data"))
    send(Webhook(Secret(url), Secret("k-1")), message, clock())
    assert bot.cards == [message]
    for key in (None, Secret("k-2")):
        with pytest.raises(ApiError, match="LARKNB_NOTIFY_KEY") as caught:
            send(Webhook(Secret(url), key), message, clock())
        assert (caught.value.code, bot.token in str(caught.value)) == (19021, False)
    with pytest.raises(ApiError, match="clock"):
        send(Webhook(Secret(url), Secret("k-1")), message, clock() + 2 * HOUR)


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (Fault.reply(None, 19022), "allow-list"),
        (Fault.reply(None, 19024), "keywords"),
        (Fault.reply(None, 19001), "copy the webhook address"),
        (Fault.reply(None, 11232), "after the next run"),
        (Fault.reply(200, {"StatusCode": 9499, "StatusMessage": "Bad Request"}), "Bad Request"),
        (Fault.html(502), "502"),
        (Fault.reply(302, {}, {"Location": "http://127.0.0.1:1/"}), "refused"),
        (Fault.drop(), "Could not reach"),
    ],
)
def test_refusals_say_what_to_do(box: Sandbox, fault: Fault, advice: str) -> None:
    """Each documented code has its advice; an answer of somebody else, and none, are told as such."""
    bot, url = box.add_bot()
    box.faults.add(fault, endpoint="hook")
    with pytest.raises(ApiError, match=advice) as caught:
        send(Webhook(Secret(url), None), {}, NOW)
    assert bot.token not in f"{caught.value} {caught.value.__cause__}"


def test_the_first_version_s_answer_is_understood(box: Sandbox) -> None:
    """A gateway that still answers with StatusCode alone has taken the card."""
    _, url = box.add_bot()
    box.faults.add(Fault.reply(200, {"StatusCode": 0, "StatusMessage": "success"}), endpoint="hook")
    send(Webhook(Secret(url), None), {}, NOW)
