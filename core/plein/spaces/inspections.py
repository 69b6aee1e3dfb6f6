"""Breaking the glass: an administrator looks into a space that is not theirs, for a reason, for an hour.

Administrators administer; what stands in a closed or hidden space, and in drafts, is not theirs to read. Where there is
a reason, a report or a court order say, they can look, and change nothing. The space's managers are told, and it
stands in the audit log. The guard reads the rows that are made here.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, literal, or_, select, update
from sqlalchemy.orm import Session

from plein.audit import ORIGIN, record
from plein.db import db_unguarded, utcnow
from plein.mail import AddressError, can_send, send
from plein.people.models import User
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.spaces.belonging import each_of, spaces_of
from plein.spaces.errors import SpaceError
from plein.spaces.models import BrokenGlass, Space
from plein.web.i18n import _

LASTS = timedelta(minutes=60)
#: A reason is a sentence, not a word.
MIN_REASON = 15
MAX_REASON = 1_000
#: How long the space's home tells its managers.
TOLD_FOR = timedelta(days=30)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Inspection:
    """Somebody looking in, or who did. ``space`` is the name, ``None`` where whoever asks may not know it."""

    id: int
    login: str
    name: str
    reason: str
    created_at: datetime
    ends_at: datetime
    space: str | None = None
    slug: str | None = None

    @property
    def is_open(self) -> bool:
        return self.ends_at > utcnow()


@dataclass(frozen=True, slots=True)
class Begun:
    """What was opened, and until when."""

    slug: str
    name: str
    ends_at: datetime


def begin(engine: Engine, settings: Mapping[str, Any], viewer: Viewer, address: str, reason: str, origin: str) -> Begun:
    """Let *viewer*, an administrator, look into a space, in a transaction of its own. Its managers are told by mail.

    :param address: of a page in the space, or the space's own part of it, or its number for administrators.
    :raises SpaceError: for a space that there is not, or a reason that says too little.
    """
    reason = " ".join(reason.split())
    if len(reason) < MIN_REASON:
        raise SpaceError(_("Say in a sentence why. The managers of the space will read it."), "reason")
    if len(reason) > MAX_REASON:
        raise SpaceError(_("Use at most ${count} characters.", mapping={"count": MAX_REASON}), "reason")
    with db_unguarded(engine, reason="an administrator looks into a space for a reason", writes=True) as db:
        db.info[ORIGIN] = origin
        space = _find(db, address)
        glass = BrokenGlass(user_id=viewer.user_id, space_id=space.id, reason=reason, ends_at=utcnow() + LASTS)
        db.add(glass)
        db.flush()
        record(db, "space.inspected", "space", space.id, actor_id=viewer.user_id, reason=reason, minutes=60)
        if can_send(settings):
            _tell(db, settings, viewer, space, reason)
        return Begun(space.slug, space.name, glass.ends_at)


def _tell(db: Session, settings: Mapping[str, Any], viewer: Viewer, space: Space, reason: str) -> None:
    values = {
        "who": viewer.name,
        "space": space.name,
        "reason": reason,
        "address": f"{settings['plein.base_url']}/spaces/{space.slug}/-/inspections",
    }
    for manager in managers(db, space.id):
        # An address that cannot be one reaches nobody, and must not keep the others from hearing.
        with suppress(AddressError):
            send(
                db,
                to=manager.email,
                subject=_("Administration looks into ${space}", mapping={"space": space.name}),
                template="plein:templates/mail/inspection.pt",
                values=values,
                locale=manager.locale or settings["plein.default_locale"],
            )


def managers(db: Session, space_id: int) -> list[Any]:
    """Who manages a space at this moment, by themselves or by a group: id, name, e-mail and language."""
    manages = literal(space_id).in_(spaces_of(each_of(User, utcnow(), None), ("manager",)))
    found = select(User.id, User.name, User.email, User.locale).where(is_active(User), manages).order_by(User.id)
    return list(db.execute(found).all())


def _find(db: Session, address: str) -> Space:
    parts = [part for part in urlsplit(address.strip()).path.split("/") if part]
    slug = parts[1] if len(parts) > 1 and parts[0] == "spaces" else "/".join(parts)
    space = db.scalar(select(Space).where(or_(Space.slug == slug, Space.uid == slug)))
    if space is None:
        raise SpaceError(_("There is no space with this address. Copy the address of a page in it."), "address")
    return space


def end(db: Session, viewer: Viewer, space_id: int) -> bool:
    """Stop looking into a space before the hour is over; whether there was anything to stop."""
    mine = (BrokenGlass.user_id == viewer.user_id, BrokenGlass.space_id == space_id, BrokenGlass.ends_at > utcnow())
    done = db.execute(update(BrokenGlass).where(*mine).values(ends_at=utcnow()))
    if done.rowcount:  # type: ignore[attr-defined]
        record(db, "space.inspection_ended", "space", space_id)
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _rows() -> Any:
    return (
        select(BrokenGlass.id, User.login, User.name, BrokenGlass.reason, BrokenGlass.created_at, BrokenGlass.ends_at)
        .join(User, User.id == BrokenGlass.user_id)
        .order_by(BrokenGlass.created_at.desc(), BrokenGlass.id.desc())
    )


def of_space(db: Session, space: Space, *, since: datetime | None = None) -> list[Inspection]:
    """Who looked into *space*, last first, at most :data:`PAGE_SIZE`; for its managers."""
    rows = _rows().where(BrokenGlass.space_id == space.id)
    if since is not None:
        rows = rows.where(BrokenGlass.created_at > since)
    return [Inspection(*row) for row in db.execute(rows.limit(PAGE_SIZE))]


def of_site(db: Session) -> list[Inspection]:
    """Who looked into any space, last first; names of spaces only where the session's viewer may know them."""
    # The guard narrows the outer join: the name of a hidden space stays empty.
    rows = _rows().add_columns(Space.name, Space.slug).outerjoin(Space, Space.id == BrokenGlass.space_id)
    return [Inspection(*row) for row in db.execute(rows.limit(PAGE_SIZE))]
