"""Sending files: to who may see their item at this moment, and in a way that nothing in a file can do anything.

Only pictures that were made anew are shown in a page; all else is saved, and has no rights whatever is in it.
"""

from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPForbidden, HTTPFound, HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import select

from plein.blobs.answers import send
from plein.content.contexts import ContentContext
from plein.content.files.models import AttachmentVersion, HeldFile, PictureSize
from plein.content.files.services import AttachmentService
from plein.web.i18n import _
from plein.web.sniffing import RASTER

#: Asked again each time: the right to see it may be gone. Unchanged bytes are not sent again.
_KEEP = "private, no-cache"
#: Seconds that an address of the store itself works.
SIGNED = 60


def download(request: Request) -> Response:
    """The bytes of a file, for whoever may see its item."""
    found = _find(request)
    return _file(request, found)


def smaller(request: Request) -> Response:
    """A picture in fewer pixels, or as it is while that is not made yet."""
    found = _find(request)
    if found.width is None or found.scan_state == "infected":
        return _file(request, found)
    made = request.db.execute(
        select(PictureSize.digest, PictureSize.size).where(
            PictureSize.of_digest == found.digest, PictureSize.width == int(request.matchdict["width"])
        )
    ).one_or_none()
    if made is None:
        return _file(request, found)
    return send(request, request.registry["plein.blobs"], made.digest, made.size, "image/webp", keep=_KEEP)


def earlier(context: ContentContext, request: Request) -> Response:
    """What a file was before, always to be saved."""
    number = request.matchdict["version"]
    found = request.db.execute(
        select(
            AttachmentVersion.name,
            AttachmentVersion.media_type,
            AttachmentVersion.size,
            AttachmentVersion.digest,
            AttachmentVersion.width,
            AttachmentVersion.scan_state,
        ).where(
            AttachmentVersion.content_id == context.item.id,
            AttachmentVersion.uid == request.matchdict["uid"],
            AttachmentVersion.version == (int(number) if len(number) < 10 else 0),
        )
    ).one_or_none()
    if found is None:
        raise HTTPNotFound()
    return _file(request, found)


def _find(request: Request) -> Any:
    """The file at this address; the viewer's own where its item is not saved yet.

    :raises HTTPNotFound: where there is none for this viewer.
    :raises HTTPFound: where it has another name by now.
    """
    part = request.matchdict
    found: Any = AttachmentService(request.db, request.viewer).find(part["uid"]) or _held(request)
    if found is None:
        raise HTTPNotFound()
    if found.name != part["name"]:
        raise HTTPFound(request.route_path(request.matched_route.name, **{**part, "name": found.name}))
    return found


def _held(request: Request) -> Any:
    columns = (HeldFile.name, HeldFile.media_type, HeldFile.size, HeldFile.digest, HeldFile.width, HeldFile.scan_state)
    mine = (HeldFile.uid == request.matchdict["uid"], HeldFile.user_id == request.viewer.user_id)
    return request.db.execute(select(*columns).where(*mine)).one_or_none()


def _file(request: Request, found: Any) -> Response:
    if found.scan_state == "infected":
        raise HTTPForbidden(_("This file contains a virus. Nobody can open it until an administrator looked at it."))
    blobs = request.registry["plein.blobs"]
    shown = found.media_type in RASTER and found.width is not None
    pdf = found.media_type == "application/pdf" and request.plein["plein.pdf_inline"]
    if not shown and not pdf and request.plein["plein.files_signed_urls"]:
        address = blobs.signed_url(found.digest, SIGNED, found.name)
        if address is not None:
            # Not to be kept: whoever asks again is checked again.
            return HTTPFound(address, headers={"Cache-Control": "no-store"})
    media_type = found.media_type if shown or pdf else "application/octet-stream"
    response = send(request, blobs, found.digest, found.size, media_type, keep=_KEEP)
    if not shown:
        kind = "inline" if pdf else "attachment"
        response.content_disposition = f"{kind}; filename*=UTF-8''{quote(found.name, safe='')}"
    return response
