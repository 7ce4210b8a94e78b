"""What the benchmarks share: a base of 20 mixed columns, served by a stand-in in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from larknb.sandbox import Field, Sandbox, Tenant
from larknb.sandbox import blocks as blocks_

REDIRECT = "http://127.0.0.1:18770/callback"
APP, TABLE = "AppBench000000000000000001", "tblBench"
FIELDS = [
    Field("标题", 1, field_id="fld01", is_primary=True),
    *(Field(f"文本{n}", 1, field_id=f"fld0{n}") for n in range(2, 9)),
    *(Field(f"数字{n}", 2, field_id=f"fldN{n}") for n in range(4)),
    Field("状态", 3, field_id="fldS", property={"options": [{"id": f"opt{n}", "name": f"状态{n}"} for n in range(5)]}),
    Field("标签", 4, field_id="fldM", property={"options": [{"id": f"opm{n}", "name": f"标签{n}"} for n in range(5)]}),
    Field("日期", 5, field_id="fldD", property={"date_formatter": "yyyy/MM/dd", "auto_fill": False}),
    Field("时间", 5, field_id="fldT", property={"date_formatter": "yyyy-MM-dd HH:mm", "auto_fill": False}),
    Field("负责人", 11, field_id="fldU", property={"multiple": True}),
    Field("完成", 7, field_id="fldC"),
    Field("公式", 20, field_id="fldF"),
    Field("电话", 13, field_id="fldP"),
]
DAY = 86_400_000  # milliseconds
MIDNIGHT = 1_690_992_000_000  # 2023-08-03 00:00 +08:00


def row(n: int) -> dict[str, Any]:
    """Return the cells of one row, some of them empty."""
    cells: dict[str, Any] = {
        f"文本{k}": [{"type": "text", "text": f"第 {n} 行的文本 {k}"}] for k in range(2, 9) if (n + k) % 7
    }
    cells |= {f"数字{k}": n * 1.5 + k for k in range(4)}
    cells |= {
        "标题": [{"type": "text", "text": f"记录 {n}"}],
        "状态": f"状态{n % 5}",
        "标签": [f"标签{n % 5}", f"标签{(n + 1) % 5}"],
        "日期": MIDNIGHT + (n % 900) * DAY,
        "时间": MIDNIGHT + n * 61_000,
        "负责人": [
            {
                "id": f"ou_{n % 50:032x}",
                "name": f"用户{n % 50}",
                "en_name": "",
                "email": "",
                "avatar_url": "https://example.com/a",
            }
        ],
        "完成": n % 3 == 0,
        "公式": {"type": 2, "value": [n * 2.5]},
        "电话": f"138{n:08d}",
    }
    return cells


START = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
from common import answer, fill_one, fill_many
"""
SERVE_ONE = START + "answer(*fill_one(int(sys.argv[2])), latency=float(sys.argv[3]))"
SERVE_MANY = START + "answer(*fill_many(int(sys.argv[2]), int(sys.argv[3])))"


def fill_one(rows: int) -> tuple[Tenant, list[str]]:
    """Return a company with the base, and the path of its address."""
    tenant = Tenant()
    table = tenant.add_base("bench", app_token=APP).add_table("t", FIELDS, table_id=TABLE)
    table.add_many([row(n) for n in range(rows)])
    return tenant, [f"base/{APP}"]


def fill_many(bases: int, documents: int) -> tuple[Tenant, list[str]]:
    """Return a company with many small bases and documents, and the paths of their addresses."""
    tenant, paths = Tenant(), list[str]()
    for number in range(bases):
        base = tenant.add_base(f"base {number}", app_token=f"AppMany{number:020d}")
        base.add_table("t", FIELDS).add_many([row(n) for n in range(3)])
        paths.append(f"base/{base.app_token}")
    for number in range(documents):
        blocks = [blocks_.heading(1, f"第 {number} 章"), blocks_.text(f"电机过热 {number}")]
        document = tenant.add_document(f"guide {number}", blocks)
        paths.append(f"docx/{document.token}")
    return tenant, paths


def answer(tenant: Tenant, paths: list[str], *, latency: float = 0.0) -> None:
    """Serve a company, say on one line how to reach it, and end when nobody listens any more."""
    box = Sandbox(tenant, latency=latency, redirect_uris=(REDIRECT,)).start()
    facts = {"url": box.url, "app_id": box.app_id, "secret": box.app_secret, "login": box.sign_in(), "paths": paths}
    print(json.dumps(facts), flush=True)
    sys.stdin.read()
    os._exit(0)  # a million rows take longer to let go than the whole of it


def serving(rows: int, latency: float = 0.0) -> AbstractContextManager[dict[str, Any]]:
    """Serve the base while inside; give address, app, a login and the paths of what there is."""
    return _served(SERVE_ONE, rows, latency)


def serving_many(bases: int, documents: int) -> AbstractContextManager[dict[str, Any]]:
    """Serve many small bases and documents while inside, as `serving` does."""
    return _served(SERVE_MANY, bases, documents)


@contextmanager
def _served(script: str, *arguments: float) -> Iterator[dict[str, Any]]:
    paths = json.dumps([str(Path(__file__).parent), *sys.path])
    server = subprocess.Popen(
        [sys.executable, "-c", script, paths, *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdin and server.stdout
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()


def workspace(root: Path, facts: dict[str, Any]) -> None:
    """Write settings and a login for what is served."""
    names = ["bench"] if len(facts["paths"]) == 1 else [f"source {n}" for n in range(len(facts["paths"]))]
    sources = (f'[[sources]]\nname = "{name}"\nurl = "{facts["url"]}/{path}"\n'
               for name, path in zip(names, facts["paths"], strict=True))  # fmt: skip
    (root / "work").mkdir(parents=True, exist_ok=True)
    (root / "larknb.toml").write_text(
        f'[app]\napp_id = "{facts["app_id"]}"\nopen_base = "{facts["url"]}"\naccounts_base = "{facts["url"]}"\n'
        f'redirect_uris = ["{REDIRECT}"]\n[cache]\nsettle = "0s"\nmax_age = "1s"\n' + "".join(sources),
        encoding="utf-8",
    )
    login, now = facts["login"], time.time()
    token = {
        "access_token": login["access_token"], "expires_at": now + login["expires_in"],
        "refresh_token": login["refresh_token"], "last_refresh": "2026-01-01T00:00:00",
        "refresh_expires_at": now + login["refresh_token_expires_in"], "granted_at": now, "scope": login["scope"],
        "open_base": facts["url"], "app_id": facts["app_id"], "open_id": "ou_bench", "name": "bench",
    }  # fmt: skip
    (root / "work" / "fault_diagnosis_token_cache.json").write_text(json.dumps(token), encoding="utf-8")
    (root / "work" / "app_secret.json").write_text(
        json.dumps({"app_id": facts["app_id"], "app_secret": facts["secret"]})
    )
