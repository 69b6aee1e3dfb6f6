"""What needs attention about people: those who left and own something still, and guests nobody answers for."""

from collections.abc import Iterator

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session, aliased

from plein.admin.handover import waiting
from plein.admin.notes import Attention
from plein.people.models import User
from plein.people.standing import is_active
from plein.web.i18n import _


def guests_without_sponsor(db: Session) -> list[tuple[str, str]]:
    """Login and name of guests who can sign in and for whom no colleague answers, at most 50."""
    sponsor = aliased(User, name="sponsor")
    found = (
        select(User.login, User.name)
        .outerjoin(sponsor, sponsor.id == User.sponsor_id)
        .where(User.kind == "guest", is_active(User), or_(sponsor.id.is_(None), ~is_active(sponsor)))
        .order_by(User.sort_name, User.id)
        .limit(50)
    )
    return [(row.login, row.name) for row in db.execute(found)]


def of_people(db: Session, engine: Engine) -> Iterator[Attention]:
    """Three statements."""
    admins = db.scalar(select(func.count(User.id)).where(User.is_admin.is_(True), User.state == "active"))
    if admins == 1:
        yield Attention(
            "note",
            _("You are the only administrator"),
            _("Make a colleague administrator too, so that somebody can help when you are away."),
            "admin.offices",
        )
    left = waiting(engine)
    if left:
        yield Attention(
            "warning",
            _("People who left and still own something: ${count}", mapping={"count": len(left)}),
            _("Hand over what they own, so that somebody looks after it."),
            "admin.handover",
        )
    guests = guests_without_sponsor(db)
    if guests:
        yield Attention(
            "warning",
            _("Guests nobody answers for: ${count}", mapping={"count": len(guests)}),
            _("Name a colleague for each of them, or end their stay."),
            "admin.handover",
        )
