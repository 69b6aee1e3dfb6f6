"""Column types that behave the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. A naive one is refused when it is bound: it has no meaning."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}; use plein.db.utcnow()")
        value = value.astimezone(UTC)
        # SQLite stores text and would drop the offset.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: JSON that PostgreSQL can index.
JSONValue = JSON().with_variant(JSONB(), "postgresql")


class Clock:
    """The one clock of the application. Tests put it ahead; nothing else does."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def move(self, by: timedelta) -> None:
        """From here on it is *by* later."""
        self.ahead += by


CLOCK = Clock()


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + CLOCK.ahead
