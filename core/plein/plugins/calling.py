"""Runs one implementation of a hook so that its failure stays its own, also in the database.

A caught exception is only half of it: a statement that failed on PostgreSQL, or a flush that failed anywhere, leaves
a transaction in which nothing works any more, even when the plugin hid the exception.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlalchemy.orm import Session
from transaction.interfaces import AlreadyInTransaction, NoTransaction

from plein.hookspecs import Hook
from plein.plugins.errors import PluginError, TransactionLost
from plein.plugins.holding import is_broken, is_whole, writes
from plein.plugins.watching import LIMITS, HookEnded, Run, Stuck, watched

#: Kinds of hooks that run in a savepoint whatever asks for them.
WRITING = ("take part", "react")

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Implementation:
    """One function that implements a hook. ``arguments`` are those it asks for."""

    owner: str
    is_core: bool
    weight: int
    function: Callable[..., Any]
    arguments: tuple[str, ...]

    def run(self, arguments: Mapping[str, Any]) -> Any:
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


def declared(hook: Hook, implementation: Implementation, arguments: Mapping[str, Any]) -> list[Any]:
    """What a ``register_`` hook returns.

    :raises PluginError: where it raises or returns something else.
    """
    run = new_run(hook, implementation.owner, {})
    try:
        answer: list[Any] = checked(hook, watched(run, lambda: implementation.run(arguments), lambda run: None))
        return answer
    except (KeyboardInterrupt, HookEnded):
        raise
    except BaseException as error:
        reason = f"{type(error).__name__}: {error}" if not isinstance(error, TypeError | ValueError) else str(error)
        raise PluginError(
            f"Plugin {implementation.owner} fails in {hook.name} ({reason.rstrip('.')}); repair it, "
            f"or leave it out with plein.plugins_off = {implementation.owner}."
        ) from error


def new_run(hook: Hook, plugin: str, arguments: Mapping[str, Any]) -> Run:
    limit = LIMITS.get(hook.name) or LIMITS[hook.kind]
    return Run(plugin, hook.name, limit, arguments, asked=arguments.get("slot", ""))


def answered(hook: Hook, value: Any) -> Any:
    """What a plugin's implementation answered, as the hook promises it. Returning nothing means: nothing to add.

    :raises TypeError: where it is something else.
    """
    return checked(hook, [] if value is None and hook.kind == "show" else value)


def apart(hook: Hook, run: Run, function: Callable[[], Any], stuck: Stuck) -> Any:
    """What *function* returns, which is a plugin's: with its time kept, and the session whole afterwards.

    Where something may be written it runs in a savepoint. A page that only reads is not made to pay for one: its broken
    transaction, in which nothing was written, is simply begun anew.

    :raises TransactionLost: where the transaction is gone, with what others wrote in it.
    """
    db = run.arguments.get("db") or _session_of(run.arguments)
    if db is not None and (hook.kind in WRITING or writes(db)):
        return _in_savepoint(hook, run, function, stuck, db)
    joined = _joined(run.arguments)
    try:
        answer = watched(run, function, stuck)
    except BaseException:
        _begin_anew(run, joined)
        raise
    if _begin_anew(run, joined):
        raise RuntimeError("left the transaction broken, or something to be written; a page that is shown only reads")
    return answer


def _begin_anew(run: Run, joined: Any) -> bool:
    """Whether what only reads was left broken, ended, or with something to write; then it is begun anew."""
    db, ended = _session_of(run.arguments), _joined(run.arguments) is not joined
    if ended:
        with suppress(AlreadyInTransaction):
            run.arguments["request"].tm.begin()
    if db is not None and (ended or is_broken(db) or db.new or db.deleted):
        db.rollback()
    elif not ended:
        return False
    if ended and run.arguments["request"].method not in SAFE_METHODS:
        # What is written later in this request would go with it.
        raise _lost(run)
    return True


def _in_savepoint(hook: Hook, run: Run, function: Callable[[], Any], stuck: Stuck, db: Session) -> Any:
    root = db.get_transaction() or db.begin()
    joined = _joined(run.arguments)
    run.savepoint = savepoint = db.begin_nested()
    run.driver = db.connection().connection.driver_connection
    try:
        answer = watched(run, function, stuck)
        # Releasing a savepoint of a broken transaction fails, and SQLAlchemy does not go back to it then.
        if not savepoint.is_active or is_broken(db):
            raise RuntimeError("hid an error of the database; let it pass, and what was written is undone")
        savepoint.commit()
    except BaseException as error:
        # Where that is not possible any more the transaction is looked at below.
        with suppress(SQLAlchemyError, SAWarning):
            savepoint.rollback()
        if not isinstance(error, TransactionLost):
            _require_whole(run, db, root, joined)
        raise
    _require_whole(run, db, root, joined)
    return answer


def _require_whole(run: Run, db: Session, root: Any, joined: Any) -> None:
    ended = _joined(run.arguments) is not joined
    if is_whole(db, root) and not ended:
        return
    # What was written is in nobody's hands: its locks go with the connection. Whoever began the session ends it.
    with suppress(SQLAlchemyError, SAWarning):
        if db.in_transaction():
            db.connection().invalidate()
    if ended:
        # Except where nobody knows it any more. Whoever ends the request's transaction expects one, too.
        with suppress(SQLAlchemyError, SAWarning):
            db.close()
        with suppress(AlreadyInTransaction):
            run.arguments["request"].tm.begin()
    raise _lost(run)


def _lost(run: Run) -> TransactionLost:
    return TransactionLost(
        f"Plugin {run.plugin} ended the transaction in {run.hook}, so nothing was saved; repair it, "
        f"or leave it out with plein.plugins_off = {run.plugin}."
    )


def settle(hook: Hook, arguments: Mapping[str, Any]) -> None:
    """Send to the database what the caller wrote: a savepoint would do so, and its errors are not a plugin's."""
    db = arguments.get("db") or _session_of(arguments)
    if db is not None and (hook.kind in WRITING or writes(db)):
        db.flush()


def _session_of(arguments: Mapping[str, Any]) -> Session | None:
    """The request's session, if it was used or the request may write: on a page, asking for it would open one."""
    request = arguments.get("request")
    if request is None:
        return None
    db = vars(request).get("db")
    if db is None and getattr(request, "method", "GET") not in SAFE_METHODS:
        db = request.db
    return db if isinstance(db, Session) else None


def _joined(arguments: Mapping[str, Any]) -> Any:
    """The transaction of the request that its session is joined to; ``None`` where it was ended or doomed."""
    manager = vars(arguments["request"]).get("tm") if "request" in arguments else None
    if manager is None:
        return None
    try:
        found = manager.get()
    except NoTransaction:
        return None
    return None if found.isDoomed() else found
