"""Whether a place that is named is a workspace or a published store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from larknb.config.tomlfile import FILE
from larknb.env import HOME, MACHINE

__all__ = ["store_address"]


def store_address(root: str | os.PathLike[str] | None, env: Mapping[str, str] = MACHINE) -> str:
    """Return the address of the published store that is meant; empty where a workspace is.

    A store is an address with a scheme, or a folder that holds pointers and no ``larknb.toml``.
    """
    place = os.fspath(root) if root is not None else env.get(HOME, "").strip()
    if not place or "://" in place:
        return place
    folder = Path(place).expanduser().absolute()
    return str(folder) if not (folder / FILE).exists() and any(folder.glob("sources/*.json")) else ""
