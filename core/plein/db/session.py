"""Sessions: one per request, carrying the viewer the guard asks for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from structlog.contextvars import get_contextvars

from plein.db.engine import WRITES

if TYPE_CHECKING:  # The guard takes any object as viewer; features decide what it means.
    Viewer = Any

log = structlog.get_logger(__name__)

VIEWER = "viewer"
UNGUARDED = "unguarded"

#: In the context of the log: the job that the system does by itself, for nobody.
BY_ITSELF = "by_itself"
#: Of these jobs, what was logged already.
_told: set[tuple[str, str]] = set()

#: An execution option of an engine: a function that adds to a viewer what the site knows and the viewer does not carry.
COMPLETES = "plein_completes_viewer"


#: Asked before a session is ended in any way; one that raises refuses.
_ending: list[Callable[[Session, str], None]] = []


def before_ending(listener: Callable[[Session, str], None]) -> Callable[[Session, str], None]:
    """Have *listener* called with a session and the name of the method that is about to end it: it may raise.

    SQLAlchemy has events for a commit only, and tells of a rollback when it has been done.
    """
    _ending.append(listener)
    return listener


class _Session(Session):
    """A session that asks before it ends: whoever lends it to a stranger wants it back whole."""

    def _ends(self, name: str) -> None:
        for listener in _ending:
            listener(self, name)

    def commit(self) -> None:
        self._ends("commit")
        super().commit()

    def rollback(self) -> None:
        self._ends("rollback")
        super().rollback()

    def close(self) -> None:
        self._ends("close")
        super().close()

    def reset(self) -> None:
        self._ends("reset")
        super().reset()

    def invalidate(self) -> None:
        self._ends("invalidate")
        super().invalidate()

    def expunge_all(self) -> None:
        self._ends("expunge_all")
        super().expunge_all()


@lru_cache(maxsize=16)
def _engine_that(engine: Engine, writes: bool) -> Engine:
    # Kept: making one copies the listeners of the engine, and every request opens a session.
    return engine.execution_options(**{WRITES: writes})


def open_session(engine: Engine, *, viewer: "Viewer | None" = None, writes: bool = False) -> Session:
    """A new session on *engine*. Without a *viewer* it refuses to read guarded tables.

    :param writes: take SQLite's write lock when the transaction begins.
    """
    session = _Session(_engine_that(engine, writes), autoflush=True, expire_on_commit=False)
    if viewer is not None:
        complete = engine.get_execution_options().get(COMPLETES)
        session.info[VIEWER] = viewer if complete is None else complete(viewer)
    return session


def _tell(reason: str) -> None:
    """Log a way around the guard: each time that a person, a command or a job of somebody's goes it.

    What the system does by itself, after each save say, is logged once by each process and after that at ``debug``:
    among hundreds of those lines nobody would find the one of an administrator.
    """
    by_itself = get_contextvars().get(BY_ITSELF)
    if by_itself is not None and (by_itself, reason) in _told:
        log.debug("db.unguarded", reason=reason)
        return
    if by_itself is not None:
        _told.add((by_itself, reason))
    log.info("db.unguarded", reason=reason)


@contextmanager
def db_unguarded(engine: Engine, *, reason: str, writes: bool = False) -> Iterator[Session]:
    """A session of its own that sees everything. Commits on leaving, rolls back on an exception.

    For maintenance only (re-index, migrate, integrity checks): each use says why, is logged (see :func:`_tell`), and is
    listed by a contract test. It is never the request's session, because an object that it loads must not be found
    there by ``get`` afterwards.
    """
    if not reason.strip():
        raise ValueError("db_unguarded needs a reason")
    _tell(reason)
    with open_session(engine, writes=writes) as session:
        session.info[UNGUARDED] = reason
        with session.begin():
            yield session
