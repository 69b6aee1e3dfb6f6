"""The page of what went wrong in a plugin, and letting one that paused itself take part again."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.admin.plugin_pauses import failures_of, pause_of, resume
from plein.security.permissions import ADMIN
from plein.web.i18n import _

PAGE = "plein:templates/admin/plugin_failures.pt"


@view_config(route_name="admin.plugins.failures", request_method="GET", permission=ADMIN, renderer=PAGE)
def failures(request: Request) -> dict[str, Any]:
    """Two statements. A plugin that is not installed any more may have failed too."""
    name, known = request.matchdict["name"], request.registry["plein.plugins"]
    rows, pause = failures_of(request.db, name), pause_of(request.db, name)
    if not rows and pause is None and not known.has(name):
        raise HTTPNotFound()
    return {"name": name, "rows": rows, "pause": pause, "spent": known.spent.of(name)}


@view_config(route_name="admin.plugins.resume", request_method="POST", permission=ADMIN)
def take_part_again(request: Request) -> Any:
    name = request.matchdict["name"]
    # Where somebody else was first, there is nothing left to do.
    if resume(request.db, name, request.viewer.user_id):
        request.registry["plein.plugins"].resumed(name)
    request.notice(_("The plugin ${name} takes part again.", mapping={"name": name}))
    return HTTPSeeOther(request.route_path("admin.plugins.failures", name=name))
