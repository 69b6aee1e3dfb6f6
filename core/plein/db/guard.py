"""The guard: no ORM statement reads or changes a protected class without its clause.

This module knows no model. Features hand it a class and a function that makes, for a viewer, the SQL
expression saying which rows that viewer may see: ``protect(Content, visible)``. Every ORM select, bulk update
and bulk delete then carries the expression, relationship loads included.

Making the expressions costs more than most statements that carry them. So a select gets those of a stand-in, shared by
all viewers of a kind, in which the viewer's own values are parameters; :func:`share` says how. A statement that is kept
(in a module's constant) is then narrowed once per kind. Without their values the parameters are an error: a select that
somehow misses them fails, it never shows what another may see.

What SQLAlchemy's hook cannot see is refused elsewhere: ``text()``, selects on ``__table__`` and
``session.connection()`` by a contract test, cartesian products by a warning that is an error.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from itertools import count
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, CompoundSelect, Select, event, false
from sqlalchemy.orm import Mapper, ORMExecuteState, Session
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import SelectBase

from plein.db.base import Base
from plein.db.session import UNGUARDED, VIEWER

#: ``clause(entity, viewer)`` gives the rows of *entity* that *viewer* may see.
Clause = Callable[[Any, Any], ColumnElement[bool]]

#: ``stand_in(viewer)`` gives whose clauses this viewer shares (hashable), and the values of their parameters.
StandIn = Callable[[Any], tuple[Hashable, Mapping[str, Any]]]

_protected: dict[type, Clause] = {}
_stand_ins: list[StandIn] = []
_OPTIONS = "guard_options"

#: What is asked for every part of every statement that writes.
_known: dict[type, bool] = {}

#: The options of each stand-in, and what became of each statement with them.
_numbers = count()
_shared: dict[Hashable, tuple[Any, ...]] = {}
#: At most so many stand-ins: more means that what they hold keeps changing, and the old ones are seen no more.
_MOST_SHARED = 200
_narrowed: WeakKeyDictionary[Any, dict[Hashable, Any]] = WeakKeyDictionary()


class GuardRefusal(RuntimeError):
    """A session without a viewer was asked for something protected."""


def protect(cls: type, clause: Clause) -> None:
    """Add ``clause(entity, viewer)`` to every ORM statement on *cls*, or, for a mixin, on what inherits it.

    The nearest class counts: what hangs on an item can have a narrower clause of its own.
    """
    _protected[cls] = clause
    _forget()


def share(stand_in: StandIn) -> None:
    """Make clauses once for each result of *stand_in* instead of once for each viewer.

    Clauses are then given the stand-in instead of the viewer. It must hold nothing of the viewer but what others of its
    kind have too; in place of the viewer's own values it holds ``bindparam(…, required=True)``.
    """
    _stand_ins[:] = [stand_in]
    _forget()


@event.listens_for(Mapper, "after_mapper_constructed")
def _forget(*_mapped: Any) -> None:
    """A class that is mapped later, by a plugin say, may be protected too: make all options again."""
    _shared.clear()
    _narrowed.clear()
    _known.clear()
    _concrete.cache_clear()


def is_protected(cls: type) -> bool:
    """Whether reads of *cls* are narrowed to what the viewer may see."""
    known = _known.get(cls)
    if known is None:
        known = _known[cls] = any(issubclass(cls, protected) for protected in _protected)
    return known


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    info = state.session.info
    if UNGUARDED in info:
        return
    viewer = info.get(VIEWER)
    if state.is_column_load:
        # It completes an object that the same session loaded under the guard before; what it inherits of that
        # load's clauses needs the values.
        if viewer is not None and _stand_ins:
            _add_values(state, _stand_ins[0](viewer)[1])
        return
    if state.is_update or state.is_delete:
        _refuse_half(state)
    if viewer is None:
        _refuse(state)
    elif _stand_ins and isinstance(state.statement, Select | CompoundSelect):
        kind, values = _stand_ins[0](viewer)
        state.statement = _narrowed_for(kind, state.statement)
        _add_values(state, values)
        return
    if _reads_nothing(state):
        # The clauses are most of what it would cost.
        return
    _refuse_unseen(state.statement)
    if state.is_update or state.is_delete:
        # Only what it names: nothing is loaded by it later.
        named = tuple(filter(None, map(_protected_class, visitors.iterate(cast(Any, state.statement)))))
        state.statement = state.statement.options(*_criteria(viewer, among=named))
        return
    options = info.get(_OPTIONS)
    if options is None or options[0] is not viewer:
        options = info[_OPTIONS] = (viewer, tuple(_criteria(viewer)))
    state.statement = state.statement.options(*options[1])


def _reads_nothing(state: ORMExecuteState) -> bool:
    """Whether the statement writes and reads nothing that is protected: it makes rows, or is about another table."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return False
    elements = list(visitors.iterate(cast(Any, state.statement)))
    if state.is_insert:
        return not any(isinstance(one, SelectBase) for one in elements)
    return not any(isinstance(one, SelectBase) or _protected_class(one) is not None for one in elements)


def _narrowed_for(kind: Hashable, statement: Any) -> Any:
    by_kind = _narrowed.get(statement)
    if by_kind is None:
        by_kind = _narrowed[statement] = {}
    narrowed = by_kind.get(kind)
    if narrowed is None:
        _refuse_unseen(statement)
        options = _shared.get(kind)
        if options is None:
            if len(_shared) >= _MOST_SHARED:
                _shared.clear()
                _narrowed.clear()
                by_kind = _narrowed[statement] = {}
            options = _shared[kind] = tuple(_criteria(kind, is_shared=True))
        narrowed = by_kind[kind] = statement.options(*options)
    return narrowed


def _add_values(state: ORMExecuteState, values: Mapping[str, Any]) -> None:
    given: Any = state.parameters
    if isinstance(given, list | tuple):
        state.parameters = [{**one, **values} for one in given]
    else:
        state.parameters = {**(given or {}), **values}


class _Criteria(LoaderCriteriaOption):
    """A clause on one class, as SQLAlchemy's ``with_loader_criteria`` has it, with two differences.

    In a join to an alias SQLAlchemy 2.1 leaves an expression on the unaliased table; here it is put on the alias.
    And the part of the statement cache's key that the clause makes is made once, not once for a statement: it is the
    larger half of what the guard costs. A shared clause is known by its number alone. Its parameters stay out of the
    key, where SQLAlchemy would look for their values anew in every statement: they come by name, see :func:`_narrow`.
    """

    inherit_cache = True
    _cache_key_traversal = LoaderCriteriaOption._traverse_internals

    def __init__(self, *arguments: Any, is_shared: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # A number, not the object's id, which another clause may have later.
        self._key: tuple[Any, ...] | None = (_Criteria, next(_numbers)) if is_shared else None
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


def _criteria(viewer: Any, *, is_shared: bool = False, among: tuple[type, ...] | None = None) -> Iterator[Any]:
    """The clauses for *viewer* on every protected class, or only on those that *among* are, or inherit from."""
    for cls in _concrete():
        if among is not None and not any(issubclass(one, cls) for one in among):
            continue
        clause = false() if viewer is None else _clause_of(cls)(cls, viewer)
        yield _Criteria(cls, clause, include_aliases=True, is_shared=is_shared)


@cache
def _concrete() -> list[type]:
    """The mapped classes at the root of what is protected: SQLAlchemy carries a clause to their subclasses."""
    return [
        mapper.class_ for mapper in Base.registry.mappers if mapper.inherits is None and is_protected(mapper.class_)
    ]


def _clause_of(cls: type) -> Clause:
    return next(_protected[base] for base in cls.__mro__ if base in _protected)


def _refuse(state: ORMExecuteState) -> None:
    """Raise where the statement names a protected class; elsewhere the false clause keeps eager loads empty."""
    for element in visitors.iterate(cast(Any, state.statement)):
        cls = _protected_class(element)
        if cls is not None:
            raise GuardRefusal(
                f"{cls.__name__} was read by a session without a viewer; "
                "open it with open_session(engine, viewer=…) or say why not with db_unguarded(reason=…)"
            )


def _refuse_unseen(statement: Any) -> None:
    """Raise for a select of a protected class that SQLAlchemy does not take for one, and would not narrow.

    It goes by what the select is of: ``select(func.rank().over(order_by=Content.id))`` looks like no class at all.
    """
    for unseen in _elements(statement):
        if not isinstance(unseen, Select) or unseen._propagate_attrs.get("compile_state_plugin") == "orm":
            continue
        for element in _elements(*unseen.get_children(), stop_at=SelectBase):
            cls = _protected_class(element)
            if cls is not None:
                raise GuardRefusal(
                    f"this select hides that it reads {cls.__name__}, and would not be narrowed; "
                    f"add .select_from({cls.__name__})"
                )


def _elements(*statements: Any, stop_at: tuple[type, ...] | type = ()) -> Iterator[Any]:
    """What *statements* are made of, each part once: parts of a large statement stand in many places of it."""
    waiting: list[Any] = list(statements)
    # Kept, not only numbered: a part that was thrown away leaves its number to another.
    seen: dict[int, Any] = {}
    while waiting:
        element = waiting.pop()
        if id(element) not in seen:
            seen[id(element)] = element
            yield element
            if not (stop_at and isinstance(element, stop_at)):
                waiting.extend(element.get_children())


def _refuse_half(state: ORMExecuteState) -> None:
    """Raise for a bulk change of a table that inherits: the clause is on the table above, which is not joined."""
    mapper = state.bind_mapper
    if mapper is not None and mapper.inherits is not None and is_protected(mapper.class_):
        raise GuardRefusal(
            f"a bulk change of {mapper.class_.__name__} would not be narrowed to what the viewer may see; "
            "load the items and change them one by one"
        )


def _protected_class(element: Any) -> type | None:
    mapper = getattr(getattr(element, "_annotations", {}).get("parententity"), "mapper", None)
    return mapper.class_ if isinstance(mapper, Mapper) and is_protected(mapper.class_) else None
