"""The files directly in a source's folder: copies of the current state for other programs and for people."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from larknb.cache.forms import FORMS
from larknb.cache.guidefiles import GUIDE, MARKDOWN
from larknb.cache.manifest import Form
from larknb.cache.store import SourceCache
from larknb.cache.sweep import try_unlink
from larknb.cache.tablefiles import write_json
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
        friendly, latest = folder / entry.friendly, folder / f"{entry.file}.parquet"
        _refresh(latest, friendly, partial(shutil.copyfile, friendly))
        records = folder / f"{entry.file}.json"
        if "json" in formats:
            _refresh(records, friendly, partial(_write_records, entry.form, friendly))
        else:
            try_unlink(records)  # an old one would say what is true no more
    if cached.guide is not None:
        for name in (GUIDE, MARKDOWN):
            told = folder / cached.guide.folder / name
            _refresh(folder / name, told, partial(shutil.copyfile, told))
    for stale in {*before} - {entry.file for entry in cached.tables.values()}:
        try_unlink(folder / f"{stale}.parquet")
        try_unlink(folder / f"{stale}.json")


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
    write_json(FORMS[form].to_frame(pq.read_table(friendly)), path)
