"""Keeps the time of each hook that runs, counts its statements, and ends one that hangs.

Hooks run in the thread of the request: handing each to a thread of its own would cost more than most of them do. So a
watchdog looks at what runs. One that takes too long it ends where Python lets it: between two steps of Python code, in
a statement of the database, and by giving a connection that is being made an end. Where nothing helps, in a library
that waits outside of Python, the plugin is paused while it still hangs: then nobody else waits for it. See ADR 0030.
"""

import ctypes
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Engine, event

log = structlog.get_logger(__name__)

#: How often the watchdog looks, how often it tries again, and how long before it says that nothing helps, in seconds.
TICK = 0.1
AGAIN = 0.5
STUCK = 1.0


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds after which a hook is called slow, and after which it is ended."""

    slow: float
    ends: float


#: By hook, else by kind. What runs in a job, and what somebody waits for who knows why, may take longer.
LIMITS = {
    "show": Limit(0.25, 3.0),
    "take part": Limit(1.0, 8.0),
    "react": Limit(5.0, 60.0),
    "replace": Limit(1.0, 10.0),
    "declare": Limit(5.0, 60.0),
    "on_user_erased": Limit(10.0, 60.0),
    "on_user_exported": Limit(10.0, 120.0),
}


class HookEnded(BaseException):
    """Raised inside a hook by the watchdog. No ``Exception``: a loop that catches those would go on for ever."""


class HookTooSlow(Exception):
    """A hook took longer than it may. What it answered does not count."""


@dataclass(slots=True, eq=False)
class Run:
    """A hook of a plugin that runs at this moment, in one thread.

    :ivar arguments: what the hook was given.
    :ivar savepoint: the one it runs in, where it may write.
    :ivar driver: the connection of that savepoint, as the database's driver knows it.
    :ivar asked: what it was asked for besides its name: the slot of a page.
    """

    plugin: str
    hook: str
    limit: Limit
    arguments: Mapping[str, Any]
    asked: str = ""
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    statements: int = 0
    failed: bool = False
    savepoint: Any = None
    driver: Any = None
    outer: "Run | None" = None
    last_driver: Any = None
    late_at: float = 0.0
    sent_at: float = 0.0
    is_late: bool = False
    is_stuck: bool = False

    @property
    def ends_at(self) -> float:
        return self.started + self.limit.ends

    def holds(self, session: Any) -> bool:
        """Whether *session* is the one that the hook was given, and must leave whole."""
        if self.arguments.get("db") is session:
            return True
        request = self.arguments.get("request")
        return request is not None and vars(request).get("db") is session


#: What runs in each thread, the innermost first.
_running: dict[int, Run] = {}
#: Held by the watchdog while it sends, and by a hook that leaves: what is sent never comes too late.
_lock = threading.Lock()
_watchdog: threading.Thread | None = None
#: Told of a hook that could not be ended: the plugins that it belongs to pause it.
Stuck = Callable[[Run], None]
_stuck: dict[int, Stuck] = {}


def current() -> Run | None:
    """The hook that this thread runs, if any."""
    return _running.get(threading.get_ident())


def watched(run: Run, function: Callable[[], Any], stuck: Stuck) -> Any:
    """What *function* returns, with *run*'s time kept.

    :param stuck: called from another thread, where the hook hangs and nothing ends it.
    :raises HookTooSlow: where it took longer than its limit, whether it could be ended or not.
    """
    _watch()
    me = threading.get_ident()
    run.outer = _running.get(me)
    _stuck[id(run)] = stuck
    _running[me] = run
    try:
        try:
            value = function()
        finally:
            _leave(me, run)
    except HookEnded:
        # It may have come while leaving.
        _leave(me, run)
        if not run.is_late:
            # Meant for the hook in which this one was called.
            raise
        raise _too_slow(run) from None
    if run.is_late:
        raise _too_slow(run)
    return value


def _too_slow(run: Run) -> HookTooSlow:
    return HookTooSlow(f"took {run.seconds:.1f} s, and may take {run.limit.ends:g} s; do slow work in a job")


def _leave(me: int, run: Run) -> None:
    with _lock:
        if _running.get(me) is run:
            run.seconds = time.monotonic() - run.started
            if run.outer is None:
                del _running[me]
            else:
                _running[me] = run.outer
                run.outer.statements += run.statements
            _stuck.pop(id(run), None)
        if run.sent_at:
            # Not delivered yet, and now too late.
            _raise_in(me, None)


# -- the watchdog -----------------------------------------------------------------------------------------------------


def _watch() -> None:
    """Start the watchdog of this process, where it does not run: threads do not survive a fork."""
    global _watchdog
    if _watchdog is None or not _watchdog.is_alive():
        with _lock:
            if _watchdog is None or not _watchdog.is_alive():
                _watchdog = threading.Thread(target=_look_on, name="hooks", daemon=True)
                _watchdog.start()


def _look_on() -> None:
    while True:
        _pause(TICK)
        now = time.monotonic()
        for ident, run in list(_running.items()):
            one: Run | None = run
            while one is not None:
                if now > one.ends_at:
                    try:
                        _end(ident, one, now)
                    except Exception:
                        # The watchdog must outlive what it meets.
                        log.exception("plugin.watchdog_failed", plugin=one.plugin, hook=one.hook)
                one = one.outer


def _end(ident: int, run: Run, now: float) -> None:
    """Try to end *run*, and say once that it does not end."""
    if run.is_late and now - run.sent_at < AGAIN:
        return
    with _lock:
        if not _is_running(ident, run):
            return
        run.late_at = run.late_at or now
        run.is_late, run.sent_at = True, now
        _raise_in(ident, HookEnded)
    _interrupt(run)
    if now - run.late_at >= STUCK and not run.is_stuck:
        run.is_stuck = True
        log.error("plugin.hangs", plugin=run.plugin, hook=run.hook, seconds=round(now - run.started, 1))
        told = _stuck.get(id(run))
        if told is not None:
            told(run)


def _is_running(ident: int, run: Run) -> bool:
    one = _running.get(ident)
    while one is not None and one is not run:
        one = one.outer
    return one is not None


def _raise_in(ident: int, error: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(ident), ctypes.py_object(error) if error is not None else None
    )


def _interrupt(run: Run) -> None:
    """End the statement that *run* waits for, if it does. Both drivers allow that from another thread."""
    driver = run.last_driver
    if driver is None:
        return
    if hasattr(driver, "interrupt"):
        driver.interrupt()
    elif driver.info.transaction_status.name == "ACTIVE":
        driver.cancel()


# -- what a hook does --------------------------------------------------------------------------------------------------


@event.listens_for(Engine, "before_cursor_execute")
def _count(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
    run = _running.get(threading.get_ident())
    if run is None:
        return
    run.statements += 1
    run.last_driver = connection.connection.driver_connection
    if run.driver is run.last_driver:
        first, _space, rest = statement.lstrip().partition(" ")
        word = first.rstrip(";").upper()
        if word in ("COMMIT", "END", "ABORT") or (word == "ROLLBACK" and not rest.lstrip().upper().startswith("TO")):
            raise RuntimeError(f"a hook must not say {word}: the transaction belongs to the request")


def _audit(name: str, arguments: tuple[Any, ...]) -> None:
    """Python says what it is about to wait for: what would end too late is refused, or given an end."""
    if name not in ("time.sleep", "socket.connect"):
        return
    run = _running.get(threading.get_ident())
    if run is None:
        return
    left = run.ends_at - time.monotonic()
    if name == "time.sleep":
        if arguments[0] > left:
            raise HookTooSlow(f"sleeps {arguments[0]:g} s in a hook; do what takes long in a job")
    elif isinstance(arguments[0], socket.socket):
        own = arguments[0].gettimeout()
        arguments[0].settimeout(max(0.01, left) if own is None else min(own, max(0.01, left)))


_pause = time.sleep
if sys.version_info < (3, 13):

    def _sleep(seconds: Any, /) -> None:
        # As Python does by itself from 3.13 on.
        sys.audit("time.sleep", seconds)
        _pause(seconds)

    time.sleep = _sleep

sys.addaudithook(_audit)
