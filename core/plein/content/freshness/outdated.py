"""Readers say that an item is out of date: a page with a form, for everybody who reads the item, guests too."""

from typing import Any

from pydantic import Field
from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request

from plein.content.contexts import ContentContext
from plein.content.freshness.owners import ROLE_TITLES
from plein.content.freshness.reports import OwnItem, ReportService
from plein.content.views.show import item_values
from plein.security.limits import limit
from plein.security.policy import INSPECTOR
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/freshness/outdated.pt"


class OutdatedForm(Form):
    reason: str = Field(min_length=1, max_length=2_000)
    place: str = Field("", max_length=500)


def report(context: ContentContext, request: Request) -> Any:
    """The form, or what was filled in; a report of the same reader that still waits is changed by it."""
    service = ReportService(request.db, request.viewer, context.item)
    if request.method != "POST":
        own = service.own()
        values = {"reason": own.reason, "place": own.place} if own is not None else {}
        return _page(context, request, own, values, {})
    refused = _refused(context, request)
    if refused is not None:
        return refused
    form, errors = parse(OutdatedForm, request.POST)
    if form is not None:
        limit(request, "report")
        try:
            service.make(form.reason, form.place)
        except OwnItem:
            errors[""] = _("You look after this yourself. Change it, or ask somebody else to look after it.")
        else:
            request.notice(_("Thank you. Whoever looks after this is told, and you get an answer."))
            return HTTPSeeOther(context.url("show"))
    answer = render_to_response(PAGE, _page(context, request, service.own(), typed(request.POST), errors), request)
    answer.status_int = 422
    return answer


def withdraw(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Take one's own report back."""
    refused = _refused(context, request)
    if refused is not None:
        return refused
    if ReportService(request.db, request.viewer, context.item).withdraw():
        request.notice(_("Your report is taken back."))
    return HTTPSeeOther(context.url("show"))


def _refused(context: ContentContext, request: Request) -> HTTPSeeOther | None:
    if context.role == INSPECTOR:
        raise HTTPForbidden()
    if context.space.archived_at is None:
        return None
    request.notice(_("This space is archived: it is only read."), "error")
    return HTTPSeeOther(context.url("show"))


def _page(
    context: ContentContext, request: Request, own: Any, values: dict[str, Any], errors: Errors
) -> dict[str, Any]:
    return {
        **item_values(context, request),
        "owner": context.owner,
        "role_titles": ROLE_TITLES,
        "own": own,
        "is_owner": context.item.owner_id is not None and context.item.owner_id == request.viewer.user_id,
        "values": values,
        "errors": errors,
    }
