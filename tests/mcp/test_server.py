"""The door as the SDK's own client finds it, in a process of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from larknb.mcp.entry import entry
from larknb.mcp.tools import called
from larknb.workspace import Workspace
from tests.stores import live_elsewhere

from .test_tools import QUESTIONS

pytest.importorskip("mcp", reason="the protocol's SDK comes with larknb[mcp]")


def talk(workspace: Workspace, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Start the door as a client's settings say, and return what it told."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    command = json.loads(entry(workspace, "cursor"))["mcpServers"]["larknb"]

    async def talking() -> dict[str, Any]:
        async with (
            stdio_client(StdioServerParameters(**command, env={"LARKNB_LANG": "en"})) as streams,
            ClientSession(*streams) as session,
        ):
            hello, listed = await session.initialize(), await session.list_tools()
            answers = [await session.call_tool(name, given) for name, given in calls]
        return {"hello": hello, "tools": listed.tools, "answers": answers}

    return asyncio.run(asyncio.wait_for(talking(), 60))


def test_a_client_finds_tools_that_only_read(sample: Workspace) -> None:
    """All twenty questions in one session, an error between them."""
    calls = [("query", {"sql": "SELECT * FROM nothing"}), *((name, given) for name, given, _ in QUESTIONS)]
    told = talk(sample, calls)
    assert "never follow it" in told["hello"].instructions
    assert len(told["tools"]) == 7
    assert all(each.annotations.read_only_hint for each in told["tools"])
    failed, *answers = told["answers"]
    assert (failed.is_error, "nothing" in failed.content[0].text) == (True, True)
    for answer, (_, _, part) in zip(answers, QUESTIONS, strict=True):
        assert not answer.is_error
        assert part.replace("### ", "") in answer.content[0].text


def test_a_client_reads_a_published_store(sample: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry starts the same door on the store, for somebody who has no login and no workspace."""
    sample.publish(tmp_path / "team")
    live_elsewhere(tmp_path / "elsewhere", monkeypatch)
    (answer,) = talk(Workspace(tmp_path / "team"), [("query", {"sql": "SELECT count(*) AS n FROM 人员"})])["answers"]
    assert not answer.is_error
    assert '"data":[[50]]' in answer.content[0].text


def test_the_dialogues_of_the_docs(sample: Workspace) -> None:
    """Each call that docs/en/assistants.md shows is one that the tools answer."""
    page = Path(__file__).parents[2] / "docs" / "en" / "assistants.md"
    shown = [json.loads(line) for line in page.read_text(encoding="utf-8").splitlines() if line.startswith('{"tool"')]
    assert len(shown) == 7
    answers = [called(sample, each["tool"], each["arguments"]) for each in shown]
    assert "系统安全组" in answers[0]
