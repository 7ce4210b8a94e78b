"""Fields and buttons, clicked as a page does it."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.config.secrets import Secret
from larknb.screens.controls import button, close, paste_box, set_up_fields
from larknb.workspace import Workspace


@pytest.fixture
def taken() -> list[Any]:
    return []


def test_a_pasted_address_stays_nowhere(taken: list[Any]) -> None:
    """It is handed over as a secret, and the field is empty, for widgets are saved with the notebook."""
    box = paste_box(taken.append, is_open=True)
    field, finish = box.children[0].children
    field.value = "http://localhost/callback?code=c&state=s"
    finish.click()
    assert taken == ["http://localhost/callback?code=c&state=s"]
    assert (type(taken[0]), field.value) == (Secret, "")


def test_the_paste_box_opens_where_it_is_needed(taken: list[Any]) -> None:
    """Else it is a line that can be opened."""
    assert [paste_box(taken.append, is_open=each).selected_index for each in (True, False)] == [0, None]


def test_the_secret_stays_nowhere(workspace: Workspace, taken: list[Any]) -> None:
    """App ID and brand come from the settings and may be changed; the secret is handed over once."""
    app_id, secret, brand, save = set_up_fields(workspace.settings, lambda *given: taken.append(given))
    assert app_id.value == workspace.settings.app_id
    app_id.value, secret.value, brand.value = " cli_b ", "hunter2", "lark"
    save.click()
    assert taken == [("cli_b", "hunter2", "lark")]
    assert (type(taken[0][1]), secret.value) == (Secret, "")


def test_a_closed_widget_is_gone_with_all_within(taken: list[Any]) -> None:
    """A saved notebook shows no dead one."""
    box = paste_box(taken.append, is_open=True)
    row = box.children[0]
    close(box)
    assert [widget.comm for widget in (box, row, *row.children)] == [None] * 4


def test_a_button_does_one_thing(taken: list[Any]) -> None:
    """Each time it is clicked."""
    made = button("Sign in", lambda: taken.append(1))
    made.click()
    made.click()
    assert (made.description, taken) == ("Sign in", [1, 1])
