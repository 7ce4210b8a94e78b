"""A file from the platform: what counts as one, how large it may be, and what it is called."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from larknb.api import download as downloads
from larknb.api.client import LarkClient
from larknb.api.download import MOST, download
from larknb.cache.checks import check_of
from larknb.errors import AccessDenied, ApiError, BudgetSpent, LarkError, NotFound
from larknb.partial import Partial
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock, Person

API = "drive-v1/media/download"
DATA = bytes(range(256)) * 600  # more than the connection is asked for at once


@pytest.fixture
def client(box: Sandbox, clock: Clock) -> Iterator[LarkClient]:
    made = LarkClient(box.url, Person(box.sign_in()["access_token"], "somebody"), clock=clock, sleep=clock.sleep)
    box.journal.clear()
    yield made
    made.close()


@dataclass(frozen=True)
class Came:
    """What a download brought; no data where it was too large."""

    data: bytes | None
    name: str = ""
    content_type: str = ""


Fetch = Callable[..., Came]


@pytest.fixture
def fetch(client: LarkClient, tmp_path: Path) -> Fetch:
    """Download into a file of its own, or under a key into one that an earlier call may have begun."""
    count = itertools.count()

    def fetch(token: str = "BoxMedia", limit: int = 10**6, key: str = "", **more: Any) -> Came:
        into = Partial(tmp_path, key or f"{token}{next(count)}")
        found = download(client, f"drive/v1/medias/{token}/download", into, limit=limit, api=API, **more)
        assert found.file is None or found.file.check == check_of(found.file.path.read_bytes())
        return Came(found.file.path.read_bytes() if found.file else None, found.name, found.content_type)

    return fetch


def answered(box: Sandbox, headers: dict[str, str], status: int = 200, body: Any = None, times: int | None = 1) -> None:
    """Let the platform answer with these headers."""
    box.faults.add(Fault.reply(status, body or {"some": "bytes"}, headers), endpoint="media", times=times)


def raw(name: str) -> str:
    """Return a name as its UTF-8 looks to whoever reads a header as Latin-1."""
    return name.encode().decode("latin-1")


# --- bytes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["empty", "one byte", "large"])
def test_the_bytes_arrive_with_name_and_type(
    box: Sandbox, client: LarkClient, fetch: Fetch, data: bytes, chunked: bool
) -> None:
    """Whether or not the answer tells its length; it is one request, and it is counted."""
    box.chunked_media = chunked
    token = box.tenant.add_media(data, "接线 图.png", "image/png")
    assert fetch(token) == Came(data, "接线 图.png", "image/png")
    assert (client.calls, box.journal.endpoints()) == (1, ["media"])


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("limit", "comes"), [(len(DATA) + 1, True), (len(DATA), True), (len(DATA) - 1, False), (0, False)]
)
def test_a_file_may_be_as_large_as_the_limit(
    box: Sandbox, client: LarkClient, fetch: Fetch, chunked: bool, limit: int, comes: bool
) -> None:
    """Of a larger one only what it is; it is asked for once, for it would not shrink."""
    box.chunked_media = chunked
    token = box.tenant.add_media(DATA, "a.mp4", "video/mp4")
    assert fetch(token, limit) == Came(DATA if comes else None, "a.mp4", "video/mp4")
    assert client.calls == 1


def test_what_says_that_it_is_too_large_is_not_received(box: Sandbox, client: LarkClient, fetch: Fetch) -> None:
    """The connection breaks half-way, and nobody notices: not one byte of it was wanted."""
    token = box.tenant.add_media(DATA, "a.mp4", "video/mp4")
    box.faults.add(Fault.truncate(), endpoint="media")
    assert fetch(token, len(DATA) - 1).data is None
    assert client.calls == 1


# --- what is a file ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "text/html", "TEXT/HTML"])
def test_json_and_html_are_files_only_as_attachments(box: Sandbox, fetch: Fetch, kind: str) -> None:
    """Some errors come with status 200: without a disposition such an answer is none of our files."""
    answered(box, {"Content-Type": kind, "Content-Disposition": "attachment"})
    assert fetch().data == b'{"some":"bytes"}'
    answered(box, {"Content-Type": kind}, times=None)
    with pytest.raises(ApiError):
        fetch()


@pytest.mark.parametrize("kind", ["image/png", "text/plain", "text/csv", ""])
def test_other_types_are_files(box: Sandbox, fetch: Fetch, kind: str) -> None:
    """A drawing board has no disposition at all."""
    answered(box, {"Content-Type": kind})
    assert fetch() == Came(b'{"some":"bytes"}', "", kind)


def test_a_type_is_told_without_its_parameters(box: Sandbox, fetch: Fetch) -> None:
    """In small letters, as the names of our files need it."""
    answered(box, {"Content-Type": "Image/PNG ; charset=utf-8"})
    assert fetch().content_type == "image/png"


@pytest.mark.parametrize(("status", "comes"), [(200, True), (206, True), (201, False), (302, False), (404, False)])
def test_only_success_is_a_file(box: Sandbox, fetch: Fetch, status: int, comes: bool) -> None:
    """A part counts, where the platform sends one; an error page that calls itself a picture does not."""
    answered(box, {"Content-Type": "image/png", "Content-Disposition": "attachment"}, status, times=None)
    if comes:
        assert fetch().data
    else:
        with pytest.raises(LarkError):
            fetch()


def test_an_envelope_without_an_error_is_no_file(box: Sandbox, fetch: Fetch, clock: Clock) -> None:
    """Code 0 where bytes should be: tried once more, and then said."""
    answered(box, {}, body={"code": 0, "data": {"a": 1}}, times=None)
    with pytest.raises(ApiError) as caught:
        fetch()
    assert API in caught.value.source
    assert len(clock.slept) == 1


def test_an_error_is_that_of_the_platform(box: Sandbox, fetch: Fetch) -> None:
    """Its class, its code, and which API it was."""
    with pytest.raises(NotFound, match=API):
        fetch("BoxNoSuchMedia")
    token = box.tenant.add_media(b"x", "a.png", "image/png")
    box.tenant.media[token].readers = set()
    with pytest.raises(AccessDenied, match="1061004"):
        fetch(token)


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.truncate()], ids=["dropped", "half"])
def test_a_connection_that_always_breaks(
    box: Sandbox, client: LarkClient, fetch: Fetch, clock: Clock, fault: Fault
) -> None:
    """Half a file is no file: five tries, and then the network is named."""
    token = box.tenant.add_media(DATA, "a.png", "image/png")
    box.faults.add(fault, endpoint="media", times=None)
    with pytest.raises(ApiError, match=API):
        fetch(token)
    assert (client.calls, len(clock.slept)) == (5, 4)


def test_a_run_leaves_downloads_to_others() -> None:
    """The platform gives an app 10,000 a day for all that it does."""
    assert 0.9 * 10_000 <= MOST < 10_000


# --- going on ---------------------------------------------------------------------------------------------------------


def ranges(box: Sandbox) -> list[str]:
    """What each request asked for."""
    return [call.headers.get("Range", "") for call in box.journal if call.endpoint == "media"]


def begun(box: Sandbox, fetch: Fetch, data: bytes = DATA) -> str:
    """Leave half a file under the key ``half``, as a process that was killed does."""
    token = box.tenant.add_media(data, "a.png", "image/png")
    box.faults.add(Fault.truncate(), endpoint="media")
    box.faults.add(Fault.reply(None, 1061001), endpoint="media", times=4)
    with pytest.raises(ApiError):
        fetch(token, key="half")
    box.journal.clear()
    return token


def test_what_broke_off_goes_on_where_it_was(box: Sandbox, fetch: Fetch) -> None:
    """In the next try: the bytes that came are not asked for again."""
    token = box.tenant.add_media(DATA, "a.png", "image/png")
    box.faults.add(Fault.truncate(), endpoint="media", times=2)
    assert fetch(token).data == DATA
    half, third = len(DATA) // 2, len(DATA) * 3 // 4
    assert ranges(box) == ["", f"bytes={half}-", f"bytes={third}-"]


def test_what_another_process_left_goes_on_where_it_was(box: Sandbox, fetch: Fetch) -> None:
    """One request for the rest, and none once it is whole."""
    token = begun(box, fetch)
    assert fetch(token, key="half").data == DATA
    assert ranges(box) == [f"bytes={len(DATA) // 2}-"]
    assert fetch(token, key="half") == Came(DATA, "a.png", "image/png")
    assert len(ranges(box)) == 1


def test_a_server_that_ignores_ranges_begins_anew(box: Sandbox, fetch: Fetch) -> None:
    """200 instead of 206: all of it comes, and takes the place of what there was."""
    token = begun(box, fetch)
    box.ignores_ranges = True
    assert fetch(token, key="half").data == DATA
    assert len(ranges(box)) == 1


def test_a_range_behind_the_end_is_no_end(box: Sandbox, fetch: Fetch) -> None:
    """416 where the file is another one by now: it is asked for from its first byte."""
    token = begun(box, fetch)
    box.tenant.media[token].data = b"short"
    assert fetch(token, key="half").data == b"short"
    assert ranges(box) == [f"bytes={len(DATA) // 2}-", ""]


def test_another_file_is_not_glued_to_the_first(box: Sandbox, fetch: Fetch) -> None:
    """The whole is of another size than it was: its first half is another one, too."""
    token = begun(box, fetch)
    box.tenant.media[token].data = other = bytes(len(DATA) + 1)
    assert fetch(token, key="half").data == other


@pytest.mark.parametrize(
    "told", ["", "bytes 0-9/10", "bytes 5-9/10", "bytes */10", "items 1-2/3", "bytes 76800-76801/76802x"]
)
def test_another_part_than_the_rest_is_not_taken(box: Sandbox, fetch: Fetch, told: str) -> None:
    """206 without the place, or with another one: nothing is appended, the whole is asked for."""
    token = begun(box, fetch)
    headers = {"Content-Type": "image/png", "Content-Disposition": "attachment", "Content-Range": told}
    answered(box, {name: value for name, value in headers.items() if value}, 206)
    assert fetch(token, key="half").data == DATA
    assert ranges(box)[-1] == ""


def test_the_limit_counts_what_came_before(box: Sandbox, fetch: Fetch) -> None:
    """The rest alone would be small enough."""
    token = begun(box, fetch)
    assert fetch(token, len(DATA) - 1, key="half").data is None
    assert fetch(token, 10, key="half").data is None


def test_a_part_that_nobody_asked_for_is_no_whole(box: Sandbox, fetch: Fetch) -> None:
    """206 for a request without a range says how much is missing."""
    token = box.tenant.add_media(DATA, "a.png", "image/png")
    answered(box, {"Content-Type": "image/png", "Content-Disposition": "attachment", "Content-Range": "bytes 0-15/20"},
             206)  # fmt: skip
    assert fetch(token).data == DATA


def test_a_long_file_over_a_weak_line_comes_in_the_end(
    box: Sandbox, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try that brought something was not in vain, however many there are."""
    monkeypatch.setattr(downloads, "WORTH_IT", 1000)
    token = box.tenant.add_media(DATA, "a.png", "image/png")
    box.faults.add(Fault.truncate(), endpoint="media", times=12)
    assert fetch(token).data == DATA
    assert len(ranges(box)) == 13


def test_the_downloads_of_a_day_are_counted(
    box: Sandbox, fetch: Fetch, client: LarkClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tries count as well: the platform counts them by app, and before its limit there is an error, and no request."""
    monkeypatch.setattr(downloads, "MOST", 3)
    token = box.tenant.add_media(DATA, "a.png", "image/png")
    box.faults.add(Fault.drop(), endpoint="media")
    fetch(token)
    fetch(token)
    with pytest.raises(BudgetSpent):
        fetch(token)
    assert (client.calls, len(ranges(box))) == (3, 3)


@pytest.mark.parametrize("extra", ['{"a":1}', "{&+ %7B 图}"])
def test_the_permission_parameter_is_encoded_once(box: Sandbox, fetch: Fetch, extra: str) -> None:
    """As the platform decodes it."""
    fetch(box.tenant.add_media(DATA, "a.png", "image/png"), extra=extra)
    assert box.journal[-1].query == {"extra": extra}


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.png"', "a b.png"),
        ("attachment; filename=a.png", "a.png"),
        ("attachment; filename = a.png ; size=3", "a.png"),
        ('ATTACHMENT; FILENAME="a.png"', "a.png"),
        ("attachment; filename=\"plain.png\"; filename*=UTF-8''%E5%9B%BE.png", "图.png"),
        ("attachment; filename*=utf-8''a%3Bb.png; filename=plain.png", "a;b.png"),
        ("attachment", ""),
        ("", ""),
    ],
)
def test_what_a_file_is_called(box: Sandbox, fetch: Fetch, header: str, name: str) -> None:
    """The encoded form goes before the plain one, wherever it stands."""
    answered(box, {"Content-Type": "image/png", "Content-Disposition": header})
    assert fetch().name == name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(stem=st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"\\;'), min_size=1))
def test_any_name_arrives(box: Sandbox, fetch: Fetch, stem: str) -> None:
    """Encoded, and as the raw bytes of UTF-8 that the platform also sends."""
    name = f"{stem}.png"
    for header in (f"attachment; filename*=UTF-8''{quote(name, safe='')}", f'attachment; filename="{raw(name)}"'):
        answered(box, {"Content-Type": "image/png", "Content-Disposition": header})
        assert fetch().name == name


@pytest.mark.parametrize("name", ["附加", "补充", "voilà"])
def test_a_name_whose_last_byte_looks_like_a_blank_is_whole(box: Sandbox, fetch: Fetch, name: str) -> None:
    """The bytes A0 and 85 are blanks in Latin-1; in UTF-8 they are the end of a letter."""
    assert raw(name)[-1].isspace()
    answered(box, {"Content-Type": "image/png", "Content-Disposition": f'attachment; filename="{raw(name)}"'})
    assert fetch().name == name
