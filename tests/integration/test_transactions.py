"""What a transaction may do: one that is there to read cannot write, and keeps what the database learned of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from plein.db import build_engine, open_session
from plein.people.models import Group
from plein.testing import all_seeing

GROUP: dict[str, Any] = {"uid": "g", "slug": "groep", "name": "Groep", "sort_name": "groep", "kind": "group"}


def test_what_is_opened_to_read_cannot_write(engine: Engine, make_user: Callable[..., Any]) -> None:
    with open_session(engine) as db:
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
            db.execute(insert(Group.__table__), GROUP)
        db.rollback()
    with all_seeing(engine) as db:
        assert db.scalar(select(func.count()).select_from(Group)) == 0


def test_the_same_connection_writes_when_it_is_opened_for_that(database_url: str) -> None:
    engine = build_engine(database_url, pool_size=1)
    for _again in range(2):
        with open_session(engine) as db:
            db.execute(text("SELECT 1"))
        with open_session(engine, writes=True) as db:
            db.execute(insert(Group.__table__), GROUP)
            db.rollback()
    with open_session(engine, writes=True) as db, db.begin():
        db.execute(insert(Group.__table__), GROUP)
    with all_seeing(engine) as db:
        assert db.scalar(select(func.count()).select_from(Group)) == 1
    engine.dispose()


def test_after_an_error_the_next_transaction_is_a_new_one(engine: Engine) -> None:
    with open_session(engine) as db:
        with pytest.raises(DBAPIError):
            db.execute(text("SELECT nothing FROM nowhere"))
        db.rollback()
        assert db.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_plans_outlive_a_transaction_that_read(database_url: str) -> None:
    engine = build_engine(database_url, pool_size=1)

    def read(db: Session) -> int:
        return int(db.scalar(text("SELECT count(*) FROM setting_value WHERE name = :name"), {"name": "x"}) or 0)

    for _request in range(7):
        with open_session(engine) as db:
            read(db)
    with engine.connect() as connection:
        kept = connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("setting_value" in one for one in kept)
    engine.dispose()
