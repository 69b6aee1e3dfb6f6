"""Offices: the larger and smaller parts of administration that a person can hold, so that nobody needs to hold all.

Administrator is one of them; it is a column of the account, because every request asks for it. Only administrators
give and take offices: whoever else could, could give themselves more than they have.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.contributions import SITE_ROLES
from plein.db import utcnow
from plein.people.models import SiteRole, User
from plein.people.sessions import SessionService
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.web.i18n import _

ADMIN = "admin"
#: From most to least.
OFFICES = tuple(role for role in SITE_ROLES if role != "everyone")
#: Holders that a page shows of each office.
SHOWN = 100

#: What those are called whom a permission for the whole site can be given to.
SITE_ROLE_NAMES = {
    "everyone": _("Everybody"),
    ADMIN: _("Administrator"),
    "people_manager": _("People manager"),
    "moderator": _("Moderator"),
    "analyst": _("Analyst"),
    "content_officer": _("Content officer"),
}

#: What they are there for.
OFFICE_HINTS = {
    ADMIN: _("Keeps the site: settings, plugins, permissions and offices. It opens no hidden spaces and no drafts."),
    "people_manager": _("Keeps accounts and groups, and helps people who cannot sign in."),
    "moderator": _("Looks after what people write to each other, and after spaces that nobody manages."),
    "analyst": _("Looks at how the site is used, in numbers that are about nobody in particular."),
    "content_officer": _("Looks after what is old, broken or without an owner."),
}


class OfficeError(ValueError):
    """Why an office cannot be given or taken; ``sentence`` is for people."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an office."""

    user_id: int
    login: str
    name: str
    is_active: bool


def may_keep(db: Session, viewer: Viewer, user: User) -> bool:
    """Whether *viewer* may change the account of *user*, suspend it or make a link for it.

    Whoever holds an office is kept by administrators only: else a people manager could sign in as one of them.
    """
    if viewer.is_admin:
        return True
    return not user.is_admin and db.scalar(select(SiteRole.role).where(SiteRole.user_id == user.id).limit(1)) is None


def another_administrator(db: Session, leaving: int) -> bool:
    """Whether anybody but *leaving* can administer. Whoever asks holds a lock: of two who leave at once, one stays."""
    able = select(User.id).where(User.is_admin, is_active(User)).order_by(User.id).with_for_update()
    return bool(set(db.scalars(able)) - {leaving})


def offices_of(db: Session, user_id: int) -> list[str]:
    """The offices that a person holds, from most to least."""
    held = set(db.scalars(select(SiteRole.role).where(SiteRole.user_id == user_id)))
    if db.scalar(select(User.is_admin).where(User.id == user_id)):
        held.add(ADMIN)
    return [office for office in OFFICES if office in held]


class OfficeService:
    """Who holds what. Never commits.

    :param viewer: who gives and takes; ``None`` for the command line, which may.
    """

    def __init__(self, db: Session, viewer: Viewer | None) -> None:
        self.db = db
        self.viewer = viewer

    def holders(self) -> dict[str, list[Holder]]:
        """Who holds each office, by name, at most :data:`SHOWN` of each. Two statements."""
        person = (User.id, User.login, User.name, is_active(User).label("is_active"))
        found: dict[str, list[Holder]] = defaultdict(list)
        administrators = select(*person).where(User.is_admin).order_by(func.lower(User.name), User.id).limit(SHOWN)
        found[ADMIN] = [Holder(*row) for row in self.db.execute(administrators)]
        place = func.row_number().over(partition_by=SiteRole.role, order_by=(func.lower(User.name), User.id))
        others = select(SiteRole.role, *person, place.label("place")).join(User, User.id == SiteRole.user_id).subquery()
        for row in self.db.execute(select(others).where(others.c.place <= SHOWN).order_by(others.c.place)):
            found[row.role].append(Holder(row.id, row.login, row.name, row.is_active))
        return found

    def give(self, user: User, office: str) -> bool:
        """Give *user* an office; their sessions end, so that nothing of before goes on. False where they hold it.

        :raises OfficeError: for whoever may not, for guests, and for an account that does not work.
        """
        self._check(office)
        if user.kind != "person":
            raise OfficeError(_("A guest cannot have a role in administration."))
        if user.state not in ("active", "invited"):
            raise OfficeError(_("The account of ${name} does not work at the moment.", mapping={"name": user.name}))
        if office in offices_of(self.db, user.id):
            return False
        if office == ADMIN:
            user.is_admin = True
            self.db.flush()
        else:
            self.db.execute(insert(SiteRole).values(user_id=user.id, role=office, created_at=utcnow()))
        self._changed("office.given", user, office)
        return True

    def take(self, user: User, office: str) -> bool:
        """Take an office from *user*; their sessions end. False where they do not hold it.

        :raises OfficeError: for whoever may not, and for the last administrator who can sign in.
        """
        self._check(office)
        if office not in offices_of(self.db, user.id):
            return False
        if office == ADMIN:
            if not another_administrator(self.db, user.id):
                raise OfficeError(_("This is the last administrator. Make somebody else administrator first."))
            user.is_admin = False
            self.db.flush()
        else:
            self.db.execute(delete(SiteRole).where(SiteRole.user_id == user.id, SiteRole.role == office))
        self._changed("office.taken", user, office)
        return True

    def _check(self, office: str) -> None:
        if self.viewer is not None and not self.viewer.is_admin:
            raise OfficeError(_("Only an administrator can do this."))
        if office not in OFFICES:
            raise OfficeError(_("Choose a role."))

    def _changed(self, action: str, user: User, office: str) -> None:
        own = self.viewer is not None and self.viewer.user_id == user.id
        SessionService(self.db).end_all(user.id, keep=self.viewer.session_id if own and self.viewer else None)
        record(self.db, action, "user", user.id, office=office)
