"""Context: one call's view of a workspace folder, in which everything is read and opened at most once."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from larknb import console, logs
from larknb.config.edit import create
from larknb.config.settings import Settings, load_settings
from larknb.disk import telling
from larknb.errors import Busy, ConfigError, LarkError
from larknb.files import is_plain, write_atomically
from larknb.messages import say
from larknb.model import Source
from larknb.places import claim, lock, stays_inside

if TYPE_CHECKING:
    from larknb.api.client import LarkClient
    from larknb.api.usage import Usage
    from larknb.auth.store import TokenStore
    from larknb.cache.cached import SourceCache
    from larknb.cache.listing import Listing
    from larknb.cache.store import Cache

__all__ = ["Context", "check_argument"]

LOCK_PATIENCE = 60.0  # seconds that a second sync waits before it gives up

log = logging.getLogger("larknb")
log.addHandler(logging.NullHandler())  # a warning belongs into the log file, not under a cell


@dataclass(frozen=True)
class _Owner:
    """Who holds the lock of a cache, as ``sync.json`` tells."""

    pid: int
    started_at: float


class Context:
    """A workspace folder as one call sees it.

    Parameters
    ----------
    root : Path
        The folder.
    clock, sleep : callable, optional
        What tells the time in epoch seconds, and what waits; those of the machine by default.
    """

    def __init__(
        self, root: Path, *, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.root, self.clock, self.sleep = root, clock, sleep
        self._listings: dict[str, Listing] = {}

    def again(self) -> Context:
        """Return a new view, for what lives longer than a call or has just written something."""
        return Context(self.root, clock=self.clock, sleep=self.sleep)

    def reopened(self) -> Context:
        """Return a new view of the files with the settings of this one, for the rest of the same call."""
        context = self.again()
        context.__dict__["settings"] = self.settings  # where `cached_property` keeps it
        return context

    @property
    def origin(self) -> str:
        """Who published a store, and when; empty in a workspace."""
        return ""

    def writable(self) -> Context:
        """Return this view to a call that writes, or asks the platform; ConfigError in a published store."""
        return self

    # --- what there is ------------------------------------------------------------------------------------------

    @cached_property
    def settings(self) -> Settings:
        """The settings as file and environment have them now; ConfigError where something is wrong."""
        return load_settings(self.root)

    @cached_property
    def cache(self) -> Cache:
        """The caches of all sources."""
        from larknb.cache.store import Cache

        return Cache(self.settings.cache_dir)

    @cached_property
    def usage(self) -> Usage:
        """The calls of this month, and the budget."""
        from larknb.api.usage import Usage

        return Usage(self.settings.work / "usage.json", self.settings.monthly_calls, clock=self.clock)

    @cached_property
    def store(self) -> TokenStore:
        """Where the login is kept."""
        from larknb.auth.app import App
        from larknb.auth.store import TokenStore

        settings = self.settings
        return TokenStore(
            settings.token_file, App.of(settings), in_keychain=settings.in_keychain, own_place=settings.owns_token_file,
            clock=self.clock, sleep=self.sleep,
        )  # fmt: skip

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The configured sources, with what only their caches know: titles, and what wiki links stand for."""
        return tuple(self._known(source) for source in self.settings.sources)

    def _known(self, source: Source) -> Source:
        if not source.library:
            return _completed(source, self.opened(source))
        root = self.listing(source).root
        return source if source.name else replace(source, name=(root.title if root else "") or source.token)

    def listing(self, library: Source) -> Listing:
        """Return the list of a library; an empty one, with a warning in the log, where it cannot be opened."""
        from larknb.cache import listing
        from larknb.stored import Newer

        if library.key not in self._listings:
            try:
                self._listings[library.key] = listing.read(self.settings.cache_dir, library.key)
            except (Newer, OSError) as error:
                log.warning("%s", error)
                self._listings[library.key] = listing.Listing(key=library.key)
        return self._listings[library.key]

    @cached_property
    def libraries(self) -> tuple[Source, ...]:
        """The configured sources that hold many others; no manifest is opened for them."""
        return tuple(self._known(source) for source in self.settings.sources if source.library)

    @cached_property
    def children(self) -> tuple[Source, ...]:
        """The children of the libraries as sources, those that are gone last; what is at two places comes twice."""
        from larknb.config.children import child_sources

        found = [each for source in self.libraries for each in child_sources(source, self.listing(source).children)]
        return tuple(sorted(found, key=lambda source: bool(source.about["gone"])))

    @property
    def everything(self) -> tuple[Source, ...]:
        """The configured sources, and the children of the libraries among them."""
        return (*self.sources, *self.children)

    @property
    def synced(self) -> list[Source]:
        """What a sync keeps up to date beside the lists of libraries: each source and each child, once."""
        own = {token for source in self.sources for token in (source.key, source.target)}
        there: dict[str, Source] = {}
        for child in self.children:
            if child.key not in own and not child.about["gone"]:
                there.setdefault(child.key, child)
        return [*self.sources, *there.values()]

    def opened(self, source: Source) -> SourceCache | None:
        """Return the cache of a source; None, with a warning in the log, where it cannot be opened."""
        from larknb.stored import Newer

        try:
            return self.cache.find(source)
        except (Newer, OSError) as error:
            log.warning("%s", error)
            return None

    def freshness(self, age: float) -> Literal["fresh", "stale"]:
        """Say whether something of an age, in seconds, is young enough not to be asked about."""
        return "fresh" if age < self.settings.policy.max_age else "stale"

    @property
    def identities(self) -> list[str]:
        """As whom the configured sources are read, the person first."""
        settings = self.settings
        return sorted({source.identity for source in settings.sources} or {settings.identity}, reverse=True)

    def redactor(self) -> Callable[[str], str]:
        """Return a function that replaces the secrets of this workspace in a text."""
        secrets = self.settings.secrets
        with suppress(LarkError):  # nobody is logged in: there is nothing to hide
            token = self.store.load()
            secrets += [token.access_token, token.refresh_token]
        return logs.redactor(secrets)

    # --- what a call may need -----------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make ``larknb.toml`` and ``work/.gitignore`` before the first write, and say so; begin the log."""
        settings, file = self.settings, self.settings.work / "logs" / "larknb.log"
        with telling():
            claim(settings.work, own=True)
        if stays_inside(file.parent, settings.root):
            logs.log_to(file, settings.secrets)
        if create(settings.root) and not settings.exists:
            console.note(say("workspace.created", path=settings.root))

    @contextmanager
    def clients(self) -> Iterator[Callable[[str], LarkClient]]:
        """Give the client of each identity while inside; afterwards the calls are counted and connections closed."""
        from larknb.api.client import LarkClient
        from larknb.api.sent import file_of
        from larknb.auth.app import App
        from larknb.auth.identity import TenantIdentity, UserIdentity

        settings = self.settings
        made: dict[str, LarkClient] = {}

        def client_of(identity: str) -> LarkClient:
            if identity not in made:
                who = (
                    TenantIdentity(App.of(settings), clock=self.clock)
                    if identity == "tenant"
                    else UserIdentity(self.store)
                )
                pace = file_of(settings.open_base, settings.app_id)
                made[identity] = LarkClient(settings.open_base, who, usage=self.usage, pace=pace, sleep=self.sleep)
            return made[identity]

        try:
            yield client_of
        finally:
            self.usage.save()
            for client in made.values():
                client.close()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lock of the cache, which only one sync can hold; it lies in the cache, which workspaces may share.

        Raises
        ------
        Busy
            Another sync holds it for a minute and more; the error says which process.
        ConfigError
            The folder of the cache is somebody else's.
        """
        from larknb.cache.store import INNER

        folder = self.settings.cache_dir
        owner = folder / "sync.json"

        def busy() -> Busy:
            return Busy(say("busy.what", owner=_owner(owner)), next=say("busy.next"))

        claim(folder, INNER, own=folder == self.settings.work)
        with lock(folder / "sync.lock", busy, patience=LOCK_PATIENCE, sleep=self.sleep), self._signed(owner):
            yield

    @contextmanager
    def _signed(self, owner: Path) -> Iterator[None]:
        """Say who holds the lock; where that cannot be written, nobody is told, and that is all."""
        with suppress(OSError):
            write_atomically(owner, f'{{"pid": {os.getpid()}, "started_at": {self.clock():.0f}}}\n'.encode())
        try:
            yield
        finally:
            if is_plain(owner):
                with suppress(OSError):
                    owner.unlink()


def check_argument(name: str, value: object, accepted: Sequence[object]) -> None:
    """Refuse an argument that means nothing: a misspelt one must not pass for an empty answer."""
    if value not in accepted:
        known = ", ".join(repr(each) for each in accepted)
        raise ConfigError(say("argument.what", name=name, value=value), next=say("argument.next", accepted=known))


def _completed(source: Source, cached: SourceCache | None) -> Source:
    """Return a configured source with what only the cache knows: its title, and what a wiki link stands for."""
    if cached is None:
        return source if source.name else replace(source, name=source.token)
    known = cached.manifest
    return replace(
        source, name=source.name or cached.name, kind=known.kind, obj_token=known.token,
        about={"embedded": list(known.contains)},
    )  # fmt: skip


def _owner(path: Path) -> str:
    """Say who holds the lock, as far as it can be known."""
    from larknb import stored

    try:
        owner = stored.read(path, _Owner, format=0)
        return f"pid {owner.pid}, {time.strftime('%H:%M:%S', time.localtime(owner.started_at))}" if owner else "?"
    except (stored.Damaged, stored.Newer, OSError, OverflowError, ValueError):
        return "?"
