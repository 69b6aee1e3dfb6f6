"""What every process keeps of rows that seldom change: read again when the number that comes with each request says so.

A change bumps the number in its own transaction. The viewer's statement brings the number along, so that a change holds
on the next request in every process, without a statement more. What has no request looks at the number once a second.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.security.models import Stamp

STAMP = "rights"

#: What has no number of its own (a job, a command, somebody who is not signed in) looks this often, in seconds.
LOOK_EVERY = 1.0

T = TypeVar("T")


def current_stamp() -> Select[Any]:
    """The number of the last change of permissions; put into the statement that finds the viewer."""
    return select(Stamp.number).where(Stamp.name == STAMP)


def bump(db: Session, name: str = STAMP) -> None:
    """Say that permissions (or what another stamp is of) changed, in the same transaction as the change.

    Until that ends, whoever bumps the same stamp waits: it is a lock that both databases have.
    """
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Stamp).values(name=name, number=1)
    db.execute(
        statement.on_conflict_do_update(index_elements=[Stamp.name], set_={"number": Stamp.number + 1}),
        execution_options={"synchronize_session": False},
    )


class Kept(Generic[T]):
    """Something that a process read of the database, with the number of the stamp that it belongs to.

    :param read: reads it. The number is read before it: what changes in between is then read again.
    :param first: what it is at number 0, where that needs no reading.
    """

    def __init__(self, engine: Engine, read: Callable[[Connection, int], T], first: T | None = None) -> None:
        self._engine = engine
        self._read = read
        self._lock = Lock()
        self._looked = 0.0
        self._kept: tuple[int, T] | None = None if first is None else (0, first)

    def at(self, number: int) -> T:
        """It as it was at *number*, or later; read where this process does not know that yet."""
        kept = self._kept
        if kept is not None and kept[0] >= number:
            return kept[1]
        with self._lock:
            kept = self._kept
            if kept is None or kept[0] < number:
                with self._engine.connect() as connection:
                    found = connection.execute(current_stamp()).scalar() or 0
                    kept = self._kept = (found, self._read(connection, found))
                self._looked = time.monotonic()
            return kept[1]

    def now(self) -> T:
        """It as it is at this moment, or was a second ago."""
        if self._kept is not None and time.monotonic() - self._looked < LOOK_EVERY:
            return self._kept[1]
        with self._engine.connect() as connection:
            number = connection.execute(current_stamp()).scalar() or 0
        self._looked = time.monotonic()
        return self.at(number)

    def last(self) -> T | None:
        """It as this process last knew it, whatever became of the database."""
        return None if self._kept is None else self._kept[1]

    def look_again(self) -> None:
        """Let the next :meth:`now` look, however short ago the last one was."""
        self._looked = 0.0
