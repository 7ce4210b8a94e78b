"""What the log keeps, what it takes out, and that it stops nobody."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.logs import log_to, redactor

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiI3In0.c2ln"
USER, TENANT, REFRESH = "u-6ul2p9H9x1qo7Vs3aB0cD4", "t-g1044ghJRUIJJ5ELPTDU7A", "ur-gM2k9sN4p1dbR0hJ7xXq0Z"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The package's logger as it is before anybody logs, and as it was after the test."""
    logger = logging.getLogger("larknb")
    before, level = [*logger.handlers], logger.level
    for handler in before:
        logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)
    yield logger
    for handler in [*logger.handlers]:
        logger.removeHandler(handler)
        handler.close()
    for handler in before:
        logger.addHandler(handler)
    logger.setLevel(level)


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [JWT, USER, TENANT, REFRESH, "eyJabcdefgh", "u-" + "a" * 19 + "1"])
@pytest.mark.parametrize("around", ["{}", "token {} was refused", '"{}"', "Bearer {}", "({})"])
def test_what_looks_like_a_token_is_taken_out(token: str, around: str) -> None:
    """Whatever stands around it, and though nobody said that it is one."""
    assert redactor()(around.format(token)) == around.format("****")


@pytest.mark.parametrize(
    "text",
    ["eyJabcdefg", "u-" + "a" * 18 + "1", "u-" + "a" * 40, "menu-" + "1" * 30, "x-" + "1" * 30, "tblDemo00000000001",
     "AppStaff000000000000000001", "20260116T103000Z"],
)  # fmt: skip
def test_what_does_not_look_like_a_token_stays(text: str) -> None:
    """Too short, without a digit, in the middle of a word, or an id: a log without ids helps nobody."""
    assert redactor()(f"before {text} after") == f"before {text} after"


def test_whatever_a_bearer_is_goes() -> None:
    """Up to the next blank; of no other word is so much believed."""
    assert redactor()("Authorization: Bearer my.own-token!, next") == "Authorization: Bearer **** next"


@given(st.lists(st.text(min_size=4), min_size=1, max_size=3), st.text(), st.text())
def test_a_known_secret_is_nowhere(secrets: list[str], before: str, after: str) -> None:
    """Each of them, wherever it stands and however often."""
    redact = redactor(secrets)
    for secret in secrets:
        if "*" not in secret:
            assert secret not in redact(f"{before}{secret}{after}{secret}")


def test_secrets_may_come_only_once() -> None:
    """From a generator, and they are known for every text after the first one, too."""
    redact = redactor(secret for secret in ["hidden"])
    assert [redact("hidden"), redact("hidden")] == ["****", "****"]


@pytest.mark.parametrize("secrets", [(), ("",), ("", "hidden")])
def test_an_empty_secret_hides_nothing(secrets: tuple[str, ...]) -> None:
    """An app without a secret is no reason to put stars between all letters."""
    assert redactor(secrets)("all of it") == "all of it"


# --- the file ---------------------------------------------------------------------------------------------------------


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_log_is_written_below_folders_that_it_makes(logger: logging.Logger, tmp_path: Path) -> None:
    """A line has a time, a level and a process; what is finer than information is left out."""
    path = tmp_path / "work" / "logs" / "larknb.log"
    log_to(path)
    assert not path.exists()  # nothing was said yet
    logger.info("表 %d", 1)
    logger.debug("details")
    (line,) = text_of(path).splitlines()
    assert line[:4].isdecimal()
    assert line.split()[2] == "INFO"
    assert line.split()[3].isdecimal()
    assert line.endswith(" 表 1")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("?code=abc-1.2_x&state=1", "?code=****&state=1"),
        ("client_secret=a/b+c next", "client_secret=**** next"),
        ("page_token=abcdefghijklmnop", "page_token=****"),
        ("page_token=abcdefghijklmno", "page_token=abcdefghijklmno"),
        ("token=tblDemo000000000001", "token=tblDemo000000000001"),
        ("token=recDemo000000000001", "token=recDemo000000000001"),
        ("the word is hidden", "the word is ****"),
        (f"token {JWT}", "token ****"),
    ],
)
def test_no_secret_is_in_the_log(logger: logging.Logger, tmp_path: Path, said: str, kept: str) -> None:
    """Neither what is known, nor what looks like one, nor what stands in an address; ids stay."""
    path = tmp_path / "larknb.log"
    log_to(path, ["hidden"])
    logger.warning("%s", said)
    assert text_of(path).rstrip("\n").endswith(f" {kept}")


def test_a_traceback_shows_no_secret(logger: logging.Logger, tmp_path: Path) -> None:
    """The whole record is cleaned, not its message alone."""
    path = tmp_path / "larknb.log"
    log_to(path, ["hidden"])
    try:
        int("hidden " + JWT)
    except ValueError:
        logger.exception("it failed")
    assert "'**** ****'" in text_of(path)
    assert "hidden" not in text_of(path)


def test_the_same_file_twice_is_one_log(logger: logging.Logger, tmp_path: Path) -> None:
    """Every call of a workspace asks for it: a line is written once, and the first call's secrets stay known."""
    log_to(tmp_path / "larknb.log", ["hidden"])
    for _ in range(2):
        log_to(tmp_path / "larknb.log")
    logger.info("once and hidden")
    assert "hidden" not in text_of(tmp_path / "larknb.log")
    assert text_of(tmp_path / "larknb.log").count("once") == 1
    assert len(logger.handlers) == 1


def test_another_workspace_ends_the_first_ones_log(logger: logging.Logger, tmp_path: Path) -> None:
    """What one does is not in the other's log; a handler of the user's own stays."""
    own = logging.NullHandler()
    logger.addHandler(own)
    for name in ("one", "two"):
        log_to(tmp_path / name / "larknb.log")
        logger.info("said by %s", name)
    assert "two" not in text_of(tmp_path / "one" / "larknb.log")
    assert "one" not in text_of(tmp_path / "two" / "larknb.log")
    assert own in logger.handlers


@pytest.mark.parametrize("level", [logging.DEBUG, logging.ERROR])
def test_a_level_that_the_user_set_stays(logger: logging.Logger, tmp_path: Path, level: int) -> None:
    """Whoever wants more or less to be told has said so."""
    logger.setLevel(level)
    log_to(tmp_path / "larknb.log")
    assert logger.level == level


def test_a_log_is_a_megabyte_and_three_older_ones(logger: logging.Logger, tmp_path: Path) -> None:
    """The fourth is the last: a schedule that runs for years fills no disk."""
    log_to(tmp_path / "larknb.log")
    for _ in range(60):
        logger.info("x" * 100_000)
    files = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert files.keys() == {"larknb.log", "larknb.log.1", "larknb.log.2", "larknb.log.3"}
    assert all(800_000 < size <= 1_000_000 for name, size in files.items() if name != "larknb.log")


def test_a_log_that_another_process_has_open_grows_on(
    logger: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows it cannot be renamed then: no record is lost, and once it is free, older ones are kept beside it."""

    def held(*_: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    log_to(tmp_path / "larknb.log")
    with monkeypatch.context() as windows:
        windows.setattr(os, "rename", held)
        for number in range(15):
            logger.info("%d %s", number, "x" * 100_000)
    kept = text_of(tmp_path / "larknb.log").splitlines()
    assert [line.split()[4] for line in kept] == [str(number) for number in range(15)]
    for number in range(15, 25):
        logger.info("%d %s", number, "x" * 100_000)
    assert {path.name for path in tmp_path.iterdir()} == {"larknb.log", "larknb.log.1"}


def test_a_folder_that_cannot_be_written_stops_nobody(
    logger: logging.Logger, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No log, no error, and nothing under a cell; also if the drive goes later."""
    (tmp_path / "file").touch()
    log_to(tmp_path / "file" / "larknb.log")
    assert not [handler for handler in logger.handlers if isinstance(handler, RotatingFileHandler)]
    log_to(tmp_path / "logs" / "larknb.log")
    (tmp_path / "logs").rmdir()
    logger.warning("nobody reads this")
    assert capfd.readouterr() == ("", "")
