"""A published store as a call sees it: its sources, read-only and without a login."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from larknb import console, display
from larknb.config.settings import Settings, settings_of
from larknb.errors import ConfigError
from larknb.messages import say
from larknb.model import Source
from larknb.remote.published import PublishedCache
from larknb.remote.target import Target, open_target
from larknb.services.context import Context

if TYPE_CHECKING:
    from larknb.api.client import LarkClient
    from larknb.auth.store import TokenStore

__all__ = ["PublishedContext"]


class PublishedContext(Context):
    """A published store as one call sees it.

    Parameters
    ----------
    address : str
        The folder or object store; what is fetched of it is kept in the user cache folder of this person.
    """

    def __init__(
        self, address: str, *, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.target = open_target(address, patient=False)
        super().__init__(_place_of(self.target), clock=clock, sleep=sleep)

    def again(self) -> Context:
        """Return a new view."""
        return PublishedContext(self.target.address, clock=self.clock, sleep=self.sleep)

    @cached_property
    def settings(self) -> Settings:
        """The defaults: what the environment says is meant for workspaces."""
        return settings_of({}, self.root, {})

    @cached_property
    def cache(self) -> PublishedCache:
        """The caches of all sources, as the store has them now; where it cannot be reached, their age is told."""
        found = PublishedCache(self.settings.cache_dir, self.target, self.clock())
        if found.problem is not None:
            age = display.age(max(0.0, self.clock() - found.reached_at))
            console.note(say("published.age", address=self.target.address, age=age))
        return found

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The sources that were published."""
        found = [cached.manifest for cached in self.cache.others(())]
        return tuple(
            Source(each.name, each.url, each.kind, each.key.split("/")[0], each.part, each.wiki, obj_token=each.token)
            for each in found
        )

    @property
    def identities(self) -> list[str]:
        """Nobody is logged in."""
        return []

    @property
    def origin(self) -> str:
        """Who published the store, and when."""
        cache = self.cache
        return say("published.origin", name=cache.published_by, at=cache.published_at)

    # --- what it refuses ----------------------------------------------------------------------------------------------

    def writable(self) -> Context:
        """Refuse: a published store is read-only."""
        raise self._refusal()

    def _refusal(self) -> ConfigError:
        name = self.cache.published_by
        what = say("published.what", address=self.target.address, name=name)
        return ConfigError(what, next=say("published.next", name=name))

    @property
    def store(self) -> TokenStore:
        """Refuse: it has no login."""
        raise self._refusal()

    def prepare(self) -> None:
        """Refuse."""
        raise self._refusal()

    @contextmanager
    def clients(self) -> Iterator[Callable[[str], LarkClient]]:
        """Refuse."""
        raise self._refusal()
        yield

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Refuse."""
        raise self._refusal()
        yield


def _place_of(target: Target) -> Path:
    """Return where this person keeps what was fetched of a store: two of one address, on two servers, are two."""
    from platformdirs import user_cache_path

    words = re.sub(r"[^0-9A-Za-z]+", "-", target.address).strip("-")[-40:]
    digest = hashlib.sha256(target.identity.encode()).hexdigest()[:12]
    return user_cache_path("larknb", appauthor=False) / "published" / f"{words}-{digest}"
