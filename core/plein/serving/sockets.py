"""The listening sockets: bound here, or handed over open by systemd, which then keeps them over a restart."""

import errno
import os
import socket
from collections.abc import MutableMapping

#: The first file descriptor that systemd hands over (sd_listen_fds(3)).
FIRST_FD = 3

#: Connections that wait in the kernel for a worker that has time.
BACKLOG = 1024


class PortTaken(Exception):
    """The address cannot be listened on; the text is a sentence for people."""


def open_sockets(host: str, port: int, environ: MutableMapping[str, str] = os.environ) -> list[socket.socket]:
    """Sockets that listen: those from systemd where there are any, else one on *host* and *port* (0: a free one).

    The variables by which systemd announced them are removed from *environ*: they are not for child processes.

    :raises PortTaken: when the address is in use, not of this machine, or not allowed.
    """
    given = _from_systemd(environ)
    return given or [_bound(host, port)]


def _from_systemd(environ: MutableMapping[str, str]) -> list[socket.socket]:
    count, owner = environ.pop("LISTEN_FDS", ""), environ.pop("LISTEN_PID", "")
    environ.pop("LISTEN_FDNAMES", None)
    if not count.isdigit() or owner != str(os.getpid()):
        return []
    sockets = []
    for fd in range(FIRST_FD, FIRST_FD + int(count)):
        try:
            sock = socket.socket(fileno=fd)
            listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError as error:
            raise PortTaken(f"LISTEN_FDS promises a socket at file descriptor {fd}, and there is none.") from error
        if not listens:
            raise PortTaken(f"The socket at file descriptor {fd} does not listen; check the .socket unit.")
        sock.set_inheritable(False)
        sockets.append(sock)
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortTaken(f"{host} is no address of this machine: {error.strerror}.") from error
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise PortTaken(_sentence(host, port, error)) from error
    return sock


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program; stop that one, or choose another with --port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"This account may not listen on port {port}; choose one above 1023 with --port."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; choose another with --host."
    return f"Cannot listen on {host} port {port}: {error.strerror}."


def address(sock: socket.socket) -> str:
    """Where *sock* listens, for people: ``http://127.0.0.1:6543`` or ``unix:/run/plein.sock``."""
    name = sock.getsockname()
    if sock.family == socket.AF_UNIX:
        return f"unix:{name}"
    host = f"[{name[0]}]" if sock.family == socket.AF_INET6 else name[0]
    return f"http://{host}:{name[1]}"
