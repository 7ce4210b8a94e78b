"""Which units were installed for a workspace, so that one that went missing can be told from one that never was."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from larknb import stored
from larknb.headless.units import Job, System

__all__ = ["Installed", "InstalledUnit", "forget", "read", "remember"]

FORMAT = 1  # of ``work/units.json``

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class InstalledUnit:
    """A unit as it was installed: the system's scheduler, and the options of ``larknb schedule``."""

    system: System
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Installed:
    """What ``work/units.json`` holds: the units by system and name."""

    units: Mapping[str, InstalledUnit] = field(default_factory=dict)


def read(work: Path) -> Installed:
    """Return what was installed; nothing where that cannot be known."""
    return stored.recall(_file(work), Installed, "which units were installed is not known", format=FORMAT)


def remember(work: Path, system: System, job: Job) -> None:
    """Note that a unit was installed."""
    _write(work, {**read(work).units, _key(system, job): InstalledUnit(system, dict(job.options))})


def forget(work: Path, system: System, job: Job) -> None:
    """Note that a unit was taken away."""
    known = read(work)
    if _key(system, job) in known.units:
        _write(work, {key: unit for key, unit in known.units.items() if key != _key(system, job)})


def _key(system: System, job: Job) -> str:
    return f"{system}/{job.name}"


def _file(work: Path) -> Path:
    return work / "units.json"


def _write(work: Path, units: Mapping[str, InstalledUnit]) -> None:
    """Write the file; a disk that refuses it costs a warning of the doctor, and no unit."""
    try:
        stored.write(_file(work), replace(read(work), units=units), format=FORMAT)
    except (stored.Newer, OSError) as error:
        log.warning("which units are installed is not kept: %s", error)
