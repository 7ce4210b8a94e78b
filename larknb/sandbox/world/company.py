"""What every document of a tenant stands on: the people, the clock and the lock."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from .ids import derived_id
from .people import User


class Company:
    """A tenant without its documents, as they know it.

    Attributes
    ----------
    users : list of User
        The first is the one who signs in unless the sandbox is told otherwise.
    clock : callable
        Seconds since the epoch; a sandbox puts its own here.
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self.name = name
        self.tenant_key = derived_id("t", 15, name).lower()
        self.clock = clock
        self.keep_past: Callable[[], float] = lambda: 0.0  # how long old states may still be seen; the sandbox knows
        self.lock = threading.RLock()  # one request or one change at a time, as the platform does per document
        self.users: list[User] = []
        self._made = itertools.count(1)
        self.add_user("王敏", en_name="Wang Min", email="wangmin@example.com", mobile="+8613800000001")

    def add_user(
        self, name: str, open_id: str | None = None, *, en_name: str = "", email: str = "", mobile: str = ""
    ) -> User:
        """Add a person."""
        number = len(self.users) + 1
        open_id = open_id or derived_id("ou_", 32, self.name, number).lower()
        user = User(open_id, name, en_name, email, mobile, employee_no=f"E{number:04}")
        self.users.append(user)
        return user

    def find_user(self, any_id: str) -> User | None:
        """Person who bears this open, union or user id."""
        return next((one for one in self.users if any_id in (one.open_id, one.union_id, one.user_id)), None)

    def user(self, user: User | str) -> User:
        """Person with this open id, added if nobody has it."""
        if isinstance(user, User):
            return user
        return self.find_user(user) or self.add_user(user, user)

    def new_token(self, kind: str) -> str:
        """Token that nothing else has, the same in every tenant that was built the same way."""
        return derived_id("", 27, self.name, kind, next(self._made))
