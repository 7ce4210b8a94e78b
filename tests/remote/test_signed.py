"""Conditional writes: the store decides, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.remote.signed import Credentials, Signer, credentials, endpoint, proxy_for
from tests.s3 import KEY, S3, SECRET, environment


@pytest.fixture
def store() -> Iterator[S3]:
    with S3() as running:
        yield running


def signer(store: S3) -> Signer:
    who = credentials(environment(store.url))
    assert who is not None
    return Signer("bucket", "team", store.url, who, sleep=lambda _: None)


@pytest.mark.parametrize("fault", ["busy", "reset"])
def test_a_store_that_is_busy_is_asked_again(store: S3, fault: str) -> None:
    """A 503 or a closed connection at each request in turn changes nothing in the end."""
    store.fault = lambda at, *_: fault if at % 2 == 0 else ""
    assert signer(store).exchange("lease", None, b"mine")
    assert store.memory.objects["bucket/team/lease"][0] == b"mine"


def test_an_answer_that_was_lost_is_no_refusal(store: S3) -> None:
    """The write was done, its answer was not heard, the next try finds it done: it was ours."""
    lost = iter(["PUT"])
    store.fault = lambda at, method, _: "lost" if method == "PUT" and next(lost, "") else ""
    assert signer(store).exchange("lease", None, b"mine")


def test_a_store_that_stays_busy_is_told(store: S3) -> None:
    """After some tries it is an error of the network, without a secret in it."""
    store.fault = lambda *_: "busy"
    with pytest.raises(OSError, match="HTTP 503") as caught:
        signer(store).exchange("lease", None, b"mine")
    assert SECRET not in repr(caught.getrepr(showlocals=True))


def test_a_store_without_conditions_is_known(store: S3) -> None:
    """What it refuses otherwise, such as credentials, is left to pyarrow: nothing was written."""
    store.memory.do_get = store.memory.do_head = lambda request: type(store.memory.do_put(request))(403)  # type: ignore[method-assign]
    assert signer(store).exchange("lease", None, b"mine") is None


def test_credentials_come_from_the_persons_file(tmp_path: Path) -> None:
    """Where the environment has none, the profile that it names counts; no secret is ever shown."""
    file = tmp_path / "credentials"
    file.write_text(f"[team]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n", encoding="utf-8")
    env = {"AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_PROFILE": "team"}
    found = credentials(env)
    assert found is not None
    assert (found.key, str(found.secret)) == (KEY, SECRET)
    assert SECRET not in repr(found)
    assert credentials({**env, "AWS_PROFILE": "other"}) is None


def test_the_endpoint_of_s3_goes_first() -> None:
    """``AWS_ENDPOINT_URL_S3`` is more exact than ``AWS_ENDPOINT_URL``; without both it is Amazon's."""
    env = {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b/"}
    assert [endpoint(env), endpoint({"AWS_ENDPOINT_URL": "http://a"}), endpoint({})] == ["http://b", "http://a", ""]


def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company proxy is for other hosts."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    assert proxy_for("http://127.0.0.1:9000") is None
    assert proxy_for("https://s3.amazonaws.com") == "http://proxy:3128"


def test_a_session_is_signed_with_its_token() -> None:
    """Temporary credentials send their token, which stays masked."""
    who = credentials({**environment(""), "AWS_SESSION_TOKEN": "temporary"})
    assert isinstance(who, Credentials)
    assert "temporary" not in repr(who)
    assert str(who.session) == "temporary"
