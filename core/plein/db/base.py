"""The declarative base every table of Plein and its plugins inherits from.

One naming convention for constraints, so that a migration can name what it drops, on every database.
"""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from plein.db.types import JSONValue, UTCDateTime

#: SQLite only auto-numbers INTEGER keys; PostgreSQL gets the 64 bits.
BigInt = BigInteger().with_variant(Integer, "sqlite")

#: ``id: Mapped[PrimaryKey]``
PrimaryKey = Annotated[int, mapped_column(BigInt, primary_key=True)]

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        int: BigInt,
        str: Text,
        datetime: UTCDateTime,
        dict[str, Any]: JSONValue,
        list[str]: JSONValue,
        list[Any]: JSONValue,
    }
