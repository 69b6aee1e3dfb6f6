"""Sending photos of people, and removing one that should not be there."""

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config

from plein.people.offices import may_keep
from plein.people.permissions import MANAGE
from plein.people.photos import MEDIA_TYPE, PhotoService
from plein.people.services import PeopleService
from plein.security.permissions import SIGNED_IN
from plein.web.i18n import _

#: The address changes with the photo, so it may be kept a while; not for ever, on a computer that several people use.
_KEEP = "private, max-age=3600"
_FILE_POLICY = "default-src 'none'; sandbox"


@view_config(route_name="people.photo", request_method="GET", permission=SIGNED_IN)
def photo(request: Request) -> Response:
    """The bytes of a photo, for whoever may meet the person."""
    part = request.matchdict
    service = PhotoService(request.db, request.viewer, manages=bool(request.has_permission(MANAGE)))
    digest = service.find(int(part["id"]), part["version"], int(part["size"]))
    if digest is None:
        raise HTTPNotFound()
    try:
        file = request.registry["plein.blobs"].open(digest)
    except FileNotFoundError:
        raise HTTPNotFound() from None
    response = Response(app_iter=FileIter(file), content_type=MEDIA_TYPE, conditional_response=True, etag=digest)
    response.headers["Content-Security-Policy"] = _FILE_POLICY
    response.headers["Cache-Control"] = _KEEP
    return response


@view_config(route_name="admin.users.photo_remove", request_method="POST", permission=MANAGE)
def remove_photo_of(request: Request) -> HTTPSeeOther:
    """A photo that should not be there."""
    user = PeopleService(request.db).find(request.matchdict["login"])
    if user is None:
        raise HTTPNotFound()
    if not may_keep(request.db, request.viewer, user):
        raise HTTPForbidden(_("This account has a site role. Only an administrator can change it."))
    PhotoService(request.db, request.viewer).remove(user)
    request.notice(_("The photo of ${name} is removed.", mapping={"name": user.name}))
    return HTTPSeeOther(request.route_path("admin.users.profile", login=user.login))
