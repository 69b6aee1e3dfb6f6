"""The guard: no ORM statement reads or changes a protected class without its clause.

This module knows no model. Features hand it a class and a function that makes, for a viewer, the SQL
expression saying which rows that viewer may see: ``protect(Content, visible)``. Every ORM select, bulk update
and bulk delete then carries the expression, relationship loads included.

What SQLAlchemy's hook cannot see is refused elsewhere: ``text()``, selects on ``__table__`` and
``session.connection()`` by a contract test, cartesian products by a warning that is an error.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

from sqlalchemy import ColumnElement, event, false
from sqlalchemy.orm import Mapper, ORMExecuteState, Session
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors

from plein.db.base import Base
from plein.db.session import UNGUARDED, VIEWER

#: ``clause(entity, viewer)`` gives the rows of *entity* that *viewer* may see.
Clause = Callable[[Any, Any], ColumnElement[bool]]

_protected: dict[type, Clause] = {}
_OPTIONS = "guard_options"


class GuardRefusal(RuntimeError):
    """A session without a viewer was asked for something protected."""


def protect(cls: type, clause: Clause) -> None:
    """Add ``clause(entity, viewer)`` to every ORM statement on *cls*, or, for a mixin, on what inherits it."""
    _protected[cls] = clause


def is_protected(cls: type) -> bool:
    """Whether reads of *cls* are narrowed to what the viewer may see."""
    return any(issubclass(cls, protected) for protected in _protected)


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    info = state.session.info
    # A column load completes an object that the same session loaded under the guard before.
    if UNGUARDED in info or state.is_column_load:
        return
    viewer = info.get(VIEWER)
    if viewer is None:
        _refuse(state)
    options = info.get(_OPTIONS)
    if options is None or options[0] is not viewer:
        options = info[_OPTIONS] = (viewer, tuple(_criteria(viewer)))
    state.statement = state.statement.options(*options[1])


class _Criteria(LoaderCriteriaOption):
    """A clause on one class, as SQLAlchemy's ``with_loader_criteria`` has it, with two differences.

    In a join to an alias SQLAlchemy 2.1 leaves an expression on the unaliased table; here it is put on the alias.
    And the part of the statement cache's key that the clause makes is made once for a viewer, not once for a
    statement: it is the larger half of what the guard costs.
    """

    inherit_cache = True
    _cache_key_traversal = LoaderCriteriaOption._traverse_internals

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._key: tuple[Any, ...] | None = None
        self._key_parameters: list[Any] = []

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        clause = super()._resolve_where_criteria(ext_info)
        adapter = getattr(ext_info, "_adapter", None)
        adapted: ColumnElement[bool] = adapter.traverse(clause) if adapter is not None else clause
        return adapted

    def _gen_cache_key(self, anon_map: Any, bindparams: list[Any]) -> tuple[Any, ...] | None:
        if self._key is None:
            self._key_parameters = []
            self._key = super()._gen_cache_key(type(anon_map)(), self._key_parameters)
        bindparams.extend(self._key_parameters)
        return self._key


def _criteria(viewer: Any) -> Iterator[Any]:
    for cls in _concrete():
        clause = false() if viewer is None else _clause_of(cls)(cls, viewer)
        yield _Criteria(cls, clause, include_aliases=True)


def _concrete() -> list[type]:
    """The mapped classes at the root of what is protected: SQLAlchemy carries a clause to their subclasses."""
    return [
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.inherits is None and is_protected(mapper.class_)
    ]


def _clause_of(cls: type) -> Clause:
    return next(clause for protected, clause in _protected.items() if issubclass(cls, protected))


def _refuse(state: ORMExecuteState) -> None:
    """Raise where the statement names a protected class; elsewhere the false clause keeps eager loads empty."""
    for element in visitors.iterate(cast(Any, state.statement)):
        entity = getattr(element, "_annotations", {}).get("parententity")
        mapper = getattr(entity, "mapper", None)
        if isinstance(mapper, Mapper) and is_protected(mapper.class_):
            raise GuardRefusal(
                f"{mapper.class_.__name__} was read by a session without a viewer; "
                "open it with open_session(engine, viewer=…) or say why not with db_unguarded(reason=…)"
            )
