"""Reads and forgets what is declared about people, table by table, without knowing any of the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Mapper, Session

from plein.contributions import PersonalData
from plein.db import Base
from plein.plugins import Plugins


@dataclass(frozen=True, slots=True)
class Kept:
    """A declaration with the class that is mapped to its table.

    :param owner: the plugin or core feature that declared it.
    """

    owner: str
    data: PersonalData
    model: Any

    @property
    def person(self) -> Any:
        """The column that names the person."""
        return getattr(self.model, self.data.columns[0])

    def of(self, user_id: int, *columns: Any) -> Select[Any]:
        """A select of what is kept about this person. From the class, so that the guard narrows it."""
        return select(*columns).select_from(self.model).where(self.person == user_id)


def kept(plugins: Plugins) -> list[Kept]:
    """All that is declared, in the order of the features. A plugin's table that is not there is left out."""
    models = _models()
    return [Kept(owner, data, models[data.table]) for owner, data in plugins.personal_data if data.table in models]


def _models() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for mapper in Base.registry.mappers:
        # The class at the root: its subclasses are rows of the same table.
        if mapper.inherits is None or mapper.local_table is not mapper.inherits.local_table:
            found.setdefault(_name(mapper), mapper.class_)
    return found


def _name(mapper: Mapper[Any]) -> str:
    return str(getattr(mapper.local_table, "name", ""))


def rows(db: Session, one: Kept, user_id: int) -> Iterator[dict[str, Any]]:
    """What is kept about a person by one declaration, in the columns that are handed out."""
    names = one.data.columns[1:]
    columns = [getattr(one.model, name) for name in names]
    for row in db.execute(one.of(user_id, *columns)):
        yield dict(zip(names, row, strict=True))


def counts(db: Session, plugins: Plugins, user_id: int) -> Sequence[tuple[Kept, int]]:
    """How many rows each declaration has about a person; only where there are any. A statement each."""
    found = [(one, db.scalar(one.of(user_id, func.count())) or 0) for one in kept(plugins)]
    return [(one, number) for one, number in found if number]


def forget(db: Session, plugins: Plugins, user_id: int) -> dict[str, int]:
    """Delete and unlink what is declared so. Gives how many rows of which table."""
    done: dict[str, int] = {}
    for one in kept(plugins):
        if one.data.erased == "keep":
            continue
        statement: Any = delete(one.model).where(one.person == user_id)
        if one.data.erased == "unlink":
            statement = update(one.model).where(one.person == user_id).values({one.data.columns[0]: None})
        result: Any = db.execute(statement, execution_options={"synchronize_session": False})
        if result.rowcount:
            done[one.data.table] = done.get(one.data.table, 0) + int(result.rowcount)
    return done
