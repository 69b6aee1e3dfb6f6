"""Mails a link that works once: an invitation, or the way to another password. A job, so that it can be done later, and
so that how long it takes tells nobody whether an account exists.
"""

from plein.audit import record
from plein.contributions import Job
from plein.db import utcnow
from plein.jobs import JobContext, JobRefused
from plein.mail import AddressError, send
from plein.people.links import MAILED_FOR, Purpose, create_link
from plein.people.models import User
from plein.people.standing import may_enter, today
from plein.web.i18n import _

JOB = "people.send_link"

_SUBJECTS = {
    "invitation": _("You are invited to ${site}"),
    "reset": _("Choose another password for ${site}"),
}


def send_link(context: JobContext, *, user: int, purpose: Purpose) -> None:
    """The job: makes the link and the mail, where the account is one to mail to at this moment."""
    settings = context.site.settings
    with context.session() as db:
        person = db.get(User, user) if user else None
        if person is None or not person.email or not may_enter(person, today(settings["plein.time_zone"])):
            return
        # Whoever comes in by a provider gets no second way in, past the rules of that provider.
        if purpose == "reset" and not person.password_hash:
            return
        token = create_link(db, person, MAILED_FOR[purpose], purpose=purpose)
        site_name = settings["plein.site_name"]
        try:
            send(
                db,
                to=person.email,
                subject=_(_SUBJECTS[purpose], mapping={"site": site_name}),
                template=f"plein:templates/mail/{purpose}.pt",
                values={
                    "name": person.name,
                    "login": person.login,
                    "address": f"{settings['plein.base_url']}/sign-in/link/{token}",
                    "until": f"{utcnow() + MAILED_FOR[purpose]:%Y-%m-%d}",
                },
                locale=person.locale or settings["plein.default_locale"],
                until=utcnow() + MAILED_FOR[purpose],
            )
        except AddressError as error:
            raise JobRefused("the account has no address that mail can be sent to") from error
        record(db, "account.link_mailed", "user", person.id, purpose=purpose)


JOBS = [Job(JOB, send_link, _("Mail links to sign in with"))]
