"""Files in which a virus was found: nobody can open them, and an administrator deletes or releases each, with a reason.

An administrator need not see the item: of it nothing is shown.
"""

from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import Engine, Row, func, select
from sqlalchemy.orm import Session

from plein.audit import ORIGIN, record
from plein.content.files import room
from plein.content.files.services import EXTRACT, SIZES
from plein.content.models import Attachment
from plein.db import db_unguarded
from plein.db.session import VIEWER
from plein.jobs import enqueue
from plein.people.models import User
from plein.security.permissions import ADMIN
from plein.web.i18n import _

_MOST = 200
_PAGE = "plein:templates/admin/files.pt"


@dataclass(frozen=True, slots=True)
class Overview:
    """:ivar waiting: how many files were not searched yet. :ivar used: bytes that all files take."""

    infected: list[Row[*tuple[Any, ...]]]
    waiting: int
    used: int


def overview(engine: Engine) -> Overview:
    """What is in quarantine, oldest first, and how much room files take."""
    found = (
        select(
            Attachment.uid,
            Attachment.name,
            Attachment.size,
            Attachment.scan_found,
            Attachment.created_at,
            User.name.label("who"),
        )
        .outerjoin(User, User.id == Attachment.created_by_id)
        .where(Attachment.scan_state == "infected")
        .order_by(Attachment.created_at, Attachment.id)
        .limit(_MOST)
    )
    waiting = select(func.count(Attachment.id)).where(Attachment.scan_state == "waiting")
    with db_unguarded(engine, reason="administration looks at infected files") as db:
        return Overview(list(db.execute(found).all()), db.scalar(waiting) or 0, room.used(db))


def _infected(db: Session, uid: str) -> Attachment:
    attachment = db.scalars(
        select(Attachment).where(Attachment.uid == uid, Attachment.scan_state == "infected").with_for_update()
    ).one_or_none()
    if attachment is None:
        raise HTTPNotFound()
    return attachment


@view_config(route_name="admin.files", request_method="GET", permission=ADMIN, renderer=_PAGE)
def files(request: Request) -> dict[str, Any]:
    return _values(request, {})


def _values(request: Request, errors: dict[str, Any]) -> dict[str, Any]:
    return {
        "overview": overview(request.registry["plein.engine"]),
        "scanner": request.plein["plein.clamav_socket"],
        "most": request.plein["plein.files_site_gb"] << 30,
        "errors": errors,
        "asked": request.matchdict.get("uid", ""),
    }


@view_config(route_name="admin.files.judge", request_method="POST", permission=ADMIN, renderer=_PAGE)
def judge(request: Request) -> Any:
    """Delete an infected file, or release it: a scanner may be wrong. Either needs a reason."""
    reason = " ".join(str(request.POST.get("reason", "")).replace("\0", "").split())[:500]
    if not reason:
        request.response.status_int = 422
        return _values(request, {"reason": _("Fill in why.")})
    engine = request.registry["plein.engine"]
    release = request.POST.get("act") == "release"
    with db_unguarded(engine, reason="an administrator judges an infected file", writes=True) as db:
        db.info[ORIGIN], db.info[VIEWER] = request.address, request.viewer
        attachment = _infected(db, request.matchdict["uid"])
        name = attachment.name
        act = "file.released" if release else "file.destroyed"
        record(db, act, "attachment", attachment.id, found=attachment.scan_found, reason=reason)
        if release:
            _release(db, attachment)
        else:
            db.delete(attachment)
    sentence = _("“${name}” is released.") if release else _("“${name}” is deleted.")
    request.notice(_(sentence, mapping={"name": name}))
    return HTTPSeeOther(request.route_path("admin.files"))


def _release(db: Session, attachment: Attachment) -> None:
    attachment.scan_state, attachment.text_state = "clean", "waiting"
    for job in (EXTRACT, SIZES):
        enqueue(db, job, {"attachment": attachment.id}, key=f"{job} {attachment.id}", user_id=None)


def includeme(config: Configurator) -> None:
    config.add_route("admin.files", "/admin/files")
    config.add_route("admin.files.judge", "/admin/files/{uid}")
    config.add_admin_page("admin.files", title=_("Files"), icon="paperclip", permission=ADMIN, weight=84)
    config.scan("plein.content.files.quarantine")
