"""The database: engine, session, base class, column types and the guard. Knows no model and no request."""

from plein.db.base import Base, BigInt, PrimaryKey
from plein.db.engine import build_engine
from plein.db.guard import GuardRefusal, protect, share
from plein.db.session import db_unguarded, open_session
from plein.db.types import JSONValue, UTCDateTime, utcnow

__all__ = [
    "Base",
    "BigInt",
    "GuardRefusal",
    "JSONValue",
    "PrimaryKey",
    "UTCDateTime",
    "build_engine",
    "db_unguarded",
    "open_session",
    "protect",
    "share",
    "utcnow",
]
