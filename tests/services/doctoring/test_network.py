"""The way to the platform: proxies that refuse, hosts that hang, and what each is told as."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from importlib import util

import pytest

from larknb.services.doctor import doctor
from larknb.services.doctoring import examination, network
from tests.conftest import Lab
from tests.services.seeding import edit_settings, refuse_proxy


@pytest.mark.soak
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("HTTP/1.1 407 Who are you\r\n\r\n", "user name and a password"),
        ("HTTP/1.1 403 No\r\n\r\n", "does not let requests"),
        ("", "proxy refused"),
        ("what?\r\n", "proxy refused"),
    ],
)
def test_a_proxy_that_answers_and_refuses(
    answer: str, words: str, synced: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says is told as what it is, and its password to nobody else."""
    with refusing(answer.encode()) as port:
        monkeypatch.setenv("https_proxy", f"http://me:hunter2@127.0.0.1:{port}")
        report = synced.workspace.doctor()
    assert [each.check for each in report.faults] == ["proxy"]
    assert words in report.faults[0].what
    assert "hunter2" not in f"{report}{report.to_dict()}{report._repr_html_()}"


@contextlib.contextmanager
def refusing(answer: bytes) -> Iterator[int]:
    """A proxy that gives one answer to one request."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = door.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(10)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield door.getsockname()[1]
        thread.join(10)


def test_a_host_that_never_answers_ends_all_checks_early(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """One check tells of it; the others do not wait for the same silence."""
    monkeypatch.setattr(examination, "CONTACT", (0.3, 0.3))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        edit_settings(synced, synced.box.url, f"http://127.0.0.1:{port}")
        report = doctor(synced.workspace.context, limit=20)
    assert [each.check for each in report.faults if each.check != "login"] == ["hosts"]


def test_a_socks_proxy_needs_pysocks(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, that is what is told."""
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1080")
    monkeypatch.setattr(network, "find_spec", lambda name: None if name == "socks" else util.find_spec(name))
    [fault] = synced.workspace.doctor().faults
    assert (fault.check, "PySocks" in fault.what) == ("proxy", True)


def test_a_source_of_the_other_brand_is_told(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app of Feishu reads nothing of Lark, whatever it is granted."""
    edit_settings(synced, f'open_base = "{synced.box.url}"\naccounts_base = "{synced.box.url}"\n', "")
    edit_settings(synced, f"{synced.box.url}/base", "https://example.larksuite.com/base")
    refuse_proxy(monkeypatch)  # nothing leaves the machine
    report = synced.workspace.doctor()
    assert [each.source for each in report.faults if each.check == "brand"] == ["s1"]
    assert {each.check for each in report.faults} <= {"brand", "proxy", "login"}
