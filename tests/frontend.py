"""What a notebook page does with a kernel: run cells, keep displays and widgets, type and click."""

from __future__ import annotations

import os
import queue
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from jupyter_client.manager import KernelManager

Output = dict[str, Any]


class FrontEnd:
    """One kernel with one page in front of it."""

    def __init__(self, env: dict[str, str] | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="larknb-"))
        manager: Any = KernelManager(kernel_name="python3", connection_file=str(self._folder / "kernel.json"))
        if sys.platform != "win32":  # a TCP port may be taken between its choice and its use
            manager.transport, manager.ip = "ipc", str(self._folder / "channel")
        manager.start_kernel(env={**os.environ, **(env or {})})
        self._manager, self.client = manager, manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.displays: dict[str, Output] = {}
        self.models: dict[str, Output] = {}
        self.messages: list[Any] = []

    def stop(self) -> None:
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def clear(self) -> None:
        """Begin an empty page."""
        self.displays.clear()
        self.messages.clear()

    def restart(self) -> None:
        """Restart the kernel, as the page does: its widgets are dead, what was displayed stays."""
        self._manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, *, somebody: bool = True, timeout: float = 60) -> list[Output]:
        """Run a cell and return its outputs."""
        request = self.client.execute(code, allow_stdin=somebody)
        outputs: list[Output] = []
        for message in self._until(timeout):
            if message is None or message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return outputs
            outputs.append({"type": message["msg_type"], **message["content"]})
        raise AssertionError("the cell did not end")

    def wait_for(self, is_so: Callable[[], bool], timeout: float = 30) -> Self:
        """Take in what the kernel sends until something is so."""
        for _ in self._until(timeout):
            if is_so():
                return self
        raise AssertionError("it never came:\n" + self.html())

    def html(self) -> str:
        """What the page shows now, of all its displays."""
        return "\n".join(str(data.get("text/html", "")) for data in self.displays.values())

    def text(self) -> str:
        """What a page without HTML shows now."""
        return "\n".join(str(data.get("text/plain", "")) for data in self.displays.values())

    def widgets(self) -> list[Output]:
        """The widgets that are on the page: shown, or inside one that is."""
        shown = [data["application/vnd.jupyter.widget-view+json"]["model_id"] for data in self.displays.values()
                 if "application/vnd.jupyter.widget-view+json" in data]  # fmt: skip
        return [self.models[name] for each in shown for name in self._inside(each) if name in self.models]

    def type(self, placeholder: str, value: str) -> None:
        self._send(self._find(lambda state: placeholder in (state.get("placeholder"), state.get("description"))),
                   {"method": "update", "state": {"value": value}, "buffer_paths": []})  # fmt: skip

    def click(self, label: str) -> None:
        found = self._find(lambda state: state.get("_model_name") == "ButtonModel" and state["description"] == label)
        self._send(found, {"method": "custom", "content": {"event": "click"}})

    def shows(self, label: str) -> bool:
        """Say whether a button or field with this label is on the page."""
        return any(label in (state.get("description"), state.get("placeholder")) for state in self.widgets())

    def _find(self, fits: Callable[[Output], bool]) -> str:
        on_page = [id(state) for state in self.widgets()]
        return next(name for name, state in self.models.items() if id(state) in on_page and fits(state))

    def _inside(self, name: str) -> Iterator[str]:
        yield name
        for child in self.models.get(name, {}).get("children", ()):
            yield from self._inside(child.removeprefix("IPY_MODEL_"))

    def _send(self, comm_id: str, data: Output) -> None:
        session = self.client.session
        self.client.shell_channel.send(session.msg("comm_msg", {"comm_id": comm_id, "data": data}))

    def _until(self, timeout: float) -> Iterator[Any]:
        """Yield each message that arrives, and None between them, for so many seconds."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                yield None
                continue
            self.messages.append(message)
            self._take_in(message["msg_type"], message["content"])
            yield message

    def _take_in(self, kind: str, content: Output) -> None:
        if kind in ("display_data", "update_display_data", "execute_result"):
            name = content.get("transient", {}).get("display_id") or f"#{len(self.displays)}"
            if kind != "update_display_data" or name in self.displays:  # else it is of a page that was left
                self.displays[name] = content["data"]
        elif kind == "comm_open":
            self.models[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            self.models.get(content["comm_id"], {}).update(content["data"]["state"])
        elif kind == "comm_close":
            self.models.pop(content["comm_id"], None)


@contextmanager
def front_end(env: dict[str, str] | None = None) -> Iterator[FrontEnd]:
    page = FrontEnd(env)
    try:
        yield page
    finally:
        page.stop()
