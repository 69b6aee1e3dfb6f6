"""Keeping whom an item names, and telling those who are named for the first time, once others can read it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, not_, or_, select
from sqlalchemy.orm import Session

from plein.content.audience import Subject
from plein.content.mentions.models import ContentMention
from plein.content.visibility import readable
from plein.contributions import ContentChange, NotificationType
from plein.db import utcnow
from plein.events import emit
from plein.ladder import ladder_of
from plein.people.models import Group, GroupPerson, User
from plein.people.seeing import may_meet
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.spaces.belonging import each_of
from plein.web.i18n import _

MENTIONED = NotificationType(
    "content.mentioned",
    _("Somebody mentions you"),
    _("${actor} mentioned you in ${title}"),
    icon="at",
    default="mail",
)

#: A larger group is named but not told: that would be a circular by accident.
GROUP_LIMIT = 200

#: In the session's ``info``: whom the items that were saved in it name now and did not before.
NEW = "plein.new_mentions"

_MENTION = re.compile(r'<span class="mention">@([^<]+)</span>')
_GROUP = "group:"
#: Changes of the text; ``published`` and ``approved`` let others read what was waiting.
_TEXT = ("created", "saved", "renamed", "copied")
_SHOWN = (*_TEXT, "published", "approved")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Whom a text names, by id."""

    user_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()


def mentioned_in(html: str) -> set[str]:
    """The words behind the ``@`` of each mention in kept HTML: logins, and ``group:slug``."""
    return {unescape(word).lower() for word in _MENTION.findall(html)}


def find_mentioned(db: Session, words: set[str]) -> Mentioned:
    """Who is meant by *words*, as far as there is such a person or group. A statement for each kind that is named."""
    logins = [word for word in words if not word.startswith(_GROUP)]
    slugs = [word.removeprefix(_GROUP) for word in words if word.startswith(_GROUP)]
    people = db.scalars(select(User.id).where(User.login.in_(logins), is_active(User))).all() if logins else ()
    groups = db.scalars(select(Group.id).where(Group.slug.in_(slugs))).all() if slugs else ()
    return Mentioned(tuple(people), tuple(groups))


def keep_mentions(db: Session, change: ContentChange) -> None:
    """Bring the rows of the changed item in step with its text, and tell whoever was not told yet."""
    if change.action not in _SHOWN:
        return
    words = mentioned_in(change.item.html)
    if not words and change.action == "created":
        return
    rows = list(db.scalars(_rows_of(), {"content_id": change.item.id}))
    if change.action in _TEXT:
        rows = _keep(db, change.item, words, rows)
    if change.item.state == "published":
        _tell(db, change, [row for row in rows if row.told_at is None])


@cache
def _rows_of() -> Select[Any]:
    # Kept: making a statement takes longer than running it, and every save runs this one.
    return select(ContentMention).where(ContentMention.content_id == bindparam("content_id"))


def _keep(db: Session, item: Any, words: set[str], rows: list[ContentMention]) -> list[ContentMention]:
    """Bring *rows*, which are those of *item*, in step with the *words* in its text; gives those there are then."""
    found = find_mentioned(db, words)
    wanted = {("user_id", one) for one in found.user_ids} | {("group_id", one) for one in found.group_ids}
    there = {("user_id", row.user_id) if row.user_id else ("group_id", row.group_id): row for row in rows}
    gone = [row.id for key, row in there.items() if key not in wanted]
    if gone:
        db.execute(delete(ContentMention).where(ContentMention.id.in_(gone)))
    new = sorted(wanted - there.keys())
    made = [ContentMention(content_id=item.id, **{column: one}) for column, one in new]
    if new:
        db.add_all(made)
        db.flush()
        db.info.setdefault(NEW, {})[item.id] = Mentioned(
            tuple(one for column, one in new if column == "user_id"),
            tuple(one for column, one in new if column == "group_id"),
        )
    return [row for key, row in there.items() if key in wanted] + made


def _tell(db: Session, change: ContentChange, rows: list[ContentMention]) -> None:
    item = change.item
    if not rows:
        return
    for row in rows:
        row.told_at = utcnow()
    db.flush()
    if change.minor:
        # Nobody needs to hear of it, says the writer; nor later, when somebody else changes another word.
        return
    groups = [row.group_id for row in rows if row.group_id is not None]
    people = {row.user_id for row in rows if row.user_id is not None} | _members(db, groups)
    actor = change.actor.user_id or item.updated_by_id
    emit(db, MENTIONED.name, actor_id=actor, content_id=item.id, addressed=people)


def _members(db: Session, group_ids: Sequence[int]) -> set[int]:
    """Who is in those of the groups that are not too large to be told."""
    if not group_ids:
        return set()
    small = (
        select(GroupPerson.group_id)
        .where(GroupPerson.group_id.in_(group_ids))
        .group_by(GroupPerson.group_id)
        .having(func.count() <= GROUP_LIMIT)
    )
    return set(db.scalars(select(GroupPerson.user_id).where(GroupPerson.group_id.in_(small))))


def without_access(db: Session, viewer: Viewer, subject: Subject, found: Mentioned, *, most: int = 5) -> list[str]:
    """Names of people among *found*, or in a group of it, who cannot read *subject*; at most *most* and one more.

    Of those that *viewer* may meet: a guest who tries out logins learns no names. One statement, with the guard's own
    expression.
    """
    if not found.user_ids and not found.group_ids:
        return []
    named: list[Any] = [User.id.in_(found.user_ids)]
    if found.group_ids:
        named.append(User.id.in_(select(GroupPerson.user_id).where(GroupPerson.group_id.in_(found.group_ids))))
    query = select(User.name).where(
        or_(*named), may_meet(User, viewer), not_(readable(subject, each_of(User, utcnow(), ladder_of(db))))
    )
    return list(db.scalars(query.order_by(User.sort_name, User.id).limit(most + 1)))
