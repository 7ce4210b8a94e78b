"""A person, an app and a login on the stand-in platform; `tests.screens` uses them as well."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from larknb.auth.app import App
from larknb.auth.grant import Grant
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.sandbox import Sandbox
from tests.conftest import Clock

NOON = 1_768_536_000.0  # 2026-01-16 04:00 UTC
FOUR_KEYS = ["access_token", "expires_at", "refresh_token", "last_refresh"]  # what older scripts know
VERIFIER = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")  # the test vector of RFC 7636


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def waits() -> list[float]:
    """What was slept, in order."""
    return []


@pytest.fixture
def redirect_uri(free_port: int) -> str:
    """A redirect address on a port that is free now."""
    return f"http://localhost:{free_port}/callback"


@pytest.fixture
def box(clock: Clock, redirect_uri: str) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, redirect_uris=[redirect_uri]) as box:
        yield box


@pytest.fixture
def app(box: Sandbox) -> App:
    return App(box.app_id, Secret(box.app_secret), box.url, box.url)


@pytest.fixture
def make_store(tmp_path: Path, app: App, clock: Clock, waits: list[float]) -> Callable[[], TokenStore]:
    """Make a store of the same file, as another process would."""
    path = tmp_path / "work" / "token.json"
    return lambda: TokenStore(path, app, own_place=True, clock=clock, sleep=waits.append, patience=0.2)


@pytest.fixture
def nobody(make_store: Callable[[], TokenStore]) -> TokenStore:
    """A store without a login."""
    return make_store()


@pytest.fixture
def store(nobody: TokenStore, box: Sandbox) -> TokenStore:
    """A store with a login that lives for two hours."""
    sign_in(nobody, box)
    return nobody


def sign_in(store: TokenStore, box: Sandbox) -> None:
    store.sign_in(lambda: granted(box))
    box.journal.clear()


def granted(box: Sandbox) -> Grant:
    """Return what a login would get from the platform now."""
    answer, now = box.sign_in(), box.clock()
    return Grant(
        Secret(answer["access_token"]),
        now + answer["expires_in"],
        Secret(answer["refresh_token"]),
        now + answer["refresh_token_expires_in"],
        answer["scope"],
    )


def fresh(box: Sandbox) -> Secret:
    """Return a refresh token that works."""
    return Secret(box.sign_in()["refresh_token"])


def told(error: BaseException | None) -> str:
    """Return all that a log, a notebook or an error tracker could show of an error: texts and local variables."""
    texts: list[str] = []
    while error is not None:
        texts += [str(error), repr(error), repr(vars(error))]
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if Path(frame.f_code.co_filename).parent != Path(__file__).parent:
                texts += [f"{name} = {value!r}" for name, value in frame.f_locals.items()]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


def leaked(text: str, box: Sandbox, *more: str) -> list[str]:
    """Return the secrets that a text contains, shortened."""
    return [secret[:8] for secret in {*box.secrets(), *more} if secret in text]


def on_disk(store: TokenStore) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(store.path.read_text(encoding="utf-8"))
    return document


def write(store: TokenStore, document: Any) -> None:
    store.path.parent.mkdir(exist_ok=True)
    store.path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")


def old_file(box: Sandbox, **more: Any) -> dict[str, Any]:
    """Return what the old scripts wrote: four keys and no more."""
    answer = box.sign_in()
    return {
        "access_token": answer["access_token"],
        "expires_at": box.clock() + answer["expires_in"],
        "refresh_token": answer["refresh_token"],
        "last_refresh": "2026-01-16T12:00:00",
        **more,
    }


def expire(clock: Clock) -> None:
    """Go to the last minute of the access token."""
    clock.now += 7200 - 60


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let every write to the disk fail."""

    def fsync(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
