"""Other people's programs, in a virtual environment of their own."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from pathlib import Path

__all__ = ["python_with"]


def python_with(folder: Path, *packages: str, borrow: bool = False) -> Path:
    """Make a virtual environment with these packages and return its interpreter; ``borrow`` lets it see ours, too."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if borrow:
        ours = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        next(folder.rglob("site-packages")).joinpath("borrowed.pth").write_text(ours)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, timeout=600)
    return python
