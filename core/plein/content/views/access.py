"""Who can see this: the people and groups, the rule that lets each of them in, and for whom an item is."""

from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request

from plein.content import audience
from plein.content.audience import AudienceService, Named, Reader, Subject, planned, subject_of
from plein.content.contexts import ContentContext
from plein.content.forms import AudienceForm
from plein.content.models import Content
from plein.content.views.show import item_values
from plein.content.visibility import UNPUBLISHED
from plein.content.writing import cowriters
from plein.people.finding import NoSuchPerson
from plein.people.naming import find_people_and_groups
from plein.spaces import words
from plein.spaces.contexts import SpaceContext
from plein.spaces.models import Space
from plein.spaces.permissions import MANAGE
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

#: What lets somebody in, in words; ``${role}`` and ``${group}`` are filled in.
RULES = {
    "author": _("wrote it"),
    "owner": _("owns it"),
    "writer": _("writes it too"),
    "writer_group": _("is in the group ${group}, which writes it too"),
    "named": _("is named"),
    "named_group": _("is in the group ${group}, which is named"),
    "member": _("is in the space as ${role}"),
    "group": _("is in the space as ${role}, by the group ${group}"),
    "open": _("is a colleague, and the space is open"),
    "inspection": _("looks in for a reason, for an hour"),
}

#: Roles that a manager can look as.
LOOKS = ("editor", "member", "reader", "visitor")


def show(context: ContentContext, request: Request) -> dict[str, Any]:
    """Who can see the item."""
    return _page(context, request, {"level": "read"}, {})


def change(context: ContentContext, request: Request) -> Any:
    """Make the item for some people only, name more of them, take somebody out, or open it up."""
    service = AudienceService(context.service, context.item)
    form, errors = parse(AudienceForm, request.POST)
    if form is None:
        return _refused(context, request, errors)
    if form.act == "open":
        before = service.open_up()
        values = {"act": "name", "level": "read", "who": ", ".join(row.value for row in before)}
        undo = {"url": request.path, "values": values} if before else None
        request.notice(_("It is for everybody in this space again."), undo=undo)
    elif form.act == "take_out":
        if service.take_out(form.kind, form.id):
            request.notice(_("Taken out."))
    elif form.act == "level":
        service.set_level(form.kind, form.id, form.level)
        request.notice(_("Saved."))
    else:
        try:
            named = Named(*find_people_and_groups(request.db, request.viewer, form.who))
        except NoSuchPerson as error:
            return _refused(context, request, {"who": error.sentence})
        service.restrict(named, form.level, keep=request.viewer.user_id)
        request.notice(_("Only its author, its owner and who is named here see it now."))
    return HTTPSeeOther(context.url("access"))


def _refused(context: ContentContext, request: Request, errors: Errors) -> Any:
    values = _page(context, request, typed(request.POST), errors)
    answer = render_to_response("plein:templates/content/access.pt", values, request)
    answer.status_int = 422
    return answer


def _page(context: ContentContext, request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    item, db = context.item, request.db
    subject = subject_of(item)
    return {
        **item_values(context, request),
        "counted": audience.count(db, subject),
        "later": audience.count(db, subject_of(item, state="published")) if item.state in UNPUBLISHED else None,
        **_by_name(request, subject, context.space, item),
        "named": AudienceService(context.service, item).named()
        if item.restricted and request.viewer.kind == "person"
        else [],
        "co_writers": cowriters.named(db, item)
        if item.state in UNPUBLISHED and request.viewer.kind == "person"
        else [],
        "values": values,
        "errors": errors,
        "words": words,
        "looks": looks(request),
    }


def of_space(context: SpaceContext, request: Request) -> dict[str, Any]:
    """Who can see what is in the space."""
    subject = planned(context.space, None)
    return {
        "space": context.space,
        "counted": audience.count(request.db, subject),
        **_by_name(request, subject, context.space),
        "words": words,
        "looks": looks(request),
    }


def _by_name(request: Request, subject: Subject, space: Space, item: Content | None = None) -> dict[str, Any]:
    """Part of the readers with their rules. A guest is told how many there are, not who works here."""
    if request.viewer.kind != "person":
        return {"listed": None, "first": None, "next": None, "why": None}
    after = request.GET.get("after", "")[:300]
    listed = audience.readers(request.db, subject, space, item, after=after)
    return {
        "listed": listed,
        "first": request.path if after else None,
        "next": f"{request.path}?{urlencode({'after': listed.after})}" if listed.after else None,
        "why": lambda reader: why(request, reader),
    }


def looks(request: Request) -> tuple[str, ...]:
    """The roles that the viewer can look at this space as."""
    return LOOKS if request.has_permission(MANAGE) and request.viewer.view_as is None else ()


def why(request: Request, reader: Reader) -> str:
    """The rule that lets a reader in, in the language of the page."""
    translate = request.localizer.translate
    role = translate(words.ROLE_NAMES[reader.role]).lower() if reader.role else ""
    rule = RULES[reader.rule]
    return str(translate(_(rule, mapping={"role": role, "group": reader.group or ""})))
