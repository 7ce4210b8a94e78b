"""The ways to read the table that people know, without what larknb does beside: the official SDK, and dlt.

Each is there where its package is installed: ``pip install lark-oapi dlt``.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import requests
from common import APP, TABLE

Facts = Mapping[str, Any]


def sdk(facts: Facts, _: Path) -> int:
    """Read all records with the official SDK into a data frame, cells as they come."""
    import lark_oapi as lark
    from lark_oapi.api.bitable.v1 import SearchAppTableRecordRequest, SearchAppTableRecordRequestBody

    client = lark.Client.builder().domain(facts["url"]).enable_set_token(True).build()
    option = lark.RequestOption.builder().user_access_token(facts["login"]["access_token"]).build()
    body = SearchAppTableRecordRequestBody.builder().automatic_fields(True).build()
    rows: list[dict[str, Any]] = []
    token: str | None = ""
    while token is not None:
        ask = SearchAppTableRecordRequest.builder().app_token(APP).table_id(TABLE).page_size(500).request_body(body)
        answer = client.bitable.v1.app_table_record.search((ask.page_token(token) if token else ask).build(), option)
        assert answer.success(), answer.msg
        rows += [{"record_id": item.record_id, **item.fields} for item in answer.data.items]
        token = answer.data.page_token if answer.data.has_more else None
    return len(pd.DataFrame(rows).set_index("record_id"))


def dlt(facts: Facts, folder: Path) -> int:
    """Load all records with dlt into Parquet files, nested cells as JSON, names as they are."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "SCHEMA__NAMING": "direct"}
    import dlt as package

    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {facts['login']['access_token']}"
    url = f"{facts['url']}/open-apis/bitable/v1/apps/{APP}/tables/{TABLE}/records/search"
    rows = 0

    def pages() -> Iterator[list[dict[str, Any]]]:
        nonlocal rows
        params = {"page_size": "500"}
        while True:
            data = session.post(url, params=params, json={"automatic_fields": True}, timeout=60).json()["data"]
            rows += len(data["items"])
            yield [{"record_id": item["record_id"], **item["fields"]} for item in data["items"]]
            if not data["has_more"]:
                return
            params["page_token"] = data["page_token"]

    target = package.destinations.filesystem(folder.as_uri())
    pipeline = package.pipeline("bench", destination=target, dataset_name="bench", pipelines_dir=str(folder / "state"))
    resource = package.resource(pages, name="bench", max_table_nesting=0)
    pipeline.run(resource, loader_file_format="parquet").raise_on_failed_jobs()
    assert [*folder.rglob("bench/bench/*.parquet")]
    return rows


def installed() -> dict[str, Callable[[Facts, Path], int]]:
    """Return the ways whose packages are there, by what they are called; the packages are imported before."""
    found: dict[str, Callable[[Facts, Path], int]] = {}
    for name, package, read in (("SDK", "lark_oapi", sdk), ("dlt", "dlt", dlt)):
        with suppress(ImportError):
            importlib.import_module(package)
            found[name] = read
    return found
