"""The files of a document: record, house form, Markdown, media."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from larknb.cache.checks import parsing, read_whole
from larknb.cache.manifest import GUIDE_FILES, GuideEntry, MediaEntry
from larknb.cache.policy import SMALL_TEXT, hold_back, lost_most
from larknb.cache.tablefiles import Change
from larknb.files import create
from larknb.guides import schema
from larknb.guides.guide import block_hashes, own_text, same_content, to_guide
from larknb.messages import say

__all__ = [
    "GUIDE",
    "MARKDOWN",
    "RAW",
    "Shown",
    "held_guide",
    "read_guide",
    "read_record",
    "write_guide",
    "write_new_guide",
]

RAW, GUIDE, MARKDOWN = GUIDE_FILES


# --- the text -------------------------------------------------------------------------------------------------------


def write_guide(folder: Path, record: Mapping[str, Any], guide: schema.Guide) -> None:
    """Write a document into a snapshot's folder: the record, the house form, the Markdown."""
    written = {
        RAW: gzip.compress(orjson.dumps(record), mtime=0),
        GUIDE: orjson.dumps(guide, option=orjson.OPT_INDENT_2),
        MARKDOWN: guide["markdown"].encode(),
    }
    for name, data in written.items():
        with create(folder / name) as file:
            file.write(data)


def read_record(folder: Path, checks: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the record of a snapshot; Corrupt if it is not as it was written."""
    data = read_whole(folder / RAW, (checks or {}).get(RAW, ""))
    with parsing(folder / RAW):
        record: dict[str, Any] = orjson.loads(gzip.decompress(data))
    return record


def read_guide(folder: Path, checks: Mapping[str, str] | None = None) -> schema.Guide:
    """Return the house form that lies in a folder; Corrupt if it is not as it was written."""
    data = read_whole(folder / GUIDE, (checks or {}).get(GUIDE, ""))
    with parsing(folder / GUIDE):
        guide: schema.Guide = orjson.loads(data)
    return guide


@dataclass(frozen=True)
class Shown:
    """What a document shows beside its own text: media and embedded tables, as `larknb.guides.guide.to_guide` asks."""

    media: Mapping[str, MediaEntry] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def write_new_guide(
    root: Path, snapshot: Path, record: Mapping[str, Any], shown: Shown, before: GuideEntry | None, at: float
) -> tuple[GuideEntry, Change]:
    """Write a document that was read into a snapshot's folder, unless it says what it said before.

    Parameters
    ----------
    root, snapshot : Path
        The source's folder and that of the snapshot.
    before : GuideEntry, optional
        The document until now.
    at : float
        When the read began.
    """
    guide = to_guide(record, {key: asdict(media) for key, media in shown.media.items()}, shown.tables, fetched_at=at)
    folder = snapshot.relative_to(root).as_posix()
    entry = GuideEntry(
        folder=folder, json=f"{folder}/{GUIDE}", title=guide["title"], revision=guide["revision_id"], read_at=at,
        moved=bool(record.get("moved")), warnings=len(guide["warnings"]),
        media=tuple(sorted({str(asset["token"]) for asset in guide["assets"]})),
    )  # fmt: skip
    if before is None:
        write_guide(snapshot, record, guide)
        return entry, Change(None, added=len(record["blocks"]))
    change = _compare(read_record(root / before.folder), record)
    if same_content(read_guide(root / before.folder), guide):
        # Comments move the revision and nothing of the text: the older snapshot tells it all.
        return replace(before, revision=entry.revision, read_at=at, held=None, tried_at=None), change
    write_guide(snapshot, record, guide)
    return entry, change


def held_guide(
    root: Path, record: Mapping[str, Any], before: GuideEntry, at: float
) -> tuple[GuideEntry, Change] | None:
    """Return the document until now where what was read has lost most of it and must wait; None where it is taken.

    The parameters are those of `write_new_guide`.
    """
    kept = read_record(root / before.folder)
    old, new = own_text(kept), own_text(record)
    count, left = len(kept["blocks"]), len(record["blocks"])
    if lost_most(len(old), len(new), SMALL_TEXT):
        problem = say("shrink.held_text", before=len(old), after=len(new))
    elif lost_most(count, left):
        problem = say("shrink.held_blocks", before=count, after=left)
    else:
        return None
    held = hold_back(before.held, f"{left} {hashlib.sha256(new.encode()).hexdigest()}", now=at)
    return (replace(before, held=held, tried_at=at), Change(None, problem=problem)) if held else None


def _compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """Count the blocks that came, went or differ."""
    before, after = block_hashes(old), block_hashes(new)
    both = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in both)
    return Change(None, added=len(after) - len(both), changed=changed, removed=len(before) - len(both))
