"""Tells the colleague who answers for a guest, two weeks before the guest's last day, so that they can extend it."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from plein.contributions import Job
from plein.jobs import JobContext
from plein.mail import AddressError, can_send, send
from plein.people.models import User
from plein.people.standing import is_active, today
from plein.web.i18n import _

JOB = "people.remind_sponsors"
NOTICE = timedelta(days=14)
#: Mails of one run; the next run goes on.
_MOST = 500


def _ending(day: date) -> Any:
    """Guests whose time is ending and whose colleague was not told yet, and how that colleague is reached."""
    sponsor = aliased(User, name="sponsor")
    return (
        select(User, sponsor.name.label("sponsor_name"), sponsor.email, sponsor.locale)
        .join(sponsor, sponsor.id == User.sponsor_id)
        .where(
            User.kind == "guest",
            is_active(User, day),
            User.ends_on <= day + NOTICE,
            or_(User.reminded_of.is_(None), User.reminded_of != User.ends_on),
            is_active(sponsor, day),
            sponsor.email != "",
        )
        .order_by(User.ends_on, User.id)
        .limit(_MOST)
    )


def remind_sponsors(context: JobContext) -> None:
    """The job :data:`JOB`. Running it again tells nobody twice: the day that was told of is kept with the guest."""
    settings = context.site.settings
    if not can_send(settings):
        return
    day = today(settings["plein.time_zone"])
    address = settings["plein.base_url"].rstrip("/")
    with context.session() as db:
        for guest, name, email, locale in db.execute(_ending(day)).all():
            last = str(guest.ends_on)
            values = {
                "name": name,
                "guest": guest.name,
                "day": last,
                "address": f"{address}/people/{guest.login}",
            }
            try:
                send(
                    db,
                    to=email,
                    subject=_("${guest} can sign in until ${day}", mapping={"guest": guest.name, "day": last}),
                    template="plein:templates/mail/guest_ends.pt",
                    values=values,
                    locale=locale or settings["plein.default_locale"],
                )
            except AddressError:
                # The sponsor's address is none; administration sees the guest's last day all the same.
                continue
            guest.reminded_of = guest.ends_on


JOBS = [Job(JOB, remind_sponsors, _("Tell colleagues that a guest's time is ending"), every=timedelta(days=1))]
