"""What Plein asks of connections to PostgreSQL.

A transaction that was not opened to write is one that cannot, and it ends with COMMIT. That keeps what the driver
prepared: it forgets all of it at each ROLLBACK, and PostgreSQL takes longer to plan a statement with somebody's rights
in it than to answer it.
"""

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event

from plein.db.engine import WRITES


class _Connection(psycopg.Connection[Any]):
    def rollback(self) -> None:
        """Undo what was done; where nothing could be done there is nothing to undo."""
        if self.read_only and self.info.transaction_status == TransactionStatus.INTRANS:
            self.commit()
        else:
            super().rollback()


def prepare(engine: Engine) -> None:
    """Make the connections of *engine* so; they write only where :data:`~plein.db.engine.WRITES` says so."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: Any, options: Any) -> Any:
        return _Connection.connect(*args, **options)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        only_reads = not connection.get_execution_options().get(WRITES)
        if driver.read_only is not only_reads:
            driver.read_only = only_reads
