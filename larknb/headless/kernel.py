"""The cells of a notebook in a kernel of their own, driven from a worker thread."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

__all__ = ["Execution", "StartedCell"]

log = logging.getLogger("larknb")

SAVE_EVERY = 5.0  # seconds between two saves: what a runner that is killed can lose
LONGEST_SOCKET = 80  # characters of a folder: with the name of a socket in it, macOS allows 104
GRACE = 15.0  # seconds for a kernel to end; then it is killed from outside


@dataclass
class StartedCell:
    """A cell that runs or ran: its number as ``In [n]`` shows it; ``ended`` is None as long as it runs."""

    number: int
    cell: Any
    began: float
    ended: float | None = None


class Execution:
    """nbclient in a worker thread with a loop of its own.

    Parameters
    ----------
    notebook : NotebookNode
        The outputs are added to its cells in place.
    timeout : float, optional
        Seconds that one cell may take; a tag ``timeout=60`` overrides it.
    save : callable
        Called every few seconds, between two outputs.
    sink : file
        Takes what the kernel's process itself writes.

    Attributes
    ----------
    done : Event
        Set when nothing of it runs any more.
    error : exception or None
        What ended it early.
    cells : list of StartedCell
        The cells that were started, in order.
    cwd, env : path, dict
        Where the kernel runs, and its variables.
    """

    def __init__(
        self,
        notebook: Any,
        *,
        timeout: float | None,
        cwd: Path,
        env: dict[str, str],
        save: Callable[[], None],
        sink: IO[bytes],
        clock: Callable[[], float],
    ) -> None:
        self.done = threading.Event()
        self.error: BaseException | None = None
        self.cells: list[StartedCell] = []
        self.cwd, self.env = cwd, env
        self._notebook, self._timeout = notebook, timeout
        self._save, self._sink, self._clock = save, sink, clock
        self._thread = threading.Thread(target=self._work, name="larknb-run", daemon=True)
        self._began = threading.Event()

    @property
    def current(self) -> StartedCell | None:
        """The cell that runs, or ran when the execution was cut off."""
        return self.cells[-1] if self.cells and self.cells[-1].ended is None else None

    @property
    def total(self) -> int:
        """How many cells there are to run."""
        return sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in self._notebook.cells)

    def timeout_of(self, cell: Any) -> int | None:
        """Return the whole seconds that a cell may take; None for no limit."""
        for tag in cell.metadata.get("tags", []):
            if match := re.fullmatch(r"timeout=(\d+)", tag):
                return int(match[1])
        return None if self._timeout is None else max(1, round(self._timeout))

    def start(self) -> None:
        """Start the kernel and run the cells."""
        self._thread.start()
        self._began.wait()

    def end(self) -> None:
        """Cancel what still runs; afterwards the kernel and its children are gone."""
        if not self.done.is_set():
            self._client.shutdown_kernel = "immediate"
            with suppress(RuntimeError):  # the loop was closed this very moment
                self._loop.call_soon_threadsafe(self._task.cancel)
        if not self.done.wait(GRACE):
            self._provisioner.end()
        self._thread.join(1.0)

    # --- in the worker thread -----------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            # zmq needs a selector loop: the one that Windows has by default cannot watch its sockets.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._execute())
        except BaseException as error:  # noqa: BLE001  whatever it is, the main thread tells it
            self.error = error
        finally:
            self._began.set()
            self.done.set()

    async def _execute(self) -> None:
        with tempfile.TemporaryDirectory(prefix="larknb-", ignore_cleanup_errors=True) as channels:
            await self._execute_with(_manager(Path(channels)))

    async def _execute_with(self, manager: Any) -> None:
        self._client, self._provisioner = self._new_client(manager), manager.provisioner
        self._loop = asyncio.get_running_loop()
        saving = self._loop.create_task(self._save_again_and_again())
        self._task = self._loop.create_task(self._run(manager))
        self._began.set()
        try:
            await self._task
        finally:
            saving.cancel()

    async def _run(self, manager: Any) -> None:
        try:
            await self._client.async_execute(cwd=str(self.cwd), env=self.env, stdout=self._sink, stderr=self._sink)
        finally:
            self._client.settle()
            if manager.has_kernel:  # it was cancelled during its start, when nbclient does not end it yet
                await manager.shutdown_kernel(now=True)
            if self._client.kc is not None:
                self._client.kc.stop_channels()
            self._client.forget_exit()
            manager.provisioner.end()

    def _new_client(self, manager: Any) -> Any:
        from larknb.headless.outputs import BoundedClient  # it imports nbclient

        client = BoundedClient(
            self._notebook, km=manager, timeout_func=self.timeout_of, store_widget_state=False, record_timing=True,
            on_cell_execute=self._begin, on_cell_executed=self._finish,
        )  # fmt: skip
        client.owns_km = True  # else it would leave the kernel of a manager that it was given running
        return client

    async def _save_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self._client.settle()
            self._save()

    def _begin(self, cell: Any, **_: Any) -> None:
        started = StartedCell(self._client.code_cells_executed + 1, cell, self._clock())
        self.cells.append(started)
        log.info("run: cell [%d] begins", started.number)

    def _finish(self, **_: Any) -> None:
        cell = self.cells[-1]
        cell.ended = self._clock()
        log.info("run: cell [%d] took %.1f s", cell.number, cell.ended - cell.began)


def _manager(channels: Path) -> Any:
    """Return the manager of a kernel in this interpreter, whatever kernel the notebook names.

    ``channels`` is a folder that only its owner can enter. It holds the sockets where the system has them as files: a
    TCP port is chosen before the kernel takes it, and another program may take it first.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import TraitError

    from larknb.headless.provisioner import KeptProvisioner  # it imports jupyter_client

    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        connection_file=str(channels / "kernel.json"),
    )
    manager.provisioner = KeptProvisioner(kernel_spec=manager.kernel_spec, parent=manager)
    if sys.platform != "win32" and len(str(channels)) < LONGEST_SOCKET:
        manager.transport, manager.ip = "ipc", str(channels / "channel")
    if manager.has_trait("transport_encryption"):
        with suppress(TraitError):  # this build of zmq cannot
            manager.transport_encryption = "auto"  # without it every local process can read what the cells print
    return manager
