"""Checks of this machine: versions, and fonts for plots."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import larknb
from larknb.results.doctor import Finding
from larknb.screens.plotting import chinese_font
from larknb.services.doctoring.examination import Examination, finding

__all__ = ["check_fonts", "check_versions"]

OLDEST, NEWEST = (2, 2), (3, 99)  # of pandas


def check_versions(_: Examination) -> list[Finding]:
    """Say which versions are at work; a pandas that was never tried with larknb is noted."""
    names = ("pandas", "pyarrow", "requests")
    words = {name: _version(name) for name in names}
    words |= {"larknb": larknb.__version__, "python": platform.python_version(), "system": platform.platform()}
    numbers = tuple(int(number) for number in re.findall(r"\d+", words["pandas"])[:2])
    found = [finding("ok", "versions", "versions", **words)]
    if not OLDEST <= numbers <= NEWEST:
        found.append(finding("note", "versions", "versions_odd", **words))
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def check_fonts(_: Examination) -> list[Finding]:
    """Say whether plots can show Chinese; without matplotlib nobody plots."""
    if find_spec("matplotlib") is None:
        return []
    if name := chinese_font():
        return [finding("ok", "fonts", "fonts_found", name=name)]
    return [finding("note", "fonts", "fonts_missing")]
