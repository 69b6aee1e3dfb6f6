"""The page about looking after one item: its owner, when to check it, and what readers report.

Who may edit the item opens it at the item; content officers open the same page by the list of the whole site.
"""

from datetime import date
from typing import Any, Literal

from pydantic import Field
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from sqlalchemy import select

from plein.content.contexts import ContentContext
from plein.content.freshness.caring import permitted, review, unreview
from plein.content.freshness.owners import OWNER_ROLES, ROLE, ROLE_TITLES, Owner, find_owner, may_look_after, set_owner
from plein.content.freshness.permissions import SITE
from plein.content.freshness.reports import ANSWERS, ReportService
from plein.content.freshness.reviewing import confirm, date_error, set_date
from plein.content.freshness.rules import MONTHS, next_date
from plein.content.models import Content
from plein.content.policies import policies_of
from plein.content.views.show import item_values
from plein.people.finding import NoSuchPerson
from plein.people.standing import today
from plein.security.policy import INSPECTOR
from plein.spaces.models import Space
from plein.web.addresses import path_of
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/freshness/care.pt"


class CareForm(Form):
    """Everything that the page can be sent; ``act`` says which part."""

    act: Literal["reviewed", "date", "owner", "answer", "undo"] = "reviewed"
    note: str = Field("", max_length=500)
    on: date | None = None
    owner: Literal["person", "role:editor", "role:manager"] = "person"
    who: str = Field("", max_length=200)
    reason: str = Field("", max_length=500)
    report: list[str] = Field(default=[], max_length=100)
    all: bool = False
    answer: Literal["fixed", "right", "later"] = "fixed"
    text: str = Field("", max_length=2_000)
    marks: str = Field("", max_length=100)
    back: Literal["item", "care"] = "care"


class OfficerContext(ContentContext):
    """Route factory for content officers: an item by its uid, which they see, in whatever space.

    :raises HTTPForbidden: for whoever has not signed in, and for who looks into a space as an inspector and would
        change something.
    """

    def __init__(self, request: Request) -> None:
        if not request.viewer.is_signed_in:
            raise HTTPForbidden()
        found = request.db.execute(
            select(Content.type, Content.slug, Space.slug.label("space"))
            .join(Space, Space.id == Content.space_id)
            .where(Content.uid == request.matchdict["uid"].replace("\0", ""))
        ).one_or_none()
        if found is None or found.type not in request.plugins.content_types:
            raise HTTPNotFound()
        request.matchdict |= {"space": found.space, "slug": found.slug}
        super().__init__(request, request.plugins.content_types[found.type])
        lives = self.space.archived_at is None
        if request.method == "POST" and (self.role == INSPECTOR or (lives and not permitted(request, [self.item]))):
            raise HTTPForbidden()

    @property
    def care_url(self) -> str:
        return path_of(self.request, "admin.freshness.item", uid=self.item.uid)


def care_url(context: ContentContext) -> str:
    """Where the forms of the page go."""
    return context.care_url if isinstance(context, OfficerContext) else context.url("care")


def show(context: ContentContext, request: Request) -> Any:
    """The page, or one of its parts as it was filled in."""
    if request.method != "POST":
        return _page(context, request, {}, {})
    form, errors = parse(CareForm, request.POST)
    if context.space.archived_at is not None:
        request.notice(_("This space is archived: it is only read."), "error")
        return HTTPSeeOther(care_url(context))
    if form is not None:
        parts = {"reviewed": _review, "date": _date, "owner": _owner, "answer": _answer, "undo": _undo}
        errors = parts[form.act](context, request, form)
    if errors:
        answer = render_to_response(PAGE, _page(context, request, typed(request.POST), errors), request)
        answer.status_int = 422
        return answer
    return HTTPSeeOther(context.url("show") if form is not None and form.back == "item" else care_url(context))


def reviewed(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Say with one click that the item is still true; the notice that follows can undo it."""
    _review(context, request, CareForm(back="item"))
    return HTTPSeeOther(context.url("show"))


def _review(context: ContentContext, request: Request, form: CareForm) -> Errors:
    errors: Errors = {}
    date_error(request, errors, "on", form.on, policies_of(context, request))
    if errors:
        return errors
    if form.note or form.on:
        confirm(context.service, context.item, note=form.note, on=form.on)
        request.notice(_("Checked. Thank you."))
        return {}
    undo = review(request, [context.item]).undo
    values = {"act": "undo", "marks": undo, "back": form.back}
    request.notice(_("Checked. Thank you."), undo={"url": care_url(context), "values": values})
    return {}


def _undo(context: ContentContext, request: Request, form: CareForm) -> Errors:
    taken = unreview(request, form.marks)
    request.notice(_("That is taken back.") if taken else _("This can no longer be taken back."))
    return {}


def _date(context: ContentContext, request: Request, form: CareForm) -> Errors:
    errors: Errors = {}
    if form.on is None:
        return {"on": _("Fill this in.")}
    date_error(request, errors, "on", form.on, policies_of(context, request))
    if not errors:
        set_date(context.service, context.item, form.on)
        request.notice(_("Saved."))
    return errors


def _owner(context: ContentContext, request: Request, form: CareForm) -> Errors:
    item = context.item
    before = Owner(item.owner_id, item.owner_role)
    try:
        wanted = form.who if form.owner == "person" else form.owner
        owner = find_owner(request.db, request.viewer, item.space_id, wanted)
    except NoSuchPerson as error:
        return {"who": error.sentence}
    if not set_owner(context.service, item, user_id=owner.user_id, role=owner.role, reason=form.reason):
        request.notice(_("That was so already."), "info")
        return {}
    undo = None
    login = context.owner[1] if context.owner else ""
    if before.role or login:
        chosen = {"owner": ROLE + before.role} if before.role else {"owner": "person", "who": login}
        undo = {"url": care_url(context), "values": {"act": "owner", **chosen}}
    request.notice(_("Somebody else looks after this now."), undo=undo)
    return {}


def _answer(context: ContentContext, request: Request, form: CareForm) -> Errors:
    if form.answer == "right" and not form.text:
        return {"text": _("Say why it is right, so that the reader understands.")}
    numbers = [int(text) for text in form.report if text.isascii() and text.isdigit() and len(text) < 19]
    if not numbers and not form.all:
        return {"report": _("Choose at least one report.")}
    service = ReportService(request.db, request.viewer, context.item)
    done = service.answer(None if form.all else numbers, form.answer, form.text)
    if done:
        request.notice(_("Answered: ${count}. Who reported it is told.", mapping={"count": done}))
    else:
        request.notice(_("Somebody else answered this already."), "info")
    return {}


def _page(context: ContentContext, request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    item = context.item
    service = ReportService(request.db, request.viewer, item)
    done = request.GET.get("show") == "done"
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    reports, following = service.listed(done=done, after=number)
    months = policies_of(context, request)[MONTHS]
    day = today()
    return {
        **item_values(context, request),
        "care_url": care_url(context),
        "is_officer": isinstance(context, OfficerContext) and request.has_permission(SITE),
        "owner": context.owner,
        "owner_fits": item.owner_id is None or may_look_after(request.db, item.owner_id, item.space_id),
        "role_titles": ROLE_TITLES,
        "owner_roles": [(ROLE + role, ROLE_TITLES[role]) for role in reversed(OWNER_ROLES)],
        "months": months,
        "next_date": next_date(day, months),
        "day": day,
        "reports": reports,
        "done": done,
        "following": following,
        "answers": ANSWERS,
        "values": values,
        "errors": errors,
    }
