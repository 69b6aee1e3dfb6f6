"""Pages of administration. Accounts have pages of their own, in ``plein.people``."""

import platform
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import func, select

from plein import __version__
from plein.admin.attention import attention
from plein.admin.unmanaged import appoint, unmanaged
from plein.people.models import User
from plein.security.permissions import ADMIN, ADMINISTRATION
from plein.spaces.errors import SpaceError
from plein.spaces.permissions import RESCUE
from plein.web.blocks import blocks
from plein.web.i18n import _

PAGES = "plein:templates/admin/"


@view_config(route_name="admin.home", request_method="GET", permission=ADMINISTRATION, renderer=PAGES + "home.pt")
def overview(request: Request) -> dict[str, Any]:
    """What needs attention of who looks, and for administrators the state of things."""
    engine = request.registry["plein.engine"]
    found = attention(request.db, engine, request.plein, request.installed, unmanaged(engine))
    if not request.has_permission(ADMIN):
        theirs = {page.route for page in request.admin_pages}
        return {"found": [one for one in found if one.route in theirs], "version": None}
    return {
        "found": found,
        "blocks": blocks(request, "admin.status"),
        "version": __version__,
        "python": platform.python_version(),
        "database": _database(request),
        "people": request.db.scalar(select(func.count(User.id)).where(User.state == "active")),
        "plugins": request.installed.plugins,
    }


@view_config(route_name="admin.spaces", request_method="GET", permission=RESCUE, renderer=PAGES + "spaces.pt")
def spaces(request: Request) -> dict[str, Any]:
    """Spaces that nobody manages, with the means to change that."""
    return {"spaces": unmanaged(request.registry["plein.engine"]), "errors": {}, "values": {}}


@view_config(route_name="admin.spaces", request_method="POST", permission=RESCUE, renderer=PAGES + "spaces.pt")
def appoint_manager(request: Request) -> Any:
    """Give a space a manager again."""
    engine = request.registry["plein.engine"]
    uid, login = (request.POST.get(name, "")[:200].replace("\0", "") for name in ("space", "login"))
    try:
        # In a transaction of its own: the request's session has written nothing, and holds no lock.
        name = appoint(engine, request.viewer, uid, login, origin=request.address)
    except SpaceError as error:
        request.response.status_code = 422
        return {
            "spaces": unmanaged(engine),
            "errors": {f"login-{uid}" if error.field else "": error.sentence},
            "values": {f"login-{uid}": login},
        }
    request.notice(
        _("${name} is now the manager.", mapping={"name": name}) if name else _("The hidden space has a manager again.")
    )
    return HTTPSeeOther(request.route_path("admin.spaces"))


def _database(request: Request) -> str:
    dialect = request.registry["plein.engine"].dialect
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[dialect.name]
    version = dialect.server_version_info
    return f"{name} {'.'.join(str(part) for part in version)}" if version else name
