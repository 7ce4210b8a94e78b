"""A running stand-in with one base, a clock that the test moves, and a plain HTTP client without any of our code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from larknb.sandbox import Base, Docx, Field, Sandbox, Sheet, Spreadsheet, Table, WikiSpace
from larknb.sandbox.blocks import bullet, heading, text

NOON = 1_768_536_000.0  # 2026-01-16 04:00 UTC, noon in Shanghai
NOON_MS = int(NOON * 1000)
REDIRECT = "http://localhost:8765/callback"
TABLES = "/bitable/v1/apps/BaseOfTheTests0000000000001/tables"  # of the base
ID, TOKEN = "GuideOfTheTests000000000001", "SheetOfTheTests000000000001"  # of the guide and of the book


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Api:
    """One HTTP client with one bearer."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.session.get(f"{self.url}/open-apis{path}", params=query, timeout=10, allow_redirects=False)

    def post(self, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.session.post(f"{self.url}/open-apis{path}", json=body, params=query, timeout=10)

    def data(self, path: str, **query: Any) -> dict[str, Any]:
        """Return the data of a GET that must succeed."""
        return data_of(self.get(path, **query))

    def search(self, table: Table, body: dict[str, Any] | None = None, **query: Any) -> requests.Response:
        return self.post(f"{path_of(table)}/records/search", body or {}, **query)

    def rows(self, table: Table, body: dict[str, Any] | None = None, **query: Any) -> list[dict[str, Any]]:
        """Return the items of one page of a search that must succeed."""
        items: list[dict[str, Any]] = data_of(self.search(table, body, **query))["items"]
        return items

    def all_rows(self, table: Table, body: dict[str, Any] | None = None, **query: Any) -> list[dict[str, Any]]:
        """Return the items of all pages of a search that must succeed."""
        rows: list[dict[str, Any]] = []
        page: dict[str, Any] = {"has_more": True}
        while page["has_more"]:
            more = {"page_token": page["page_token"]} if "page_token" in page else {}
            page = data_of(self.search(table, body, **query, **more))
            rows += page["items"]
        return rows


def data_of(response: requests.Response) -> dict[str, Any]:
    body = response.json()
    assert (response.status_code, body["code"]) == (200, 0), body
    data: dict[str, Any] = body["data"]
    return data


def outcome(response: requests.Response) -> tuple[int, int]:
    """Return HTTP status and code."""
    return response.status_code, response.json()["code"]


def path_of(table: Table) -> str:
    return f"/bitable/v1/apps/{table.base.app_token}/tables/{table.table_id}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as box:
        yield box


@pytest.fixture
def base(box: Sandbox) -> Base:
    return box.tenant.add_base("缺陷管理", "BaseOfTheTests0000000000001")


@pytest.fixture
def table(base: Base) -> Table:
    """A table of five rows, three columns and no frills."""
    columns = [Field("名称", 1), Field("数量", 2), Field("状态", 3, property={"options": ["开", "关"]})]
    table = base.add_table("缺陷", columns)
    table.add_many([{"名称": f"行{number}", "数量": number, "状态": "开"} for number in range(5)])
    return table


@pytest.fixture
def connect(box: Sandbox) -> Iterator[Callable[[str | None], Api]]:
    """Open clients with the tokens of one's choice."""
    opened: list[Api] = []

    def connect(token: str | None) -> Api:
        opened.append(Api(box.url, token))
        return opened[-1]

    yield connect
    for api in opened:
        api.session.close()


@pytest.fixture
def api(box: Sandbox, connect: Callable[[str | None], Api]) -> Api:
    """Return a client that is signed in with every scope."""
    return connect(box.sign_in()["access_token"])


@pytest.fixture
def guide(box: Sandbox) -> Docx:
    """A title, a heading, and a list with one item below another."""
    parts = [heading(1, "现象"), bullet("上电", bullet("三秒内")), text()]
    return box.tenant.add_document("指引", parts, ID)


@pytest.fixture
def book(box: Sandbox) -> Spreadsheet:
    return box.tenant.add_spreadsheet("台账", TOKEN)


@pytest.fixture
def sheet(book: Spreadsheet) -> Sheet:
    """Three rows of two columns, in a grid of five by four."""
    rows: list[list[Any]] = [["名称", "数量"], ["甲", 1], ["乙", None]]
    return book.add_sheet("明细", rows, sheet_id="a1B2c3", row_count=5, column_count=4)


@pytest.fixture
def space(box: Sandbox) -> WikiSpace:
    return box.tenant.add_wiki_space("指引库")


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Any]:
    """Return a reader of the recorded bodies; skip where they are not at hand."""
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    examples = Path(folder) / "examples"
    return lambda name: json.loads((examples / name).read_text(encoding="utf-8"))
