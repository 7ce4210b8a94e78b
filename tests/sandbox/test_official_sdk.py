"""The official SDK and an OAuth library, which know nothing of us, against the stand-in."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from larknb.auth.app import App
from larknb.auth.grant import refresh
from larknb.config.secrets import Secret
from larknb.sandbox import Sandbox, Table
from larknb.sandbox.blocks import text
from tests.others import python_with

from .conftest import REDIRECT, Clock

PEERS = ("lark-oapi", "requests-oauthlib")

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


DOCUMENTS = """
import json, sys
import lark_oapi as lark
from lark_oapi.api.docx.v1 import GetDocumentRequest, ListDocumentBlockRequest, RawContentDocumentRequest
from lark_oapi.api.drive.v1 import (
    BatchQueryMetaRequest,
    DownloadMediaRequest,
    ListFileRequest,
    MetaRequest,
    RequestDoc,
)
from lark_oapi.api.sheets.v3 import GetSpreadsheetRequest, QuerySpreadsheetSheetRequest
from lark_oapi.api.wiki.v2 import GetNodeSpaceRequest, ListSpaceNodeRequest, ListSpaceRequest

url, app_id, app_secret, guide, book, sheet, node, medium, folder = sys.argv[1:]
client = lark.Client.builder().app_id(app_id).app_secret(app_secret).domain(url).build()
told = {}

document = client.docx.v1.document.get(GetDocumentRequest.builder().document_id(guide).build()).data.document
told["document"] = [document.document_id, document.revision_id, document.title]
told["ids"], told["texts"], told["pages"], token = [], [], 0, None
while True:
    request = ListDocumentBlockRequest.builder().document_id(guide).page_size(500)
    if token:
        request = request.page_token(token)
    answer = client.docx.v1.document_block.list(request.build())
    assert answer.success(), (answer.code, answer.msg)
    told["pages"] += 1
    told["ids"] += [block.block_id for block in answer.data.items]
    told["texts"] += [block.text.elements[0].text_run.content for block in answer.data.items if block.block_type == 2]
    if not answer.data.has_more:
        break
    token = answer.data.page_token
request = RawContentDocumentRequest.builder().document_id(guide).build()
told["raw"] = client.docx.v1.document.raw_content(request).data.content[:6]

kinds = ((guide, "docx"), (book, "sheet"))
docs = [RequestDoc.builder().doc_token(token).doc_type(kind).build() for token, kind in kinds]
request = BatchQueryMetaRequest.builder().request_body(MetaRequest.builder().request_docs(docs).build()).build()
metas = client.drive.v1.meta.batch_query(request).data.metas
told["metas"] = {meta.doc_type: meta.latest_modify_time for meta in metas}

found = client.wiki.v2.space.get_node(GetNodeSpaceRequest.builder().token(node).build()).data.node
told["node"] = [found.obj_token, found.obj_type]
spaces = client.wiki.v2.space.list(ListSpaceRequest.builder().build()).data.items
told["spaces"] = [space.name for space in spaces]
request = ListSpaceNodeRequest.builder().space_id(spaces[0].space_id).page_size(50).build()
told["nodes"] = [one.node_token for one in client.wiki.v2.space_node.list(request).data.items]
files = client.drive.v1.file.list(ListFileRequest.builder().folder_token(folder).build()).data.files
told["files"] = sorted(one.type for one in files)

info = client.sheets.v3.spreadsheet.get(GetSpreadsheetRequest.builder().spreadsheet_token(book).build())
told["book"] = info.data.spreadsheet.title
request = QuerySpreadsheetSheetRequest.builder().spreadsheet_token(book).build()
layout = client.sheets.v3.spreadsheet_sheet.query(request).data.sheets[0]
told["layout"] = [layout.sheet_id, layout.grid_properties.row_count, layout.merges[0].end_column_index]
request = (
    lark.BaseRequest.builder()
    .http_method(lark.HttpMethod.GET)
    .uri(f"/open-apis/sheets/v2/spreadsheets/{book}/values_batch_get")
    .queries([("ranges", f"{sheet}!A1:B2,{sheet}!A3:B3"), ("valueRenderOption", "UnformattedValue")])
    .token_types({lark.AccessTokenType.TENANT})
    .build()
)
values = json.loads(client.request(request).raw.content)["data"]
told["values"] = {one["range"]: one["values"] for one in values["valueRanges"]}

answer = client.drive.v1.media.download(DownloadMediaRequest.builder().file_token(medium).build())
told["medium"] = [answer.file_name, answer.file.read().decode()]
answer = client.docx.v1.document.get(GetDocumentRequest.builder().document_id("x" * 27).build())
told["failure"] = [answer.code, answer.get_log_id() is not None]
print(json.dumps(told))
"""


CODE_FLOW = """
import json, os, sys
import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the stand-in speaks plain HTTP
url, app_id, app_secret, redirect_uri, *scopes = sys.argv[1:]
tokens = f"{url}/open-apis/authen/v2/oauth/token"
app = {"client_id": app_id, "client_secret": app_secret}
session = OAuth2Session(app_id, redirect_uri=redirect_uri, scope=scopes, pkce="S256")
page, _ = session.authorization_url(f"{url}/open-apis/authen/v1/authorize")
ended_on = requests.get(page, allow_redirects=False).headers["Location"]
trade = {"authorization_response": ended_on, "client_secret": app_secret, "include_client_id": True}


def refused(call, *arguments, **more):
    try:
        call(*arguments, **more)
    except OAuth2Error as error:
        return [error.error, error.status_code]


first = session.fetch_token(tokens, **trade)
told = {"page": page, "scope": first["scope"], "lives": first["expires_in"]}
second = session.refresh_token(tokens, **app)
told["rotated"] = first["refresh_token"] != second["refresh_token"]
told["name"] = session.get(f"{url}/open-apis/authen/v1/user_info").json()["data"]["name"]
told["refresh_token"] = second["refresh_token"]
told["refresh again"] = refused(session.refresh_token, tokens, refresh_token=first["refresh_token"], **app)
told["code again"] = refused(session.fetch_token, tokens, **trade)
told["with basic"] = refused(session.fetch_token, tokens, auth=(app_id, app_secret), **trade)
print(json.dumps(told))
"""


DEVICE_FLOW = """
import json, os, sys
import requests
from oauthlib.oauth2 import DeviceClient, OAuth2Error
from requests_oauthlib import OAuth2Session

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
url, app_id, app_secret, scope = sys.argv[1:]
form = {"client_id": app_id, "scope": scope}
started = requests.post(f"{url}/oauth/v1/device_authorization", data=form, auth=(app_id, app_secret)).json()
session = OAuth2Session(client=DeviceClient(app_id))


def poll():
    app = {"client_secret": app_secret, "include_client_id": True}
    try:
        session.fetch_token(f"{url}/open-apis/authen/v2/oauth/token", device_code=started["device_code"], **app)
    except OAuth2Error as error:
        return f"{error.status_code} {error.error}"
    return session.get(f"{url}/open-apis/authen/v1/user_info").json()["data"]["name"]


told = [poll()]
requests.get(started["verification_uri_complete"])  # the person decides
print(json.dumps([*told, poll()]))
"""


SDK_DEVICE_FLOW = """
import asyncio, json, sys
import httpx
from lark_oapi.channel.auth import device_flow
from lark_oapi.channel.errors import UATAuthError

url, app_id, app_secret, *scopes = sys.argv[1:]


async def main():
    client = device_flow.DeviceFlowClient(app_id, app_secret, domain=url)
    started = await client.start(scopes)
    waits = []

    async def decide(seconds):  # the person goes to the page while it waits
        waits.append(seconds)
        httpx.get(started.verification_uri_complete)

    device_flow.asyncio.sleep = decide
    try:
        first = await client.poll(started.device_code, interval=started.interval)
        second = await client.refresh(first.refresh_token)
        end = sorted(second.scopes)
    except UATAuthError as error:
        end = str(error)
    await client.close()
    return {"expires_in": started.expires_in, "waits": waits, "end": end}


print(json.dumps(asyncio.run(main())))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the official SDK and an OAuth library."""
    return python_with(tmp_path_factory.mktemp("sdk") / "venv", *PEERS)


def run(python: Path, script: str, folder: Path, *arguments: str) -> Any:
    """Return what the script printed."""
    file = folder / "read.py"
    file.write_text(script, encoding="utf-8")
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [python, file, *arguments], capture_output=True, encoding="utf-8", env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.sdk
@pytest.mark.timeout(900)
def test_the_official_sdk_reads_bases(python: Path, tmp_path: Path, box: Sandbox, table: Table, clock: Clock) -> None:
    """Tenant token, tables, fields, all rows of several pages exactly once, batch_get, metas, wiki node, an error."""
    table.rename_field(table.field("数量").field_id, "Number")
    table.add_many([{"Number": number} for number in range(5, 1234)])
    node = box.tenant.add_wiki_node(table.base)
    arguments = [box.url, box.app_id, box.app_secret, table.base.app_token, table.table_id, node]
    told = run(python, SCRIPT, tmp_path, *arguments)
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


@pytest.mark.sdk
@pytest.mark.timeout(900)
def test_the_official_sdk_reads_documents_and_spreadsheets(
    python: Path, tmp_path: Path, box: Sandbox, clock: Clock
) -> None:
    """Info and blocks of several pages, metas, wiki lists, a folder, layout and values, a download, an error."""
    tenant = box.tenant
    guide = tenant.add_document("指引", [text(f"{number}") for number in range(1100)])
    book = tenant.add_spreadsheet("台账")
    sheet = book.add_sheet("明细", [["名称", "数量"], ["甲", 1], ["乙", 2.5]], merges=[(1, 1, 1, 2)])
    node = tenant.add_wiki_node(guide)
    medium = tenant.add_media("内容".encode(), "测量 点.txt", "text/plain")
    folder = tenant.add_folder("资料", [guide, book])
    arguments = [box.url, box.app_id, box.app_secret, guide.token, book.token, sheet.sheet_id, node, medium, folder]
    told = run(python, DOCUMENTS, tmp_path, *arguments)
    assert told["document"] == [guide.document_id, 1, "指引"]
    assert (told["pages"], told["ids"]) == (3, [block["block_id"] for block in guide.blocks])
    assert told["texts"] == [f"{number}" for number in range(1100)]
    assert told["raw"] == "指引\n0\n1"
    assert {kind: int(time) for kind, time in told["metas"].items()} == {"docx": guide.mtime, "sheet": book.mtime}
    assert told["node"] == [guide.token, "docx"]
    assert (told["spaces"], told["nodes"]) == (["知识库"], [node])
    assert (told["files"], told["book"]) == (["docx", "sheet"], "台账")
    assert told["layout"] == [sheet.sheet_id, 200, 1]
    assert told["values"] == {
        f"{sheet.sheet_id}!A1:B2": [["名称", "数量"], ["甲", 1]],
        f"{sheet.sheet_id}!A3:B3": [["乙", 2.5]],
    }
    assert told["medium"][1] == "内容"
    assert told["failure"] == [1770002, True]
    assert {call.identity for call in box.journal.calls} == {"tenant", None}


SCOPES = ("bitable:app:readonly", "offline_access")


@pytest.mark.sdk
@pytest.mark.timeout(900)
def test_an_oauth_library_signs_in(python: Path, tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Code flow with PKCE and refresh: what works once works once, and our client goes on where the library stopped."""
    told = run(python, CODE_FLOW, tmp_path, box.url, box.app_id, box.app_secret, REDIRECT, *SCOPES)
    assert "code_challenge_method=S256" in told["page"]
    assert (sorted(told["scope"]), told["lives"], told["rotated"]) == ([*SCOPES], 7200, True)
    assert told["name"] == box.tenant.users[0].name
    assert told["refresh again"] == told["code again"] == ["invalid_grant", 400]
    assert told["with basic"] == ["invalid_request", 400]
    app = App(box.app_id, Secret(box.app_secret), box.url, box.url)
    assert refresh(app, Secret(told["refresh_token"]), clock=clock).expires_at == clock.now + 7200


@pytest.mark.sdk
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("knobs", "told"),
    [
        ({"device_interval": 0}, ["400 authorization_pending", "the person"]),
        ({}, ["400 authorization_pending", "400 slow_down"]),
        ({"device_interval": 0, "approve": "deny"}, ["400 authorization_pending", "400 access_denied"]),
        ({"device_lifetime": 0}, ["400 expired_token", "400 expired_token"]),
    ],
)
def test_an_oauth_library_signs_a_device_in(
    python: Path, tmp_path: Path, box: Sandbox, knobs: dict[str, Any], told: list[str]
) -> None:
    """Device flow as the official command line speaks it: Basic at the start, then forms, and an error a poll."""
    vars(box).update(knobs)
    answers = run(python, DEVICE_FLOW, tmp_path, box.url, box.app_id, box.app_secret, " ".join(SCOPES))
    assert answers == [told[0], told[1].replace("the person", box.tenant.users[0].name)]


@pytest.mark.sdk
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("approve", "end"), [("auto", [*SCOPES]), ("deny", "device flow failed: access_denied")])
def test_the_official_sdk_signs_a_device_in(python: Path, tmp_path: Path, box: Sandbox, approve: Any, end: Any) -> None:
    """Device flow as the official SDK speaks it: JSON, no secret at the start, a first poll at once; then a refresh."""
    box.device_interval, box.approve = 0, approve  # its clock stands still; the SDK takes 0 for 5
    told = run(python, SDK_DEVICE_FLOW, tmp_path, box.url, box.app_id, box.app_secret, *SCOPES)
    assert told == {"expires_in": 600, "waits": [5], "end": end}
