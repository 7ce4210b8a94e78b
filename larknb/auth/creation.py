"""An app that is being made by one scan: asked for again and again until the person decided, or the code ended.

It works in no thread of its own: a card looks at it when the time has come, a terminal waits. Whoever starts again
while the code lives takes it up, so that an approval that is on its way is not lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from larknb.auth import pending
from larknb.auth.registration import (
    LONGEST_INTERVAL,
    LONGEST_LIFETIME,
    Brand,
    Made,
    Offer,
    Site,
    begin,
    is_page,
    lark_page,
    poll,
    prefilled,
)
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError
from larknb.messages import say
from larknb.wire.retry import Clock, Sleep

__all__ = ["AppCreation", "Kept", "kept_creation"]


@dataclass(frozen=True)
class Kept:
    """What the file holds: at which host an app is being made, and its `Offer`."""

    accounts_base: str
    device_code: str = field(repr=False)
    user_code: str
    url: str
    ends_at: float
    interval: float

    @classmethod
    def of(cls, site: Site, offer: Offer) -> Kept:
        """Return what is to be kept of an app that may be made."""
        code, url = str(offer.device_code), offer.url
        return cls(site.accounts_base, code, offer.user_code, url, offer.ends_at, offer.interval)

    def is_for(self, site: Site) -> bool:
        """Say whether it was begun at this host, and leads to a page of the platform.

        The file may have come with somebody's repository: nobody is sent to a page of theirs.
        """
        return self.accounts_base == site.accounts_base and is_page(site, self.url)

    @property
    def offer(self) -> Offer:
        """The page and the code that it shows."""
        return Offer(Secret(self.device_code), self.user_code, self.url, self.ends_at, self.interval)


def kept_creation(file: Path, site: Site, now: float) -> Offer | None:
    """Return the app that another process or an earlier cell began to make, where its code still lives."""
    found = pending.take_up(file, Kept)
    is_alive = found is not None and now < found.ends_at <= now + LONGEST_LIFETIME
    return found.offer if found and is_alive and found.is_for(site) else None


class AppCreation:
    """An app that is being made, from its link to its pair.

    Parameters
    ----------
    file : Path
        Where it is kept as long as it waits, for its owner alone.
    first, lark : Site
        Where it begins, and where the pair is fetched when the company turns out to be on Lark.
    keep : callable
        Keeps the new app before anybody hears of it; called again where that failed.
    user, tenant : sequence of str
        The scopes that its page begins with, for a person and for the app itself.

    Attributes
    ----------
    offer : Offer
        The code that the page shows, and until when.
    pages : mapping
        The page for a company on each brand.
    """

    def __init__(
        self,
        file: Path,
        first: Site,
        lark: Site,
        keep: Callable[[Made, Brand], object],
        *,
        user: Sequence[str] = (),
        tenant: Sequence[str] = (),
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.first, self.lark, self._clock, self._sleep = first, lark, clock, sleep
        self._file, self._keep, self._site = file, keep, first
        self._brand = ""
        self._made: Made | None = None
        self.offer = kept_creation(file, first, clock()) or self._begun()
        self.pages: Mapping[Brand, str] = {
            "feishu": prefilled(self.offer.url, user, tenant),
            "lark": lark_page(lark, self.offer.user_code),
        }
        self._interval, self._next_at = self.offer.interval, clock()  # the first question goes out at once

    def _begun(self) -> Offer:
        offer = begin(self.first, clock=self._clock, sleep=self._sleep)
        pending.keep(self._file, Kept.of(self.first, offer))
        if kept_creation(self._file, self.first, self._clock()) is None:  # the secret that is coming comes once
            raise ConfigError(say("create.unkept.what", path=self._file), next=say("create.unkept.next"))
        return offer

    def look(self) -> Made | None:
        """Ask if it is time to, and return the app once it is made and kept.

        Raises
        ------
        LarkError
            Nothing will come of it; its file is gone. Where the new app could not be kept, another look tries again.
        """
        if self._made is None and self._clock() >= self._next_at:
            try:
                self._ask()
            except LarkError:
                pending.forget(self._file, Kept)
                raise
        if self._made is not None:
            self._keep(self._made, self._site.brand)
            pending.forget(self._file, Kept)
        return self._made

    def wait(self, sleep: Sleep | None = None) -> Made:
        """Return the app once it is made and kept; `look` says what it raises."""
        while (made := self.look()) is None:
            (sleep or self._sleep)(max(0.0, self._next_at - self._clock()))
        return made

    @property
    def is_made(self) -> bool:
        """True once there is an app, kept or not: no other will come."""
        return self._made is not None

    def give_up(self) -> None:
        """Forget it: the person has an app already."""
        pending.forget(self._file, Kept)

    def _ask(self) -> None:
        if self._clock() >= self.offer.ends_at:
            raise ApiError(say("create.late.what"), next=say("create.again"))
        answer = poll(self._site, self.offer.device_code)
        if answer.brand and self._brand == "lark" != answer.brand:
            raise ApiError(say("create.brands.what"), source=self._site.accounts_base, next=say("create.again"))
        self._brand = answer.brand or self._brand
        if isinstance(answer, Made):
            self._made = answer
            return
        self._interval = min(LONGEST_INTERVAL, self._interval + answer.slower)
        self._next_at = self._clock() + self._interval
        if self._brand == "lark" and self._site is not self.lark:
            if self.lark.accounts_base != self._site.accounts_base:
                self._next_at = self._clock()  # another host, which was not asked yet
            self._site = self.lark
