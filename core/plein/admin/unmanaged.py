"""Spaces that nobody manages any more, because accounts were suspended or removed, and giving them a manager again.

The guard does not let an administrator see hidden spaces, and neither does this: of those it tells how many there are,
and it can make somebody manager who belongs to the space already. Nobody new gets to see anything by it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, func, literal, select
from sqlalchemy.orm import Session

from plein.audit import ORIGIN, record
from plein.db import db_unguarded
from plein.people.models import User
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.spaces.belonging import RANKS, has_manager, head_count, people_in, rank
from plein.spaces.errors import Gone, NoSuchPerson
from plein.spaces.models import Membership, Space
from plein.web.i18n import _

#: More than this are counted, not listed.
LISTED = 50


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A space without a manager who can sign in.

    :param uid: what to name it by when appointing somebody.
    :param name: ``None`` for a hidden space, and so is ``slug``.
    :param members: how many people belong to it.
    """

    uid: str
    slug: str | None
    name: str | None
    members: int
    since: datetime


def unmanaged(engine: Engine) -> list[Unmanaged]:
    """Spaces without a manager who can sign in, in person or by a group; oldest first, at most :data:`LISTED`."""
    found = (
        select(Space.uid, Space.slug, Space.name, head_count(Space.id), Space.created_at, Space.access)
        .where(~has_manager(Space.id))
        .order_by(Space.created_at, Space.id)
        .limit(LISTED)
    )
    with db_unguarded(engine, reason="administration finds spaces that nobody manages") as db:
        rows = db.execute(found).all()
    return [
        Unmanaged(row[0], None, None, row[3], row[4]) if row.access == "hidden" else Unmanaged(*row[:5]) for row in rows
    ]


def appoint(engine: Engine, viewer: Viewer, uid: str, login: str = "", *, origin: str) -> str:
    """Make somebody manager of a space that has none, in a transaction of its own.

    :param viewer: who does it, for the audit log.
    :param login: who, by what they sign in with. For a hidden space it is not asked: the member with the highest role
        becomes manager, the one who joined first among equals.
    :param origin: the address it is done from, for the audit log.
    :return: the name of the new manager; an empty text for a hidden space.
    :raises Gone: where the space has a manager again.
    :raises NoSuchPerson: where nobody can be meant.
    """
    with db_unguarded(engine, reason="an administrator appoints a manager where none is left", writes=True) as db:
        space = db.scalar(select(Space).where(Space.uid == uid, ~has_manager(Space.id)).with_for_update(of=Space))
        if space is None:
            raise Gone(_("This space has a manager again."))
        person = _highest_member(db, space) if space.access == "hidden" else _colleague(db, login)
        membership = db.get(Membership, (space.id, person.id))
        if membership is None:
            db.add(Membership(space_id=space.id, user_id=person.id, role="manager"))
        else:
            membership.role = "manager"
        db.info[ORIGIN] = origin
        record(db, "space.manager_appointed", "space", space.id, actor_id=viewer.user_id, user=person.id)
        return "" if space.access == "hidden" else str(person.name)


def _colleague(db: Session, login: str) -> Any:
    login = login.strip().casefold()
    found = db.execute(
        select(User.id, User.name).where(User.login == login, is_active(User), User.kind == "person")
    ).first()
    if found is None:
        raise NoSuchPerson(
            _("No colleague signs in with ${login}. Look for it under People.", mapping={"login": login or "…"}),
            "login",
        )
    return found


def _highest_member(db: Session, space: Space) -> Any:
    people = people_in(space.id).subquery("belonging")
    place = func.coalesce(func.min(rank(Membership.role)), literal(RANKS["reader"]))
    found = db.execute(
        select(User.id, User.name)
        .join(people, people.c.id == User.id)
        .outerjoin(Membership, and_(Membership.user_id == User.id, Membership.space_id == space.id))
        .where(User.kind == "person")
        .group_by(User.id, User.name)
        # In person before by a group, and then the one who joined first.
        .order_by(place, func.min(Membership.created_at).nulls_last(), User.id)
        .limit(1)
    ).first()
    if found is None:
        raise NoSuchPerson(_("No colleague who can sign in belongs to this hidden space."))
    return found
