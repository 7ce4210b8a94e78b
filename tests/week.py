"""The sample workspace after a week of work: two bases, a spreadsheet and five guides, synced three times meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from larknb.sandbox import Sandbox, sample_workspace
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, text, write_settings

HOST = "https://example.feishu.cn"
DAY = 86_400.0


@contextmanager
def week_of_work(root: Path, clock: Clock) -> Iterator[Sandbox]:
    """Yield the stand-in of a workspace that was synced at the start, on the third day and on the eighth."""
    with Sandbox(sample_workspace(rows=60), clock=clock) as box:
        write_settings(root, box)
        workspace = Workspace(root, clock=clock, sleep=clock.sleep)
        sign_in(workspace, box)
        for _, url in box.sources():
            workspace.add(url.replace(box.url, HOST))
        for days, work in ((0, _nothing), (3, _guide), (5, _tables)):
            clock.advance(days * DAY)
            sign_in(workspace, box)
            work(box)
            clock.advance(60)
            workspace.sync(progress=False, force=True).raise_for_failures()
        yield box


def _nothing(_: Sandbox) -> None:
    pass


def _guide(box: Sandbox) -> None:
    """Somebody writes one paragraph of a guide anew, and one department is allowed fewer people."""
    guide = box.tenant.guides[2]
    step = next(item for item in guide.blocks if "等待 3 min" in str(item))
    guide.edit(step["block_id"], "断开蓄电池正极与负极，等待 5 min")
    departments = box.tenant.base("功能安全部人力盘点").table("部门")
    departments.edit(next(iter(departments.rows)), {"编制": 5})


def _tables(box: Sandbox) -> None:
    """One defect is closed, one is deleted, one is new, and two are late."""
    defects = box.tenant.base("功能安全业务数据").table("缺陷")
    first, second, third, fourth, *_ = defects.rows
    defects.edit(first, {"状态": "已关闭", "解决进度": 1})
    defects.delete(second)
    defects.edit(third, {"计划关闭": 1_769_500_000_000, "现象描述": text("低温下偶发，常温不再出现")})
    defects.edit(fourth, {"标签": ["偶发", "量产阻塞"]})
    defects.add({"标题": text("充电口盖卡滞")})
