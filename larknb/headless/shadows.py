"""Files that a kernel takes for modules of Python, or of its own packages, because they lie before them.

A file ``types.py`` on the search path breaks a kernel before its first cell, and nothing of that points to the file.
The notebook's folder comes behind Python's own modules (see `larknb.headless.provisioner`), but before what is
installed; the folders of PYTHONPATH come before all.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path

from larknb.messages import say

__all__ = ["hint"]

SHOWN = 5  # files that are named
# What a kernel is made of, and imports while it starts or with the first cell.
_KERNEL = {
    "IPython", "asttokens", "comm", "dateutil", "debugpy", "decorator", "executing", "ipykernel",
    "ipykernel_launcher", "jedi", "jupyter_client", "jupyter_core", "matplotlib_inline", "nest_asyncio",
    "packaging", "parso", "pexpect", "platformdirs", "prompt_toolkit", "psutil", "pure_eval", "pygments", "six",
    "stack_data", "tornado", "traitlets", "typing_extensions", "wcwidth", "zmq",
}  # fmt: skip


def hint(folder: Path, env: Mapping[str, str], words: str = "") -> str:
    """Return a sentence that names the files by which a kernel may have broken; nothing where there are none.

    Parameters
    ----------
    folder : path
        Where the kernel runs.
    env : mapping
        Its environment.
    words : str
        What an exception says. Without, every module that a kernel needs counts; else the modules that it names.
    """
    named = {name.partition(".")[0] for name in re.findall(r"'([\w.]+)'", words)}
    first = dict.fromkeys(env["PYTHONPATH"].split(os.pathsep)) if env.get("PYTHONPATH") else {}
    wanted = named if words else _KERNEL | sys.stdlib_module_names
    files = [file for place in first for file in _files(folder / place, wanted)]  # an empty place is the folder itself
    files += [file for file in _files(folder, wanted - sys.stdlib_module_names) if file not in files]
    shown = ", ".join(str(file) for file in files[:SHOWN]) + (", …" if len(files) > SHOWN else "")
    return say("run.why.shadow", files=shown) if files else ""


def _files(folder: Path, names: Collection[str]) -> Iterator[Path]:
    """Yield the modules and packages of a folder that have the name of one that is installed elsewhere."""
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            is_module = path.suffix == ".py" or (path / "__init__.py").is_file()
            if path.stem in names and is_module and _is_elsewhere(path.stem, folder):
                yield path


def _is_elsewhere(name: str, folder: Path) -> bool:
    """Say whether a module is installed outside of a folder; site-packages may stand in PYTHONPATH, too."""
    others = [place for place in sys.path if place and Path(place) != folder]
    return PathFinder.find_spec(name, others) is not None
