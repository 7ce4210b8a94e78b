"""Folders and what lies in them."""

from __future__ import annotations

import pytest

from larknb.sandbox import Base, Folder, Sandbox, Shortcut

from ..conftest import NOON, Clock


def test_putting_in_and_taking_out_moves_the_folders_time(box: Sandbox, base: Base, clock: Clock) -> None:
    """The modify time of the folder follows, that of the document does not."""
    folder = box.tenant.document(box.tenant.add_folder("夹"))
    assert isinstance(folder, Folder)
    clock.now += 10
    folder.add(base)
    assert (folder.items, folder.mtime, base.mtime) == ([base], int(NOON) + 10, int(NOON))
    clock.now += 10
    folder.remove(base)
    assert (folder.items, folder.mtime) == ([], int(NOON) + 20)


def test_two_shortcuts_are_told_apart(base: Base) -> None:
    """A shortcut has a token of its own, which follows from where it leads and what it is called."""
    assert len({base.token, Shortcut(base).token, Shortcut(base, "别名").token}) == 3
    assert Shortcut(base).token == Shortcut(base).token


def test_a_folder_holds_only_what_is_there(box: Sandbox) -> None:
    """A token that leads nowhere is an error at once."""
    with pytest.raises(KeyError, match="夹"):
        box.tenant.add_folder("夹", ["NoSuchDocument"])
