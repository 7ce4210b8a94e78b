"""Codes and the status that goes with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Docx, Fault, Sandbox, Table

from ..conftest import Api, outcome, path_of
from ..reading import PATH


@pytest.mark.parametrize("endpoint", ["search", "fields", "batch_get"])
def test_recorded_errors_have_the_recorded_status(
    endpoint: str, recorded: Callable[[str], Any], api: Api, table: Table, box: Sandbox
) -> None:
    """A code without a status gets the one that the contract has recorded for the endpoint."""
    codes = {
        "search": ["1254002_Fail", "1254030_TooLargeResponse", "1254290_TooManyRequest", "1254302_PermissionDenied"],
        "fields": ["1254302_PermissionDenied"],
        "batch_get": ["1254030_InvalidPageToken", "1254040_BaseTokenNotFound", "1254290_TooManyRequest"],
    }[endpoint]
    general = ["1254607_DataNotReady", "1255040_Timeout", "1254036_copying"] if endpoint == "search" else []
    for name in [f"{code}_{endpoint}" for code in codes] + general:
        error = recorded(f"bitable/error_{name}.json")
        box.faults.add(Fault.reply(None, error["body"]["code"]), endpoint=endpoint)
        calls = {
            "search": lambda: api.search(table),
            "fields": lambda: api.get(f"{path_of(table)}/fields"),
            "batch_get": lambda: api.post(f"{path_of(table)}/records/batch_get", {"record_ids": ["rec1"]}),
        }
        assert outcome(calls[endpoint]()) == (error["http_status"], error["body"]["code"])


def test_failures_with_their_documented_status(api: Api, box: Sandbox, guide: Docx) -> None:
    """Maintenance once, then success; a copy in progress."""
    box.faults.add(Fault.reply(None, 1771005), endpoint="blocks")
    box.faults.add(Fault.reply(None, 1770020), endpoint="document")
    assert outcome(api.get(f"{PATH}/blocks")) == (503, 1771005)
    assert outcome(api.get(f"{PATH}/blocks")) == (200, 0)
    assert outcome(api.get(PATH)) == (400, 1770020)
