"""Whatever an answer holds, a call ends in right data, in old data with a report, or in an error that names its source.

Members of the stand-in's answers are dropped, retyped, nested, repeated and cut at random places. Half of the calls are
told the same again when they ask once more.
"""

from __future__ import annotations

import copy
import json
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from larknb.errors import LarkError
from larknb.sandbox import Sandbox
from tests.conftest import Clock
from tests.hostile.worlds import BASE, BOOK, DEEP, PAPER, WIKI, World, check, members, open_world, written

LONGEST = 10.0  # seconds
DAY = 90_000.0  # seconds, and some more
HEAVIEST = 300_000_000  # bytes

ODD: list[Any] = [
    None, True, False, 0, -1, 1, 7, 2**53 + 1, 10**12, 10**30, 10**400, 2.5, -0.0, float("nan"), float("inf"),
    "", " ", "0", "-1", "²", "x", "true", "null", "\ud83d", "\udc00\ud83d", "a\x00b", "../x", "_record_id", "x" * 300,
    "2026-01-01", "<b>", "9" * 30, [], [None], [5], [[]], [{}], ["x"], {}, {"a": 1}, {"type": 1, "value": [None]},
    {"": None}, DEEP,
]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that is done to an answer."""

    how: str
    where: tuple[int, ...]
    value: Any

    def __call__(self, content: bytes) -> bytes:
        if self.how in RAW:
            return RAW[self.how](content, sum(self.where))
        try:
            tree = json.loads(content)
        except ValueError:
            return content  # bytes of a picture, or another change came first
        holder, key = members(tree, self.where)
        if self.how == "drop":
            del holder[key]
        else:
            holder[key] = TREE[self.how](holder[key], self.value)
        return written(tree[0] if isinstance(tree, list) and len(tree) == 1 and not self.where else tree)


def nested(inner: Any, value: Any) -> Any:
    for _ in range(len(str(value)) % 60 + 1):
        inner = [inner] if len(str(value)) % 2 else {"a": inner}
    return inner


def repeated(inner: Any, value: Any) -> Any:
    if isinstance(inner, str):
        return inner + inner[:1]
    return inner + copy.deepcopy(inner[:1]) if isinstance(inner, list) else [inner, inner]


def shortened(inner: Any, value: Any) -> Any:
    return inner[: len(inner) // 2] if isinstance(inner, list | str) else None


def renamed(inner: Any, value: Any) -> Any:
    return {f"{name}_": each for name, each in inner.items()} if isinstance(inner, dict) else value


TREE: dict[str, Callable[[Any, Any], Any]] = {
    "retype": lambda inner, value: copy.deepcopy(value),
    "nest": nested,
    "repeat": repeated,
    "shorten": shortened,
    "rename": renamed,
}
RAW: dict[str, Callable[[bytes, int], bytes]] = {
    "cut": lambda content, place: content[: place % (len(content) + 1)],
    "trail": lambda content, place: content + [b" x", b"{}", b"\x00", b"]", b"\n"][place % 5],
    "mark": lambda content, place: b"\xef\xbb\xbf" + content,
    "flip": lambda content, place: (
        content[: place % len(content)] + b"\xf0" + content[place % len(content) + 1 :] if content else b""
    ),
    "double": lambda content, place: content.replace(b"{", b'{"code":0,"data":null,"items":5,', 1),
}
CHANGES = st.lists(
    st.builds(
        Change,
        st.sampled_from(["drop", "retype", "retype", "retype", *TREE, *RAW]),
        st.lists(st.integers(0, 50), min_size=2, max_size=9).map(tuple),
        st.sampled_from(ODD),
    ),
    min_size=1,
    max_size=2,
)

Act = Callable[[World], object]
NAMES = {"base": "s1", "sheets": "s2", "docx": "s3", "wiki": "s4"}


def forced(name: str) -> Act:
    return lambda world: world.sync(name, force=True)


def added(path: str) -> Act:
    def act(world: World) -> object:
        world.workspace.remove(name := NAMES[path.split("/")[1]])
        try:
            return world.workspace.add(f"{world.box.url}{path}", name=name)
        except LarkError:
            world.calm()
            world.workspace.add(f"{world.box.url}{path}", name=name)
            raise

    return act


@dataclass(frozen=True)
class Target:
    """A call, the source that it is about, and whose answers are bent."""

    act: Act
    name: str
    endpoint: str
    later: float = 600.0  # seconds after the last one; after a day more is asked


TARGETS = {
    "tables": Target(forced("s1"), "s1", "tables"),
    "fields": Target(forced("s1"), "s1", "fields"),
    "records": Target(forced("s1"), "s1", "search"),
    "base": Target(forced("s1"), "s1", "app", DAY),
    "gate": Target(lambda world: world.sync("s1", "s2"), "s1", "metas"),
    "layout": Target(forced("s2"), "s2", "metainfo"),
    "hidden": Target(forced("s2"), "s2", "sheets", DAY),
    "cells": Target(forced("s2"), "s2", "values_batch"),
    "document": Target(forced("s3"), "s3", "document"),
    "blocks": Target(forced("s3"), "s3", "blocks"),
    "children": Target(forced("s3"), "s3", "children"),
    "embedded": Target(forced("s3"), "s3", "search"),
    "boards": Target(forced("s3"), "s3", "board"),
    "add a base": Target(added(f"/base/{BASE}"), "s1", "tables"),
    "add a book": Target(added(f"/sheets/{BOOK}"), "s2", "metas"),
    "add a paper": Target(added(f"/docx/{PAPER}"), "s3", "metas"),
    "add a page": Target(added(f"/wiki/{WIKI}"), "s4", "get_node"),
    "read": Target(lambda world: world.workspace.read("s2/numbers"), "s2", "values_batch", DAY),
    "document of a page": Target(lambda world: world.workspace.document("s4", sync=True), "s4", "blocks", DAY),
}


def told(world: World, target: Target, changes: list[Change], after: int) -> None:
    """Let the platform tell something odd, and see what becomes of it: also of what was there before."""
    world.clock.advance(target.later)
    world.bend(target.endpoint, lambda content: changed(content, changes), after)
    began = time.monotonic()
    check(lambda: target.act(world))
    world.calm()
    check(lambda: kept(world, target.name))
    assert time.monotonic() - began < LONGEST


ODD_ANSWERS = Counter[str]()


def changed(content: bytes, changes: list[Change]) -> bytes:
    ODD_ANSWERS["told"] += 1
    for change in changes:
        content = change(content)
    return content


def kept(world: World, name: str) -> object:
    return world.workspace.tables(name) if name in ("s1", "s2") else world.workspace.document(name)


def heal(world: World, truth: dict[str, pd.DataFrame]) -> None:
    """An honest answer brings the right data back, whatever was told before."""
    world.clock.advance(90_000)
    world.sync(force=True, accept_shrink=True).raise_for_failures()
    found = world.frames()
    assert found.keys() == truth.keys()
    for name, frame in truth.items():
        pd.testing.assert_frame_equal(plain(found[name]), plain(frame), check_dtype=False, check_categorical=False)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame without what a column remembers for good: a time of day, or a result of another type."""
    times = {str(name): frame[name].dt.tz_localize(None) for name in frame.select_dtypes("datetimetz")}
    return frame.assign(**times).drop(columns="size", errors="ignore")


def fuzz(world: World, targets: list[Target], examples: int) -> int:
    """Tell so many odd things and return how many answers they were in."""
    world.sync().raise_for_failures()
    truth, before, told_before = world.frames(), heaviest(), ODD_ANSWERS.total()

    @settings(max_examples=examples, database=None, suppress_health_check=[*HealthCheck])
    @given(st.sampled_from(targets), CHANGES, st.sampled_from([0, 0, 0, 1]))
    def odd(target: Target, changes: list[Change], after: int) -> None:
        told(world, target, changes, after)

    odd()
    heal(world, truth)
    assert heaviest() - before < HEAVIEST
    return ODD_ANSWERS.total() - told_before


def heaviest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_odd_answers_end_well(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A sample of all that could be told: a hundred answers or so, to all kinds of calls."""
    assert fuzz(open_world(tmp_path, box, clock), [*TARGETS.values()], 70) >= 80


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("target", TARGETS)
def test_many_odd_answers_end_well(tmp_path: Path, box: Sandbox, clock: Clock, target: str) -> None:
    """Right data, old data with a report, or an error of ours: within seconds, and without filling the memory."""
    assert fuzz(open_world(tmp_path, box, clock), [TARGETS[target]], 200) >= 150
