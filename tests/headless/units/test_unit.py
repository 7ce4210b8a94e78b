from __future__ import annotations

import pytest

from larknb.errors import LarkError
from larknb.headless.units import install
from tests.headless.units.conftest import Machine, posix, quiet


@posix
def test_what_cannot_be_done_here_is_told(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a user manager (a container, sudo) the unit is written, and the commands are left to the user."""
    monkeypatch.setenv("REFUSE", "enable --now")
    lines: list[str] = []
    assert not install("systemd", machine.job(), lines.append)
    assert "Written" in lines[0]
    assert "(no such bus)" in lines[1]
    assert f"systemctl --user enable --now {machine.job().name}.service" in lines[1]
    assert lines[2:] == ["Then run: loginctl enable-linger"]


@posix
def test_a_folder_that_cannot_be_written(machine: Machine) -> None:
    """The reason and the place are told."""
    (machine.home / ".config").write_text("", encoding="utf-8")
    with pytest.raises(LarkError, match=r"\.config"):
        install("systemd", machine.job(), quiet)
