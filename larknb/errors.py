"""Everything that larknb raises.

::

    LarkError
    ├── LoginRequired    log in (again), or grant a scope
    ├── ConfigError      fix a setting in larknb.toml, the environment or the console
    ├── AccessDenied     ask somebody for access
    ├── NotFound         no such source, table or document
    ├── NotSynced        it was never synced: sync it first
    ├── ChooseTable      the source has several tables: name one
    ├── WrongKind        a document is no table, and the other way round
    ├── Busy             another sync holds the workspace
    ├── BudgetSpent      the calls of this month are used up
    ├── ApiError         the platform or the network failed; often it heals
    └── NotebookFailed   a headless run failed

An error says what happened, which source, and what to do next. ``code``, ``msg`` and ``log_id`` are the platform's own
words where there are any. None of them ever contains a token or a secret.

Which of them a code of the platform becomes, and what heals it, says `larknb.wire.codes`.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from larknb.env import DEBUG
from larknb.messages import joined, say
from larknb.visible import person, visible, visible_lines

__all__ = [
    "AccessDenied",
    "ApiError",
    "Asker",
    "BudgetSpent",
    "Busy",
    "ChooseTable",
    "ConfigError",
    "LarkError",
    "LoginRequired",
    "NotFound",
    "NotSynced",
    "NotebookFailed",
    "WrongKind",
]


@dataclass(frozen=True)
class Asker:
    """Who asks the platform, in words: a person (name and open_id), or the app itself (its app id).

    ``page`` is the app's own page in the developer console. A text shows the name alone: ids are for `larknb.whoami`.
    """

    kind: Literal["user", "tenant"]
    label: str
    page: str = ""

    def __str__(self) -> str:
        return say(f"asker.{self.kind}", who=person(self.label)) if self.label else ""

    def console(self, scopes: Sequence[str]) -> str:
        """Return the address where the app's admin enables scopes for this kind of asker."""
        asked = quote(",".join(scopes), safe=":,")
        return f"{self.page}/auth?q={asked}&op_from=openapi&token_type={self.kind}"


class LarkError(Exception):
    """Something a user can act on.

    Parameters
    ----------
    what : str
        What happened, without a full stop.
    source : str
        The source or place it happened at.
    next : str
        What to do next, without a full stop.
    code, msg, log_id
        The platform's error code, its own message, and the id its support asks for.
    scopes : sequence of str
        The missing scopes, where that is the reason.
    asker : Asker, optional
        Who was refused, where that is the reason.

    Attributes
    ----------
    status : int
        HTTP status of the answer, where there was one: some refusals have no other code.
    """

    status = 0

    def __init__(
        self,
        what: str,
        *,
        source: str = "",
        next: str = "",  # noqa: A002  the word that the message uses
        code: int | None = None,
        msg: str = "",
        log_id: str = "",
        scopes: Sequence[str] = (),
        asker: Asker | None = None,
    ) -> None:
        super().__init__(what)
        self.what, self.source, self.next = what, source, next
        self.code, self.msg, self.log_id = code, msg, log_id
        self.scopes, self.asker = tuple(scopes), asker
        self.table = ""  # the id of the one table that could not be read, where it is about one

    @property
    def lacks_scope(self) -> bool:
        """True when the identity is fine and a scope is missing."""
        return bool(self.scopes) or self.code in (99991672, 99991676, 99991679)

    def __str__(self) -> str:
        return self._told(self.source)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows below a cell: the message; the traceback only where somebody wants it."""
        if os.environ.get(DEBUG):
            return visible_lines("".join(traceback.format_exception(self))).splitlines()
        return [f"{type(self).__name__}: {self}", say("error.more", variable=DEBUG)]

    def brief(self) -> str:
        """Return the message without its place, for a table that has a column for that."""
        return self._told("")

    def _told(self, source: str) -> str:
        code = say("error.code", code=self.code) if self.code is not None else ""
        told = joined(
            _sentence(self.what + code),
            say("error.source", source=source) if source else "",
            say("error.asker", who=self.asker) if self.asker and self.asker.label else "",
            _sentence(say("error.next", next=self.next)) if self.next else "",
            say("error.log", log_id=self.log_id) if self.log_id else "",
        )
        return visible(told)  # it holds names of others and words of the server

    def at(self, source: str) -> LarkError:
        """Return this error, naming ``source`` as its place unless it names one already."""
        if f", {source}, " not in f", {self.source}, ":  # part by part: a short name may stand in any word
            self.source = f"{source}, {self.source}" if self.source else source
        return self


def _sentence(text: str) -> str:
    return text if text.endswith((".", "。", "?", "？")) else text + say("error.stop")


class LoginRequired(LarkError):
    """There is no usable login, or it lacks a scope."""


class ConfigError(LarkError, ValueError):
    """A setting is wrong; the message names the place and the accepted values."""


class AccessDenied(LarkError):
    """The identity, the app or this machine may not read it."""


class NotFound(LarkError, LookupError):
    """There is no such source, table or document."""


class NotSynced(LarkError):
    """The source or table is configured but was never synced."""


class ChooseTable(LarkError):
    """The source has several tables and none was named; ``tables`` lists them."""

    def __init__(self, what: str, *, tables: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(what, **kwargs)
        self.tables = tuple(tables)


class WrongKind(LarkError):
    """The source is of another kind than the call is for."""


class Busy(LarkError):
    """Another sync holds this workspace."""


class BudgetSpent(LarkError):
    """The monthly calls are used up: the budget of larknb.toml, or the tenant's own quota."""


class ApiError(LarkError):
    """The platform answered with an error, or could not be reached."""


class NotebookFailed(LarkError):
    """A headless run ended with a failing cell."""
