"""Throwing an item away, putting it back, moving it to another space, and its files."""

from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import FileIter, Response
from sqlalchemy import literal

from plein.content import audience
from plein.content.attachments import AttachmentService, FileRefused
from plein.content.contexts import ContentContext
from plein.content.life.views import MAX_REASON
from plein.content.titles import clean_title
from plein.content.views.show import file_rows, item_values
from plein.security.limits import limit
from plein.spaces.contexts import Standing, standings
from plein.spaces.models import Space
from plein.web.i18n import _
from plein.web.sniffing import RASTER

#: A file's own page may do nothing at all, whatever is in the file.
_FILE_POLICY = "sandbox; default-src 'none'"


def delete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Throw the item away; the notice that follows can undo it."""
    context.service.trash(context.item, reason_of(request))
    request.notice(
        _("“${title}” is in the deleted items.", mapping={"title": context.item.title}), undo=context.url("undelete")
    )
    return HTTPSeeOther(context.url("list"))


def reason_of(request: Request) -> str:
    """Why, as typed in a field for it."""
    return clean_title(request.POST.get("reason", "").replace("\0", ""))[:MAX_REASON]


def undelete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Put the item back."""
    context.service.untrash(context.item)
    request.notice(_("“${title}” is back.", mapping={"title": context.item.title}))
    return HTTPSeeOther(context.url("show"))


def move(context: ContentContext, request: Request) -> Any:
    """Choose another space, see who reads it there and who no longer does, and move the item."""
    places = _places_to_move_to(context, request)
    wanted = request.params.get("space", "")
    target = next((place for place in places if place.space.slug == wanted), None)
    errors: dict[str, Any] = {}
    if request.method == "POST" and target is not None:
        return _moved(context, request, target)
    if request.method == "POST" or (wanted and target is None):
        errors["space"] = _("Choose a space from the list.")
        request.response.status_int = 422
    return {
        **item_values(context, request),
        "spaces": [place.space for place in places],
        "target": target.space if target else None,
        "audience": _audiences(context, request, target.space) if target else None,
        "errors": errors,
    }


def _moved(context: ContentContext, request: Request, target: Standing) -> HTTPSeeOther:
    before = context.space.slug
    context.service.move_to_space(context.item, target.space, reason_of(request))
    address = partial(request.route_path, space=target.space.slug, slug=context.item.slug)
    name = context.type.name
    # Back is a move too, for who may move things there.
    back = {"url": address(f"{name}.move"), "values": {"space": before}}
    may_undo = request.has_permission(f"{name}.move", target)
    message = _("Moved to ${space}. The old address leads here.", mapping={"space": target.space.name})
    request.notice(message, undo=back if may_undo else None)
    return HTTPSeeOther(address(f"{name}.show"))


def _audiences(context: ContentContext, request: Request, space: Space) -> dict[str, Any]:
    """How many people read it now and would there, and who no longer would. Three statements.

    Of what is not published: who will read it once it is.
    """
    state = "published" if context.item.state in ("draft", "scheduled") else context.item.state
    now = audience.subject_of(context.item, state=state)
    there = replace(now, space_id=literal(space.id))
    lost, losers = audience.losing(request.db, now, there)
    return {
        "now": audience.count(request.db, now),
        "there": audience.count(request.db, there),
        "lost": lost,
        "losers": losers,
    }


def _places_to_move_to(context: ContentContext, request: Request) -> list[Standing]:
    """Other spaces in which the viewer may create items of this type."""
    found = standings(request.db, request.viewer, Space.id != context.space.id)
    create = f"{context.type.name}.create"
    return [standing for standing in found if request.has_permission(create, standing)]


def attach(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Take in the files that were sent, each refused one with a reason."""
    service = _attachments(request)
    taken = 0
    for field in request.POST.getall("file"):
        if not getattr(field, "filename", ""):
            continue
        limit(request, "upload")
        try:
            service.attach(context.item, field.filename, field.file)
            taken += 1
        except FileRefused as refused:
            request.notice(refusal(refused, service.max_megapixels), kind="error")
        finally:
            field.file.close()
    if taken:
        context.service.rerender(context.item)
        request.notice(_("The file is added. Put it in the text with the line below its name."))
    elif "file" not in request.POST or not any(getattr(f, "filename", "") for f in request.POST.getall("file")):
        request.notice(_("Choose a file first."), kind="error")
    return HTTPSeeOther(context.url("files"))


def files(context: ContentContext, request: Request) -> dict[str, Any]:
    """The files of the item, and a form to add one."""
    return {**item_values(context, request), "files": file_rows(context, request)}


def detach(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Take a file from the item."""
    uid = request.POST.get("uid", "").replace("\0", "")
    if not _attachments(request).detach(context.item, uid):
        raise HTTPNotFound()
    context.service.rerender(context.item)
    request.notice(_("The file is removed."))
    return HTTPSeeOther(context.url("files"))


def download(request: Request) -> Response:
    """The bytes of a file, for whoever may see its item."""
    found = _attachments(request).find(request.matchdict["uid"])
    if found is None or found.name != request.matchdict["name"]:
        raise HTTPNotFound()
    try:
        file = request.registry["plein.blobs"].open(found.digest)
    except FileNotFoundError:
        raise HTTPNotFound() from None
    shown = found.media_type in RASTER and found.width is not None
    response = Response(
        app_iter=FileIter(file),
        content_type=found.media_type if shown else "application/octet-stream",
        content_length=found.size,
        conditional_response=True,
        etag=found.digest,
    )
    response.headers["Content-Security-Policy"] = _FILE_POLICY
    # Asked again each time: the right to see it may be gone. Unchanged bytes are not sent again.
    response.headers["Cache-Control"] = "private, no-cache"
    if not shown:
        response.content_disposition = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    return response


def _attachments(request: Request) -> AttachmentService:
    return AttachmentService(
        request.db,
        request.viewer,
        request.registry["plein.blobs"],
        max_megapixels=request.plein["plein.max_image_megapixels"],
    )


def refusal(refused: FileRefused, max_megapixels: int) -> str:
    """Why a file was not taken, and what to do."""
    mapping = {"name": refused.name, "limit": max_megapixels, "pixels": round(refused.megapixels)}
    sentences = {
        "empty": _("“${name}” is empty. Choose another file.", mapping=mapping),
        "broken": _(
            "“${name}” is not a picture that can be read. Save it again as PNG or JPEG and try once more.",
            mapping=mapping,
        ),
        "too-large": _(
            "“${name}” has more than ${limit} million pixels. Make the picture smaller and try again.",
            mapping=mapping,
        ),
    }
    return sentences[refused.reason]
