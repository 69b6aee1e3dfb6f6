"""One worker process: waitress on a socket that it shares, and that it lets go of politely.

waitress has no way to stop without dropping requests. Here a signal only sets a mark and wakes the loop (an exception
in the handler could hit the loop halfway through accepting, and would lose that connection). Then the worker stops
accepting, finishes what it accepted, closes what is idle, and leaves.
"""

import gc
import resource
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import structlog
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer
from waitress.task import ThreadedTaskDispatcher

from plein.serving.limits import MAX_HEADER_FIELDS, Limits, WSGIApp, behind_proxies

log = structlog.get_logger(__name__)

#: A connection without a request must be quiet for so long before it is closed: a request may be on its way.
QUIET_SECONDS = 0.5
#: A request that stopped arriving halfway is given up after so long, when the worker wants to leave.
STALLED_SECONDS = 5.0


class Parser(HTTPRequestParser):
    """Refuses requests with absurdly many header fields before reading them, and a body that is too large for its
    address by what it announces. waitress takes a whole body in before the application sees anything of it.
    """

    #: waitress's limits, see :meth:`plein.serving.limits.Limits.adjustments`
    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        if header_plus.count(b"\n") > MAX_HEADER_FIELDS + 2:
            raise ParsingError("Too many header fields")
        super().parse_header(header_plus)
        if self.body_rcv is not None and self.adj.takes_files(self.path):
            self.adj = self.adj.of_files


class Channel(HTTPChannel):
    """A connection that ends after its answer when the worker is leaving."""

    parser_class = Parser

    def service(self) -> None:
        if self.server.leaving:
            self.requests[0].headers["CONNECTION"] = "close"
        super().service()

    def send_continue(self) -> None:
        """waitress invites even a body that it has refused already, and then waits for it; this refuses at once."""
        if self.request.error is None:
            super().send_continue()

    @property
    def is_idle(self) -> bool:
        """Nothing half-received, nothing being answered, nothing left to send."""
        return not (self.request or self.requests or self.total_outbufs_len)


class Server(BaseWSGIServer):
    """Takes connections from a socket that other workers take from, too."""

    channel_class = Channel
    leaving = False

    def getsockname(self) -> tuple[str, Any]:
        name = self.socket.getsockname()
        return ("unix", name) if self.family == socket.AF_UNIX else (name[0], name[1])

    def fix_addr(self, addr: Any) -> Any:
        # Whoever reaches a socket file got there by its permissions: a program on this machine.
        return ("127.0.0.1", None) if self.family == socket.AF_UNIX else addr

    def set_socket_options(self, conn: socket.socket) -> None:
        if self.family != socket.AF_UNIX:
            super().set_socket_options(conn)
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def readable(self) -> bool:
        # Where requests wait for a thread, a new connection is better off with another worker.
        return bool(super().readable()) and not self.task_dispatcher.queue

    def take_waiting(self) -> None:
        """Accept what the kernel completed already; closing the socket would reset it."""
        for _ in range(self.adj.backlog):
            before = len(self.active_channels)
            self.handle_accept()
            if len(self.active_channels) == before:
                return


class LifeLine(wasyncore.file_dispatcher):
    """The reading end of a pipe whose writing end only the parent has: it ends when the parent does."""

    def __init__(self, fd: int, when_cut: Callable[[], None], map: dict[int, Any]) -> None:
        super().__init__(fd, map=map)
        self.when_cut = when_cut

    def writable(self) -> bool:
        return False

    def cut(self) -> None:
        self.del_channel()
        self.when_cut()

    # Nothing is ever written to it: whatever happens to it, is its end.
    handle_read = handle_close = handle_expt = cut


class Worker:
    """Serves until told to leave. One per process: it takes over the process's signals.

    :param sockets: listening sockets, shared with other workers.
    :param life_line: file descriptor that ends with the parent; ``None`` without one.
    """

    def __init__(
        self, application: WSGIApp, sockets: list[socket.socket], limits: Limits, life_line: int | None = None
    ) -> None:
        self.limits = limits
        self.map: dict[int, Any] = {}
        self.told_to_leave = False
        adjustments = limits.adjustments()
        self.dispatcher = ThreadedTaskDispatcher()
        by_address = behind_proxies(application, limits.trusted_proxies)
        by_file = behind_proxies(application, limits.trusted_proxies, is_socket_file=True)
        self.servers = [
            Server(
                by_file if sock.family == socket.AF_UNIX else by_address,
                self.map,
                _sock=sock,
                dispatcher=self.dispatcher,
                adj=adjustments,
                sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
                bind_socket=False,
            )
            for sock in sockets
        ]
        if life_line is not None:
            LifeLine(life_line, self.leave, self.map)

    def leave(self) -> None:
        """Ask the loop to stop accepting and finish. Returns at once; safe in a signal handler."""
        self.told_to_leave = True
        self.servers[0].pull_trigger()

    def run(self, when_ready: Callable[[], object] = lambda: None) -> None:
        """Serve, and return when everything that was accepted has been answered, or the grace is over."""
        signal.signal(signal.SIGTERM, lambda *_: self.leave())
        # Ctrl+C reaches the whole group of processes; the parent passes it on as a SIGTERM.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        _allow_open_files(self.limits.connections + 200)
        # What was made to start lives as long as the process: looking through it for garbage costs a tenth of a page.
        gc.collect()
        gc.freeze()
        self.dispatcher.set_thread_count(self.limits.threads)
        when_ready()
        while not self.told_to_leave:
            # With requests waiting, `readable` refuses connections: ask it again soon.
            self._turn(timeout=0.05 if self.dispatcher.queue else 5.0)
        self._drain()

    def _turn(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, map=self.map, use_poll=True, count=1)

    def _drain(self) -> None:
        end = time.monotonic() + self.limits.grace_seconds
        for server in self.servers:
            server.leaving = True
            server.take_waiting()
            server.del_channel()
            server.socket.close()
        while self._open_channels() and time.monotonic() < end:
            self._turn(timeout=0.05)
            for channel in self._open_channels():
                silent = time.time() - channel.last_activity
                stalled = silent > STALLED_SECONDS and not channel.requests and not channel.total_outbufs_len
                if (channel.is_idle and silent > QUIET_SECONDS) or stalled:
                    channel.will_close = True
        left = len(self._open_channels())
        if left:
            log.warning("serving.grace_over", connections=left, grace_seconds=self.limits.grace_seconds)
        self.dispatcher.shutdown(cancel_pending=True, timeout=1)

    def _open_channels(self) -> list[Channel]:
        return [channel for server in self.servers for channel in list(server.active_channels.values())]


def _allow_open_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
