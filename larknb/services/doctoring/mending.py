"""What the doctor may repair: nothing that could lose data or a login, and nothing that asks the platform."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from larknb.auth.place import check_private
from larknb.errors import ConfigError, LarkError
from larknb.files import is_plain
from larknb.messages import say
from larknb.model import Source
from larknb.services.doctoring.disk import left_locks, open_files
from larknb.services.doctoring.examination import Examination

if TYPE_CHECKING:
    from larknb.cache.cached import SourceCache

__all__ = ["mend"]


def mend(examination: Examination) -> Iterator[str]:
    """Repair what is safe to repair, and yield a sentence for each thing that was done.

    Files with secrets are closed to others, notes of locks that nobody holds are removed, and a manifest or a friendly
    table is made again of what lies beside it.
    """
    yield from _closed(examination)
    for path, pid in left_locks(examination):
        if is_plain(path):
            with suppress(OSError):
                path.unlink()
                yield say("doctor.mended.lock", path=path, pid=pid)
    yield from _rebuilt(examination)


def _closed(examination: Examination) -> Iterator[str]:
    if sys.platform == "win32":
        return
    for path in open_files(examination):
        with suppress(OSError):
            path.chmod(0o600)
            yield say("doctor.mended.file", path=path)
    folder = examination.settings.work
    try:
        check_private(folder)
    except ConfigError:
        with suppress(OSError):
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~(stat.S_IWGRP | stat.S_IWOTH))
            yield say("doctor.mended.folder", path=folder)


def _rebuilt(examination: Examination) -> Iterator[str]:
    """Make manifests and friendly tables again, if no sync is at work."""
    context = examination.context
    damaged = [source for source in examination.cached if _is_damaged(examination, source)]
    if not damaged:
        return
    with context.lock():
        for source in damaged:
            cached = context.again().cache.find(source)
            if cached is not None and _made_again(examination, source, cached):
                yield say("doctor.mended.cache", source=source.name)


def _is_damaged(examination: Examination, source: Source) -> bool:
    try:
        cached = examination.context.again().cache.find(source)
    except (LarkError, OSError):
        return False
    return cached is not None and (cached.rebuilt or bool(cached.check()))


def _made_again(examination: Examination, source: Source, cached: SourceCache) -> bool:
    """Say whether something of a source was made again; nothing is fetched, and nothing deleted."""
    from larknb.cache.snapshot import Snapshot

    done, context = cached.rebuilt, examination.context
    if cached.rebuilt:
        cached.save(cached.manifest)
    cached.check()
    if not cached.is_typed_by(source.options):
        policy, formats = context.settings.policy, context.settings.formats
        with Snapshot(cached, context.clock(), source.options, policy=policy, formats=formats) as snapshot:
            snapshot.retype()
        done = True
    return done
