"""The most memory that this process has taken so far."""

from __future__ import annotations

import re
import resource
from pathlib import Path


def peak() -> float:
    """Return it in MB; what Linux tells of ``ru_maxrss`` counts the process that started this one, too."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        assert found is not None
        return int(found[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
