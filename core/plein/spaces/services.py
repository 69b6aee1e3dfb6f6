"""The rules of spaces: who makes one, what it is called, who sees it.

Who belongs to a space is in ``members``. Nothing here commits; rules that say no raise a SpaceError.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, and_, func, null, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.audit import record
from plein.db import utcnow
from plein.security.viewer import Viewer
from plein.spaces.addresses import by_chance, was_of_another
from plein.spaces.belonging import best_group_rank, head_count, spaces_of, who_is
from plein.spaces.contexts import best_role
from plein.spaces.deciding import require
from plein.spaces.errors import NotAllowed, SpaceError
from plein.spaces.models import ACCESS, ASKED, ROLES, Membership, Space
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _
from plein.web.slugs import slugify

PAGE_SIZE = 30
#: A list counts the people of a space no further than this.
COUNTED = 500
MAX_NAME = 80
MAX_PURPOSE = 500
LANGUAGES = ("nl", "en")

#: What may follow a taken address: tried in order, then chance decides.
_SUFFIXES = ("", "-2", "-3", "-4", "-5")
_MAX_SLUG = 80


@dataclass(frozen=True, slots=True)
class SpaceCard:
    """What a list shows of a space.

    :param members: how many people are in it, each once; requests are not counted.
    :param is_more: there are more than *members*, which is then a number to round down from.
    :param role: the viewer's, in person or by a group; ``asked`` for a request, ``None`` without either.
    """

    id: int
    slug: str
    name: str
    purpose: str
    access: str
    is_archived: bool
    members: int
    is_more: bool
    role: str | None


@dataclass(frozen=True, slots=True)
class SpacePage:
    """Part of a list. ``after`` continues it, empty at the end."""

    cards: list[SpaceCard]
    after: str = ""


class SpaceService:
    """Spaces, as far as *viewer* may know of them.

    :param db: a session that carries the same viewer, which the guard needs.
    """

    def __init__(self, db: Session, viewer: Viewer) -> None:
        self.db = db
        self.viewer = viewer

    def get(self, slug: str) -> Space | None:
        """The space with this address, ``None`` where the viewer may not know of it."""
        return self.db.scalar(select(Space).where(Space.slug == slug))

    def page(
        self, *, mine: bool = False, archived: bool = False, text: str = "", after: str = "", size: int = PAGE_SIZE
    ) -> SpacePage:
        """Spaces by name, at most *size* of them, in one statement.

        :param mine: only those that the viewer belongs to.
        :param archived: those that are archived, instead of those that are not.
        :param text: only names with this in them.
        :param after: ``SpacePage.after`` of the part before; anything else starts at the beginning.
        """
        key = func.lower(Space.name)
        query = (
            select(Space.id, Space.slug, Space.name, Space.purpose, Space.access, Space.archived_at)
            .add_columns(Membership.role, _group_rank(self.viewer), head_count(Space.id, COUNTED), key)
            .outerjoin(Membership, and_(Membership.space_id == Space.id, Membership.user_id == self.viewer.user_id))
            .where(Space.archived_at.is_not(None) if archived else Space.archived_at.is_(None))
            .order_by(key, Space.id)
            .limit(size + 1)
        )
        if mine:
            query = query.where(Space.id.in_(spaces_of(who_is(self.viewer, utcnow()))))
        if text.strip():
            query = query.where(Space.name.icontains(text.strip(), autoescape=True))
        rows = self.db.execute(_continue(query, key, after), {"user_id": self.viewer.user_id}).all()
        cards = [_card(self.viewer, *row[:-1]) for row in rows[:size]]
        return SpacePage(cards, _cursor(rows[size - 1]) if len(rows) > size else "")

    def create(self, *, name: str, purpose: str = "", access: str = "open", language: str = "nl") -> Space:
        """A new space, with the viewer as its manager.

        :raises NotAllowed: for guests and whoever has not signed in.
        :raises SpaceError: for an empty name or an unknown access or language.
        """
        if self.viewer.kind != "person" or self.viewer.user_id is None:
            raise NotAllowed(_("Only colleagues can start a space. You are here as a guest."))
        name, purpose = _checked(name, purpose, access, language)
        space = self._insert(name, purpose, access, language)
        self.db.add(Membership(space_id=space.id, user_id=self.viewer.user_id, role="manager"))
        self.db.flush()
        record(self.db, "space.created", "space", space.id, access=access)
        return space

    def update(self, space: Space, *, name: str, purpose: str, access: str, language: str) -> bool:
        """Change what a space is called, is for, and who sees it. Its address stays, so that links keep working.

        :return: whether anything changed.
        :raises NotAllowed: for who may not, by default everybody but its managers.
        :raises SpaceError: for an empty name or an unknown access or language.
        """
        require(self.db, self.viewer, space, MANAGE)
        name, purpose = _checked(name, purpose, access, language)
        wanted = {"name": name, "purpose": purpose, "access": access, "language": language}
        changed = {field: value for field, value in wanted.items() if getattr(space, field) != value}
        if changed:
            seen: Any = {"before": space.access, "after": access} if "access" in changed else {}
            record(self.db, "space.changed", "space", space.id, fields=sorted(changed), **seen)
        for field, value in changed.items():
            setattr(space, field, value)
        self.db.flush()
        return bool(changed)

    def _insert(self, name: str, purpose: str, access: str, language: str) -> Space:
        """Add the row under the first address that is free, whoever else is adding one at the same time."""
        base = slugify(name)[: _MAX_SLUG - 8].strip("-")
        # A second "reorganisation-2" would tell that a hidden "reorganisation" exists: those never have a
        # plain address.
        suffixes = () if access == "hidden" else _SUFFIXES
        for suffix in (*suffixes, *(f"-{by_chance()}" for _try in range(5))):
            space = Space(
                uid=str(uuid4()), slug=base + suffix, name=name, purpose=purpose, access=access, language=language
            )
            try:
                with self.db.begin_nested():
                    self.db.add(space)
            except IntegrityError:
                continue
            if not was_of_another(self.db, space, space.slug):
                return space
            # Links to whoever had this address lead there still.
            self.db.delete(space)
            self.db.flush()
        raise SpaceError(_("There are too many spaces with this name. Choose another name."), "name")


def _group_rank(viewer: Viewer) -> Any:
    return best_group_rank() if viewer.kind == "person" else null()


def _card(
    viewer: Viewer,
    space_id: int,
    slug: str,
    name: str,
    purpose: str,
    access: str,
    archived_at: datetime | None,
    own: str | None,
    group_rank: int | None,
    people: int,
) -> SpaceCard:
    role = best_role(access, own, viewer, group_rank)
    if role not in ROLES:
        role = ASKED if own == ASKED else None
    members = abs(people) // 100 * 100 if people < 0 else people
    return SpaceCard(space_id, slug, name, purpose, access, archived_at is not None, members, people < 0, role)


def _cursor(row: Any) -> str:
    return f"{row.id}.{row[-1]}"


def _continue(query: Select[Any], key: Any, after: str) -> Select[Any]:
    number, _dot, name = after.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return query
    return query.where(or_(key > name, and_(key == name, Space.id > int(number))))


def _checked(name: str, purpose: str, access: str, language: str) -> tuple[str, str]:
    name, purpose = " ".join(name.split()), purpose.strip()
    if not name:
        raise SpaceError(_("Give the space a name."), "name")
    if len(name) > MAX_NAME:
        raise SpaceError(_("Keep the name under ${count} characters.", mapping={"count": MAX_NAME + 1}), "name")
    if len(purpose) > MAX_PURPOSE:
        raise SpaceError(
            _("Keep the purpose under ${count} characters.", mapping={"count": MAX_PURPOSE + 1}), "purpose"
        )
    if access not in ACCESS:
        raise SpaceError(_("Choose who can see the space."), "access")
    if language not in LANGUAGES:
        raise SpaceError(_("Choose a language."), "language")
    return name, purpose
