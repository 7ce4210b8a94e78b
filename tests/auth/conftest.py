"""A person, an app and a login on the stand-in platform, with a clock that the test moves."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from larknb.auth.oauth import App, Grant
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.sandbox import Sandbox

NOON = 1_768_536_000.0  # 2026-01-16 04:00 UTC


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARKNB_LANG", "en")


@pytest.fixture
def clock() -> Clock:
    return Clock()


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
    return lambda: TokenStore(tmp_path / "work" / "token.json", app, clock=clock, sleep=waits.append, patience=0.2)


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
