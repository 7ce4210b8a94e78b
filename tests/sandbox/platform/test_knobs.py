"""The knobs."""

from __future__ import annotations

from larknb.sandbox import Sandbox


def test_no_two_sandboxes_share_a_knob() -> None:
    """What one is told does not reach the next one."""
    one, other = Sandbox(), Sandbox()
    one.roles.add("tenant")
    one.withheld.add("bitable:app")
    one.scopes.clear()
    one.padding = "ragged"
    assert (other.roles, other.withheld, other.padding) == (set(), set(), "full")
    assert "bitable:app" in other.scopes


def test_a_sandbox_keeps_its_secret_when_it_is_printed() -> None:
    """Its repr shows neither the app's secret nor anything else that was set."""
    assert "top-secret" not in repr(Sandbox(app_secret="top-secret"))


def test_two_sandboxes_are_never_equal() -> None:
    """They can be told apart and kept in sets, however alike they are."""
    one, other = Sandbox(app_secret="same"), Sandbox(app_secret="same")
    assert len({one, other}) == 2
