"""What plugins cost in this process: calls, time, statements and failures of each hook."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from plein.plugins.watching import Run

log = structlog.get_logger(__name__)

#: A hook that is slow again is mentioned in the log no sooner, in seconds.
_MENTIONED_EVERY = 60.0


@dataclass(slots=True)
class Cost:
    """Of one hook of one plugin, since the start of the process. Seconds are those that somebody waited."""

    calls: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    statements: int = 0
    failures: int = 0
    slow: int = 0
    mentioned_at: float = float("-inf")


class Spent:
    """The costs by plugin and hook. Safe among threads."""

    def __init__(self) -> None:
        self._costs: dict[str, dict[str, Cost]] = {}
        self._lock = threading.Lock()
        self._trace: list[Run] | None = None

    def add(self, run: Run) -> None:
        """Count a hook that was run. One that took longer than its budget is mentioned in the log."""
        now, is_slow = time.monotonic(), run.seconds > run.limit.slow
        with self._lock:
            cost = self._costs.setdefault(run.plugin, {}).setdefault(run.hook, Cost())
            cost.calls += 1
            cost.seconds += run.seconds
            cost.slowest = max(cost.slowest, run.seconds)
            cost.statements += run.statements
            cost.failures += run.failed
            cost.slow += is_slow
            mentions = is_slow and now - cost.mentioned_at > _MENTIONED_EVERY
            if mentions:
                cost.mentioned_at = now
            if self._trace is not None:
                self._trace.append(run)
        if mentions:
            log.warning(
                "plugin.slow",
                plugin=run.plugin,
                hook=run.hook,
                asked=run.asked,
                milliseconds=round(run.seconds * 1000),
                statements=run.statements,
            )

    def of(self, plugin: str) -> dict[str, Cost]:
        """What each hook of *plugin* cost, the most expensive first."""
        with self._lock:
            found = dict(self._costs.get(plugin, {}))
        return dict(sorted(found.items(), key=lambda one: -one[1].seconds))

    @contextmanager
    def tracing(self) -> Iterator[list[Run]]:
        """A list to which each hook is added that is run meanwhile, whoever asked for it; for one request at a time."""
        trace: list[Run] = []
        self._trace = trace
        try:
            yield trace
        finally:
            self._trace = None
