"""Who looks after an item: a person who may write in its space, or a role there. And whom to tell when nobody does."""

from dataclasses import dataclass, field

from sqlalchemy import literal, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.content.living import require_living
from plein.content.models import Content
from plein.content.services import ContentService
from plein.events import emit
from plein.people.finding import NoSuchPerson, find_person
from plein.people.models import SiteRole, User
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.spaces.belonging import people_in
from plein.spaces.models import Space
from plein.web.i18n import _

#: Roles in a space that may write there, and so may look after what is in it.
WRITERS = ("manager", "editor", "member")
#: Roles that can look after an item as such.
OWNER_ROLES = ("manager", "editor")
#: In a field that names an owner: ``role:editor``.
ROLE = "role:"

ROLE_TITLES: dict[str, TranslationString] = {
    "manager": _("The managers of the space"),
    "editor": _("The editors of the space"),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is to look after an item: a person or a role; neither for nobody."""

    user_id: int | None = None
    role: str | None = None


def lock(db: Session, item: Content) -> None:
    """Wait for whoever changes *item* now, and see what they did.

    :raises SpaceArchived: where its space is only read.
    """
    db.refresh(item, with_for_update={"of": Content})
    require_living(db.get(Space, item.space_id))


def set_owner(
    service: ContentService, item: Content, *, user_id: int | None = None, role: str | None = None, reason: str = ""
) -> bool:
    """Have a person, or a role in the space, look after *item*. Asks nothing about rights: the caller did.

    :param role: one of :data:`OWNER_ROLES`.
    :return: whether anything changed.
    :raises SpaceArchived: where the item's space is only read.
    """
    lock(service.db, item)
    if (item.owner_id, item.owner_role) == (user_id, role):
        return False
    before = {"owner_id": item.owner_id, "owner_role": item.owner_role}
    item.owner_id, item.owner_role = user_id, role
    service.note(item, "owner", reason=reason, before=before)
    if user_id is not None and user_id != service.viewer.user_id:
        emit(service.db, "owner.given", actor_id=service.viewer.user_id, content_id=item.id, addressed=[user_id])
    return True


def find_owner(db: Session, viewer: Viewer, space_id: int, text: str) -> Owner:
    """Who is meant by a login, a name or ``role:editor``, for items of a space.

    :raises NoSuchPerson: where nobody is meant, or they may not write there; the sentence then offers somebody else.
    """
    text = " ".join(text.split())
    if text.startswith(ROLE):
        role = text.removeprefix(ROLE)
        if role not in OWNER_ROLES:
            raise NoSuchPerson(_("Choose one of the options."))
        if not list(db.execute(select(people_in(space_id, (role,)).subquery()).limit(1))):
            raise NoSuchPerson(
                _("Nobody in this space has that role, so nobody would hear of it. Choose another owner.")
            )
        return Owner(role=role)
    found = find_person(db, viewer, text)
    if not may_look_after(db, found.id, space_id):
        raise NoSuchPerson(
            _(
                "${name} may not write in this space, and so cannot look after this. Who can, for example: ${others}.",
                mapping={"name": found.name, "others": ", ".join(candidates(db, space_id)) or "–"},
            )
        )
    return Owner(user_id=found.id)


def may_look_after(db: Session, user_id: int | None, space_id: int) -> bool:
    """Whether that person can sign in and may write in the space."""
    people = people_in(space_id, WRITERS).subquery()
    return db.execute(select(literal(1)).select_from(people).where(people.c.id == user_id).limit(1)).first() is not None


def candidates(db: Session, space_id: int, most: int = 3) -> list[str]:
    """Names of a few people who could look after what is in the space: its managers and editors."""
    people = people_in(space_id, OWNER_ROLES).subquery()
    found = select(User.name).where(User.id.in_(select(people.c.id))).order_by(User.sort_name, User.id).limit(most)
    return list(db.scalars(found))


@dataclass(slots=True)
class People:
    """Whom to tell of items. Made for one session; what it found once it does not ask again.

    What is found here is only who is addressed: whether somebody may see the item the inbox asks again.
    """

    db: Session
    _of_role: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    _of_person: dict[tuple[int, int], bool] = field(default_factory=dict)
    _officers: list[int] | None = None

    def behind(self, owner_id: int | None, owner_role: str | None, space_id: int) -> list[int]:
        """Who looks after an item: the owner; where that is nobody who can, the managers, or the content officers."""
        if owner_id is not None and self._works(owner_id, space_id):
            return [owner_id]
        of_role = self.with_role(space_id, owner_role) if owner_role in OWNER_ROLES else []
        return of_role or self.managers(space_id)

    def managers(self, space_id: int) -> list[int]:
        """The managers of a space; where it has none, the content officers."""
        return self.with_role(space_id, "manager") or self.officers()

    def with_role(self, space_id: int, role: str) -> list[int]:
        key = (space_id, role)
        if key not in self._of_role:
            self._of_role[key] = sorted(set(self.db.scalars(select(people_in(space_id, (role,)).subquery()))))
        return self._of_role[key]

    def officers(self) -> list[int]:
        """The content officers; where there are none, the administrators."""
        if self._officers is None:
            holders = select(User.id).join(SiteRole, SiteRole.user_id == User.id)
            found = self.db.scalars(holders.where(SiteRole.role == "content_officer", is_active(User))).all()
            admins = select(User.id).where(User.is_admin.is_(True), is_active(User))
            self._officers = sorted(found or self.db.scalars(admins))
        return self._officers

    def _works(self, user_id: int, space_id: int) -> bool:
        key = (user_id, space_id)
        if key not in self._of_person:
            self._of_person[key] = may_look_after(self.db, user_id, space_id)
        return self._of_person[key]
