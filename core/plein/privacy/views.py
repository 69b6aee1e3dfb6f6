"""My data: what is kept, getting it, and asking for what one cannot do oneself."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import FileResponse
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record, record_aside
from plein.db import utcnow
from plein.jobs.models import QueuedJob
from plein.privacy.exporting import ask, file_of
from plein.privacy.forms import AskForm
from plein.privacy.models import DataExport, PrivacyRequest
from plein.privacy.tables import kept
from plein.security.permissions import SIGNED_IN
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/privacy/mine.pt"

KINDS = {
    "rectify": _("Something about me is not right"),
    "restrict": _("Do not use my data for now"),
    "erase": _("Erase my data"),
    "object": _("I do not agree with how my data are used"),
    "other": _("A question"),
}
#: Requests that are shown, newest first.
SHOWN = 20


def _page(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    """Three statements."""
    user_id = request.viewer.user_id
    export = request.db.execute(
        select(DataExport, QueuedJob.state, QueuedJob.progress_done, QueuedJob.progress_total)
        .outerjoin(QueuedJob, QueuedJob.id == DataExport.job_id)
        .where(DataExport.user_id == user_id)
        .order_by(DataExport.id.desc())
        .limit(1)
    ).first()
    asked = request.db.scalars(
        select(PrivacyRequest).where(PrivacyRequest.user_id == user_id).order_by(PrivacyRequest.id.desc()).limit(SHOWN)
    ).all()
    purposes = {one.data.purpose: one.data for one in kept(request.plugins)}
    return {
        "export": export[0] if export is not None else None,
        "job": export,
        "asked": asked,
        "purposes": list(purposes.values()),
        "kinds": KINDS,
        "values": values,
        "errors": errors,
    }


@view_config(route_name="me.data", request_method="GET", permission=SIGNED_IN, renderer=PAGE)
def my_data(request: Request) -> dict[str, Any]:
    return _page(request, {}, {})


@view_config(route_name="me.data.export", request_method="POST", permission=SIGNED_IN)
def ask_export(request: Request) -> Any:
    ask(request.db, request.viewer.user_id)
    request.notice(_("Your data are being put together. Usually that takes a few minutes."))
    return HTTPSeeOther(request.route_path("me.data"))


@view_config(route_name="me.data.download", request_method="GET", permission=SIGNED_IN)
def download(request: Request) -> Any:
    """The file, for whoever it is about and nobody else."""
    found = request.db.scalar(
        select(DataExport).where(
            DataExport.uid == request.matchdict["uid"],
            DataExport.user_id == request.viewer.user_id,
            DataExport.expires_at > utcnow(),
        )
    )
    path = file_of(request.plein, found.uid) if found is not None else None
    if path is None or not path.is_file():
        raise HTTPNotFound()
    record_aside(
        request.registry["plein.engine"],
        "data.downloaded",
        "user",
        request.viewer.user_id,
        result="done",
        origin=request.address,
        actor_id=request.viewer.user_id,
    )
    response = FileResponse(str(path), request=request, content_type="application/zip")
    response.content_disposition = 'attachment; filename="my-data.zip"'
    return response


@view_config(route_name="me.data.ask", request_method="POST", permission=SIGNED_IN, renderer=PAGE)
def ask_about(request: Request) -> Any:
    form, errors = parse(AskForm, request.POST)
    if form is None:
        request.response.status_code = 422
        return _page(request, typed(request.POST), errors)
    row = PrivacyRequest(user_id=request.viewer.user_id, kind=form.kind, text=form.text)
    request.db.add(row)
    request.db.flush()
    record(request.db, "privacy.asked", "privacy_request", row.id, kind=form.kind)
    request.notice(_("Your request is sent. You find the answer on this page."))
    return HTTPSeeOther(request.route_path("me.data"))
