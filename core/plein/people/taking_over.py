"""What a provider says of somebody's groups and profile is taken over each time that they come in by it.

Its groups are kept apart from those of people and of other providers, by their source. Who is not named in one any
more is out of it by that, on the same sign-in.
"""

from collections.abc import Mapping
from uuid import uuid4

from pyramid.config import Configurator
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.people.entering import IdentityEntered
from plein.people.fields import FieldService, Value, field_name, level_name, parse_values
from plein.people.group_rows import lock_groups, recompute
from plein.people.groups import MAX_NAME, fold_name, free_slug
from plein.people.methods import methods
from plein.people.models import Group, GroupMember, User

#: Built-in parts of a profile that a provider may fill. Pronouns and what people write of themselves are theirs alone.
PARTS = ("function", "department", "location", "phone")
_LONGEST = 200


def take_over(event: IdentityEntered) -> None:
    """In the transaction of the sign-in."""
    method = methods(event.request.registry)[event.identity.provider]
    if method.updates:
        db = event.request.db
        take_over_groups(db, event.user.id, method.name, event.identity.groups)
        take_over_fields(db, event.user, event.identity.fields)


def take_over_groups(db: Session, user_id: int, source: str, names: tuple[str, ...]) -> None:
    """Have somebody be in the groups *names* of *source*, and in no other of it. Makes those that are new."""
    wanted = {name for name in (" ".join(name.split()) for name in names) if 0 < len(name) <= MAX_NAME}
    in_it = select(GroupMember.group_id).where(GroupMember.user_id == user_id)
    mine = _ids(db, Group.source == source, Group.id.in_(in_it))
    if wanted == mine.keys():
        return
    lock_groups(db)
    known = _ids(db, Group.source == source, Group.external_id.in_(wanted))
    joins = [known.get(name) or _create(db, source, name) for name in sorted(wanted - mine.keys())]
    leaves = [group_id for name, group_id in mine.items() if name not in wanted]
    db.execute(delete(GroupMember).where(GroupMember.user_id == user_id, GroupMember.group_id.in_(leaves)))
    db.add_all(GroupMember(group_id=group_id, user_id=user_id) for group_id in joins)
    recompute(db, [*joins, *leaves], [user_id])
    for action, groups in (("group.person_added", joins), ("group.person_removed", leaves)):
        for group_id in groups:
            record(db, action, "group", group_id, actor_id=user_id, user=user_id, source=source)


def _ids(db: Session, *which: ColumnElement[bool]) -> dict[str, int]:
    """Of the groups that their source calls by these names."""
    rows = db.execute(select(Group.external_id, Group.id).where(*which))
    return {name: group_id for name, group_id in rows if name is not None}


def _create(db: Session, source: str, name: str) -> int:
    taken = set(db.scalars(select(Group.slug).where(Group.slug.startswith(free_slug(name, set())))))
    group = Group(
        uid=str(uuid4()),
        slug=free_slug(name, taken),
        name=name,
        sort_name=fold_name(name),
        source=source,
        external_id=name,
    )
    db.add(group)
    db.flush()
    record(db, "group.created", "group", group.id, kind=group.kind, source=source)
    return group.id


def take_over_fields(db: Session, user: User, said: Mapping[str, str]) -> None:
    """Fill the parts and declared fields of a profile that *said* names. What it leaves empty stays as it is, and so
    does what does not fit a field, or what only the person fills.
    """
    changed = []
    for name in PARTS:
        value = " ".join(said.get(name, "").split())[:_LONGEST]
        if value and value != getattr(user, name):
            setattr(user, name, value)
            changed.append(name)
    if said.keys() - set(PARTS):
        changed += _fill_declared(db, user, said)
    if changed:
        db.flush()
        record(db, "profile.changed", "user", user.id, actor_id=user.id, fields=changed)


def _fill_declared(db: Session, user: User, said: Mapping[str, str]) -> list[str]:
    service = FieldService(db)

    def is_filled(value: Value) -> bool:
        return bool(said.get(value.field.name)) and value.field.filled_by != "person"

    values = [value for value in service.values(user.id) if is_filled(value)]
    data = {field_name(value.field): said[value.field.name] for value in values}
    # Whom the person shows it to stays their choice.
    data |= {level_name(value.field): value.level for value in values}
    given, errors = parse_values([value.field for value in values], data, as_manager=True)
    fits = {value.field.id for value in values if field_name(value.field) not in errors}
    return service.fill(user, {field_id: pair for field_id, pair in given.items() if field_id in fits})


def includeme(config: Configurator) -> None:
    config.add_subscriber(take_over, IdentityEntered)
