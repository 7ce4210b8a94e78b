"""Ports of this machine, for those who listen at redirect addresses."""

from __future__ import annotations

import socket
from collections.abc import Sequence


def free_ports(count: int) -> Sequence[int]:
    """Return ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def has_ipv6() -> bool:
    """Say whether localhost has a second half here."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
