"""Tells systemd how the service is doing (sd_notify(3)), where it asked for that."""

import os
import socket
import time


def notify(*states: str) -> None:
    """Send *states* (``READY=1``) to the service manager; without one, or when it does not listen, nothing happens."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    # A leading @ is how the abstract namespace is written.
    target = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        try:
            sock.sendto("\n".join(states).encode(), target)
        except OSError:
            return


def notify_reloading() -> None:
    """Say that a reload began; ``READY=1`` ends it. systemd wants to know when it began, in microseconds."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")
