"""Runs one implementation of a hook so that its failure stays its own, also in the database.

A caught exception is only half of it: a statement that failed on PostgreSQL, or a flush that failed anywhere, leaves
a transaction in which nothing works any more, even when the plugin hid the exception.
"""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.orm import Session

from plein.db.engine import WRITES
from plein.hookspecs import Hook
from plein.plugins.errors import PluginError

log = structlog.get_logger(__name__)

#: A plugin that fails this often in this many seconds is left out for as many seconds.
FAILURES_ALLOWED = 10
FAILURE_WINDOW_S = 300.0

#: Where a session keeps the savepoint in which a plugin is running.
_SAVEPOINT = "plugin_savepoint"


@dataclass(frozen=True, slots=True)
class Implementation:
    """One function that implements a hook. ``arguments`` are those it asks for."""

    owner: str
    is_core: bool
    weight: int
    function: Callable[..., Any]
    arguments: tuple[str, ...]

    def run(self, arguments: dict[str, Any]) -> Any:
        return self.function(**{name: arguments[name] for name in self.arguments})


def checked(hook: Hook, value: Any) -> Any:
    """*value* as the hook promises it: a list of its class, or one of it where the first answer wins.

    :raises TypeError: says what it is instead.
    """
    if hook.item_type is None:
        return None
    if hook.kind == "replace":
        if value is not None and not isinstance(value, hook.item_type):
            raise TypeError(f"{hook.name} must return {hook.item_type.__name__} or None, not {type(value).__name__}")
        return value
    expected = f"list[{hook.item_type.__name__}]"
    if not isinstance(value, list | tuple):
        raise TypeError(f"{hook.name} must return {expected}, not {type(value).__name__}")
    for item in value:
        if not isinstance(item, hook.item_type):
            raise TypeError(f"{hook.name} must return {expected}; one of it is {type(item).__name__}")
    return list(value)


def declared(hook: Hook, implementation: Implementation, arguments: dict[str, Any]) -> list[Any]:
    """What a ``register_`` hook returns.

    :raises PluginError: where it raises or returns something else.
    """
    try:
        answer: list[Any] = checked(hook, implementation.run(arguments))
        return answer
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}" if not isinstance(error, TypeError | ValueError) else str(error)
        raise PluginError(
            f"Plugin {implementation.owner} fails in {hook.name} ({reason.rstrip('.')}); repair it, "
            f"or leave it out with plein.plugins_off = {implementation.owner}."
        ) from error


def show(hook: Hook, implementation: Implementation, arguments: dict[str, Any]) -> list[Any]:
    """What a hook adds to a page. Returning nothing means: nothing to add.

    The request's session works afterwards, whatever the plugin did to it. A page that only reads is not made to pay
    for savepoints: its broken transaction, in which nothing was written, is simply begun anew.
    """
    db = _session_in_use(arguments)
    if db is not None and _writes(db):
        return _answer(hook, in_savepoint(hook, implementation, arguments, db))
    try:
        return _answer(hook, implementation.run(arguments))
    finally:
        db = _session_in_use(arguments)
        if db is not None and _is_broken(db):
            db.rollback()
            log.warning("plugin.broke_transaction", plugin=implementation.owner, hook=hook.name)


def _answer(hook: Hook, value: Any) -> list[Any]:
    answer: list[Any] = checked(hook, [] if value is None else value)
    return answer


def in_savepoint(hook: Hook, implementation: Implementation, arguments: dict[str, Any], db: Session) -> Any:
    """Run inside a savepoint of *db*, which goes back to it where the plugin raises or breaks the transaction.

    :raises PluginError: where the plugin rolled the whole transaction back. What others wrote in it is gone, so the
        request must fail. (A commit is refused before it does anything.)
    """
    root = db.get_transaction() or db.begin()
    savepoint = db.begin_nested()
    try:
        db.info[_SAVEPOINT] = savepoint
        try:
            answer = implementation.run(arguments)
        finally:
            del db.info[_SAVEPOINT]
        # Releasing a savepoint of a broken transaction fails, and SQLAlchemy does not go back to it then.
        if not savepoint.is_active or _is_broken(db):
            raise RuntimeError("hid an error of the database; let it pass, and what was written is undone")
        savepoint.commit()
        return answer
    except BaseException:
        with suppress(ResourceClosedError):
            savepoint.rollback()
        raise
    finally:
        if db.get_transaction() is not root or not root.is_active:
            raise PluginError(
                f"Plugin {implementation.owner} rolled back the transaction in {hook.name}, so nothing was saved; "
                f"remove its rollback, or leave it out with plein.plugins_off = {implementation.owner}."
            )


def settle(hook: Hook, arguments: dict[str, Any]) -> None:
    """Send to the database what the caller wrote: a savepoint would do so, and its errors are not a plugin's."""
    db = _session_in_use(arguments)
    if hook.kind == "take part":
        arguments["db"].flush()
    elif db is not None and _writes(db):
        db.flush()


@event.listens_for(Session, "before_commit")
def _refuse_commit(db: Session) -> None:
    """Refuse a plugin's commit inside :func:`in_savepoint`; a savepoint of its own it may end."""
    savepoint = db.info.get(_SAVEPOINT)
    if savepoint is not None and db.get_nested_transaction() is savepoint:
        raise RuntimeError("a hook must not commit: the transaction belongs to the request")


def _session_in_use(arguments: dict[str, Any]) -> Session | None:
    """The request's session, if it was used: asking the request itself would open one."""
    db = vars(arguments["request"]).get("db") if "request" in arguments else None
    return db if isinstance(db, Session) else None


def _writes(db: Session) -> bool:
    return isinstance(db.bind, Engine) and bool(db.bind.get_execution_options().get(WRITES))


def _is_broken(db: Session) -> bool:
    """Whether nothing can be done any more in the transaction of *db*. Sends nothing to the database."""
    if not db.is_active:
        return True
    if not db.in_transaction() or db.get_bind().dialect.name != "postgresql":
        return False
    driver: Any = db.connection().connection.driver_connection
    return bool(driver.info.transaction_status.name == "INERROR")


class Failures:
    """How often plugins failed, and which are left out for a while because of it. Safe among threads.

    :ivar counts: failures of each plugin since the start.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._recent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=FAILURES_ALLOWED))
        self._paused_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, owner: str, hook_name: str, error: BaseException, *, pauses: bool = True) -> None:
        """Log and count a failure; pause the plugin when they come too fast, unless this kind never *pauses*."""
        now = self._clock()
        with self._lock:
            self.counts[owner] += 1
            count = self.counts[owner]
            recent = self._recent[owner]
            if pauses:
                recent.append(now)
            pausing = pauses and len(recent) == FAILURES_ALLOWED and now - recent[0] <= FAILURE_WINDOW_S
            if pausing:
                recent.clear()
                self._paused_until[owner] = now + FAILURE_WINDOW_S
        log.error("plugin.failed", plugin=owner, hook=hook_name, failures=count, exc_info=error)
        if pausing:
            log.error("plugin.paused", plugin=owner, seconds=FAILURE_WINDOW_S)

    def is_paused(self, owner: str) -> bool:
        until = self._paused_until.get(owner)
        return until is not None and self._clock() < until
