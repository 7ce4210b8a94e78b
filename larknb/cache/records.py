"""The records of snapshots: what each folder of a snapshot says of itself.

``snapshot.json.gz`` in a snapshot's folder tells which files were written there, with their checks, and what the source
consisted of then. It is written before the manifest makes the snapshot current: the history is read from it, the
manifest is made again of it, and only what it names is ever deleted there. A snapshot on its way to the disk has
``begun.txt`` instead, one line for each file that may come.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from larknb import stored
from larknb.cache.checks import Sealed, check_file, is_sealed, sealed, unsealed
from larknb.cache.deltas import SUFFIX
from larknb.cache.manifest import (
    GuideEntry,
    Manifest,
    MediaEntry,
    SnapshotEntry,
    TableEntry,
    is_inside,
    is_plain,
    paths_of,
)
from larknb.files import is_there
from larknb.model import Kind

__all__ = [
    "BEGUN",
    "FILE",
    "Record",
    "begin",
    "begun",
    "drop",
    "folders",
    "names",
    "of_older",
    "path_of",
    "read",
    "read_all",
    "record_of",
    "visible",
    "will_come",
    "with_needs",
    "with_records",
    "write",
]

FILE, BEGUN = "snapshot.json.gz", "begun.txt"  # packed: a state repeats the entries of all tables that did not change
PLAIN = "snapshot.json"  # what it was before
FORMAT = 3  # 1: no table had a delta. 2: all rows of a table were always read.
NAME = re.compile(r"\d{8}T\d{6}Z")  # of a snapshot's folder: `larknb.cache.policy.snapshot_id`


@dataclass(frozen=True, kw_only=True)
class Record(Sealed):
    """What a snapshot's folder says of itself.

    Parameters
    ----------
    id : str
        Of the snapshot: the name of its folder.
    name, kind, key, part, url, token, wiki, about, options
        The source and its settings as the manifest knew them then.
    entry : SnapshotEntry
        What the sync did.
    tables, guide, media
        What the source consisted of.
    files : mapping
        The checks of the files that were written into this folder, by name.
    needs : mapping
        What the deltas among them cannot be read without, by name, from the source's folder on.
    dropped : bool
        The state is kept no more; what lies here is needed by a later one.
    """

    id: str
    name: str
    kind: Kind
    key: str
    part: str
    url: str
    token: str
    wiki: bool
    about: Mapping[str, Any]
    options: str | None
    entry: SnapshotEntry
    tables: Mapping[str, TableEntry] = field(default_factory=dict)
    guide: GuideEntry | None = None
    media: Mapping[str, MediaEntry] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False

    @property
    def is_incremental(self) -> bool:
        """Say whether a table was written here of which the edited rows alone were read."""
        written = (table for table in self.tables.values() if table.raw.startswith(f"snapshots/{self.id}/"))
        return any(table.whole_at is not None for table in written)

    @property
    def paths(self) -> Iterator[str]:
        """The files that the state needs as long as it is kept, from the source's folder on."""
        yield from (table.as_kept().raw for table in self.tables.values())
        yield from paths_of((), self.guide, self.media.values())


def record_of(
    id_: str, manifest: Manifest, entry: SnapshotEntry, files: Mapping[str, str], needs: Mapping[str, str] | None = None
) -> Record:
    """Return the record of a snapshot that is the current state of a manifest."""
    shown = set(manifest.guide.media) if manifest.guide else set()
    return Record(
        id=id_, name=manifest.name, kind=manifest.kind, key=manifest.key, part=manifest.part, url=manifest.url,
        token=manifest.token, wiki=manifest.wiki, about=manifest.about, options=manifest.options, entry=entry,
        tables={key: replace(table, held=None, tried_at=None) for key, table in manifest.tables.items()},
        guide=manifest.guide, media={key: each for key, each in manifest.media.items() if key in shown}, files=files,
        needs=needs or {},
    )  # fmt: skip


def of_older(folder: Path, manifest: Manifest, name: str, entry: SnapshotEntry) -> Record:
    """Return the record of a state that has none yet, because its entry in the manifest tells all of it."""
    place = f"snapshots/{name}"
    past = {key: TableEntry.of(table) for key, table in entry.tables.items()}
    then = replace(manifest, tables=manifest.tables if name == manifest.snapshot else past, guide=entry.guide)
    files = {f"{place}/{each}" for each in names(folder / place)} & {*then.paths}
    checks = {path: check_file(folder / path) for path in sorted(files)}
    light = replace(entry, tables={}, guide=None)
    return record_of(name, then.with_checks(checks), light, {Path(path).name: each for path, each in checks.items()})


def folders(root: Path) -> list[Path]:
    """Return the folders in a source's folder that may be those of snapshots, the oldest name first.

    What is called otherwise, or is a link, is somebody else's.
    """
    place = root / "snapshots"
    if place.is_symlink() or not place.is_dir():
        return []
    found = [Path(each.path) for each in os.scandir(place)
             if NAME.fullmatch(each.name) and each.is_dir(follow_symlinks=False)]  # fmt: skip
    return sorted(found)


def read_all(root: Path) -> dict[str, Record]:
    """Return the records in a source's folder by the names of their snapshots, without those that are damaged."""
    found: dict[str, Record] = {}
    for snapshot in folders(root):
        with suppress(stored.Damaged, stored.Newer):
            if (record := read(snapshot)) is not None:
                found[snapshot.name] = record
    return found


def with_needs(paths: Iterable[str], known: Mapping[str, Record]) -> set[str] | None:
    """Return files together with all that they cannot be read without; None where a record that tells it is damaged."""
    found: set[str] = set()
    waiting = [*paths]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.endswith(SUFFIX):
            record = known.get(path.split("/")[1])
            if record is None or not (needs := record.needs.get(path.rpartition("/")[2])):
                return None
            waiting.append(needs)
    return found


def names(folder: Path) -> list[str]:
    """Return the names of the files in a snapshot's folder; none where there is no folder."""
    try:
        return sorted(each.name for each in os.scandir(folder) if each.is_file(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return []


def visible(folder: Path) -> list[str]:
    """Return the same, and none where somebody lets us not look: for what is only tidied up or guessed at."""
    try:
        return names(folder)
    except OSError:
        return []


def read(folder: Path) -> Record | None:
    """Return the record of a snapshot's folder, None where there is none.

    Raises
    ------
    stored.Damaged
        It is not what a larknb wrote, or cannot be read.
    stored.Newer
        A newer larknb wrote it.
    """
    path = path_of(folder)
    try:
        if not is_there(path):
            return None
        found = stored.read(path, Record, format=FORMAT, migrate={1: unsealed, 2: unsealed}) if path.is_file() else None
    except OSError as error:
        raise stored.Damaged(path, error.strerror or type(error).__name__) from error
    if found is None or not is_sealed(found):
        raise stored.Damaged(path, "its seal is broken")
    if found.id != folder.name:
        raise stored.Damaged(path, "it is a copy of another one")
    if not all(map(is_inside, (*found.paths, *found.needs.values()))) or not all(map(is_plain, found.files)):
        raise stored.Damaged(path, "it names files elsewhere")
    return found


def path_of(folder: Path) -> Path:
    """Return the file of a record, which may have the name that it had before."""
    plain, path = folder / PLAIN, folder / FILE
    return plain if os.path.lexists(plain) and not os.path.lexists(path) else path


def write(folder: Path, record: Record) -> None:
    """Write the record of a snapshot's folder."""
    stored.write(folder / FILE, sealed(record), format=FORMAT)


def drop(folder: Path, record: Record) -> None:
    """Note that a state is kept no more, although later ones need files of it."""
    write(folder, replace(record, tables={}, guide=None, media={}, dropped=True))


# --- states of an older larknb, which have no record yet ------------------------------------------------------------


def with_records(root: Path, known: Manifest, changed: Manifest) -> Manifest:
    """Write the records of states that have none yet, and return the next manifest with the checks of their files."""
    whole = {name: entry for name, entry in changed.snapshots.items() if entry.is_whole}
    if not whole:
        return changed
    checks: dict[str, str] = {}
    for snapshot in folders(root):
        if snapshot.name in whole:
            record = of_older(root, known, snapshot.name, whole[snapshot.name])
            write(snapshot, record)
            checks |= {f"snapshots/{snapshot.name}/{name}": check for name, check in record.files.items()}
    light = {name: replace(entry, tables={}, guide=None) for name, entry in whole.items()}
    return replace(changed, snapshots={**changed.snapshots, **light}).with_checks(checks)


# --- on the way -----------------------------------------------------------------------------------------------------


def begin(folder: Path, names: Iterable[str] = ()) -> None:
    """Make a snapshot's folder, and note which files may come into it, so that a sweep knows what a crash left."""
    folder.mkdir(parents=True)
    will_come(folder, *names)


def will_come(folder: Path, *names: str) -> None:
    """Note more files that may come: of the snapshot, or of its source's folder if they begin with ``media/``."""
    with (folder / BEGUN).open("ab") as file:
        file.write("".join(f"{name}\n" for name in names).encode())


def begun(folder: Path) -> list[str]:
    """Return the files that a snapshot on its way may have left."""
    try:
        data = (folder / BEGUN).read_bytes()
    except OSError:
        return []
    return [name for name in data.decode("utf-8", "replace").split("\n") if name]
