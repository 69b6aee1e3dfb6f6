"""Short writes beside the request's own transaction: counters and "last seen", which must stay when it rolls back.

They are allowed to be lost in a power cut, and so do not wait for the disk. They never wait long for a lock either,
unless asked: an import that writes for a minute must not hold up everybody who only reads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

from plein.db.engine import BUSY_TIMEOUT_MS, WRITES


@contextmanager
def aside(engine: Engine, *, wait_ms: int = BUSY_TIMEOUT_MS) -> Iterator[Connection]:
    """A connection in a writing transaction of its own; commits on leaving, rolls back on an exception.

    Never open it while the request's own session may hold SQLite's write lock: each would wait for the other.

    :param wait_ms: how long to wait for a lock.
    :raises sqlalchemy.exc.OperationalError: when the lock was not to be had in that time.
    """
    with engine.connect() as plain:
        connection = plain.execution_options(**{WRITES: True})
        if engine.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout={wait_ms:d}")
            driver.execute("PRAGMA synchronous=NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute("PRAGMA synchronous=FULL")
                driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS:d}")
        else:
            with connection.begin():
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms:d}")
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection
