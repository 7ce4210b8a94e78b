"""What the stand-in remembers of apps that are being made by a scan; two stand-ins, one a brand, may share it."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # of the codes that people compare


@dataclass
class Registration:
    """One app that is being made.

    Attributes
    ----------
    interval : float
        Seconds between two questions; it grows with each that comes too early.
    polled_at : dict of str to float
        When each host was asked last, by its address.
    decision : str
        What the person on the page did; empty until then.
    brand : str
        Of the company in which the app was made.
    addons : mapping
        What the page was asked to prefill, decoded; None if there was nothing that it could read.
    prefills : dict of str to list of str
        All that the page was given in its query.
    """

    user_code: str
    expires_at: float
    interval: float
    app_id: str
    app_secret: str = field(repr=False)
    polled_at: dict[str, float] = field(default_factory=dict)
    decision: Literal["", "approved", "denied"] = ""
    brand: Literal["feishu", "lark"] = "feishu"
    open_id: str = ""
    scopes: frozenset[str] = frozenset()
    addons: Mapping[str, Any] | None = None
    prefills: dict[str, list[str]] = field(default_factory=dict)
    brand_told: bool = False
    used: bool = False


class Registrations:
    """The apps that are being made, by their device codes."""

    def __init__(self) -> None:
        self.by_code: dict[str, Registration] = {}

    def open(self, expires_at: float, interval: float) -> tuple[str, Registration]:
        """Begin one; return its device code, too."""
        user_code = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2))
        letters = string.ascii_letters + string.digits
        secret = "".join(secrets.choice(letters) for _ in range(32))
        made = Registration(user_code, expires_at, interval, f"cli_{secrets.token_hex(8)}", secret)
        device_code = secrets.token_urlsafe(48)
        self.by_code[device_code] = made
        return device_code, made

    def of_user_code(self, user_code: str | None) -> Registration | None:
        """Return the one whose page shows this code."""
        return next((each for each in self.by_code.values() if each.user_code == user_code), None)

    def secrets(self) -> set[str]:
        """Return every device code and the secret of every app, made or not."""
        return {*self.by_code, *(each.app_secret for each in self.by_code.values())}
