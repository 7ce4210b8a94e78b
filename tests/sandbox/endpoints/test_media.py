"""Pictures and files: bytes, ranges, names, links that die, boards, and downloads that fail."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable

import pytest
import requests

from larknb.sandbox import Base, Fault, Field, Sandbox

from ..conftest import Api, Clock, outcome

DATA = bytes(range(256)) * 40
MEDIAS = "/drive/v1/medias"


@pytest.fixture
def token(box: Sandbox) -> str:
    return box.tenant.add_media(DATA, "测量 点.png", "image/png")


def get(api: Api, token: str, headers: dict[str, str] | None = None, **query: str) -> requests.Response:
    url = f"{api.url}/open-apis{MEDIAS}/{token}/download"
    return api.session.get(url, headers=headers, params=query, timeout=10)


def test_a_download_has_its_type_and_its_name_in_both_forms(api: Api, token: str) -> None:
    """The plain form carries the bytes of UTF-8 as they are, the other one is percent-encoded."""
    answer = get(api, token)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(DATA))
    raw, encoded = answer.headers["Content-Disposition"].removeprefix("attachment; ").split("; ")
    assert raw.encode("latin-1").decode() == 'filename="测量 点.png"'
    assert urllib.parse.unquote(encoded) == "filename*=UTF-8''测量 点.png"
    assert answer.headers["X-Tt-Logid"]


def test_the_headers_are_those_that_were_recorded(
    recorded: Callable[[str], list[dict[str, dict[str, str]]]], api: Api, box: Sandbox
) -> None:
    """Type, length and name of each recorded download come back, the mojibake too."""
    for item in recorded("docx/media_download_headers.recorded.json"):
        headers = item["headers"]
        name = urllib.parse.unquote(headers["content-disposition"].rpartition("''")[2])
        token = box.tenant.add_media(bytes(int(headers["content-length"])), name, headers["content-type"])
        served = get(api, token).headers
        assert {key: served[key] for key in headers} == headers


def test_names_cannot_break_out_of_the_header(api: Api, box: Sandbox) -> None:
    """Quotes and line breaks of a name stay inside it."""
    token = box.tenant.add_media(b"x", 'a"b\r\nX-Evil: 1\\.bin')
    answer = get(api, token)
    assert "X-Evil" not in answer.headers
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="a_b__X-Evil: 1_.bin"')


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-1024", 0, 1024),
        ("bytes=10000-", 10000, 10239),
        ("bytes=-5", 10235, 10239),
        ("bytes=5-99999", 5, 10239),
    ],
)
def test_ranges(asked: str, first: int, last: int, api: Api, token: str) -> None:
    """206 with the part and where it lies."""
    answer = get(api, token, {"Range": asked})
    assert (answer.status_code, answer.content) == (206, DATA[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/10240"


def test_ranges_that_are_none(api: Api, token: str) -> None:
    """Nonsense is ignored, a start behind the end is refused."""
    assert get(api, token, {"Range": "lines=1-2"}).status_code == 200
    assert get(api, token, {"Range": "bytes=-"}).status_code == 200
    assert get(api, token, {"Range": "bytes=10240-"}).status_code == 416


def test_without_a_length(api: Api, box: Sandbox, token: str) -> None:
    """With the switch the bytes come in chunks; a cut in the middle shows."""
    box.chunked_media = True
    answer = get(api, token)
    assert (answer.content, answer.headers["Transfer-Encoding"]) == (DATA, "chunked")
    assert "Content-Length" not in answer.headers
    assert get(api, box.tenant.add_media(b"", "leer.txt", "text/plain")).content == b""
    box.faults.add(Fault.truncate(), endpoint="media")
    with pytest.raises(requests.RequestException):
        get(api, token)


def test_downloads_that_fail(api: Api, box: Sandbox, token: str) -> None:
    """404 and 403 as JSON, or without a body; JSON under HTTP 200 as a fault."""
    assert outcome(get(api, "NoSuchMedium")) == (404, 1061003)
    box.tenant.media[token].readers = set()
    assert outcome(get(api, token)) == (403, 1061004)
    box.empty_file_errors = True
    answer = get(api, token)
    assert (answer.status_code, answer.content) == (403, b"")
    assert answer.headers["X-Tt-Logid"]
    box.faults.add(Fault.reply(200, {"code": 1061045, "msg": "can retry."}), endpoint="media")
    answer = get(api, token)
    assert (answer.status_code, answer.json()["code"]) == (200, 1061045)
    assert answer.headers["Content-Type"].startswith("application/json")


def test_rates_and_the_limit_of_a_day(
    box: Sandbox, token: str, clock: Clock, connect: Callable[[str | None], Api]
) -> None:
    """Five a second are 429; the daily number has a code of its own, and a new day heals it."""
    box.access_lifetime = 7 * 86_400
    api = connect(box.sign_in()["access_token"])
    box.rate_limits_on()
    assert [get(api, token).status_code for _ in range(6)] == [200] * 5 + [429]
    box.rate_limit("media", 7, code=1061045, seconds=86_400)
    codes = []
    for _ in range(8):
        clock.now += 1
        codes.append(get(api, token).status_code)
    assert codes == [200] * 7 + [400]
    clock.now += 86_400
    assert get(api, token).status_code == 200


@pytest.fixture
def attachment(box: Sandbox, base: Base) -> str:
    """A file in a cell of a base with advanced permissions."""
    base.is_advanced = True
    token = box.tenant.add_media(b"log", "log.txt", "text/plain", base=base)
    table = base.add_table("缺陷", [Field("标题", 1), Field("日志", 17, field_id="fldLog")], "tblOfTheTests")
    table.add({"标题": "过热", "日志": [{"file_token": token, "name": "log.txt", "size": 3}]}, "recOne")
    return token


def extra(token: str, table: str = "tblOfTheTests", field: str = "fldLog", record: str = "recOne") -> str:
    where = {"tableId": table, "attachments": {field: {record: [token]}}}
    return json.dumps({"bitablePerm": where})


def test_attachments_of_advanced_bases_want_their_place(api: Api, box: Sandbox, base: Base, attachment: str) -> None:
    """Without ``extra`` 400, and 403 for links; with it the roles decide."""
    links = f"{MEDIAS}/batch_get_tmp_download_url"
    user = box.tenant.users[0].open_id
    assert outcome(get(api, attachment)) == (400, 1061002)
    assert outcome(api.get(links, file_tokens=attachment)) == (403, 1061002)
    assert outcome(get(api, attachment, extra=extra(attachment))) == (403, 1061004)
    box.roles.add(user)
    assert get(api, attachment, extra=extra(attachment)).content == b"log"
    assert api.get(links, file_tokens=attachment, extra=extra(attachment)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ("nonsense", 400),
        ("{}", 400),
        ('{"bitablePerm": []}', 400),
        (urllib.parse.quote(extra("TOKEN")), 400),  # encoded twice
        (extra("TOKEN", table="tblOther"), 400),
        (extra("TOKEN", field="fldOther"), 403),
        (extra("TOKEN", record="recOther"), 403),
        (extra("other"), 403),
        ('{"bitablePerm": {"tableId": "tblOfTheTests", "attachments": ["TOKEN"]}}', 403),
    ],
)
def test_a_place_that_is_none_is_refused(api: Api, box: Sandbox, attachment: str, wrong: str, status: int) -> None:
    """What is no such JSON is a wrong parameter; a cell that does not hold the file is a right that is not there."""
    box.roles.add(box.tenant.users[0].open_id)
    assert get(api, attachment, extra=wrong.replace("TOKEN", attachment)).status_code == status


def test_the_revision_in_an_address_may_have_to_be_the_present_one(
    api: Api, box: Sandbox, base: Base, attachment: str
) -> None:
    """Nobody knows; with the switch an address ends with the next edit of its table."""
    box.roles.add(box.tenant.users[0].open_id)
    (cell,) = api.rows(base.table("缺陷"))[0]["fields"]["日志"]
    base.table("缺陷").add({"标题": "又一个"})
    assert api.session.get(cell["url"], timeout=10).content == b"log"
    box.needs_current_rev = True
    assert outcome(api.session.get(cell["url"], timeout=10)) == (400, 1061002)


def test_links_without_their_place_may_be_none(api: Api, box: Sandbox, attachment: str) -> None:
    """As somebody has seen it: code 0, and an empty list."""
    box.empty_links = True
    answer = api.get(f"{MEDIAS}/batch_get_tmp_download_url", file_tokens=attachment).json()
    assert (answer["code"], answer["data"]) == (0, {"tmp_download_urls": []})


def test_a_range_may_be_ignored(api: Api, box: Sandbox, token: str) -> None:
    """With the switch the whole file comes, with 200."""
    box.ignores_ranges = True
    answer = get(api, token, {"Range": "bytes=5-"})
    assert (answer.status_code, answer.content) == (200, DATA)


def test_what_was_deleted_is_told_apart_from_what_never_was(api: Api, box: Sandbox, token: str) -> None:
    """Both are 404, with codes of their own."""
    del box.tenant.media[token]
    assert outcome(get(api, token)) == (404, 1061003)
    box.tenant.deleted.add(token)
    assert outcome(get(api, token)) == (404, 1061007)


def test_the_address_in_a_cell_leads_to_the_file(api: Api, box: Sandbox, base: Base, attachment: str) -> None:
    """What a record offers as ``url`` can be fetched as it is."""
    box.roles.add(box.tenant.users[0].open_id)
    (cell,) = api.rows(base.table("缺陷"))[0]["fields"]["日志"]
    assert api.session.get(cell["url"], timeout=10).content == b"log"
    assert api.session.get(cell["tmp_url"], timeout=10).json()["data"]["tmp_download_urls"]


def test_links_live_for_a_day_and_need_no_bearer(
    api: Api, box: Sandbox, token: str, clock: Clock, connect: Callable[[str | None], Api]
) -> None:
    """Up to five at a time, unknown tokens left out; a dead link is refused; its code is a secret."""
    nobody = connect(None).session
    other = box.tenant.add_media(b"two", "two.txt", "text/plain")
    path = f"{MEDIAS}/batch_get_tmp_download_url"
    answer = api.get(path, file_tokens=[token, "NoSuchMedium", other]).json()["data"]["tmp_download_urls"]
    assert [item["file_token"] for item in answer] == [token, other]
    address = answer[1]["tmp_download_url"]
    assert nobody.get(address, timeout=10).content == b"two"
    assert any(secret in address for secret in box.secrets())
    assert box.journal[-1].endpoint == "tmp_media"
    assert outcome(api.get(path)) == (400, 1061002)
    assert outcome(api.get(path, file_tokens=[token] * 6)) == (400, 1061002)
    clock.now += 86_400
    assert outcome(nobody.get(address, timeout=10)) == (403, 1061004)
    assert outcome(nobody.get(address + "x", timeout=10)) == (403, 1061004)


def test_boards(api: Api, box: Sandbox) -> None:
    """A board is a picture of any type; missing, forbidden and too many have the board's own codes."""
    token = box.tenant.add_board(b"<svg/>", "image/svg+xml")
    path = f"/board/v1/whiteboards/{token}/download_as_image"
    answer = api.get(path)
    assert (answer.content, answer.headers["Content-Type"]) == (b"<svg/>", "image/svg+xml")
    assert outcome(api.get("/board/v1/whiteboards/NoSuchBoard/download_as_image")) == (400, 2890003)
    box.rate_limits_on()
    assert [outcome(answer) for answer in [api.get(path) for _ in range(51)][50:]] == [(429, 2890006)]
    box.rate_limits_on(False)
    box.tenant.boards[token].readers = set()
    assert outcome(api.get(path)) == (403, 2890005)
    assert box.journal.endpoints()[0] == "board"


def test_scopes(box: Sandbox, token: str, connect: Callable[[str | None], Api]) -> None:
    """A scope of spreadsheets or bases suffices for media, that of documents alone does not."""
    codes = []
    for scope in ("docs:document.media:download", "sheets:spreadsheet:readonly", "docx:document:readonly"):
        api = connect(box.sign_in(box.tenant.add_user(scope), [scope])["access_token"])
        codes.append(get(api, token).status_code)
    assert codes == [200, 200, 400]
    assert outcome(get(connect(None), token)) == (401, 99991661)
