"""The table of what an answer of each endpoint may be."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import larknb
from larknb.api.endpoints import ENDPOINTS, FailedMeta, FileItem, FileMeta, NodeItem, endpoint_of, fits, oddity

BYTES = {"drive-v1/media/download", "board-v1/whiteboard/download_as_image"}  # no envelope, and a limit of their own


LAYOUT, VALUES = "historic-version/docs/sheets/uETMzUjLxEzM14SMxMTN", "sheets-v3/data/ukTMzUjL5EzM14SOxMTN"
DOCX, NODES = "document-docx/docx-v1", "wiki-v2/space-node/list"
# How the names of the contract's examples begin, and the endpoint that they are of.
EXAMPLES = {
    "bitable/app_get": "bitable-v1/app/get",
    "bitable/tables": "bitable-v1/app-table/list",
    "bitable/fields": "bitable-v1/app-table-field/list",
    "bitable/records_search": "bitable-v1/app-table-record/search",
    "bitable/view_get": "bitable-v1/app-table-view/get",
    "bitable/views_list": "bitable-v1/app-table-view/list",
    "sheets/metainfo": LAYOUT,
    "sheets/sheets_query": "sheets-v3/spreadsheet-sheet/query",
    "sheets/values_batch_get": VALUES,
    "docx/documents_get": f"{DOCX}/document/get",
    "docx/recorded.documents_get": f"{DOCX}/document/get",
    "docx/guide.documents_get": f"{DOCX}/document/get",
    "docx/blocks_": f"{DOCX}/document-block/list",
    "docx/guide.blocks": f"{DOCX}/document-block/list",
    "docx/larkdocs2md": f"{DOCX}/document-block/list",
    "docx/block_children": f"{DOCX}/document-block-children/get",
    "docx/wiki_get_node": "wiki-v2/space-node/get_node",
    "docx/recorded.wiki_get_node": "wiki-v2/space-node/get_node",
    "drive/wiki_get_node": "wiki-v2/space-node/get_node",
    "drive/metas_": "drive-v1/file/batch_query",
    "docx/metas_batch_query": "drive-v1/file/batch_query",
    "docx/wiki_bulk_gate": "drive-v1/file/batch_query",
    "docx/wiki_bulk_before": NODES,
    "docx/wiki_bulk_after": NODES,
    "docx/wiki_nodes_list": NODES,
    "docx/recorded.wiki_nodes_list": NODES,
    "drive/wiki_nodes_list": NODES,
    "docx/wiki_space_get": "wiki-v2/space/get",
    "drive/files_list": "drive-v1/ugTNzUjL4UzM14CO1MTN/list",
    "drive/folder_meta": "drive-v1/ugTNzUjL4UzM14CO1MTN/uAjNzUjLwYzM14CM2MTN",
}


def documentation_paths() -> Iterator[str]:
    """Yield every documentation path that readers and services name."""
    for room in ("readers", "services"):
        for file in (Path(larknb.__file__).parent / room).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and "/" in node.value:
                    head = node.value.partition("/")[0]
                    if " " not in node.value and ("-v" in head or head.startswith(("historic", "document-docx"))):
                        yield node.value


def test_every_answer_that_is_read_has_its_shape() -> None:
    """An endpoint without one would let everything pass."""
    assert {*documentation_paths()} - BYTES == {*ENDPOINTS}


def recorded() -> list[tuple[str, str]]:
    """Return the recorded and documented answers of the contract, and the endpoint of each."""
    folder = os.environ.get("LARKNB_CONTRACT")
    files = sorted((Path(folder) / "examples").rglob("*.json")) if folder else []
    named = [(str(file), f"{file.parent.name}/{file.name}") for file in files if "request" not in file.name]
    return [(path, api) for path, name in named for prefix, api in EXAMPLES.items() if name.startswith(prefix)]


@pytest.mark.parametrize(("path", "api"), recorded(), ids=lambda text: Path(text).name[:40])
def test_what_was_recorded_is_accepted(path: str, api: str) -> None:
    """Nothing of the contract is refused, and neither is a single row of the gate."""
    body = json.loads(Path(path).read_bytes())
    if not isinstance(body, dict) or body.get("code") != 0:
        pytest.skip("no success")
    assert oddity(body["data"], endpoint_of(api).data) == ""
    assert all(fits(file, FileItem) for file in body["data"].get("files") or ())
    assert api != NODES or all(fits(node, NodeItem) for node in body["data"]["items"])
    assert all(fits(meta, FileMeta) for meta in body["data"].get("metas") or ())
    assert all(fits(failed, FailedMeta) for failed in body["data"].get("failed_list") or ())


def test_an_unknown_endpoint_may_answer_any_object() -> None:
    """One that nobody described yet is not refused, and is cut all the same."""
    unknown = endpoint_of("somebody/else")
    assert oddity({"a": [1]}, unknown.data) == ""
    assert "object" in oddity([1], unknown.data)
    assert 0 < unknown.largest < 100_000_000


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"items": [{"table_id": "tblA", "name": "t", "more": 1}], "more": {}}, ""),
        ({"items": None, "has_more": None, "page_token": None, "total": None}, ""),
        ({}, ""),
        ({"items": [{"table_id": "tblA"}, {"table_id": "a/b"}]}, "$.items[1].table_id"),
        ({"items": [{"table_id": "tblA", "revision": "7"}]}, ""),
        ({"items": [{"table_id": "tblA", "revision": "7.0"}]}, "$.items[0].revision"),
        (json.loads('{"more": ' + "[" * 300 + "]" * 300 + "}"), "nested too deep"),
    ],
)
def test_a_member_is_told_by_its_place(value: Any, told: str) -> None:
    """What is known is looked at, what is not may be anything; the place tells where."""
    found = oddity(value, ENDPOINTS["bitable-v1/app-table/list"].data)
    assert (told in found) if told else not found
