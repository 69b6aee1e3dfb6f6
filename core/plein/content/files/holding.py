"""Files of an item that is not saved yet: held for its writer, and given to the item when it is saved.

So a picture can be pasted into a new page at once. It gets those that its form lists, and those that its text names:
after a session that was lost only the text comes back.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from plein.content.contexts import TypeContext
from plein.content.files.models import HeldFile
from plein.content.files.receiving import Received
from plein.content.files.refusals import NEEDS_APPROVAL, refusal
from plein.content.files.services import AttachmentService, following
from plein.content.files.views import quarantined, receive, written
from plein.content.models import Content
from plein.web.forms import Errors
from plein.web.request import write_now

_NAMES_FILES = re.compile("file:", re.IGNORECASE)
_COLUMNS = ("name", "media_type", "size", "digest", "width", "height", "scan_state", "scan_found")


def hold(context: TypeContext, request: Request) -> Response:
    """Hold the files that were sent; tells a script what became of each."""
    taken, refused = receive(request, context.space.id)
    write_now(request)
    request.context = fresh = type(context)(request, context.type)
    if not request.has_permission(f"{context.type.name}.create", fresh):
        raise HTTPForbidden()
    translate = request.localizer.translate
    sentences = [translate(refusal(one, request.plein)) for one in refused]
    sentences += [translate(quarantined(one.name)) for one in taken if one.scan_state == "infected"]
    held = [_held(fresh, request, one) for one in taken if one.scan_state != "infected"]
    values = {"files": [written(request, one) for one in held], "refused": sentences}
    return Response(json_body=values, status=200 if held or not sentences else 422)


def _held(context: TypeContext, request: Request, received: Received) -> HeldFile:
    """*received* as the viewer's own; one of that name is replaced."""
    place = {"user_id": request.viewer.user_id, "space_id": context.space.id, "type": context.type.name}
    request.db.execute(delete(HeldFile).filter_by(**place, name=received.name))
    held = HeldFile(**place, **{name: getattr(received, name) for name in _COLUMNS})
    request.db.add(held)
    request.db.flush()
    return held


def take_held(db: Session, service: AttachmentService, item: Content, listed: Collection[str] = ()) -> bool:
    """Give *item* the files that its writer holds for it: those that its text names, and *listed* ones.

    :param listed: ``uid`` of files. :return: whether the text named any.
    """
    named = False
    for held in db.scalars(_mine(service.viewer.user_id, item.space_id, item.type)).all():
        is_named = following(item.body, held.name, "\0") != item.body
        if is_named or held.uid in listed:
            service.add(item, Received(**{name: getattr(held, name) for name in _COLUMNS}), alt=held.alt)
            db.delete(held)
            named = named or is_named
    db.flush()
    return named


def _mine(user_id: int | None, space_id: int, type_name: str) -> Select[HeldFile]:
    """The files that somebody holds for a new item of that type there."""
    return select(HeldFile).filter_by(user_id=user_id, space_id=space_id, type=type_name)


def _service(request: Request) -> AttachmentService:
    return AttachmentService(request.db, request.viewer)


class FilesPart:
    """The part of the form with which files are added while writing: by a button, by pasting and by dragging."""

    name = "files"
    weight = 5
    template = "plein:templates/content/parts/files.pt"

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any]:
        item = getattr(context, "item", None)
        return {
            "item": item,
            "held": [] if item is not None else _listed(context, request),
            "fixed": NEEDS_APPROVAL if item is not None and _service(request).is_fixed(item) else None,
            "address": context.url("attach" if item is not None else "hold"),
            "most": request.plein["plein.max_upload_mb"],
        }

    def read(self, context: TypeContext, request: Request, errors: Errors) -> frozenset[str]:
        return frozenset(request.POST.getall("held"))

    def store(self, context: TypeContext, request: Request, item: Content, read: frozenset[str]) -> None:
        if getattr(context, "item", None) is not None or not (read or _NAMES_FILES.search(item.body)):
            return
        if take_held(request.db, _service(request), item, read):
            context.service.rerender(item)


def _listed(context: TypeContext, request: Request) -> list[dict[str, Any]]:
    """What a form that comes back had listed."""
    uids = request.POST.getall("held")
    if not uids:
        return []
    mine = _mine(request.viewer.user_id, context.space.id, context.type.name)
    return [written(request, one) for one in request.db.scalars(mine.order_by(HeldFile.id)) if one.uid in uids]
