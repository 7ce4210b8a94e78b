"""A disk that fails, and a process that dies, at each file operation of a renewal, of a sign-in and of a logout."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from larknb.auth.app import App
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import ConfigError, LarkError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.auth.conftest import granted, leaked, on_disk, sign_in, told

from .faults import ERRORS
from .faults_login import DEEDS, Mortal, failing, perform

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the faults are those of POSIX, and there is no fork")

Make = Callable[[], TokenStore]
NAMES = {errno.errorcode[error]: error for error in ERRORS}
FREQUENT = ("ENOSPC",)  # the others take longer, and find the same
CASES = [
    pytest.param(number, lasts, id=f"{name} {'from then on' if lasts else 'once'}",
                 marks=[] if name in FREQUENT else [pytest.mark.soak])
    for name, number in NAMES.items() for lasts in (False, True)
]  # fmt: skip


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def make(tmp_path: Path, box: Sandbox) -> Make:
    """Make the store of one more call; somebody is logged in."""
    app = App(box.app_id, Secret(box.app_secret), box.url, box.url)

    def make() -> TokenStore:
        return TokenStore(tmp_path / "work" / "token.json", app, own_place=True, sleep=lambda _: None)

    sign_in(make(), box)
    return make


def is_usable(make: Make) -> bool:
    """Say whether the login works and can be renewed; if not, the error must say what to do."""
    try:
        return make().access_token() != make().renew(make().load().access_token)
    except LoginRequired as error:
        assert error.next.startswith(("run larknb login", "sign in once"))
        return False


def operations(make: Make, box: Sandbox, deed: str, error: int = 0) -> list[str]:
    """Return what a deed does that may fail so."""
    with failing(make().path.parent, error) as disk:
        perform(make(), deed, granted(box))
    if deed == "logout":
        sign_in(make(), box)
    return disk.done


# --- a disk that fails -----------------------------------------------------------------------------------------------


def try_it(make: Make, box: Sandbox, deed: str, error: int, at: int, *, lasts: bool) -> bool:
    """Say whether a deed is done although one operation fails; if not, that is told without a secret."""
    grant = granted(box)
    box.journal.clear()
    with failing(make().path.parent, error, at, lasts=lasts):
        try:
            perform(make(), deed, grant)
        except LarkError as failure:
            assert failure.next
            assert not leaked(told(failure), box)
            return False
    return True


@pytest.mark.parametrize(("error", "lasts"), CASES)
def test_a_renewal_on_a_disk_that_fails(make: Make, box: Sandbox, error: int, lasts: bool) -> None:
    """The refresh token is spent once, and the pair that came for it is what the next call works with."""
    done = operations(make, box, "renewal", error)
    assert done
    for at, operation in enumerate(done, 1):
        before = make().load().access_token
        try_it(make, box, "renewal", error, at, lasts=lasts)
        after = make().renew(before)
        assert (box.journal.count("token"), after == on_disk(make())["access_token"]) == (1, True), operation
        assert is_usable(make), operation


@pytest.mark.parametrize(("error", "lasts"), CASES)
def test_a_sign_in_on_a_disk_that_fails(make: Make, box: Sandbox, error: int, lasts: bool) -> None:
    """The new login is kept at once or by the next call, or nothing was spent on it and the one before goes on."""
    for at, operation in enumerate(operations(make, box, "sign in", error), 1):
        try_it(make, box, "sign in", error, at, lasts=lasts)
        assert is_usable(make), operation


@pytest.mark.parametrize(("error", "lasts"), CASES)
def test_a_logout_on_a_disk_that_fails(make: Make, box: Sandbox, error: int, lasts: bool) -> None:
    """What is told to have gone is gone; else a login or none is there, and it can be repeated."""
    for at, operation in enumerate(operations(make, box, "logout", error), 1):
        if try_it(make, box, "logout", error, at, lasts=lasts):
            assert not is_usable(make), operation
        else:
            is_usable(make)
            make().forget()
        left = [path for path in make().path.parent.iterdir() if leaked(path.read_text(encoding="utf-8"), box)]
        assert left == [], operation
        sign_in(make(), box)


# --- a disk that fills up --------------------------------------------------------------------------------------------


def fill_up(patch: pytest.MonkeyPatch) -> None:
    """Let no file be made or grow any more; what a file has, it keeps."""
    make, write = os.open, os.write

    def no_new_file(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return make(path, flags, *args, **options)

    def no_more_bytes(handle: int, content: Any) -> int:
        if os.lseek(handle, 0, os.SEEK_CUR) + len(content) > os.fstat(handle).st_size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(handle, content)

    patch.setattr(os, "open", no_new_file)
    patch.setattr(os, "write", no_more_bytes)


def test_a_disk_that_fills_while_the_request_is_out_costs_nothing(
    make: Make, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room for the answer was there before, so the renewal does not even fail."""
    before = make().access_token()
    with monkeypatch.context() as patch:
        box.faults.add(Fault.call(lambda _: fill_up(patch)), endpoint="token")
        after = make().renew(before)
        assert before != after == on_disk(make())["access_token"]
        with pytest.raises(ConfigError, match="No space left"):
            make().renew(after)
    assert box.journal.endpoints() == ["token"]
    assert make().renew(after) != after


@pytest.mark.parametrize("deed", ["renewal", "sign in"])
def test_what_no_disk_takes_is_told_and_kept_by_the_next_call(make: Make, box: Sandbox, deed: str) -> None:
    """The error says where the login is now, and until when; any call that needs it writes it first."""
    grant = granted(box)
    before = make().load().access_token
    at = [number for number, each in enumerate(operations(make, box, deed, errno.EIO), 1) if each.startswith("write")][
        1
    ]
    before = make().load().access_token
    box.journal.clear()
    with failing(make().path.parent, errno.EIO, at, lasts=True):
        with pytest.raises(ConfigError, match=r"in the memory of this process alone.*try again in this process"):
            perform(make(), deed, grant)
        with pytest.raises(ConfigError, match=r"Cannot read or write the login"):
            make().load()
    spent = box.journal.count("token")
    assert make().load().access_token == on_disk(make())["access_token"] != before
    assert box.journal.count("token") == spent


@pytest.mark.parametrize("then", ["logged out", "signed in", "renewed by another program"])
def test_what_was_kept_in_memory_yields_to_what_came_after_it(make: Make, box: Sandbox, then: str) -> None:
    """A login that another process brought or ended meanwhile is not undone."""
    at = [number for number, each in enumerate(operations(make, box, "renewal", errno.EIO), 1) if "write" in each][1]
    with failing(make().path.parent, errno.EIO, at, lasts=True), pytest.raises(ConfigError):
        perform(make(), "renewal", granted(box))
    file = make().path
    if then == "logged out":
        file.unlink()
        file.with_name("token.json.new").unlink()
        with pytest.raises(LoginRequired, match="Nobody is logged in"):
            make().load()
        return
    text = file.read_text(encoding="utf-8")
    newer = granted(box).access_token
    file.write_text(text.replace(on_disk(make())["access_token"], newer), encoding="utf-8")
    assert make().load().access_token == newer


# --- a process that dies ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mortal() -> Iterator[Mortal]:
    mortal = Mortal()
    yield mortal
    mortal.close()


@pytest.mark.crash
@pytest.mark.parametrize("deed", DEEDS)
def test_a_process_that_dies_leaves_a_login_or_none(make: Make, box: Sandbox, mortal: Mortal, deed: str) -> None:
    """Only half an answer costs a login: the process died while it wrote it, and nobody else has it."""
    lost = []
    done = operations(make, box, deed)
    for at, operation in enumerate(done, 1):
        assert not mortal.perform(make(), deed, granted(box), at)
        if not is_usable(make):
            lost.append((at, operation))
            make().forget()
            sign_in(make(), box)
    assert mortal.perform(make(), deed, granted(box), len(done) + 1)
    writes = [(at, operation) for at, operation in enumerate(done, 1) if operation.startswith("write")]
    if deed == "renewal":
        assert lost == writes[1:2]
    elif deed != "logout":
        assert lost == []
