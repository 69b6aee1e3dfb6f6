"""The rules of groups: what they are called, who is in them, and which are inside which. Circles are refused.

A group that a directory keeps is read-only by hand. Nothing here commits, and nothing asks who may: the pages do.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from plein.audit import record
from plein.people.group_rows import UNSYNCHRONIZED, lock_groups, recompute, with_those_above
from plein.people.models import Group, GroupChild, GroupMember, GroupPerson, User
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.web.folding import fold
from plein.web.i18n import _
from plein.web.slugs import slugify

KINDS = ("department", "project", "pilot")
PAGE_SIZE = 30
PEOPLE_SIZE = 50
MAX_NAME = 120
MAX_DESCRIPTION = 2_000
_MAX_SLUG = 80


class GroupError(ValueError):
    """A rule that says no, as a sentence for people. ``field`` is the field of the form, empty for none."""

    def __init__(self, sentence: Any, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group as a list shows it. ``people`` counts colleagues whose account works, nested groups included."""

    id: int
    slug: str
    name: str
    kind: str
    description: str
    source: str | None
    people: int


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Part of a list of groups. ``after`` continues it, empty at the end."""

    cards: list[GroupCard]
    after: str = ""


@dataclass(frozen=True, slots=True)
class InGroup:
    """Somebody in a group. ``direct``: put into the group itself, and not only into one inside it."""

    id: int
    login: str
    name: str
    kind: str
    direct: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Part of the people in a group. ``after`` continues it, empty at the end."""

    people: list[InGroup]
    after: str = ""


class GroupService:
    """Groups. What changes is written to the audit log, as done by the viewer of the session.

    :param db: any session; groups are not guarded. Every colleague may know who is in which group.
    """

    def __init__(self, db: Session, viewer: Viewer) -> None:
        self.db = db
        self.viewer = viewer

    # What there is

    def find(self, slug: str) -> Group | None:
        """The group with this address."""
        return self.db.scalar(select(Group).where(Group.slug == slug))

    def page(self, *, text: str = "", kind: str = "", after: str = "", size: int = PAGE_SIZE) -> GroupPage:
        """Groups by name, in one statement.

        :param text: only those with this in their name.
        :param kind: only those of this kind; anything unknown is no filter.
        :param after: ``GroupPage.after`` of the part before; anything else starts at the beginning.
        """
        query = _cards().add_columns(Group.sort_name).order_by(Group.sort_name, Group.id).limit(size + 1)
        if text.strip():
            query = query.where(Group.sort_name.contains(fold_name(text), autoescape=True))
        if kind in KINDS:
            query = query.where(Group.kind == kind)
        query = query.where(*_continued(Group.sort_name, Group.id, after))
        rows = self.db.execute(query).all()
        cards = [GroupCard(*row[:-1]) for row in rows[:size]]
        return GroupPage(cards, _cursor(rows[size - 1].id, rows[size - 1].sort_name) if len(rows) > size else "")

    def people(self, group: Group, *, after: str = "", size: int = PEOPLE_SIZE) -> PeoplePage:
        """Everybody in *group* whose account works, guests too, by name. One statement."""
        direct = exists(
            select(1).where(GroupMember.group_id == group.id, GroupMember.user_id == User.id).correlate(User)
        )
        key = func.lower(User.name)
        rows = self.db.execute(
            select(User.id, User.login, User.name, User.kind, direct, key)
            .join(GroupPerson, GroupPerson.user_id == User.id)
            .where(GroupPerson.group_id == group.id, is_active(User), *_continued(key, User.id, after))
            .order_by(key, User.id)
            .limit(size + 1)
        ).all()
        people = [InGroup(*row[:5]) for row in rows[:size]]
        return PeoplePage(people, _cursor(rows[size - 1].id, rows[size - 1][5]) if len(rows) > size else "")

    def count(self, group: Group) -> int:
        """How many colleagues are in *group*. Guests and people who left do not count."""
        return self.db.scalar(select(_count(group.id))) or 0

    def inside(self, group: Group) -> list[GroupCard]:
        """The groups that were put into *group* itself, by name."""
        return self._cards(Group.id.in_(select(GroupChild.child_id).where(GroupChild.parent_id == group.id)))

    def around(self, group: Group) -> list[GroupCard]:
        """The groups that *group* itself was put into, by name."""
        return self._cards(Group.id.in_(select(GroupChild.parent_id).where(GroupChild.child_id == group.id)))

    def of_person(self, user_id: int) -> list[GroupCard]:
        """The groups that somebody is in, directly or by another, by name."""
        return self._cards(Group.id.in_(select(GroupPerson.group_id).where(GroupPerson.user_id == user_id)))

    def _cards(self, *which: Any) -> list[GroupCard]:
        return [GroupCard(*row) for row in self.db.execute(_cards().where(*which).order_by(Group.sort_name, Group.id))]

    # Keeping them

    def create(self, *, name: str, kind: str = "department", description: str = "") -> Group:
        """A new, empty group that people keep.

        :raises GroupError: for an empty name or an unknown kind.
        """
        values = _checked(name, kind, description)
        lock_groups(self.db)
        slug = free_slug(name, set(self.db.scalars(select(Group.slug).where(Group.slug.startswith(_base(name))))))
        group = Group(uid=str(uuid4()), slug=slug, **values)
        self.db.add(group)
        self.db.flush()
        record(self.db, "group.created", "group", group.id, kind=kind)
        return group

    def change(self, group: Group, *, name: str, kind: str, description: str) -> bool:
        """Change what a group is called and is for. Its address stays, so that links keep working.

        :return: whether anything changed.
        :raises GroupError: as :meth:`create`, and for a group that a directory keeps.
        """
        values = _checked(name, kind, description)
        self._take(group)
        changed = sorted(field for field, value in values.items() if getattr(group, field) != value)
        for field in changed:
            setattr(group, field, values[field])
        self.db.flush()
        if changed:
            record(self.db, "group.changed", "group", group.id, fields=[f for f in changed if f != "sort_name"])
        return bool(changed)

    def delete(self, group: Group) -> None:
        """Remove a group; whatever was open to people by it alone closes to them.

        :raises GroupError: for a group that a directory keeps, unless nobody is in it any more.
        """
        self._take(group, may_be_kept=self.is_empty(group))
        above = list(self.db.scalars(select(with_those_above([group.id]).c.id)))
        count = self.count(group)
        self.db.execute(delete(Group).where(Group.id == group.id), execution_options=UNSYNCHRONIZED)
        self.db.expunge(group)
        recompute(self.db, [one for one in above if one != group.id])
        record(self.db, "group.deleted", "group", group.id, people=count)

    def add(self, group: Group, user_id: int) -> bool:
        """Put somebody into a group.

        :return: whether they were not in it already.
        :raises GroupError: for a group that a directory keeps, and for somebody whose account does not work.
        """
        self._take(group)
        if self.db.scalar(select(User.id).where(User.id == user_id, is_active(User))) is None:
            raise GroupError(_("This person has no account that works."), "who")
        if self.db.get(GroupMember, (group.id, user_id)) is not None:
            return False
        self.db.add(GroupMember(group_id=group.id, user_id=user_id))
        recompute(self.db, [group.id], [user_id])
        record(self.db, "group.person_added", "group", group.id, user=user_id)
        return True

    def remove(self, group: Group, user_id: int) -> bool:
        """Take somebody out of a group. Who is in a group inside it stays in by that.

        :return: whether they had been put into the group itself.
        :raises GroupError: for a group that a directory keeps.
        """
        self._take(group)
        member = self.db.get(GroupMember, (group.id, user_id))
        if member is None:
            return False
        self.db.delete(member)
        recompute(self.db, [group.id], [user_id])
        record(self.db, "group.person_removed", "group", group.id, user=user_id)
        return True

    def nest(self, parent: Group, child: Group) -> bool:
        """Put *child* into *parent*: who is in the one is then in the other.

        :return: whether it was not there already.
        :raises GroupError: where *parent* is inside *child*, or a directory keeps *parent*.
        """
        self._take(parent)
        if self.db.scalar(select(Group.id).where(Group.id == child.id)) is None:
            raise GroupError(_("This group was removed a moment ago."), "child")
        above = with_those_above([parent.id])
        if self.db.scalar(select(above.c.id).where(above.c.id == child.id)) is not None:
            raise GroupError(
                _("${name} cannot be put in here: this group is inside it.", mapping={"name": child.name})
                if parent.id != child.id
                else _("A group cannot be inside itself."),
                "child",
            )
        if self.db.get(GroupChild, (parent.id, child.id)) is not None:
            return False
        self.db.add(GroupChild(parent_id=parent.id, child_id=child.id))
        recompute(self.db, [parent.id])
        record(self.db, "group.nested", "group", parent.id, child=child.id)
        return True

    def unnest(self, parent: Group, child: Group) -> bool:
        """Take *child* out of *parent*.

        :return: whether it was in it.
        :raises GroupError: where a directory keeps *parent*.
        """
        self._take(parent)
        nesting = self.db.get(GroupChild, (parent.id, child.id))
        if nesting is None:
            return False
        self.db.delete(nesting)
        recompute(self.db, [parent.id])
        record(self.db, "group.unnested", "group", parent.id, child=child.id)
        return True

    def is_empty(self, group: Group) -> bool:
        """Whether nobody and no group is in *group*: what a directory leaves of one that it has no more."""
        members = select(GroupMember.user_id).where(GroupMember.group_id == group.id)
        inside = select(GroupChild.child_id).where(GroupChild.parent_id == group.id)
        return self.db.execute(members.union_all(inside).limit(1)).first() is None

    def _take(self, group: Group, *, may_be_kept: bool = False) -> None:
        """Lock, and refuse a group that is not there any more or that is not kept by hand."""
        lock_groups(self.db)
        found = self.db.execute(select(Group.source).where(Group.id == group.id)).one_or_none()
        if found is None:
            raise GroupError(_("This group was removed a moment ago."))
        if found.source is not None and not may_be_kept:
            raise GroupError(_("A directory keeps this group. Change it there."))


def fold_name(name: str) -> str:
    """A name to sort and find by: no accents, no capitals, one space between words."""
    return fold(" ".join(name.split()))


def free_slug(name: str, taken: set[str]) -> str:
    """An address for a group of this name that is not in *taken*."""
    base = _base(name)
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, 20))
    return next((slug for slug in numbered if slug not in taken), f"{base}-{secrets.token_hex(3)}")


def _base(name: str) -> str:
    return slugify(name)[: _MAX_SLUG - 8].strip("-")


def _checked(name: str, kind: str, description: str) -> dict[str, str]:
    name, description = " ".join(name.split()), description.strip()
    if not name:
        raise GroupError(_("Give the group a name."), "name")
    if len(name) > MAX_NAME:
        raise GroupError(_("Keep the name under ${count} characters.", mapping={"count": MAX_NAME + 1}), "name")
    if len(description) > MAX_DESCRIPTION:
        raise GroupError(
            _("Keep the description under ${count} characters.", mapping={"count": MAX_DESCRIPTION + 1}), "description"
        )
    if kind not in KINDS:
        raise GroupError(_("Choose what kind of group it is."), "kind")
    return {"name": name, "sort_name": fold_name(name), "kind": kind, "description": description}


def _cards() -> Any:
    return select(
        Group.id, Group.slug, Group.name, Group.kind, Group.description, Group.source, _count(Group.id).label("people")
    )


def _count(group_id: Any) -> Any:
    person, somebody = aliased(GroupPerson), aliased(User)
    counted = select(func.count()).select_from(person).join(somebody, somebody.id == person.user_id)
    return counted.where(person.group_id == group_id, is_active(somebody), somebody.kind == "person").scalar_subquery()


def _cursor(number: int, key: str) -> str:
    return f"{number}.{key}"


def _continued(key: Any, number: Any, after: str) -> list[Any]:
    place, dot, text = after.partition(".")
    if not (dot and place.isascii() and place.isdigit() and len(place) < 19):
        return []
    return [or_(key > text, and_(key == text, number > int(place)))]
