"""Counts the statements that are sent to the database, for the budgets of pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

_NOT_COUNTED = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "SET LOCAL")


@dataclass(slots=True)
class Counted:
    """The statements that were run, without those that begin and end transactions."""

    statements: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {statement}" for number, statement in enumerate(self.statements, 1))


@contextmanager
def counting() -> Iterator[Counted]:
    """What is run inside, on any engine of this process."""
    counted = Counted()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.lstrip().upper().startswith(_NOT_COUNTED):
            counted.statements.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", note)
