"""Read a worksheet into a cache, in a process of its own, and print what it took: bytes and seconds beside the import.

``python -m tests.hostile.large_sheet URL FOLDER`` reads once; each call is one sync.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from larknb.api.client import LarkClient
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache
from larknb.model import Learned, Policy, Source
from larknb.readers.spreadsheet import SpreadsheetReader
from tests.conftest import Person

SOURCE = Source("大表", "", "spreadsheet", "ShtLarge000000000000000001")


def peak() -> int:
    """Return the most memory of this process, in bytes; ``ru_maxrss`` of Linux counts the one that started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (each for each in status.read_text(encoding="ascii").splitlines() if each.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def sync(url: str, folder: Path) -> dict[str, int]:
    """Take a snapshot of the worksheet and return how many rows came, changed and went."""
    client, cached = LarkClient(url, Person("t")), Cache(folder).of(SOURCE)
    reader, at = SpreadsheetReader(SOURCE), time.time()
    look = reader.look(client, cached)
    learned = Learned()
    with Snapshot(cached, at, policy=Policy()) as snapshot:
        for parcel in reader.read(client, cached, look):
            if isinstance(parcel, Learned):
                learned = parcel
            else:
                snapshot.add(parcel)
        change = snapshot.commit(learned, options="{}", full_at=at, stamp=None)["large1"]
    client.close()
    return {"rows": change.rows or 0, "added": change.added, "changed": change.changed, "removed": change.removed}


if __name__ == "__main__":
    before, began = peak(), time.monotonic()
    change = sync(sys.argv[1], Path(sys.argv[2]))
    print(json.dumps({**change, "bytes": peak() - before, "seconds": time.monotonic() - began}))
