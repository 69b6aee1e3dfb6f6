"""Throwing an item away, putting it back, moving it to another space, and its files."""

from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import FileIter, Response

from plein.content.attachments import AttachmentService, FileRefused
from plein.content.contexts import ContentContext
from plein.content.views.show import file_rows, item_values
from plein.security.limits import limit
from plein.spaces.contexts import standings
from plein.spaces.models import Space
from plein.web.i18n import _
from plein.web.sniffing import RASTER

#: A file's own page may do nothing at all, whatever is in the file.
_FILE_POLICY = "sandbox; default-src 'none'"


def delete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Throw the item away; the notice that follows can undo it."""
    context.service.trash(context.item)
    request.notice(
        _("“${title}” is in the deleted items.", mapping={"title": context.item.title}), undo=context.url("undelete")
    )
    return HTTPSeeOther(context.url("list"))


def undelete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Put the item back."""
    context.service.untrash(context.item)
    request.notice(_("“${title}” is back.", mapping={"title": context.item.title}))
    return HTTPSeeOther(context.url("show"))


def move(context: ContentContext, request: Request) -> Any:
    """Choose another space, and move the item there."""
    spaces = _spaces_to_move_to(context, request)
    errors: dict[str, Any] = {}
    if request.method == "POST":
        target = next((space for space in spaces if space.slug == request.POST.get("space")), None)
        if target is not None:
            context.service.move_to_space(context.item, target)
            request.notice(_("Moved to ${space}. The old address leads here.", mapping={"space": target.name}))
            place = {"space": target.slug, "slug": context.item.slug}
            return HTTPSeeOther(request.route_path(f"{context.type.name}.show", **place))
        errors["space"] = _("Choose a space from the list.")
        request.response.status_int = 422
    return {**item_values(context, request), "spaces": spaces, "errors": errors}


def _spaces_to_move_to(context: ContentContext, request: Request) -> list[Space]:
    """Other spaces in which the viewer may create items of this type."""
    found = standings(request.db, request.viewer, Space.id != context.space.id)
    create = f"{context.type.name}.create"
    return [standing.space for standing in found if request.has_permission(create, standing)]


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
