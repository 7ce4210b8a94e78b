"""The official SDK, which knows nothing of us, against the stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from pathlib import Path

import pytest

from larknb.sandbox import Sandbox, Table

from .conftest import Clock

SCRIPT = """
import json, sys
import lark_oapi as lark
from lark_oapi.api.auth.v3 import InternalTenantAccessTokenRequest, InternalTenantAccessTokenRequestBody
from lark_oapi.api.bitable.v1 import (
    BatchGetAppTableRecordRequest,
    BatchGetAppTableRecordRequestBody,
    GetAppRequest,
    ListAppTableFieldRequest,
    ListAppTableRequest,
    SearchAppTableRecordRequest,
    SearchAppTableRecordRequestBody,
)
from lark_oapi.api.drive.v1 import BatchQueryMetaRequest, MetaRequest, RequestDoc
from lark_oapi.api.wiki.v2 import GetNodeSpaceRequest

url, app_id, app_secret, app_token, table_id, node = sys.argv[1:]
client = lark.Client.builder().app_id(app_id).app_secret(app_secret).domain(url).build()
told = {}

body = InternalTenantAccessTokenRequestBody.builder().app_id(app_id).app_secret(app_secret).build()
request = InternalTenantAccessTokenRequest.builder().request_body(body).build()
answer = client.auth.v3.tenant_access_token.internal(request)
told["tenant_token"] = json.loads(answer.raw.content)["tenant_access_token"][:2]

answer = client.bitable.v1.app.get(GetAppRequest.builder().app_token(app_token).build())
told["app"] = answer.data.app.name
answer = client.bitable.v1.app_table.list(ListAppTableRequest.builder().app_token(app_token).page_size(100).build())
told["tables"] = [[table.table_id, table.name, table.revision] for table in answer.data.items]
answer = client.bitable.v1.app_table_field.list(
    ListAppTableFieldRequest.builder().app_token(app_token).table_id(table_id).page_size(100).build()
)
told["fields"] = [[field.field_name, field.type, field.ui_type] for field in answer.data.items]

told["ids"], told["values"], told["pages"], token = [], [], 0, None
while True:
    request = SearchAppTableRecordRequest.builder().app_token(app_token).table_id(table_id).page_size(500)
    if token:
        request = request.page_token(token)
    body = SearchAppTableRecordRequestBody.builder().automatic_fields(True).build()
    answer = client.bitable.v1.app_table_record.search(request.request_body(body).build())
    assert answer.success(), (answer.code, answer.msg)
    told["pages"] += 1
    told["total"] = answer.data.total
    told["ids"] += [record.record_id for record in answer.data.items]
    told["values"] += [record.fields["Number"] for record in answer.data.items]
    if not answer.data.has_more:
        break
    token = answer.data.page_token

body = BatchGetAppTableRecordRequestBody.builder().record_ids([told["ids"][0], "recGone"]).build()
request = BatchGetAppTableRecordRequest.builder().app_token(app_token).table_id(table_id).request_body(body).build()
told["absent"] = client.bitable.v1.app_table_record.batch_get(request).data.absent_record_ids

doc = RequestDoc.builder().doc_token(app_token).doc_type("bitable").build()
request = BatchQueryMetaRequest.builder().request_body(MetaRequest.builder().request_docs([doc]).build()).build()
told["modified"] = client.drive.v1.meta.batch_query(request).data.metas[0].latest_modify_time
told["node"] = client.wiki.v2.space.get_node(GetNodeSpaceRequest.builder().token(node).build()).data.node.obj_token

answer = client.bitable.v1.app_table.list(ListAppTableRequest.builder().app_token("NoSuchBase").build())
told["failure"] = [answer.code, answer.get_log_id() is not None]
print(json.dumps(told))
"""


def sdk_python(folder: Path) -> Path:
    """Make a virtual environment with the official SDK, and return its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "lark-oapi"], check=True, timeout=600)
    return python


@pytest.mark.sdk
@pytest.mark.timeout(900)
def test_the_official_sdk_reads_everything(tmp_path: Path, box: Sandbox, table: Table, clock: Clock) -> None:
    """Tenant token, tables, fields, all rows of several pages exactly once, batch_get, metas, wiki node, an error."""
    table.rename_field(table.field("数量").field_id, "Number")
    table.add_many([{"Number": number} for number in range(5, 1234)])
    node = box.tenant.add_wiki_node(table.base)
    python, script = sdk_python(tmp_path / "venv"), tmp_path / "read.py"
    script.write_text(SCRIPT, encoding="utf-8")
    arguments = [box.url, box.app_id, box.app_secret, table.base.app_token, table.table_id, node]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [python, script, *arguments], capture_output=True, encoding="utf-8", env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["tenant_token"] == "t-"
    assert told["app"] == "缺陷管理"
    assert told["tables"] == [[table.table_id, "缺陷", table.revision]]
    assert told["fields"] == [["名称", 1, "Text"], ["Number", 2, "Number"], ["状态", 3, "SingleSelect"]]
    assert (told["pages"], told["total"]) == (3, 1234)
    assert told["ids"] == list(table.rows)
    assert told["values"] == list(range(1234))
    assert told["absent"] == ["recGone"]
    assert int(told["modified"]) == table.base.mtime
    assert told["node"] == table.base.app_token
    assert told["failure"] == [1254040, True]
    assert box.journal.count("search") == 3
    assert {call.identity for call in box.journal.calls} == {"tenant", None}
