"""Taking away the second factors of somebody who lost them all, by an administrator or people manager."""

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from plein.people.offices import may_keep
from plein.people.permissions import MANAGE
from plein.people.second_factor.asking import factors
from plein.people.second_factor.telling import tell
from plein.people.services import PeopleService
from plein.web.i18n import _


@view_config(route_name="admin.users.reset_factors", request_method="POST", permission=MANAGE)
def reset_factors(request: Request) -> Response:
    """Signs the person out everywhere too. Of whoever holds an office only an administrator may take them away: with
    their password it would be the way to rights that a people manager does not have."""
    user = PeopleService(request.db).find(request.matchdict["login"])
    if user is None:
        raise HTTPNotFound()
    if not may_keep(request.db, request.viewer, user):
        raise HTTPForbidden(_("Only an administrator can do this for somebody who holds an office."))
    factors(request, user.id).reset()
    tell(request.db, request.plein, user, "reset")
    request.notice(_("${name} can sign in without a second step, and set up a new one.", mapping={"name": user.name}))
    return HTTPSeeOther(request.route_path("admin.users.edit", login=user.login))
