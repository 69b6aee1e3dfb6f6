"""Offices: the larger and smaller parts of administration that a person can hold, so that nobody needs to hold all.

Administrator is one of them; it is a column of the account, because every request asks for it.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.people.models import SiteRole, User
from plein.security.viewer import Viewer
from plein.web.i18n import _

#: What those are called whom a permission for the whole site can be given to.
SITE_ROLE_NAMES = {
    "everyone": _("Everybody"),
    "admin": _("Administrator"),
    "people_manager": _("People manager"),
    "moderator": _("Moderator"),
    "analyst": _("Analyst"),
    "content_officer": _("Content officer"),
}


def may_keep(db: Session, viewer: Viewer, user: User) -> bool:
    """Whether *viewer* may change the account of *user*, suspend it or make a link for it.

    Whoever holds an office is kept by administrators only: else a people manager could sign in as one of them.
    """
    if viewer.is_admin:
        return True
    return not user.is_admin and db.scalar(select(SiteRole.role).where(SiteRole.user_id == user.id).limit(1)) is None
