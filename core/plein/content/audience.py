"""The audience of an item: how many people read it, who they are, and by which rule; and naming them.

The count asks the guard's own expression of every person at once, so it cannot tell another number than there are
people who can open the item.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import and_, case, delete, false, func, literal, or_, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.models import Content, ContentAudience
from plein.content.services import ContentService
from plein.content.visibility import APPROVER_ROLES, READERS, UNPUBLISHED, WRITERS, readable
from plein.db import utcnow
from plein.ladder import Ladder, ladder_of
from plein.people.models import Group, GroupPerson, User
from plein.people.standing import is_active
from plein.spaces.belonging import RANKS, each_of
from plein.spaces.models import ROLES, GroupMembership, Membership, Space

Level = Literal["read", "write"]

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Named:
    """Who is named in an audience, by id."""

    user_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What decides who reads an item, as the guard's expressions take it: one that is stored, or is yet to be.

    :param named: who is named, for an item that is not stored; for a stored one ``None``: its rows say so.
    """

    id: Any
    type: Any
    space_id: Any
    state: Any
    restricted: Any
    author_id: Any
    owner_id: Any
    named: Named | None = None
    open_proposals: Any = None


def subject_of(item: Content, *, state: str | None = None) -> Subject:
    """A stored *item*; with *state* as it would be then: ``published`` for who will read a draft."""
    return Subject(
        literal(item.id),
        literal(item.type),
        literal(item.space_id),
        literal(state or item.state),
        literal(item.restricted),
        literal(item.author_id, type_=User.id.type),
        literal(item.owner_id, type_=User.id.type),
        open_proposals=literal(item.open_proposals),
    )


def planned(space: Space, author_id: int | None, named: Named | None = None, *, type_name: str = "") -> Subject:
    """A published item that *author_id* would put into *space*; for everybody there, or only for *named*.

    :param type_name: of what content type; without one, of one that everybody has.
    """
    author = literal(author_id, type_=User.id.type)
    return Subject(
        literal(0),
        literal(type_name),
        literal(space.id),
        literal("published"),
        literal(named is not None),
        author,
        author,
        named or Named(),
    )


@dataclass(frozen=True, slots=True)
class Audience:
    """How many people read something."""

    colleagues: int
    guests: int

    @property
    def total(self) -> int:
        return self.colleagues + self.guests


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads an item, and why.

    :param rule: ``author``, ``owner``, ``writer``, ``writer_group``, ``named``, ``named_group``, ``member``, ``group``,
        ``open`` or ``inspection``.
    :param role: the role in the space, where there is one.
    :param group: the group by which it is so.
    """

    user_id: int
    login: str
    name: str
    kind: str
    rule: str
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderPage:
    """Part of the readers. ``after`` continues it, empty at the end."""

    readers: list[Reader]
    after: str = ""


def count(db: Session, subject: Subject) -> Audience:
    """How many people can read *subject*; one statement."""
    guests = func.sum(case((User.kind == "guest", 1), else_=0))
    row = db.execute(select(func.count(), guests).select_from(User).where(*_reads(subject, ladder_of(db)))).one()
    return Audience(row[0] - (row[1] or 0), row[1] or 0)


def _reads(subject: Subject, ladder: Ladder | None) -> tuple[Any, ...]:
    return (is_active(User), readable(subject, each_of(User, utcnow(), ladder)))


def losing(db: Session, before: Subject, after: Subject, size: int = 10) -> tuple[int, list[Any]]:
    """Who reads *before* and will not read *after*: how many people, and the first of them by name. One statement."""
    each = each_of(User, utcnow(), ladder_of(db))
    # What a comparison with nobody gives, NULL, is no yes.
    still = func.coalesce(readable(after, each), false())
    rows = db.execute(
        select(User.id, User.login, User.name, func.count().over().label("total"))
        .where(is_active(User), readable(before, each), still.is_(False))
        .order_by(func.lower(User.name), User.id)
        .limit(size)
    ).all()
    return (rows[0].total if rows else 0), list(rows)


def readers(
    db: Session, subject: Subject, space: Space, item: Content | None = None, *, after: str = "", size: int = PAGE_SIZE
) -> ReaderPage:
    """Who reads *subject*, by name, each with the rule that lets them in; at most five statements.

    :param after: ``ReaderPage.after`` of the part before.
    """
    key = func.lower(User.name)
    query = (
        select(User.id, User.login, User.name, User.kind, key)
        .where(*_reads(subject, ladder_of(db)))
        .order_by(key, User.id)
    )
    number, _dot, name = after.partition(".")
    if number.isascii() and number.isdigit() and len(number) < 19:
        query = query.where(or_(key > name, and_(key == name, User.id > int(number))))
    rows = db.execute(query.limit(size + 1)).all()
    shown, more = rows[:size], len(rows) > size
    reasons = _Reasons(db, space, item, [row.id for row in shown])
    found = [Reader(row.id, row.login, row.name, row.kind, *reasons.of(row.id, row.kind)) for row in shown]
    return ReaderPage(found, f"{shown[-1].id}.{shown[-1][4]}" if more else "")


class _Reasons:
    """By which rule each of some people reads an item, looked up for all of them at once."""

    def __init__(self, db: Session, space: Space, item: Content | None, user_ids: Sequence[int]) -> None:
        self.space = space
        self.item = item
        members = select(Membership.user_id, Membership.role).where(
            Membership.space_id == space.id, Membership.role.in_(ROLES), Membership.user_id.in_(user_ids)
        )
        self.roles = {row.user_id: row.role for row in db.execute(members)}
        self.by_group: dict[int, tuple[str, str]] = {}
        for user_id, role, group in db.execute(
            select(GroupPerson.user_id, GroupMembership.role, Group.name)
            .join(GroupMembership, GroupMembership.group_id == GroupPerson.group_id)
            .join(Group, Group.id == GroupPerson.group_id)
            .where(GroupMembership.space_id == space.id, GroupPerson.user_id.in_(user_ids))
            .order_by(Group.id)
        ):
            best = self.by_group.get(user_id)
            if best is None or RANKS[role] < RANKS[best[0]]:
                self.by_group[user_id] = (role, group)
        self.named: dict[int, str | None] = {}
        self.unpublished = item is not None and item.state in UNPUBLISHED
        if item is not None and (item.restricted or self.unpublished):
            self._find_named(db, item, user_ids)

    def _find_named(self, db: Session, item: Content, user_ids: Sequence[int]) -> None:
        here = (
            ContentAudience.content_id == item.id,
            ContentAudience.level.in_(WRITERS if self.unpublished else READERS),
        )
        by_group = (
            select(GroupPerson.user_id, Group.name)
            .join(ContentAudience, ContentAudience.group_id == GroupPerson.group_id)
            .join(Group, Group.id == GroupPerson.group_id)
            .where(*here, GroupPerson.user_id.in_(user_ids))
        )
        self.named |= {row.user_id: row.name for row in db.execute(by_group)}
        themselves = select(ContentAudience.user_id).where(*here, ContentAudience.user_id.in_(user_ids))
        self.named |= dict.fromkeys(db.scalars(themselves))

    def of(self, user_id: int, kind: str) -> tuple[str, str | None, str | None]:
        """Rule, role and group."""
        role, group = self.roles.get(user_id), None
        via = self.by_group.get(user_id) if kind == "person" else None
        if via is not None and (role is None or RANKS[via[0]] < RANKS[role]):
            role, group = via
        if self.item is not None and user_id in (self.item.author_id, self.item.owner_id):
            return ("author" if user_id == self.item.author_id else "owner"), role, group
        if self.item is not None and (self.item.restricted or self.unpublished):
            if user_id in self.named:
                named_by, rule = self.named[user_id], "writer" if self.unpublished else "named"
                return (rule, role, None) if named_by is None else (f"{rule}_group", role, named_by)
            if not (self.item.open_proposals and role in APPROVER_ROLES):
                return "inspection", role, group
        if role is not None:
            return ("member" if group is None else "group"), role, group
        return ("open" if self.space.access == "open" and kind == "person" else "inspection"), None, None


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A person or group in the audience of an item. ``value`` is what a form sends for it."""

    kind: Literal["user", "group"]
    id: int
    value: str
    name: str
    level: str
    is_guest: bool = False


class AudienceService:
    """For whom a restricted item is. Never commits; who may change it the views' permissions say.

    Co-writers of a draft stand in the same table, and are none of its business: see ``content.writing.cowriters``.
    """

    def __init__(self, service: ContentService, item: Content) -> None:
        self.db = service.db
        self.service = service
        self.item = item

    def named(self) -> list[NamedRow]:
        """Who is named, people first, by name. Two statements."""
        here = self._rows()
        people = self.db.execute(
            select(User.id, User.login, User.name, ContentAudience.level, User.kind)
            .join(ContentAudience, ContentAudience.user_id == User.id)
            .where(*here)
            .order_by(func.lower(User.name), User.id)
        )
        groups = self.db.execute(
            select(Group.id, Group.slug, Group.name, ContentAudience.level)
            .join(ContentAudience, ContentAudience.group_id == Group.id)
            .where(*here)
            .order_by(Group.sort_name, Group.id)
        )
        return [NamedRow("user", row[0], row[1], row[2], row[3], row[4] == "guest") for row in people] + [
            NamedRow("group", row[0], f"group:{row[1]}", row[2], row[3]) for row in groups
        ]

    def restrict(self, named: Named, level: Level = "read", *, keep: int | None = None) -> None:
        """Only for *named* from now on, beside author and owner and who is named already.

        :param keep: the person who does it, who must not lock themselves out: gets the level ``write``.
        """
        was = self.item.restricted
        self.item.restricted = True
        self.db.flush()
        for kind, ids in (("user", named.user_ids), ("group", named.group_ids)):
            for one in ids:
                self._put(kind, one, level)
        if keep is not None and keep not in (self.item.author_id, self.item.owner_id, *named.user_ids):
            self._put("user", keep, "write")
        if not was:
            self._log("restricted", True, before=False)
        self.service.audience_changed(self.item)

    def open_up(self) -> list[NamedRow]:
        """For everybody in the space again. Gives who was named, so that it can be undone."""
        before = self.named()
        self.db.execute(delete(ContentAudience).where(*self._rows()))
        self.item.restricted = False
        self.db.flush()
        self._log("restricted", False, before=True)
        self.service.audience_changed(self.item)
        return before

    def set_level(self, kind: str, one: int, level: Level) -> None:
        """Let who is named read, or write too."""
        self._put(kind, one, level)

    def take_out(self, kind: str, one: int) -> bool:
        """No longer for this person or group; whether they were named."""
        done = self.db.execute(delete(ContentAudience).where(*self._rows(), _column(kind) == one))
        if done.rowcount:  # type: ignore[attr-defined]
            self._log("audience", None, **{kind: one})
        return bool(done.rowcount)  # type: ignore[attr-defined]

    def _put(self, kind: str, one: int, level: str) -> None:
        row = self.db.scalars(select(ContentAudience).where(*self._rows(), _column(kind) == one)).one_or_none()
        if row is None:
            self.db.add(ContentAudience(content_id=self.item.id, **{f"{kind}_id": one}, level=level))
        elif row.level == level:
            return
        else:
            row.level = level
        self.db.flush()
        self._log("audience", level, **{kind: one})

    def _rows(self) -> tuple[Any, ...]:
        return ContentAudience.content_id == self.item.id, ContentAudience.level.in_(READERS)

    def _log(self, field: str, after: object, **details: Any) -> None:
        record(self.db, f"content.{field}", "content", self.item.id, after=after, **details)


def _column(kind: str) -> Any:
    return {"user": ContentAudience.user_id, "group": ContentAudience.group_id}[kind]
