"""What starts and ends the process of a kernel for jupyter_client: below a keeper, where the system can have one."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from larknb.headless import keeper

__all__ = ["KeptProvisioner"]

_LAUNCH = """\
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()"""


class KeptProvisioner(LocalProvisioner):
    """A kernel below a `keeper`: whoever ends it asks the keeper, which first kills all that the cells started."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel."""
        return await super().launch_kernel(keeper.command(_launched_cleanly(cmd)), **kwargs)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and its group; what would end the keeper, too, is a word to it alone."""
        if sys.platform == "linux" and signum in (signal.SIGTERM, signal.SIGKILL):
            self.end()
        else:
            await super().send_signal(signum)

    def end(self) -> None:
        """End what is left of the kernel and of what it started, from whatever thread, also after its time.

        Without a keeper that is its process group: children that it did not wait for.
        """
        if sys.platform == "linux":
            if self.process is not None:
                self.process.terminate()
        elif sys.platform != "win32" and self.pgid not in (None, os.getpgrp()):
            with suppress(OSError):
                os.killpg(self.pgid, signal.SIGKILL)


def _launched_cleanly(cmd: list[str]) -> list[str]:
    """Return the command of an ipykernel without ``-m``, which looks into the notebook's folder first.

    There a file ``types.py`` would break Python itself. For the cells IPython adds the folder later, in its place.
    """
    at = cmd.index("-m")
    return [*cmd[:at], "-c", _LAUNCH, *cmd[at + 2 :]]
