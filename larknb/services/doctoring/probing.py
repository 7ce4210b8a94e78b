"""The probe: small read-only requests that settle what the platform's documentation leaves open.

What comes back is told as numbers, codes and types alone: no cell, no title, no name, no token of a document.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from larknb import stored
from larknb.auth.app import App
from larknb.auth.endpoint import ask
from larknb.config.names import choose
from larknb.config.secrets import Secret
from larknb.disk import telling
from larknb.errors import LarkError
from larknb.model import Source
from larknb.readers.base import resolve
from larknb.results.doctor import Answer
from larknb.services.context import Context
from larknb.services.doctoring.questions import OF_A_SOURCE, OF_THE_PLATFORM, Asking, Question
from larknb.wire.outgoing import as_json
from larknb.wire.reply import Reply

__all__ = ["Probed", "keep", "probe"]

FORMAT = 1  # of ``work/probe.json``
PAUSE = 0.25  # seconds between two requests: below every documented rate but those per minute
# What an answer of another shape than documented, or none at all, or a damaged cache leads to: the question stays open.
ODD = (LarkError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, StopIteration, OSError)
LIMIT = 120.0  # seconds after which nothing more is asked


@dataclass(frozen=True)
class Probed:
    """What ``work/probe.json`` holds: the versions of both sides, and the answers."""

    larknb: str
    brand: str
    answers: tuple[Answer, ...]


def probe(context: Context, names: Sequence[str]) -> list[Answer]:
    """Return the answers about the first source of each kind among the named ones, or among all."""
    sources = [choose(context.everything, name)[0] for name in names] or [*context.everything]
    app, end = App.of(context.settings), time.monotonic() + LIMIT
    answers: list[Answer] = []
    with context.clients() as client_of:
        for questions, source in _plan(sources):
            client = client_of(source.identity)
            try:
                found = resolve(client, source)[0] if source.wiki and not source.obj_token else source
                requests = _Requests(context, app, source.key, Secret(client.identity.bearer()))
                kept = context.cache.find(source)
            except LarkError as error:
                answers += [Answer(each.name, "unclear", f"code {error.code}") for each in questions]
                continue
            asked = OF_A_SOURCE.get(found.kind or "", ()) if questions is ANY else questions
            asking = Asking(
                requests, found.target, node=source.token, accounts=app.accounts_base, app=app.app_id,
                kept=kept,
            )  # fmt: skip
            answers += _answers(asked, asking, end)
    return answers


ANY: tuple[Question, ...] = ()  # of a wiki link that nobody has looked up: those of the kind that it turns out to be


def _plan(sources: Iterable[Source]) -> Iterator[tuple[tuple[Question, ...], Source]]:
    """Yield what is asked of which source: each set of questions once."""
    asked: set[str] = set()
    for source in sources:
        if not asked:
            yield OF_THE_PLATFORM, source
        kinds = [source.kind or "", *(["wiki"] if source.wiki else [])]
        for kind in kinds:
            if kind not in asked:
                asked.add(kind)
                yield OF_A_SOURCE.get(kind, ANY), source


def _answers(questions: Iterable[Question], asking: Asking, end: float) -> Iterator[Answer]:
    for question in questions:
        if time.monotonic() > end:
            yield Answer(question.name, "unclear", "not asked in time")
            continue
        try:
            holds, evidence = question.ask(asking)
        except ODD as error:
            yield Answer(question.name, "unclear", type(error).__name__)
            continue
        yield Answer(question.name, "unclear" if holds is None else "yes" if holds else "no", evidence)


@dataclass(frozen=True)
class _Requests:
    """Sends the requests of a probe: counted, one after the other, each once."""

    context: Context
    app: App
    key: str
    bearer: Secret

    def __call__(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, bearer: str | None = None
    ) -> Reply:
        token = self.bearer if bearer is None else Secret(bearer)
        headers: dict[str, str] = {"Content-Type": "application/json; charset=utf-8"}
        if token:
            headers["Authorization"] = Secret(f"Bearer {token}")
        url = path if "://" in path else f"{self.app.open_base}/open-apis/{path}"
        self.context.usage.count(self.key)
        self.context.sleep(PAUSE)
        return ask(method, url, [token] if token else [], data=None if body is None else as_json(body), headers=headers)


def keep(context: Context, answers: Sequence[Answer], version: str) -> Path:
    """Write the answers into one file, and return its path."""
    path = context.settings.work / "probe.json"
    with telling():
        stored.write(path, Probed(version, context.settings.brand, tuple(answers)), format=FORMAT)
    return path
