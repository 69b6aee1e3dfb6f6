"""The parent process: starts the workers, replaces those that die, and passes on what the administrator asks.

It owns the listening sockets and never accepts from them. SIGTERM and SIGINT stop the site politely; SIGHUP replaces
parent and workers by new ones, with the code and settings of that moment, while the sockets stay open.

A pipe ties the workers to it, the life line: only the parent has the end that can be written to, so the workers see
that it closed however the parent ended, and drain.
"""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from plein.serving.limits import Limits, WSGIApp
from plein.serving.notify import notify, notify_reloading
from plein.serving.sockets import FIRST_FD
from plein.serving.worker import Worker

log = structlog.get_logger(__name__)

#: Carries the life line of the previous generation of workers over a reload (a file descriptor's number).
OLD_LIFE_LINE = "SERVING_OLD_LIFE_LINE"

#: A worker that lived so long was healthy; before that, each death doubles the pause before the next start.
HEALTHY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
#: What a worker may take on top of its grace before it is killed.
KILL_AFTER = 5.0

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@dataclass(slots=True)
class _Slot:
    """The place of one worker: who has it now, and how the previous ones fared."""

    pid: int = 0
    #: reading end of the pipe on which the worker says that it serves; -1 once it did
    ready_fd: int = -1
    started: float = 0.0
    deaths: int = 0
    start_at: float = 0.0


class Parent:
    """
    :param application: the WSGI application, built before the workers are forked.
    :param sockets: listening sockets.
    :param after_fork: called in each worker before it serves: to let go of what must not be shared (connections).
    :param when_leaving: called in each worker when it has answered everything: to end what it does besides.
    :param when_ready: called once, when all workers serve.
    """

    def __init__(
        self,
        application: WSGIApp,
        sockets: list[socket.socket],
        limits: Limits,
        *,
        workers: int,
        after_fork: Callable[[], None] = lambda: None,
        when_leaving: Callable[[], None] = lambda: None,
        when_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.application = application
        self.sockets = sockets
        self.limits = limits
        self.after_fork = after_fork
        self.when_leaving = when_leaving
        self.when_ready = when_ready
        self.slots = [_Slot() for _ in range(workers)]
        self.stop_by: float | None = None
        self.announced = False
        self.life_line, self._life_end = os.pipe()
        self.wakeup, self._wakeup_end = os.pipe()
        self.old_life_end = int(os.environ.pop(OLD_LIFE_LINE, "-1"))

    def run(self) -> None:
        """Serve until told to stop and every worker has left."""
        os.set_blocking(self.wakeup, False)
        os.set_blocking(self._wakeup_end, False)
        signal.set_wakeup_fd(self._wakeup_end)
        for watched in _SIGNALS:
            # The handler does nothing: the number arrives through the pipe, between two steps of the loop below.
            signal.signal(watched, lambda *_: None)
        while self.stop_by is None or any(slot.pid for slot in self.slots):
            self._start_due()
            self._wait()
            for number in self._signals():
                self._on_signal(number)
            self._reap()
            self._kill_late()

    # starting and ending workers

    def _start_due(self) -> None:
        now = time.monotonic()
        for slot in self.slots:
            if not slot.pid and self.stop_by is None and now >= slot.start_at:
                self._start(slot)

    def _start(self, slot: _Slot) -> None:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            self._be_worker(writing)
        os.close(writing)
        slot.pid, slot.ready_fd, slot.started = pid, reading, time.monotonic()

    def _be_worker(self, ready_fd: int) -> None:
        """The child's whole life. Leaves by ``_exit``: cleaning up is for the process that set things up."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            parents = [self._life_end, self.wakeup, self._wakeup_end, self.old_life_end]
            for fd in [*parents, *(slot.ready_fd for slot in self.slots)]:
                if fd >= 0:
                    os.close(fd)
            self.after_fork()
            worker = Worker(self.application, self.sockets, self.limits, self.life_line)
            worker.run(when_ready=lambda: os.write(ready_fd, b"1"))
            self.when_leaving()
            code = 0
        except BaseException:
            log.exception("serving.worker_failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for slot in self.slots:
                if slot.pid == pid:
                    self._on_death(slot, os.waitstatus_to_exitcode(status))

    def _on_death(self, slot: _Slot, code: int) -> None:
        lived = time.monotonic() - slot.started
        if slot.ready_fd >= 0:
            os.close(slot.ready_fd)
        pid, slot.pid, slot.ready_fd = slot.pid, 0, -1
        if self.stop_by is not None:
            return
        slot.deaths = 1 if lived > HEALTHY_SECONDS else slot.deaths + 1
        pause = min(LONGEST_PAUSE, 0.1 * 2 ** (slot.deaths - 1))
        slot.start_at = time.monotonic() + pause
        log.error("serving.worker_died", worker=pid, exit_code=code, lived_seconds=round(lived, 1), restart_in=pause)

    def _kill_late(self) -> None:
        if self.stop_by is not None and time.monotonic() > self.stop_by:
            self._kill_workers()

    def _kill_workers(self) -> None:
        for slot in self.slots:
            if slot.pid:
                os.kill(slot.pid, signal.SIGKILL)

    # listening to what happens

    def _wait(self) -> None:
        """Until a signal, a worker that is ready, or something that is due."""
        starting = [slot.ready_fd for slot in self.slots if slot.ready_fd >= 0]
        due = [slot.start_at for slot in self.slots if not slot.pid] if self.stop_by is None else [self.stop_by]
        timeout = max(0.0, min(due) - time.monotonic()) if due else None
        readable, _, _ = select.select([self.wakeup, *starting], [], [], timeout)
        for slot in self.slots:
            if slot.ready_fd in readable and os.read(slot.ready_fd, 1):
                os.close(slot.ready_fd)
                slot.ready_fd = -1
        if not self.announced and all(slot.pid and slot.ready_fd < 0 for slot in self.slots):
            self._announce()

    def _announce(self) -> None:
        self.announced = True
        if self.old_life_end >= 0:
            # The new generation serves: the old one may go.
            os.close(self.old_life_end)
            self.old_life_end = -1
        notify("READY=1", f"STATUS=Serving with {len(self.slots)} workers")
        self.when_ready()

    def _signals(self) -> bytes:
        try:
            return os.read(self.wakeup, 4096)
        except BlockingIOError:
            return b""

    def _on_signal(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            if self.stop_by is None:
                self._stop()
            elif number == signal.SIGINT:
                # A second Ctrl+C: somebody does not want to wait.
                self._kill_workers()
        elif number == signal.SIGHUP and self.stop_by is None:
            self._reload()

    def _stop(self) -> None:
        notify("STOPPING=1")
        self.stop_by = time.monotonic() + self.limits.grace_seconds + KILL_AFTER
        # Cutting the life line reaches a worker that is still starting, too; a signal might come before its handler.
        os.close(self._life_end)
        for sock in self.sockets:
            sock.close()

    def _reload(self) -> None:
        """Become a new parent, through ``exec``: same process number, same sockets, today's code and settings."""
        command = [sys.executable, *sys.orig_argv[1:]]
        notify_reloading()
        if subprocess.run([*command, "--check"], check=False).returncode != 0:  # noqa: S603
            log.error("serving.reload_refused", reason="the new settings or code do not work; the old keep serving")
            notify("READY=1")
            return
        for number in self._signals():
            if number in (signal.SIGTERM, signal.SIGINT):
                return self._stop()
        signal.set_wakeup_fd(-1)
        self._place_sockets()
        os.set_inheritable(self._life_end, True)
        os.environ |= {
            "LISTEN_FDS": str(len(self.sockets)),
            "LISTEN_PID": str(os.getpid()),
            OLD_LIFE_LINE: str(self._life_end),
        }
        os.execv(sys.executable, command)  # noqa: S606

    def _place_sockets(self) -> None:
        """Put the sockets where systemd would hand them over: at file descriptor 3 and further."""
        # First out of the way, so that none is overwritten by another, nor the life line.
        end = FIRST_FD + len(self.sockets)
        if self._life_end < end:
            self._life_end = _above(self._life_end, end)
        for place, fd in enumerate([_above(sock.fileno(), end) for sock in self.sockets], start=FIRST_FD):
            os.dup2(fd, place, inheritable=True)


def _above(fd: int, lowest: int) -> int:
    """A duplicate of *fd* at *lowest* or higher."""
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
