"""Checks of what a plugin stores: its tables, its rows, and what of them is about people."""

import base64
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, Connection, Table, delete, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeDecorator

from plein.authoring.checks.result import Outcome, judged
from plein.authoring.checks.trial import Trial, add_person
from plein.db import Base, db_unguarded, migrate, utcnow
from plein.db.engine import WRITES
from plein.jobs.context import parts_of
from plein.privacy.erasing import erase

_FROM_TEXT: dict[type, Any] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    Decimal: Decimal,
    UUID: UUID,
    bytes: base64.b64decode,
    timedelta: lambda text: timedelta(seconds=float(text)),
}


def own_tables(name: str) -> list[Table]:
    """The tables of the plugin, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name.startswith(f"{name}_")]


def round_trip(trial: Trial) -> Outcome:
    """Dump its rows as text, delete them, load the text: equal. What JSON cannot hold, an export cannot either."""
    with trial.engine.connect().execution_options(**{WRITES: True}) as connection:
        notes = ensure_rows(connection, trial)
        connection.commit()
        before = dump(connection, trial.name)
        load(connection, trial.name, before)
        after = dump(connection, trial.name)
        connection.commit()
    wrong = [] if before == after else ["rows differ after they were dumped and loaded"]
    count = sum(len(rows) for rows in json.loads(before).values())
    kept = f"{count} rows in {len(own_tables(trial.name))} tables" if own_tables(trial.name) else "it has no tables"
    return judged(wrong, kept + notes, "Use column types that are text, numbers, moments, truth values, bytes or JSON.")


def dump(connection: Connection, name: str) -> str:
    """All rows of the plugin as JSON."""
    found = {}
    for table in own_tables(name):
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        found[table.name] = [{key: _as_text(value) for key, value in row.items()} for row in rows]
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def load(connection: Connection, name: str, text: str) -> None:
    """Put the rows of *text* in place of those that are there."""
    rows = json.loads(text)
    for table in reversed(own_tables(name)):
        connection.execute(delete(table))
    for table in own_tables(name):
        for row in rows[table.name]:
            values = {key: _as_value(table.columns[key], value) for key, value in row.items()}
            connection.execute(insert(table).values(values))


def _as_text(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value) if isinstance(value, Decimal | UUID) else value


def _as_value(column: Column[Any], value: Any) -> Any:
    convert = _FROM_TEXT.get(_kind(column))
    return convert(value) if convert and value is not None else value


def _kind(column: Column[Any]) -> type:
    """The Python class of what a column holds."""
    found: Any = column.type
    while isinstance(found, TypeDecorator):
        found = found.impl_instance
    return dict if isinstance(found, JSON) else found.python_type


def ensure_rows(connection: Connection, trial: Trial) -> str:
    """Make up a row in each of the plugin's tables that is empty; a note about those where that could not be done."""
    failed = []
    for table in own_tables(trial.name):
        if not connection.scalar(select(func.count()).select_from(table)):
            try:
                with connection.begin_nested():
                    connection.execute(insert(table).values(made_up(connection, table, trial, trial.ids["member"])))
            except IntegrityError:
                failed.append(table.name)
    return f"; no row could be made up for {', '.join(failed)}" if failed else ""


def made_up(connection: Connection, table: Table, trial: Trial, user_id: int) -> dict[str, Any]:
    """Values for a row that the table takes; whoever it refers to is *user_id*."""
    values: dict[str, Any] = {}
    for column in table.columns:
        target = next((key.column for key in column.foreign_keys), None)
        if target is not None:
            values[column.name] = _referred(connection, target, trial, user_id, nullable=bool(column.nullable))
        elif column.default is None and column.server_default is None and column is not table.autoincrement_column:
            values[column.name] = _sample(column)
    return values


def _referred(connection: Connection, target: Column[Any], trial: Trial, user_id: int, *, nullable: bool) -> Any:
    of_trial = {"user": user_id, "space": trial.ids["open"]}
    if target.table.name in of_trial and target.name == "id":
        return of_trial[target.table.name]
    items = [item for (_, place), (_, item) in trial.items.items() if place == "open"]
    if target.table.name == "content" and items:
        return items[0]
    return connection.scalar(select(target).limit(1)) if not nullable else None


def _sample(column: Column[Any]) -> Any:
    samples: dict[type, Any] = {
        str: f"sample {uuid4()}", int: 1, bool: True, float: 1.5, bytes: b"sample", Decimal: Decimal("1.50"),
        datetime: utcnow(), date: date(2026, 1, 31), time: time(12), UUID: uuid4(), timedelta: timedelta(hours=1),
        dict: {},
    }  # fmt: skip
    return samples.get(_kind(column))


def migrations(trial: Trial) -> Outcome:
    """Down to nothing with rows in it, and up again: the tables are gone, and then what the models say."""
    history = next((one for one in migrate.histories(trial.plugins) if one.name == trial.name), None)
    if history is None:
        remedy = f'Run `plein db revision -p {trial.name} -m "first tables"`.'
        named = [f"the table {table.name} has no migration" for table in own_tables(trial.name)]
        return judged(named, "it has no tables", remedy)
    with trial.engine.connect().execution_options(**{WRITES: True}) as connection:
        ensure_rows(connection, trial)
        connection.commit()
        kept = dump(connection, trial.name)
    downs = migrate.downgrade(trial.engine, trial.plugins, name=trial.name, to="base")
    there = [name for name in inspect(trial.engine).get_table_names() if name.startswith(f"{trial.name}_")]
    ups = migrate.upgrade(trial.engine, trial.plugins, only=trial.name)
    with trial.engine.connect().execution_options(**{WRITES: True}) as connection:
        different = migrate.differences(connection, history)
        connection.rollback()
        load(connection, trial.name, kept)
        connection.commit()
    wrong = [f"the table {name} is still there after all of it was taken back" for name in there]
    wrong += [f"the models and the migrations differ: {_shown(one)}" for one in different]
    remedy = "Repair downgrade(), or write the missing revision with `plein db revision`."
    return judged(wrong, f"{len(downs)} steps down and {len(ups)} up, with rows", remedy)


def _shown(difference: Any) -> str:
    """One of Alembic's differences, in a few words."""
    parts = difference[0] if isinstance(difference, list) else difference
    return " ".join(str(getattr(part, "name", part)) for part in parts if part is not None)


def erasure(trial: Trial) -> Outcome:
    """Each column that refers to a user is declared; and when somebody is erased, that is done."""
    own = [data for owner, data in trial.plugins.personal_data if owner == trial.name]
    declared = {(data.table, data.columns[0]) for data in own}
    wrong = [
        f"{table.name}.{column.name} refers to a user, and is not declared"
        for table in own_tables(trial.name)
        for column in table.columns
        if any(key.column.table.name == "user" for key in column.foreign_keys)
        and (table.name, column.name) not in declared
    ]
    wrong += _erased(trial, own)
    remedy = "Return a PersonalData whose first column it is from register_personal_data."
    return judged(wrong, f"{len(own)} declarations hold" if own else "it keeps nothing that refers to people", remedy)


def _erased(trial: Trial, own: list[Any]) -> list[str]:
    login = f"leaver{uuid4().hex[:8]}"
    with db_unguarded(trial.engine, reason="a person is made to be erased", writes=True) as db:
        leaver, _token = add_person(db, login)
    with trial.engine.connect().execution_options(**{WRITES: True}) as connection:
        ensure_rows(connection, trial)
        for data in own:
            _refer(connection, data, trial, leaver)
        connection.commit()
    erase(parts_of(trial.app.registry), f"trial-{login}", reason="A check.", actor_id=None, origin="")
    with trial.engine.connect() as connection:
        return [
            f"{data.table}.{data.columns[0]} still names somebody who was erased"
            for data in own
            if data.erased != "keep" and _named(connection, data, leaver)
        ]


def _refer(connection: Connection, data: Any, trial: Trial, leaver: int) -> None:
    """Have a row of the declared table name *leaver*: one more, or the one that is there."""
    table = Base.metadata.tables[data.table]
    try:
        with connection.begin_nested():
            values = made_up(connection, table, trial, leaver)
            connection.execute(insert(table).values(values | {data.columns[0]: leaver}))
    except IntegrityError:
        connection.execute(update(table).values({data.columns[0]: leaver}))


def _named(connection: Connection, data: Any, leaver: int) -> int:
    table = Base.metadata.tables[data.table]
    found = select(func.count()).select_from(table).where(table.columns[data.columns[0]] == leaver)
    return int(connection.scalar(found) or 0)
