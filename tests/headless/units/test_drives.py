from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from larknb.headless.units import network_path


def test_a_mapped_drive_becomes_its_network_path() -> None:
    """A task may start before the letter is there; a disk of the machine, and a path elsewhere, stay."""
    shares = {"Z:": r"\\server\共享 盘"}
    assert network_path(PureWindowsPath(r"Z:\a\b"), shares.get) == PureWindowsPath(r"\\server\共享 盘\a\b")
    assert network_path(PureWindowsPath("Z:\\"), shares.get) == PureWindowsPath("\\\\server\\共享 盘\\")
    assert network_path(PureWindowsPath(r"C:\a"), shares.get) == PureWindowsPath(r"C:\a")
    assert network_path(PureWindowsPath(r"\\server\x\a"), shares.get) == PureWindowsPath(r"\\server\x\a")
    assert network_path(PurePosixPath("/a")) == PurePosixPath("/a")
