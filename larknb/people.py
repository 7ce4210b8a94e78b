"""People: who somebody is that a document mentions, by the cheapest way that tells it.

First the person who is logged in, then the cells of the cached bases, then the contact book of the platform, where its
scope was granted. It is asked for nobody twice a day, and what goes wrong here never touches a document.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

from larknb.api.client import LarkClient
from larknb.cache.cached import SourceCache
from larknb.cache.people import KnownPerson, names_in, read_people, write_people
from larknb.errors import LarkError
from larknb.readers.contact import SCOPE, ask_names

__all__ = ["People"]

NOBODY = KnownPerson("", 0.0)


class People:
    """The names of people, as one sync finds them.

    Parameters
    ----------
    path : Path
        Where they are kept.
    app : str
        The app whose ids they are.
    caches : callable
        Gives the caches whose cells are looked at, which happens once; those that change later are told by `note`.
    every : float
        Seconds after which a name that is known, or that nobody could tell, is asked again.
    clock : callable
        Seconds since the epoch.
    """

    def __init__(
        self, path: Path, app: str, caches: Callable[[], Iterable[SourceCache]], *, every: float,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._path, self._app, self._caches, self._every, self._clock = path, app, caches, every, clock
        self._cells: dict[str, str] | None = None

    def note(self, cached: SourceCache) -> None:
        """Hear of a cache whose cells may have changed; before the first question all are still to be looked at."""
        if self._cells is not None:
            self._cells |= names_in([cached])

    def names(self, client: LarkClient, ids: Collection[str], also: Collection[str] = ()) -> dict[str, str]:
        """Return the names of some people by their open_ids; whoever nobody can name is left out.

        Nothing is asked for the sake of those who are named ``also``.
        """
        wanted = ids
        ids = [each for each in {**dict.fromkeys(ids), **dict.fromkeys(also)} if each]
        if not ids:
            return {}
        now, kept = self._clock(), read_people(self._path)
        known = dict(kept.apps.get(self._app, {}))
        stale = [each for each in ids if not self._is_fresh(known.get(each, NOBODY), now)]
        nameless = [each for each in ids if not known.get(each, NOBODY).name]
        if looked_for := {*stale, *nameless}:
            found = {**self._in_cells(looked_for), **_own_name(client)}
            asked = [each for each in stale if each not in found] if SCOPE in client.identity.granted else []
            asked = asked if {*asked} & {*wanted} else []
            found |= ask_names(client, asked)
            for each in looked_for.intersection({*found, *asked}):
                known[each] = KnownPerson(found.get(each) or known.get(each, NOBODY).name, now)
            if known != kept.apps.get(self._app, {}):
                write_people(self._path, replace(kept, apps={**kept.apps, self._app: known}))
        return {each: known[each].name for each in ids if each in known and known[each].name}

    def _in_cells(self, ids: Collection[str]) -> dict[str, str]:
        """Return the names of those people whom a cell of some cache names: there may be thousands of caches."""
        if self._cells is None:
            self._cells = names_in(self._caches())
        return {each: self._cells[each] for each in ids if each in self._cells}

    def _is_fresh(self, person: KnownPerson, now: float) -> bool:
        # A document is read anew a moment less than one interval after this: nobody must wait for the next but one.
        return person.asked_at <= now < person.asked_at + 0.9 * self._every


def _own_name(client: LarkClient) -> dict[str, str]:
    """Return the name of the person who is logged in."""
    try:
        user = client.identity.user()
    except LarkError:
        return {}
    return {user.open_id: user.name} if user.open_id and user.name else {}
