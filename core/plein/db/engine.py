"""Engines: the same promises on SQLite and PostgreSQL.

SQLite: write-ahead log, full synchronisation, foreign keys, and ``BEGIN IMMEDIATE`` for a transaction that
will write. Taking the write lock at once, instead of when the first write comes, is what keeps two writers
from failing with a stale snapshot halfway through. What PostgreSQL needs is in :mod:`plein.db.postgresql`.

On both, a transaction that does not say beforehand that it will write cannot.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

#: Set on a connection (``execution_options``) whose transaction will write.
WRITES = "plein_writes"

BUSY_TIMEOUT_MS = 15_000


def build_engine(url: str, *, pool_size: int = 8) -> Engine:
    """An engine for *url* (``sqlite:///…`` or ``postgresql+psycopg://…``).

    :raises ValueError: for another database than these two.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_size=pool_size, max_overflow=8, hide_parameters=True)
        _prepare_sqlite(engine)
        return engine
    if backend == "postgresql":
        from plein.db import postgresql  # The driver takes a while to import, and sites on SQLite have no use for it.

        engine = create_engine(parsed, pool_size=pool_size, max_overflow=8, pool_pre_ping=True, hide_parameters=True)
        postgresql.prepare(engine)
        return engine
    raise ValueError(f"database {backend!r} is not supported; use sqlite or postgresql")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: `begin` below does, and knows how.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get(WRITES))
        if connection.info.get(WRITES, True) is not writes:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA query_only={not writes:d}")
            connection.info[WRITES] = writes
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
