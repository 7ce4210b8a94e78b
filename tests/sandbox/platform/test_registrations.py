"""What the stand-in remembers of apps that are being made."""

from __future__ import annotations

from larknb.sandbox.platform.registrations import Registrations


def test_each_has_codes_and_a_secret_of_its_own() -> None:
    """Found by its device code or by what its page shows; nothing that is printed holds a secret."""
    registrations = Registrations()
    (code, first), (_, second) = registrations.open(600, 5), registrations.open(600, 5)
    assert registrations.by_code[code] is first
    assert registrations.of_user_code(second.user_code) is second
    assert registrations.of_user_code("x") is None
    assert len(registrations.secrets()) == 4
    assert first.app_secret not in repr(first)
