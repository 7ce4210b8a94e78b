"""The files directly in a source's folder: copies of the current state for other programs and for people."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from larknb.cache.cached import SourceCache
from larknb.cache.forms import FORMS
from larknb.cache.guidefiles import GUIDE, MARKDOWN
from larknb.cache.manifest import Form
from larknb.cache.sweep import try_unlink
from larknb.cache.tablefiles import read_rows, write_json
from larknb.files import replace
from larknb.messages import say

__all__ = ["publish"]

log = logging.getLogger("larknb")


def publish(cached: SourceCache, formats: Collection[str], before: Collection[str] = ()) -> None:
    """Bring the files for other programs up to date; one that is held open elsewhere is left for the next look.

    Parameters
    ----------
    formats : collection of str
        From the settings; with ``"json"`` among them each table has a file of records, too.
    before : collection of str
        The files' names of an earlier state: those of tables that are called otherwise now, or are asked for no more,
        are deleted.
    """
    folder = cached.folder
    for entry in cached.tables.values():
        latest, records = folder / f"{entry.file}.parquet", folder / f"{entry.file}.json"
        if "json" not in formats and _is_ours(records, latest):
            try_unlink(records)  # an old one would say what is true no more
        if cached.lacks(entry.friendly):
            continue
        friendly = folder / entry.friendly
        _refresh(latest, friendly, partial(shutil.copyfile, friendly))
        if "json" in formats:
            _refresh(records, friendly, partial(_write_records, entry.form, friendly))
    if cached.guide is not None:
        for name in (GUIDE, MARKDOWN):
            told = folder / cached.guide.folder / name
            _refresh(folder / name, told, partial(shutil.copyfile, told))
    for stale in {*before} - {entry.file for entry in cached.tables.values()}:
        latest, records = folder / f"{stale}.parquet", folder / f"{stale}.json"
        if _is_ours(records, latest):
            try_unlink(records)
        try_unlink(latest)


def _is_ours(records: Path, latest: Path) -> bool:
    """Say whether a file of records was made along with a Parquet file, whose modify time it bears; others stay."""
    try:
        return records.stat().st_mtime_ns == latest.stat().st_mtime_ns
    except OSError:
        return False


def _refresh(latest: Path, origin: Path, write: Callable[[Path], object]) -> None:
    """Replace a file unless it was made of the same ``origin``, whose modify time it bears."""
    made = latest.with_name(f".{latest.name}.tmp")
    try:
        at = origin.stat().st_mtime_ns
        if latest.exists() and latest.stat().st_mtime_ns == at:
            return
        write(made)
        os.utime(made, ns=(at, at))
        replace(made, latest)
    except OSError as error:
        log.warning(say("cache.latest", path=latest, reason=error.strerror or type(error).__name__))


def _write_records(form: Form, friendly: Path, path: Path) -> None:
    write_json(FORMS[form].to_frame(read_rows(friendly)), path)
