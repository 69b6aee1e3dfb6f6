"""Handing over what somebody owns: who would take it, space by space, and doing it.

Proposed is whoever, among the active colleagues who may write in the space, saved most versions there in the last year;
where nobody did, the manager who is there longest. It can go to a role too, and does so by itself some time after
somebody left (``content.freshness.leaving``). Administration does not see into hidden spaces, and neither does this
page: of those it tells how many items there are, and the proposal is carried out without a name being shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from plein.audit import ORIGIN
from plein.content.freshness.leaving import give_all
from plein.content.freshness.owners import OWNER_ROLES, WRITERS, Owner, People
from plein.content.models import Content, Revision
from plein.db import db_unguarded, utcnow
from plein.db.session import VIEWER
from plein.people.finding import NoSuchPerson, find_person
from plein.people.models import GroupPerson, User
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.spaces.models import GroupMembership, Membership, Space
from plein.web.i18n import _

RECENT = timedelta(days=365)
#: People on the list of those whose items wait.
LISTED = 50


@dataclass(frozen=True, slots=True)
class Estate:
    """What somebody owns in one space.

    :param uid: of the space.
    :param name: of the space; empty where the viewer does not know of it.
    :param items: how many.
    :param successor_id: who would take it; ``None`` where nobody fits.
    :param successor: their name and login, empty where the space is hidden from the viewer.
    """

    uid: str
    name: str
    items: int
    successor_id: int | None
    successor: str
    login: str


class Handover:
    """What *user* owns. Each act is a transaction of its own, which sees everything: ownership must not depend on what
    whoever keeps accounts may read.

    :param known: ids of the spaces that the viewer may know of.
    """

    def __init__(self, engine: Engine, viewer: Viewer | None, user_id: int, known: set[int], origin: str) -> None:
        self.engine = engine
        self.viewer = viewer
        self.user_id = user_id
        self.known = known
        self.origin = origin

    def estates(self) -> list[Estate]:
        """Space by space, by name; those that the viewer does not know of last. Two statements."""
        with db_unguarded(self.engine, reason="administration lists what somebody owns, to hand it over") as db:
            return self._estates(db)

    def give(self, uid: str | None = None, login: str = "", role: str = "") -> int:
        """Hand over one space's items, or where *uid* is not given those of all spaces: to whom is proposed, or a role.

        :param login: to whom, instead of who is proposed; only for a space that the viewer knows of.
        :param role: to a role in each space instead of a person. Drafts and what is for some people only stay.
        :return: how many items went to another owner.
        :raises NoSuchPerson: where nobody is meant or proposed, or they may not write there.
        """
        with db_unguarded(self.engine, reason="what somebody owns is handed over", writes=True) as db:
            db.info[ORIGIN], db.info[VIEWER] = self.origin, self.viewer
            moved = 0
            for estate in self._estates(db):
                if uid is None and role:
                    moved += self._give_role(db, estate, role) if self._has(db, estate, role) else 0
                elif uid is None and estate.successor_id is not None:
                    moved += self._give(db, estate, Owner(user_id=estate.successor_id))
                elif uid == estate.uid and role:
                    moved += self._give_role(db, estate, role)
                elif uid == estate.uid:
                    moved += self._give(db, estate, Owner(user_id=self._chosen(db, estate, login)))
            return moved

    def _give_role(self, db: Session, estate: Estate, role: str) -> int:
        if role not in OWNER_ROLES or not self._has(db, estate, role):
            raise NoSuchPerson(
                _("Nobody in this space has that role, so nobody would hear of it. Choose another owner.")
            )
        return self._give(db, estate, Owner(role=role))

    def _has(self, db: Session, estate: Estate, role: str) -> bool:
        return bool(People(db).with_role(self._space_id(db, estate), role))

    def _space_id(self, db: Session, estate: Estate) -> int:
        return int(db.scalars(select(Space.id).where(Space.uid == estate.uid)).one())

    def _chosen(self, db: Session, estate: Estate, login: str) -> int:
        if login.strip() and estate.name:
            viewer = self.viewer or Viewer(user_id=None, kind="person")
            found = find_person(db, viewer, login)
            writers = _writers().subquery()
            space = select(Space.id).where(Space.uid == estate.uid).scalar_subquery()
            may = select(1).where(writers.c.space_id == space, writers.c.user_id == found.id)
            if found.kind != "person" or db.execute(may.limit(1)).first() is None:
                raise NoSuchPerson(_("${name} may not write in this space.", mapping={"name": found.name}))
            return int(found.id)
        if estate.successor_id is None:
            raise NoSuchPerson(_("Nobody is proposed here. Name a colleague who may write in this space."))
        return estate.successor_id

    def _give(self, db: Session, estate: Estate, owner: Owner) -> int:
        actor_id = self.viewer.user_id if self.viewer is not None else None
        return give_all(db, self.user_id, self._space_id(db, estate), owner, actor_id=actor_id)

    def _estates(self, db: Session) -> list[Estate]:
        owned = db.execute(
            select(Space.id, Space.uid, Space.name, func.count(Content.id))
            .join(Content, Content.space_id == Space.id)
            .where(Content.owner_id == self.user_id)
            .group_by(Space.id, Space.uid, Space.name)
            .order_by(Space.name, Space.id)
        ).all()
        heirs = _successors(db, [row.id for row in owned], self.user_id) if owned else {}
        found = []
        for space_id, uid, name, count in owned:
            heir = heirs.get(space_id)
            shown = space_id in self.known
            found.append(
                Estate(
                    uid,
                    name if shown else "",
                    count,
                    heir.id if heir else None,
                    heir.name if heir and shown else "",
                    heir.login if heir and shown else "",
                )
            )
        return sorted(found, key=lambda one: not one.name)


def _writers() -> Any:
    """(space, user, role, since) of everybody who may write in a space, by themselves or by a group."""
    direct = select(
        Membership.space_id, Membership.user_id, Membership.role, Membership.created_at.label("since")
    ).where(Membership.role.in_(WRITERS))
    by_group = (
        select(GroupMembership.space_id, GroupPerson.user_id, GroupMembership.role, GroupMembership.created_at)
        .join(GroupPerson, GroupPerson.group_id == GroupMembership.group_id)
        .where(GroupMembership.role.in_(WRITERS))
    )
    return union_all(direct, by_group)


def _successors(db: Session, space_ids: Sequence[int], leaving: int) -> dict[int, Any]:
    """Who is proposed for each space: id, login, name. One statement."""
    writers = _writers().subquery("writers")
    edits = (
        select(Content.space_id, Revision.author_id.label("user_id"), func.count().label("number"))
        .join(Content, Content.id == Revision.content_id)
        .where(Content.space_id.in_(space_ids), Revision.created_at > utcnow() - RECENT)
        .group_by(Content.space_id, Revision.author_id)
        .subquery("edits")
    )
    number = func.coalesce(edits.c.number, literal(0))
    place = func.row_number().over(
        partition_by=writers.c.space_id,
        order_by=[number.desc(), (writers.c.role == "manager").desc(), writers.c.since, writers.c.user_id],
    )
    ranked = (
        select(writers.c.space_id, User.id, User.login, User.name, place.label("place"))
        .select_from(writers)
        .join(User, User.id == writers.c.user_id)
        .outerjoin(edits, and_(edits.c.space_id == writers.c.space_id, edits.c.user_id == writers.c.user_id))
        .where(
            writers.c.space_id.in_(space_ids),
            User.id != leaving,
            User.kind == "person",
            is_active(User),
            or_(number > 0, writers.c.role == "manager"),
        )
        .subquery("ranked")
    )
    rows = db.execute(select(ranked).where(ranked.c.place == 1))
    return {row.space_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who left, and still owns something."""

    login: str
    name: str


def waiting(engine: Engine) -> list[Waiting]:
    """People who left and own something, longest ago first, at most :data:`LISTED`. One statement."""
    owns = exists(select(1).select_from(Content).where(Content.owner_id == User.id).correlate(User))
    found = select(User.login, User.name).where(User.state == "left", owns).order_by(User.left_at, User.id)
    with db_unguarded(engine, reason="administration finds people who left and own something") as db:
        return [Waiting(*row) for row in db.execute(found.limit(LISTED))]
