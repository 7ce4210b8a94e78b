"""Publishing the caches to a folder or an object store, when asked for and after every sync."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from larknb import stored
from larknb.disk import telling
from larknb.errors import Busy, ConfigError, LarkError
from larknb.messages import say
from larknb.outlets import delta
from larknb.outlets.lease import Publisher, take
from larknb.outlets.publish import Kept, Publication, Unfit
from larknb.places import lock
from larknb.remote.target import Target, open_target
from larknb.results.publish import PublishReport, PublishRow
from larknb.results.sync import SyncReport, SyncRow
from larknb.services.chosen import titles_of
from larknb.services.context import Context, check_argument

__all__ = ["Form", "after_sync", "publish"]

Form = Literal["parquet", "delta"]
FORMS: tuple[Form, ...] = ("parquet", "delta")
FILE, LOCK = "published.json", "publish.lock"  # in work/
FORMAT = 1


@dataclass
class _Place:
    """What is remembered of one target: ``every_sync`` is the consent that no larknb.toml can give for a person."""

    kept: Kept = field(default_factory=Kept)
    every_sync: bool = False
    history: bool = False
    form: Form = "parquet"


@dataclass
class _Memory:
    """What ``work/published.json`` holds; the salt keeps the place of this workspace out of what is published."""

    salt: str = field(default_factory=lambda: secrets.token_hex(16))
    targets: dict[str, _Place] = field(default_factory=dict)


def publish(
    context: Context, target: str | os.PathLike[str] | None = None, *, history: bool = False,
    format: Form = "parquet", every_sync: bool | None = None,  # noqa: A002  as `larknb.Workspace.publish` calls it
) -> PublishReport:  # fmt: skip
    """Publish the caches (see `larknb.Workspace.publish`)."""
    check_argument("format", format, FORMS)
    if format == "delta":
        delta.need()
    place = open_target(_address(context, target))
    context.prepare()
    with telling(), _alone(context):
        memory = _memory(context)
        known = memory.targets.setdefault(place.address, _Place())
        known.history, known.form = history, format
        known.every_sync = known.every_sync if every_sync is None else every_sync
        return _published(context, place, memory)


def after_sync(context: Context, report: SyncReport) -> SyncReport:
    """Publish to the targets that were asked for with ``every_sync``; one that fails is a failure of the sync."""
    errors, remarks, rows = dict(report.errors), [*report.remarks], [*report.items]
    with telling():
        targets = _memory(context).targets
    for address in (name for name, each in targets.items() if each.every_sync):
        try:
            with telling(), _alone(context):
                found = _published(context, open_target(address), _memory(context)).raise_for_failures()
            remarks.append(say("publish.synced", line=found.line()))
        except LarkError as error:
            errors[address] = error
            rows.append(SyncRow(address, "", "", "failed", problem=error.brief()))
    return report.amended(items=rows, errors=errors, remarks=remarks)


def _address(context: Context, target: str | os.PathLike[str] | None) -> str:
    """Return where to publish: a relative path is meant from the current folder, in larknb.toml from the workspace."""
    if target is not None and os.fspath(target):
        return os.fspath(target)
    known = context.settings.publish_target
    if not known:
        raise ConfigError(say("publish.where.what"), next=say("publish.where.next"))
    return known if "://" in known else str(context.root / Path(known).expanduser())


@contextmanager
def _alone(context: Context) -> Iterator[None]:
    """Let no other process of this workspace publish meanwhile; the lease of a target keeps other workspaces out."""
    busy = partial(Busy, say("publish.busy.what"), next=say("publish.busy.next"))
    with lock(context.settings.work / LOCK, busy, patience=0.0, sleep=context.sleep):
        yield


def _published(context: Context, target: Target, memory: _Memory) -> PublishReport:
    known, now = memory.targets[target.address], context.clock()
    note = partial(_keep, context, memory)
    note()
    check = take(target, Publisher(_id(context, memory), context.root.name), now)
    job = Publication(target, context.root.name, now, known.kept, titles_of, history=known.history)
    sources = [source for source in context.synced if not source.library]
    found = [context.cache.find(source) for source in sources]
    caches = job.stems([cached for cached in found if cached is not None and cached.parts])
    rows: list[PublishRow] = []
    for stem, cached in caches.items():
        try:
            rows.append(job.publish(stem, cached, note, check))
            if known.form == "delta":
                delta.publish(target, stem, cached)
        except Unfit as error:
            rows.append(PublishRow(cached.name, cached.manifest.kind, "failed", problem=error.brief()))
    rows += job.withdraw({source.key for source in sources}, note, check)
    job.tidy()
    note()
    return PublishReport(rows, target.address)


def _id(context: Context, memory: _Memory) -> str:
    """Return what tells this workspace from all others, a copy of it among them."""
    return hashlib.sha256(f"{memory.salt} {os.path.realpath(context.root)}".encode()).hexdigest()[:16]


def _memory(context: Context) -> _Memory:
    try:
        return stored.read(context.settings.work / FILE, _Memory, format=FORMAT) or _Memory()
    except stored.Damaged:
        return _Memory()


def _keep(context: Context, memory: _Memory) -> None:
    stored.write(context.settings.work / FILE, memory, format=FORMAT)
