"""Policies: what the organisation decides about items of a type, for the whole site or for one space.

A feature declares a :class:`Policy` (``config.add_policy``) and asks for its value; administrators change it on the
page of the type, managers on that of their space, where the policy lets them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import Select, bindparam, delete, or_, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.models import PolicyValue

#: What a session read of policies, with the transaction in which it did.
_KEPT = "policies"


@dataclass(frozen=True, slots=True)
class Policy:
    """Something that can be decided for items of a type.

    :param name: ``review.months``: the feature, a dot, words.
    :param title: what people read; ``hint`` is a line below it.
    :param kind: ``yes``, ``number`` (whole), ``choice`` or ``line``.
    :param default: where nobody decided.
    :param choices: for ``choice``: pairs of what is stored and what people read.
    :param minimum: the least number; ``maximum`` the greatest, or the greatest length of a line.
    :param in_spaces: whether the managers of a space may decide it for theirs.
    """

    name: str
    title: str
    kind: Literal["yes", "number", "choice", "line"]
    default: Any
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    minimum: int = 0
    maximum: int = 1_000
    in_spaces: bool = True


@dataclass(frozen=True, slots=True)
class Policies:
    """What holds for items of one type in one space: ``policies[REVIEW_MONTHS]``."""

    site: Mapping[str, Any]
    space: Mapping[str, Any]

    def __getitem__(self, policy: Policy) -> Any:
        if policy.in_spaces and policy.name in self.space:
            return self.space[policy.name]
        return self.site.get(policy.name, policy.default)


def policies(db: Session, type_name: str, space_id: int | None) -> Policies:
    """What holds for items of *type_name* in a space, or in none in particular. One statement in a transaction: a save
    asks several times.
    """
    transaction, found = db.info.get(_KEPT, (None, {}))
    if transaction is not db.get_transaction() or transaction is None:
        found = {}
    key = (type_name, space_id)
    if key not in found:
        found[key] = _read(db, type_name, space_id)
        # Whatever began it, a transaction is open now.
        db.info[_KEPT] = (db.get_transaction(), found)
    return found[key]


def _read(db: Session, type_name: str, space_id: int | None) -> Policies:
    rows = db.execute(_decided(), {"type": type_name, "space_id": space_id}).all()
    site = {row.name: row.value for row in rows if row.space_id is None}
    return Policies(site, {row.name: row.value for row in rows if row.space_id is not None})


@cache
def _decided() -> Select[*tuple[Any, ...]]:
    # Kept: making a statement takes longer than running it, and every save runs this one.
    here = or_(PolicyValue.space_id.is_(None), PolicyValue.space_id == bindparam("space_id"))
    return select(PolicyValue.name, PolicyValue.space_id, PolicyValue.value).where(
        PolicyValue.type == bindparam("type"), here
    )


def decide(db: Session, policy: Policy, type_name: str, space_id: int | None, value: Any) -> None:
    """Store *value*, or with ``None`` leave it to the site again, and for the site to the default."""
    where = (
        PolicyValue.name == policy.name,
        PolicyValue.type == type_name,
        PolicyValue.space_id.is_(None) if space_id is None else PolicyValue.space_id == space_id,
    )
    before = db.scalar(select(PolicyValue.value).where(*where))
    if before == value:
        return
    db.execute(delete(PolicyValue).where(*where))
    if value is not None:
        db.add(PolicyValue(name=policy.name, type=type_name, space_id=space_id, value=value))
    db.flush()
    db.info.pop(_KEPT, None)
    record(
        db, "policy.changed", "space" if space_id else "site", space_id, policy=policy.name, type=type_name, value=value
    )


def declared(registry: Any) -> tuple[Policy, ...]:
    """Every policy that features declared, in their order."""
    return tuple(registry.get("plein.policies", {}).values())


def add_policy(config: Configurator, policy: Policy) -> None:
    """The directive ``config.add_policy``."""
    known = config.registry.setdefault("plein.policies", {})
    if policy.name in known:
        raise ValueError(f"The policy {policy.name} is declared twice.")
    known[policy.name] = policy


def policies_of(context: Any, request: Request) -> Policies:
    """What holds where a page of a type or an item is."""
    return policies(request.db, context.type.name, context.space.id)


def includeme(config: Configurator) -> None:
    config.add_directive("add_policy", add_policy)
