"""What a hook may not do with the session that it is given: end the transaction, which is the request's.

Each is refused before it does anything. What gets around that is seen afterwards: :func:`is_whole`.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from plein.db.engine import WRITES
from plein.db.session import before_ending
from plein.plugins.watching import current


def writes(db: Session) -> bool:
    return isinstance(db.bind, Engine) and bool(db.bind.get_execution_options().get(WRITES))


def is_broken(db: Session) -> bool:
    """Whether nothing can be done any more in the transaction of *db*. Sends nothing to the database."""
    if not db.is_active:
        return True
    if not db.in_transaction():
        return False
    try:
        connection = db.connection()
        driver: Any = connection.connection.driver_connection
    except SQLAlchemyError:
        # Its connection was closed.
        return True
    if not connection.in_transaction():
        return True
    return hasattr(driver, "info") and driver.info.transaction_status.name == "INERROR"


def is_whole(db: Session, root: SessionTransaction | None) -> bool:
    """Whether the transaction that *root* began still goes on, in *db* and in the database."""
    if root is None or db.get_transaction() is not root or not root.is_active or is_broken(db):
        return False
    driver: Any = db.connection().connection.driver_connection
    if hasattr(driver, "info"):
        return bool(driver.info.transaction_status.name == "INTRANS")
    return bool(driver.in_transaction)


@before_ending
def _refuse_ending(db: Session, name: str) -> None:
    run = current()
    if run is not None and run.holds(db):
        raise RuntimeError(f"a hook must not call {name}(): the session and its transaction belong to the request")


@event.listens_for(Session, "before_commit")
def _refuse_commit(db: Session) -> None:
    """A savepoint of its own a hook may end, and not the one that it runs in."""
    run = current()
    if run is not None and run.holds(db) and db.get_nested_transaction() is run.savepoint:
        raise RuntimeError("a hook must not commit: the transaction belongs to the request")


@event.listens_for(Engine, "commit")
def _refuse_commit_below(connection: Connection) -> None:
    run = current()
    if run is not None and run.driver is not None and connection.connection.driver_connection is run.driver:
        raise RuntimeError("a hook must not commit: the transaction belongs to the request")


@event.listens_for(Session, "before_flush")
def _refuse_flush(db: Session, *_more: Any) -> None:
    run = current()
    if run is not None and run.holds(db) and not writes(db):
        raise RuntimeError("a hook that shows something writes nothing: this request only reads")


@event.listens_for(Session, "do_orm_execute")
def _refuse_writing(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _refuse_flush(state.session)
