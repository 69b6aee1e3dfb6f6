"""The audit log: chained, append-only, whole under load, and what was tampered with is found."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from plein.audit import ORIGIN, chain, record, record_aside
from plein.audit import log as audit_log
from plein.audit.chain import entries, purge, verify
from plein.audit.export import csv_lines, json_lines
from plein.audit.models import AuditEntry, AuditHead
from plein.db import open_session, utcnow
from plein.db.aside import aside
from plein.security.viewer import Viewer

TRIGGERS = (
    ("entry_insert", "audit_entry"),
    ("entry_update", "audit_entry"),
    ("entry_delete", "audit_entry"),
    ("head_update", "audit_head"),
)


def fill(engine: Engine, number: int = 5) -> None:
    with open_session(engine, viewer=Viewer(user_id=7, kind="person"), writes=True) as db, db.begin():
        for each in range(number):
            record(db, "thing.done", "thing", each, text=f"é€ {each}", nothing=None, many=[1, {"a": True}])


def actions(db: Session) -> list[str]:
    return [entry["action"] for entry in entries(db)]


def without_triggers(engine: Engine) -> None:
    """What somebody with every right on the database can do."""
    with aside(engine) as connection:
        for name, table in TRIGGERS:
            on = f" ON {table}" if engine.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER audit_{name}{on}"))


def test_entry_holds_the_six_fields_of_bio_8_15_01(engine: Engine) -> None:
    with open_session(engine, viewer=Viewer(user_id=7, kind="person"), writes=True) as db, db.begin():
        db.info[ORIGIN] = "192.0.2.1"
        record(db, "account.suspended", "user", 12, reason="leave")
    with open_session(engine) as db:
        (entry,) = entries(db)
    assert (entry["action"], entry["object_type"], entry["object_id"]) == ("account.suspended", "user", "12")
    assert (entry["result"], entry["origin"], entry["actor_id"]) == ("done", "192.0.2.1", 7)
    assert utcnow() - entry["at"] < timedelta(minutes=1) and entry["details"] == {"reason": "leave"}


def test_chain_of_what_was_written_verifies(engine: Engine) -> None:
    assert verify(engine).entries == 0
    fill(engine)
    found = verify(engine)
    assert (found.broken, found.entries, found.number) == (None, 5, 5)
    assert verify(engine, {5: found.hash}).broken is None
    assert verify(engine, {5: "0" * 64}).broken == 5
    assert verify(engine, {6: found.hash}).broken == 6


def test_values_that_databases_store_differently_verify(engine: Engine) -> None:
    with open_session(engine, writes=True) as db, db.begin():
        record(db, "thing.done", "thing", "a\0b\ud800", f=0.1, big=10**15, some={"b", "a"}, when=utcnow(), odd="\udfff")
    assert verify(engine).broken is None


def test_what_is_rolled_back_leaves_no_entry(engine: Engine) -> None:
    with open_session(engine, writes=True) as db:
        record(db, "thing.done", "thing")
        db.rollback()
        record(db, "thing.kept", "thing")
        db.commit()
        assert actions(db) == ["thing.kept"]


def test_entry_goes_with_its_savepoint_and_no_other(engine: Engine) -> None:
    with open_session(engine, writes=True) as db:
        record(db, "outer.before", "thing")
        with db.begin_nested():
            record(db, "inner.kept", "thing")
        gone = db.begin_nested()
        record(db, "inner.gone", "thing")
        with db.begin_nested():
            record(db, "innermost.gone", "thing")
        gone.rollback()
        with pytest.raises(ZeroDivisionError), db.begin_nested():
            record(db, "raised.gone", "thing")
            raise ZeroDivisionError
        unfinished = db.begin_nested()
        record(db, "open.gone", "thing")
        db.begin_nested()
        record(db, "open_inner.gone", "thing")
        unfinished.rollback()
        record(db, "outer.after", "thing")
        db.commit()
        assert actions(db) == ["outer.before", "inner.kept", "outer.after"]
    assert verify(engine).broken is None


def test_refusal_is_recorded_beside_a_transaction_that_stores_nothing(engine: Engine) -> None:
    with open_session(engine) as db:
        db.execute(select(AuditHead.number))
        record_aside(engine, "session.started", "user", 3, result="refused", origin="192.0.2.7")
    with open_session(engine) as db:
        (entry,) = entries(db)
    assert (entry["result"], entry["origin"]) == ("refused", "192.0.2.7")


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditEntry).values(result="done"),
        update(AuditEntry).where(AuditEntry.number == 3).values(number=99),
        delete(AuditEntry).where(AuditEntry.number == 5),
        delete(AuditEntry),
        update(AuditHead).values(number=2),
        update(AuditHead).values(removed_number=3, removed_hash=""),
        delete(AuditHead),
        insert(AuditHead).values(id=2, number=0, hash="", removed_number=0, removed_hash=""),
    ],
)
def test_database_refuses_to_change_or_remove_an_entry(engine: Engine, db: Session, statement: Any) -> None:
    fill(engine)
    with pytest.raises(DBAPIError, match="only grows"):
        db.execute(statement, execution_options={"synchronize_session": False})
    db.rollback()
    assert verify(engine).broken is None


def test_database_refuses_to_write_over_an_entry(engine: Engine) -> None:
    fill(engine)
    columns = "number, at, actor_id, action, object_type, object_id, result, origin, details, hash"
    copy = f"INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry WHERE number = 3"
    forms = ["INSERT OR REPLACE"] if engine.dialect.name == "sqlite" else ["INSERT"]
    for form in forms:
        with pytest.raises(DBAPIError, match="only grows"), aside(engine) as connection:
            connection.execute(text(f"{form} {copy}"))
    if engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="only grows"), aside(engine) as connection:
            connection.execute(text("TRUNCATE audit_entry"))


def test_young_entries_cannot_be_purged_by_moving_the_beginning(engine: Engine, db: Session) -> None:
    fill(engine)
    digest = db.scalar(select(AuditEntry.hash).where(AuditEntry.number == 3))
    with pytest.raises(DBAPIError, match="only grows"):
        db.execute(update(AuditHead).values(removed_number=3, removed_hash=digest))


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_entry SET actor_id = 8 WHERE number = 3", 3),
        ("UPDATE audit_entry SET result = 'refused' WHERE number = 1", 1),
        ("UPDATE audit_entry SET details = '{}' WHERE number = 2", 2),
        ("UPDATE audit_entry SET hash = 'x' WHERE number = 4", 4),
        ("DELETE FROM audit_entry WHERE number = 2", 2),
        ("DELETE FROM audit_entry WHERE number = 5", 5),
        ("UPDATE audit_head SET removed_number = 2", 3),
    ],
)
def test_tampering_by_sql_is_found(engine: Engine, statement: str, broken: int) -> None:
    fill(engine)
    without_triggers(engine)
    with aside(engine) as connection:
        connection.execute(text(statement))
    found = verify(engine)
    assert found.broken is not None and found.problem
    assert found.broken == (1 if "removed_number" in statement else broken) or found.broken == broken


def test_shortened_chain_is_found_by_a_hash_that_was_noted_down(engine: Engine, db: Session) -> None:
    fill(engine)
    noted = verify(engine)
    without_triggers(engine)
    digest = db.scalar(select(AuditEntry.hash).where(AuditEntry.number == 4))
    db.execute(text("DELETE FROM audit_entry WHERE number = 5"))
    db.execute(update(AuditHead).values(number=4, hash=digest))
    db.commit()
    assert verify(engine).broken is None
    assert verify(engine, {noted.number: noted.hash}).broken == 5


def test_retention_takes_the_oldest_and_the_rest_still_verifies(engine: Engine, monkeypatch: Any) -> None:
    for days in (400, 300, 200, 1):
        monkeypatch.setattr(audit_log, "utcnow", lambda days=days: utcnow() - timedelta(days=days))
        fill(engine)
    monkeypatch.undo()
    with open_session(engine, writes=True) as db, db.begin():
        assert purge(db, 250, part=7) == 7
    assert verify(engine).broken is None
    with open_session(engine, writes=True) as db, db.begin():
        assert purge(db, 250) == 3
    with open_session(engine, writes=True) as db, db.begin():
        assert purge(db, 250) == 0
    found = verify(engine)
    assert (found.broken, found.removed, found.entries) == (None, 10, 12)
    with open_session(engine) as db:
        assert actions(db)[-2:] == ["audit.purged", "audit.purged"]


def test_verifying_while_retention_purges_finds_nothing_wrong(engine: Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr(audit_log, "utcnow", lambda: utcnow() - timedelta(days=400))
    fill(engine)
    monkeypatch.undo()
    fill(engine)
    walk = chain.entries

    def purged_before(db: Session, *conditions: Any, **more: Any) -> Any:
        with open_session(engine, writes=True) as other, other.begin():
            assert purge(other, 250) == 5
        return walk(db, *conditions, **more)

    monkeypatch.setattr(chain, "entries", purged_before)
    assert verify(engine).broken is None
    monkeypatch.undo()
    assert (verify(engine).broken, verify(engine).removed) == (None, 5)


def test_retention_never_goes_below_its_least(engine: Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr(audit_log, "utcnow", lambda: utcnow() - timedelta(days=80))
    fill(engine)
    with open_session(engine, writes=True) as db, db.begin():
        with pytest.raises(ValueError, match="90"):
            purge(db, 89)
        assert purge(db, 90) == 0


def test_twenty_writers_at_once_make_one_chain_without_gaps(engine: Engine) -> None:
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(5):
                if turn % 2:
                    record_aside(engine, "thing.refused", "thing", number, result="refused", origin="job")
                else:
                    with open_session(engine, writes=True) as db, db.begin():
                        record(db, "thing.done", "thing", number)
                        record(db, "thing.done", "thing", number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    found = verify(engine)
    assert (found.broken, found.entries, found.number) == (None, 160, 160)


def test_exports_hold_every_field_and_no_formula(engine: Engine) -> None:
    with open_session(engine, writes=True) as db, db.begin():
        record(db, "thing.done", "=HYPERLINK(1)", "@cell", note="x")
    with open_session(engine) as db:
        lines = list(csv_lines(entries(db)))
        assert "'=HYPERLINK(1),'@cell" in lines[1] and lines[0].startswith("number,at,")
        (line,) = json_lines(entries(db))
    assert '"=HYPERLINK(1)"' in line and '"hash"' in line


def test_export_walks_more_than_one_part(engine: Engine, monkeypatch: Any, count_statements: Callable) -> None:
    monkeypatch.setattr("plein.audit.chain.PART", 2)
    fill(engine, 5)
    with open_session(engine) as db, count_statements() as counted:
        assert [entry["number"] for entry in entries(db)] == [1, 2, 3, 4, 5]
    assert counted.total == 3
    assert verify(engine).entries == 5
