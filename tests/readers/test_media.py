"""Pictures, files and boards: each is downloaded once, and one that cannot be had fails alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.api import download as downloads
from larknb.api.usage import Usage
from larknb.readers import document
from larknb.sandbox import Fault, blocks

from .desks import PNG, PageDesk, picture


@pytest.fixture
def desk(page: PageDesk) -> PageDesk:
    return page


def test_a_picture_is_downloaded_once(desk: PageDesk) -> None:
    """The token is the address of the content: later reads, and other places that show it, cost nothing."""
    token = desk.box.tenant.add_media(PNG, "接线 图.png", "image/png")
    desk.write(blocks.image(token, caption="接线图"), blocks.image(token), blocks.file(token, "接线 图.png"))
    desk.visit()
    assert desk.requests().count("media") == 1
    assert (desk.shelf.folder / "media" / f"{token}.png").read_bytes() == PNG
    assert f"![接线图](media/{token}.png)" in desk.shelf.guide["markdown"]
    assert {asset["name"] for asset in desk.shelf.guide["assets"]} == {"接线 图.png"}
    desk.write("又一步")
    desk.visit()
    assert "media" not in desk.requests()


def test_images_false_downloads_nothing(desk: PageDesk) -> None:
    """The option spares the quota; the guide still names what it left out."""
    token = desk.box.tenant.add_media(PNG, "a.png", "image/png")
    board = desk.box.tenant.add_board(b"<svg/>", "image/svg+xml")
    desk.write(blocks.image(token, caption="接线图"), blocks.file(token, "a.png"), blocks.board(board))
    desk.options["images"] = False
    desk.visit()
    assert desk.requests() == ["document", "blocks", "document"]
    assert f"[图片：接线图](feishu-media:{token})" in desk.shelf.guide["markdown"]
    assert {asset["status"] for asset in desk.shelf.guide["assets"]} == {"skipped"}


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("gone", [False, True])
def test_a_picture_that_one_may_not_have_fails_alone(desk: PageDesk, *, gone: bool, empty: bool) -> None:
    """403 and 404, with a body or without, are told in the guide; the other pictures and the text are there."""
    bad, good = picture(desk), picture(desk, "b.png")
    desk.box.empty_file_errors = empty
    if gone:
        del desk.box.tenant.media[bad]
    else:
        desk.box.tenant.media[bad].readers = set()
    look = desk.visit()
    assert not look.failed
    statuses = {asset["token"]: asset["status"] for asset in desk.shelf.guide["assets"]}
    assert statuses == {bad: "failed", good: "downloaded"}
    assert f"(feishu-media:{bad})" in desk.shelf.guide["markdown"]
    assert any(bad in line for line in desk.shelf.guide["warnings"])


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.truncate(), Fault.html(), Fault.reply(None, 99991400)])
def test_a_broken_download_is_tried_again(desk: PageDesk, fault: Fault) -> None:
    """Half a picture is no picture."""
    token = picture(desk, data=PNG * 1000)
    desk.box.faults.add(fault, endpoint="media")
    desk.visit()
    assert desk.bytes_of(token) == PNG * 1000


def test_an_error_that_claims_success_is_no_picture(desk: PageDesk) -> None:
    """A failed download may come as JSON with status 200: it is an error, not the file's content."""
    token = picture(desk)
    desk.box.faults.add(Fault.reply(200, {"code": 1061004, "msg": "forbidden"}), endpoint="media")
    desk.visit()
    assert desk.bytes_of(token) is None


def test_a_json_attachment_is_a_file(desk: PageDesk) -> None:
    """What comes with a file name is the file, whatever its type."""
    token = picture(desk, "参数.json", "application/json", b'{"code": 1}')
    desk.visit()
    assert desk.bytes_of(token) == b'{"code": 1}'


def test_a_download_renews_a_login_that_has_just_ended(desk: PageDesk) -> None:
    """The token is renewed once, as for any other call."""
    token = picture(desk)
    fresh = desk.box.sign_in()["access_token"]
    person = desk.client.identity
    desk.meanwhile(lambda: desk.box.expire(person.bearer()), "media")
    person.renew = lambda rejected: fresh  # type: ignore[method-assign]
    desk.visit()
    assert desk.bytes_of(token) == PNG


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_is_left_out(desk: PageDesk, monkeypatch: pytest.MonkeyPatch, *, chunked: bool) -> None:
    """The limit holds whether or not the answer tells its length, and the guide says that the file was skipped."""
    monkeypatch.setattr(document, "LARGEST", 1000)
    desk.box.chunked_media = chunked
    token = picture(desk, "录像.mp4", "video/mp4", bytes(5000))
    desk.visit()
    assert desk.bytes_of(token) is None
    asset = desk.shelf.guide["assets"][0]
    assert (asset["status"], asset["name"], asset["file"]) == ("skipped", "录像.mp4", None)


def test_a_missing_scope_is_asked_for_once(desk: PageDesk) -> None:
    """Where the scope for media is missing, one refusal stands for all pictures of the document."""
    tokens = [picture(desk, f"{n}.png") for n in range(5)]
    desk.reply(99991679, "media", times=None)
    desk.visit()
    assert desk.requests().count("media") == 1
    assert all("scope" in desk.media()[token].problem for token in tokens)


def test_a_service_that_is_down_is_not_asked_for_every_picture(desk: PageDesk) -> None:
    """Two pictures in a row that failed after all tries: the others wait for the next read, the document is kept."""
    tokens = [picture(desk, f"{n}.png") for n in range(6)]
    desk.reply(99991400, "media", times=None)
    desk.visit()
    assert desk.requests().count("media") == 10
    assert desk.media().keys() == {*tokens}
    desk.box.faults.clear()
    desk.client.refused.clear()  # that of a later sync is another one
    desk.visit(full=True)
    assert {asset["status"] for asset in desk.shelf.guide["assets"]} == {"downloaded"}


def test_a_spent_budget_keeps_the_document(desk: PageDesk, tmp_path: Path) -> None:
    """The text has been read: what the budget no longer allows are the pictures."""
    for n in range(3):
        picture(desk, f"{n}.png")
    desk.client.usage = Usage(tmp_path / "usage.json", 4)
    desk.visit()
    assert desk.requests().count("media") == 1
    assert [asset["status"] for asset in desk.shelf.guide["assets"]] == ["downloaded", "failed", "failed"]


def test_a_run_stops_short_of_the_daily_downloads(desk: PageDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform gives an app 10,000 a day: a run leaves some for others and says why."""
    monkeypatch.setattr(downloads, "MOST", 2)
    for n in range(4):
        picture(desk, f"{n}.png")
    desk.visit()
    assert desk.requests().count("media") == 2
    assert "tomorrow" in desk.shelf.guide["assets"][3]["error"]


def test_a_board_is_a_picture_of_its_own_kind(desk: PageDesk) -> None:
    """The content type alone tells what it is; without the scope the document is read all the same."""
    token = desk.box.tenant.add_board(b"<svg/>", "image/svg+xml")
    desk.write(blocks.board(token))
    desk.visit()
    assert f"![画板](media/{token}.svg)" in desk.shelf.guide["markdown"]
    desk.box.tenant.boards[token].data = b"<svg>2</svg>"
    desk.visit(full=True)
    assert (desk.shelf.folder / "media" / f"{token}.svg").read_bytes() == b"<svg>2</svg>"  # redrawn, the token stays
    desk.shelf.media.clear()
    desk.reply(2890005, "board")
    desk.visit(force=True)
    assert f"[画板](feishu-board:{token})" in desk.shelf.guide["markdown"]
