"""The list behind "Who is who": everybody who works here, narrowed by words and facets, as quick for 20,000 as for 200.

Narrowing goes by the tables of words and facets, which hold only what every colleague may see. So no filter and no
count tells what a profile would hide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from plein.people.finding import words_begin
from plein.people.models import GroupPerson, User
from plein.people.profile_models import PersonField, UserFacet
from plein.people.seeing import Seer, level_of, shares_space
from plein.people.standing import is_active
from plein.people.words import facet, field_facet
from plein.security.viewer import Viewer

PAGE_SIZE = 48
#: More different values than this are typed, not chosen from a list.
MOST_CHOICES = 80
#: Subjects that a card shows.
TAGS_SHOWN = 4
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Card:
    """A person as the directory shows them; what the viewer does not see is empty."""

    id: int
    login: str
    name: str
    function: str
    department: str
    location: str
    phone: str
    email: str
    expertise: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the directory. *count* is of all that were asked for; *after* continues, empty at the end."""

    cards: list[Card]
    count: int
    after: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for.

    :param facets: values by the kind of facet: ``department``, ``location``, ``expertise``, ``field3``.
    :param group_id: only people in this group.
    """

    text: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    group_id: int | None = None


class Directory:
    """Who works here, for *viewer*, a colleague.

    :param manages: whether the viewer may manage people, and so sees every part of a profile.
    """

    def __init__(self, db: Session, viewer: Viewer, *, manages: bool = False) -> None:
        self.db = db
        self.viewer = viewer
        self.manages = manages

    def page(self, asked: Asked, *, after: str = "", size: int = PAGE_SIZE) -> Page:
        """People by name. Two statements.

        :param after: ``Page.after`` of the part before; anything else starts at the beginning.
        """
        conditions = self._conditions(asked)
        count = self.db.scalar(select(func.count()).select_from(User).where(*conditions)) or 0
        rows = self.db.execute(
            select(
                *(User.id, User.login, User.name, User.sort_name, User.function, User.department, User.location),
                *(User.phone, User.email, User.expertise, User.shown_to, User.manager_id),
                shares_space(User, self.viewer).label("shares"),
            )
            .where(*conditions, *_continued(after))
            .order_by(User.sort_name, User.id)
            .limit(size + 1)
        ).all()
        last = rows[size - 1] if len(rows) > size else None
        return Page([self._card(row) for row in rows[:size]], count, f"{last.id}.{last.sort_name}" if last else "")

    def choices(self, kind: str) -> list[str]:
        """The different values of a kind of facet as people wrote them, at most :data:`MOST_CHOICES` and one. One
        statement, as quick for many people as for few: it steps from one value to the next in the index.
        """
        start, end = f"{kind}:", f"{kind};"
        first = select(func.min(UserFacet.key).label("key")).where(UserFacet.key >= start, UserFacet.key < end)
        steps = first.cte("steps", recursive=True)
        following = (
            select(func.min(UserFacet.key))
            .where(UserFacet.key > steps.c.key, UserFacet.key < end)
            .correlate(steps)
            .scalar_subquery()
        )
        steps = steps.union_all(select(following).where(steps.c.key.is_not(None)))
        label = select(UserFacet.label).where(UserFacet.key == steps.c.key).limit(1).correlate(steps).scalar_subquery()
        found = select(label).where(steps.c.key.is_not(None)).limit(MOST_CHOICES + 1)
        return sorted(self.db.scalars(found), key=str.casefold)

    def _conditions(self, asked: Asked) -> list[ColumnElement[bool]]:
        begins = words_begin(asked.text, self.viewer)
        if asked.text and not begins:
            # Signs without a letter: nobody is called that.
            begins = [false()]
        conditions = [User.kind == "person", is_active(User), *begins]
        for kind, value in asked.facets.items():
            if value:
                key = facet(kind, value)
                which = (
                    (UserFacet.key >= key, UserFacet.key < key + _LAST) if kind in BEGUN else (UserFacet.key == key,)
                )
                conditions.append(User.id.in_(select(UserFacet.user_id).where(*which)))
        if asked.group_id is not None:
            conditions.append(User.id.in_(select(GroupPerson.user_id).where(GroupPerson.group_id == asked.group_id)))
        return conditions

    def _card(self, row: Any) -> Card:
        manages = self.manages or row.manager_id == self.viewer.user_id
        seer = Seer(self.viewer, row.id, shares=bool(row.shares), manages=manages)
        shown = {
            name: getattr(row, name) if seer.sees(level_of(row.shown_to, name)) else ""
            for name in ("location", "phone")
        }
        tags = list(row.expertise or ())[:TAGS_SHOWN]
        return Card(row.id, row.login, row.name, row.function, row.department, email=row.email, expertise=tags, **shown)


#: Kinds of facets of which the beginning is enough.
BEGUN = ("expertise", "department", "location")


def filter_fields(db: Session) -> list[tuple[str, PersonField]]:
    """The declared fields that are filters, each with its kind of facet."""
    found = select(PersonField).where(PersonField.in_filter).order_by(PersonField.position, PersonField.id)
    return [(field_facet(one.id), one) for one in db.scalars(found)]


def _continued(after: str) -> list[ColumnElement[bool]]:
    place, dot, name = after.partition(".")
    if not (dot and place.isascii() and place.isdigit() and len(place) < 19):
        return []
    return [or_(User.sort_name > name, and_(User.sort_name == name, User.id > int(place)))]
