"""A headless run against bare nbclient on the same notebook, one after the other in turn."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from larknb.headless.runner import run_notebook

TIMES = 7
CELLS = ["import time", *(f"print({n}); {n}" for n in range(20))]


def main() -> None:
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS]), path)
        for n in range(TIMES):
            began = time.perf_counter()
            run_notebook(path, Path(folder) / f"{n}.ipynb").raise_for_failure()
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            notebook = nbformat.read(path, as_version=4)
            NotebookClient(notebook, timeout=60).execute()
            nbformat.write(notebook, Path(folder) / "bare.ipynb")
            theirs.append(time.perf_counter() - began)
    a, b = statistics.median(ours), statistics.median(theirs)
    print(
        f"{len(CELLS)} cells: larknb run {a:.2f} s, bare nbclient {b:.2f} s, difference {a - b:+.2f} s, {a / b:.2f} x"
    )


if __name__ == "__main__":
    main()
