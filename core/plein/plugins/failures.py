"""What went wrong in plugins, and which of them are paused because of it: for everybody, until somebody resumes them.

This process knows at once. A thread stores it, because the transaction of the request that failed may roll back, and
may hold the only lock of SQLite. Each process keeps which plugins are paused, with the number of the change that this
belongs to; that number comes with the viewer of each request (see ``plein.security.rights``), so that a pause holds on
the next request in every process, without a statement more.
"""

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from plein.db import utcnow

log = structlog.get_logger(__name__)

#: A plugin that fails this often in this many seconds is paused.
FAILURES_ALLOWED = 10
FAILURE_WINDOW_S = 300.0
#: Who comes without a number, such as a job of the system, asks the database this often, in seconds.
ASKS_EVERY_S = 10.0
#: How often storing is tried while the database is away, and the seconds in between.
_ATTEMPTS, _PAUSE_S = 20, 3.0


@dataclass(frozen=True, slots=True)
class Failure:
    """
    :param error: what went wrong, in a line.
    :param path: of the request, without its question; empty outside of one.
    :param counts: whether it counts for a pause: what signs people in is never paused.
    :param pauses: it pauses the plugin by itself.
    """

    plugin: str
    hook: str
    error: str
    path: str
    milliseconds: int
    at: datetime
    counts: bool
    pauses: bool


class Store(Protocol):
    """Where pauses and failures are kept for all processes."""

    def paused(self) -> tuple[int, frozenset[str]]:
        """The number of the last change, and the plugins that are paused."""

    def keep(self, failures: Sequence[Failure]) -> None:
        """Store them, and pause the plugins that fail too often."""


def line_of(error: BaseException) -> str:
    """An error in a line of at most 300 characters, for administrators."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {' '.join(str(cause).split())}".rstrip(": ")[:300]


class Failures:
    """How often plugins failed, and which are paused because of it. Safe among threads.

    :ivar counts: failures of each plugin since the start of the process.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._recent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=FAILURES_ALLOWED))
        self._hung: dict[str, float] = {}
        self._lock = threading.Lock()
        self._store: Store | None = None
        #: What the store said: its number, the paused, and when it was asked.
        self._number, self._stored, self._asked_at = 0, frozenset[str](), float("-inf")
        #: Paused here, and not stored yet.
        self._here: set[str] = set()
        self._waiting: deque[Failure] = deque(maxlen=1000)
        self._clerk: threading.Thread | None = None

    def store_in(self, store: Store) -> None:
        """Keep what goes wrong in *store* from here on, and forget what was known of another one."""
        with self._lock:
            self._store = store
            self._number, self._stored, self._asked_at = 0, frozenset(), float("-inf")
            for known in (self.counts, self._recent, self._hung, self._here, self._waiting):
                known.clear()

    # -- who is paused ------------------------------------------------------------------------------------------

    def is_paused(self, plugin: str, number: int | None = None) -> bool:
        return plugin in self.paused(number)

    def paused(self, number: int | None = None) -> frozenset[str] | set[str]:
        """The plugins that are paused, as it was at *number* or later; ``None`` where nobody knows a number."""
        if self._store is not None and (
            number > self._number if number is not None else self._clock() - self._asked_at > ASKS_EVERY_S
        ):
            self._ask(number)
        return self._stored | self._here if self._here else self._stored

    def _ask(self, number: int | None) -> None:
        assert self._store is not None  # noqa: S101
        with self._lock:
            if number is not None and number <= self._number:
                return
            self._asked_at = self._clock()
            read, stored = self._store.paused()
            for resumed in self._stored - stored:
                self._forget(resumed)
            # Another thread of this process may have read a later one.
            self._number, self._stored = max(read, number or 0), stored

    # -- what went wrong ----------------------------------------------------------------------------------------

    def add(
        self,
        plugin: str,
        hook: str,
        error: BaseException,
        *,
        counts: bool = True,
        pauses: bool = False,
        hung: bool = False,
        path: str = "",
        seconds: float = 0.0,
    ) -> None:
        """Log and count a failure, and have it stored; pause the plugin where they come too fast.

        :param counts: whether it may lead to a pause.
        :param pauses: it does, by itself.
        :param hung: somebody waited for it. The second time soon after the first it pauses the plugin.
        """
        now = self._clock()
        with self._lock:
            self.counts[plugin] += 1
            number = self.counts[plugin]
            recent = self._recent[plugin]
            if counts:
                recent.append(now)
            if hung:
                pauses = pauses or now - self._hung.get(plugin, float("-inf")) <= FAILURE_WINDOW_S
                self._hung[plugin] = now
            fast = len(recent) == FAILURES_ALLOWED and now - recent[0] <= FAILURE_WINDOW_S
            pausing = counts and (pauses or fast) and plugin not in self._here
            if pausing:
                recent.clear()
                self._here.add(plugin)
            line = line_of(error)
            self._waiting.append(
                Failure(plugin, hook, line, path[:300], round(seconds * 1000), utcnow(), counts, pausing)
            )
        log.error("plugin.failed", plugin=plugin, hook=hook, failures=number, exc_info=error)
        if pausing:
            log.error("plugin.paused", plugin=plugin, hook=hook, error=line)
        self._have_stored()

    def resume(self, plugin: str) -> None:
        """Forget in this process what led to a pause; the store forgets by itself."""
        with self._lock:
            self._here.discard(plugin)
            self._stored -= {plugin}
            self._forget(plugin)

    def _forget(self, plugin: str) -> None:
        self._recent.pop(plugin, None)
        self._hung.pop(plugin, None)

    def _have_stored(self) -> None:
        with self._lock:
            if self._store is not None and (self._clerk is None or not self._clerk.is_alive()):
                self._clerk = threading.Thread(target=self._keep_all, name="plugin failures", daemon=True)
                self._clerk.start()

    def _keep_all(self) -> None:
        attempts = 0
        while True:
            with self._lock:
                batch = list(self._waiting)
                if not batch or attempts == _ATTEMPTS or self._store is None:
                    self._clerk = None
                    return
            try:
                self._store.keep(batch)
                read, stored = self._store.paused()
            except Exception as error:
                # Whatever it was: nobody else would store them.
                log.error("plugin.failures_not_stored", error=line_of(error))
                attempts += 1
                time.sleep(_PAUSE_S)
                continue
            with self._lock:
                for _each in batch:
                    self._waiting.popleft()
                if read >= self._number:
                    self._number, self._stored = read, stored
                self._here -= {one.plugin for one in batch if one.pauses}

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until all failures are stored; for who looks at what is stored. Whether they are."""
        end = time.monotonic() + seconds
        clerk = self._clerk
        while clerk is not None and clerk.is_alive() and time.monotonic() < end:
            clerk.join(0.05)
            clerk = self._clerk
        return not self._waiting
