"""Whom an event concerns: who is addressed and who follows, each asked whether they may see it, and why they are told.

The question who may see it is the guard's own, asked of all of them in one statement; so nobody hears of what a page
would not show them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from sqlalchemy import ColumnElement, and_, false, literal, or_, select
from sqlalchemy.orm import Session

from plein.content.audience import subject_of
from plein.content.models import Content
from plein.content.visibility import known_space, readable
from plein.contributions import NotificationType
from plein.db import utcnow
from plein.events import Event
from plein.inbox.models import Follow
from plein.ladder import Ladder, ladder_of
from plein.people.models import User
from plein.people.standing import is_active
from plein.spaces.belonging import each_of, people_in
from plein.spaces.models import Space

#: Levels of a space, or of a person who is followed, at which an event reaches those who said so.
_REACHES = {"addressed": (), "followers": ("all",), "members": ("all", "following")}


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about, as far as it is still there.

    :param item: the item; *space* is its space.
    :param tag_ids: of the item.
    """

    event: Event
    type: NotificationType
    item: Content | None
    space: Space | None
    tag_ids: Sequence[int] = ()

    @property
    def addressed(self) -> frozenset[int]:
        return frozenset(one for one in self.event.addressed if isinstance(one, int))

    @property
    def targets(self) -> dict[str, Collection[int]]:
        """What one may follow to hear of this event."""
        found: dict[str, Collection[int]] = {
            "item": [self.item.id] if self.item is not None else [],
            "space": [self.space.id] if self.space is not None else [],
            "tag": self.tag_ids,
            "user": [self.event.actor_id] if self.event.actor_id is not None else [],
        }
        return {kind: ids for kind, ids in found.items() if ids}


@dataclass(slots=True)
class Candidate:
    """Somebody who may see it, and what they follow of it.

    :param follows: their level for each kind of thing that they said something about.
    """

    user_id: int
    email: str
    follows: dict[str, str] = field(default_factory=dict)


def batch(db: Session, about: About, after: int, size: int, *, space_level: str) -> list[Candidate]:
    """The next *size* people, by number, whom it may concern and who may see it. Two statements.

    :param after: only people with a higher number.
    :param space_level: how closely people follow the spaces that they belong to, where they did not say.
    """
    people = (
        select(User.id, User.email)
        .where(User.id > after, is_active(User), may_see(about, ladder_of(db)), or_(*_concerns(about, space_level)))
        .order_by(User.id)
        .limit(size)
    )
    if about.event.actor_id is not None:
        people = people.where(User.id != about.event.actor_id)
    found = {row.id: Candidate(row.id, row.email) for row in db.execute(people)}
    rows = select(Follow.user_id, Follow.kind, Follow.level, Follow.cause).where(
        Follow.user_id.in_(found), _of_targets(about)
    )
    for user_id, kind, level, cause in db.execute(rows) if found and about.targets else ():
        found[user_id].follows["writer" if cause == "wrote" else kind] = level
    return list(found.values())


def _concerns(about: About, space_level: str) -> list[ColumnElement[bool]]:
    concerned: list[ColumnElement[bool]] = [User.id.in_(about.addressed)]
    if about.type.goes_to == "addressed":
        return concerned
    if about.item is not None:
        concerned.append(User.id.in_([one for one in (about.item.author_id, about.item.owner_id) if one]))
    if about.targets:
        followers = select(Follow.user_id).where(_of_targets(about), Follow.level.in_(("all", "following")))
        concerned.append(User.id.in_(followers))
    if about.space is not None and space_level in _REACHES[about.type.goes_to]:
        concerned.append(User.id.in_(people_in(about.space.id)))
    return concerned


def _of_targets(about: About) -> ColumnElement[bool]:
    return or_(false(), *(and_(Follow.kind == kind, Follow.target_id.in_(ids)) for kind, ids in about.targets.items()))


def may_see(about: About, ladder: Ladder | None) -> ColumnElement[bool]:
    """Whether each person may see what it is about, as the guard says it."""
    who = each_of(User, utcnow(), ladder)
    if about.item is not None:
        return readable(subject_of(about.item), who)
    if about.space is not None:
        return known_space(SimpleNamespace(id=literal(about.space.id), access=literal(about.space.access)), who)
    return literal(True).is_(True)


def reason_for(one: Candidate, about: About, *, space_level: str) -> str | None:
    """Why *one* is told, the strongest reason; ``None`` where they are not.

    :param space_level: as in :func:`batch`; for somebody who said something about the space, that counts.
    """
    said, item = one.follows, about.item
    in_space = said.get("space", space_level)
    if one.user_id in about.addressed:
        # What is asked of somebody reaches them; all else they may have silenced.
        silent = said.get("item") == "quiet" or ("item" not in said and in_space == "quiet")
        return None if silent and not about.type.asks else "addressed"
    if about.type.goes_to == "addressed":
        return None
    of_item = said.get("item", said.get("writer"))
    if of_item in ("mentions", "quiet"):
        return None
    if item is not None and in_space != "quiet" and one.user_id in (item.owner_id, item.author_id):
        return "owner" if one.user_id == item.owner_id != item.author_id else "author"
    if of_item is not None and (in_space != "quiet" or "item" in said):
        return "item" if "item" in said else "writer"
    if in_space in ("mentions", "quiet"):
        return None
    if "tag" in said:
        return "tag"
    if "user" in said:
        return "person"
    if in_space in _REACHES[about.type.goes_to]:
        return "space" if "space" in said else "member"
    return None
