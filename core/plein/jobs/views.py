"""The page of administration about work for later: what waits, what was given up and why, and trying again."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.audit import record
from plein.jobs.acts import ACTS
from plein.jobs.models import STATES
from plein.jobs.queue import counts, page, retry
from plein.security.permissions import ADMIN
from plein.web.i18n import _

#: What the states are called, in the order in which an administrator wants to see them.
TITLES = {"failed": _("Given up"), "waiting": _("Waiting"), "running": _("Going on"), "done": _("Done")}


@view_config(route_name="admin.jobs", request_method="GET", permission=ADMIN, renderer="plein:templates/admin/jobs.pt")
def jobs(request: Request) -> dict[str, Any]:
    """Two statements, however many there are."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    before = request.GET.get("before", "")
    rows, more = page(request.db, state, int(before) if before.isdecimal() and len(before) < 19 else None)
    known = request.plugins.jobs
    return {
        "rows": [(row, known[row.name].title if row.name in known else row.name) for row in rows],
        "state": state,
        "titles": TITLES,
        "counts": counts(request.db),
        "next": request.route_path("admin.jobs", _query={"state": state, "before": more}) if more else None,
        "beside": request.plein["plein.jobs_in_serve"],
    }


@view_config(route_name="admin.jobs.retry", request_method="POST", permission=ADMIN)
def try_again(request: Request) -> Any:
    number = int(request.matchdict["id"])
    name = retry(request.db, number)
    if name is None:
        raise HTTPNotFound()
    record(request.db, "job.retried", "job", number, name=name)
    request.notice(_("It is tried again."))
    return HTTPSeeOther(request.route_path("admin.jobs"))


def includeme(config: Any) -> None:
    config.add_route("admin.jobs", "/admin/jobs")
    config.add_route("admin.jobs.retry", r"/admin/jobs/{id:\d{1,18}}/retry")
    config.add_audit_acts(ACTS)
    config.add_admin_page("admin.jobs", title=_("Jobs"), icon="clock", permission=ADMIN, weight=85)
    config.scan("plein.jobs.views")
