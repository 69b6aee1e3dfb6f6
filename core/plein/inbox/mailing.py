"""Mail of the inbox: what is due goes out once, in one mail for each person, as they may see it at that moment.

``inbox.due`` looks every minute whose mail is due and has ``inbox.mail`` done for each of them, in their name: so
rights are asked again when the mail is made. Whatever a person read meanwhile, or may not see any more, is left out.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plein.db import db_unguarded, utcnow
from plein.inbox.models import Notification, NotificationChoice, NotificationSchedule
from plein.inbox.reading import Teller, Told, rows
from plein.inbox.schedule import Plan
from plein.inbox.unsubscribing import ALL, make_token
from plein.jobs import JobContext, enqueue
from plein.mail import can_send, send
from plein.mail.message import localizer
from plein.people.models import User
from plein.people.standing import is_active
from plein.web.i18n import LANGUAGES

TEMPLATE = "plein:templates/mail/notifications.pt"

#: Notifications that are handed out in one transaction.
BATCH = 2_000
#: The most that one mail tells; the rest is in the inbox.
MOST = 100

_QUIETLY = {"synchronize_session": False}


def due(context: JobContext) -> None:
    """The job ``inbox.due``: have everybody's mail made that is due."""
    while _hand_out(context):
        pass


def _hand_out(context: JobContext) -> bool:
    """Hand out the next ones; whether there may be more."""
    with db_unguarded(context.site.engine, reason="inbox: whose mail is due", writes=True) as db:
        found = db.execute(
            select(Notification.id, Notification.user_id)
            .where(Notification.mail_at <= utcnow())
            .order_by(Notification.mail_at, Notification.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        if not found:
            return False
        ids = [row.id for row in found]
        db.execute(
            update(Notification).where(Notification.id.in_(ids)).values(mail_at=None), execution_options=_QUIETLY
        )
        people = {row.user_id for row in found}
        # Nobody whose account rests, ended or was frozen is written to, nor who has no address.
        reached = db.scalars(select(User.id).where(User.id.in_(people), User.email != "", is_active(User)))
        for one in sorted(reached):
            theirs = [row.id for row in found if row.user_id == one]
            enqueue(db, "inbox.mail", {"notifications": theirs}, user_id=one)
    return len(found) == BATCH


def mail(context: JobContext, notifications: list[int]) -> None:
    """The job ``inbox.mail``: one mail about what is still unread of *notifications*, to whom the job acts for."""
    site = context.site
    if not can_send(site.settings):
        return
    with context.session() as db:
        user = db.get(User, context.user_id)
        fresh = (
            *(Notification.id.in_(notifications), Notification.user_id == context.user_id),
            *(Notification.read_at.is_(None), Notification.mailed_at.is_(None)),
        )
        # Taken in the order of their numbers, and marked in the transaction that writes the mail down.
        claimed = db.scalars(select(Notification.id).where(*fresh).order_by(Notification.id).with_for_update()).all()
        wanted = _wanted(db, context, claimed) if user is not None and user.email else []
        if not wanted or user is None:
            return
        db.execute(
            update(Notification).where(Notification.id.in_([row.id for row in wanted])).values(mailed_at=utcnow()),
            execution_options=_QUIETLY,
        )
        locale = user.locale if user.locale in LANGUAGES else site.settings["plein.default_locale"]
        _write(db, context, user, locale, wanted)


def _wanted(db: Session, context: JobContext, ids: Iterable[int]) -> list[Any]:
    """The rows of those that the person still wants by mail."""
    chosen = select(NotificationChoice.kind, NotificationChoice.channel).where(
        NotificationChoice.user_id == context.user_id
    )
    schedule = db.get(NotificationSchedule, context.user_id)
    if schedule is not None and schedule.no_mail:
        return []
    plan, kinds = Plan.load(db, context.site.settings), context.site.plugins.notifications
    channels = {kind.name: plan.channel(kind) for kind in kinds.values()}
    channels |= {row.kind: row.channel for row in db.execute(chosen)}
    newest = rows().where(Notification.id.in_(list(ids))).order_by(Notification.created_at.desc(), Notification.id)
    return [row for row in db.execute(newest) if channels.get(row.kind) in ("mail", "digest")]


def _write(db: Session, context: JobContext, user: User, locale: str, wanted: list[Any]) -> None:
    """Have the mail sent, once: its key is that of what it tells."""
    site, words = context.site, localizer(context.site.plugins, locale)
    base, titles = str(site.settings["plein.base_url"]).rstrip("/"), bool(site.settings["plein.mail_titles"])
    kinds_of = (site.plugins.content_types, site.plugins.notifications)
    teller = Teller(*kinds_of, words.translate, base, locale=locale, titles=titles)
    told = [teller.tell(row) for row in wanted[:MOST]]
    secret, kinds = str(site.settings["plein.secret"]), sorted({row.kind for row in wanted})

    def stop(kind: str) -> str:
        return f"{base}/unsubscribe/{make_token(secret, user.id, kind)}"

    one_click = stop(kinds[0] if len(kinds) == 1 else ALL)
    numbers = [row.id for row in wanted]
    send(
        db,
        to=user.email,
        subject=_subject(words, told, titles),
        template=TEMPLATE,
        values={
            "name": user.name,
            "groups": _grouped(told),
            "more": len(wanted) - len(told),
            "inbox": f"{base}/inbox",
            "preferences": f"{base}/me/notifications",
            "stops": [{"title": words.translate(kind.title), "address": stop(kind.name)} for kind in _kinds_of(told)],
            "stop_all": stop(ALL),
        },
        locale=locale,
        key=f"inbox {user.id} {min(numbers)}-{max(numbers)}",
        headers={
            "List-Id": f"<inbox.{urlsplit(base).hostname or 'localhost'}>",
            "List-Unsubscribe": f"<{one_click}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _subject(words: Any, told: list[Told], titles: bool) -> str:
    """One line that gives nothing away: a title only of what the whole organisation may read."""
    if len(told) == 1 and titles and told[0].is_open:
        return told[0].sentence
    number = {"n": str(len(told))}
    return str(words.pluralize("${n} message for you", "${n} messages for you", len(told), "plein", number))


def _grouped(told: list[Told]) -> list[Mapping[str, Any]]:
    """By space, and in it each item once, with all that happened to it below."""
    groups: list[Mapping[str, Any]] = []
    for space, of_space in groupby(sorted(told, key=lambda one: one.space.casefold()), lambda one: one.space):
        entries: dict[Any, dict[str, Any]] = {}
        for one in of_space:
            entry = entries.setdefault(one.content_id or -one.id, {"address": one.path, "lines": []})
            entry["lines"].append({"text": one.sentence, "why": one.why})
        groups.append({"space": space, "entries": list(entries.values())})
    return groups


def _kinds_of(told: list[Told]) -> list[Any]:
    kinds = {one.type.name: one.type for one in told if one.type is not None}
    return [kinds[name] for name in sorted(kinds)][:5]
