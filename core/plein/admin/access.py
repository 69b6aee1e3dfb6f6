"""Why does somebody see this, or not; looking as a group; and looking into a space for a reason."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.admin.holders import explain_page, holders, rule_of
from plein.admin.permissions import EXPLAIN
from plein.admin.subjects import Subject, find_subject
from plein.audit import record_aside
from plein.content import audience
from plein.content.audience import planned, subject_of
from plein.content.explain import STEP_NAMES, Explanation, explain_item, explain_space
from plein.content.models import Content
from plein.db import db_unguarded
from plein.people.finding import NoSuchPerson, find_group
from plein.people.group_rows import with_those_above
from plein.people.models import User
from plein.people.services import fold_login
from plein.security.permissions import ADMIN
from plein.security.viewer import ViewAs
from plein.spaces import inspections
from plein.spaces.errors import SpaceError
from plein.spaces.looking import start_looking
from plein.spaces.models import Space
from plein.web.i18n import _

PAGE = "plein:templates/admin/access.pt"
INSPECTIONS = "plein:templates/admin/inspections.pt"
_SHORT, _LONG = 200, 2_000


@view_config(route_name="admin.access", request_method="GET", permission=EXPLAIN, renderer=PAGE)
def explain(request: Request) -> dict[str, Any]:
    """The chain of rules for a person and an address; without a person, who there are."""
    who, what = request.GET.get("who", "")[:_SHORT].strip(), request.GET.get("what", "")[:_LONG].strip()
    values: dict[str, Any] = {"values": {"who": who, "what": what}, "errors": {}, "found": None, "names": STEP_NAMES}
    if not what or "\0" in f"{who}{what}":
        return values
    engine, plugins = request.registry["plein.engine"], request.installed
    with db_unguarded(engine, reason="somebody with that office asks why a person sees something") as db:
        subject = find_subject(db, plugins, lambda: request.registry, what)
        person = db.scalar(select(User).where(User.login == fold_login(who))) if who else None
        if subject is None:
            values["errors"]["what"] = _("There is nothing at this address. Copy it from the browser, or use a uid.")
        if who and person is None:
            values["errors"]["who"] = _("Nobody signs in with ${login}.", mapping={"login": who})
        if subject is not None and not values["errors"]:
            values |= {"person": person, "found": _answer(request, db, subject, person)}
    if values["errors"]:
        request.response.status_int = 422
    return values


def _answer(request: Request, db: Any, subject: Subject, person: User | None) -> dict[str, Any]:
    """What the page shows: the explanation or the numbers. Names of what the asker may not see are left out."""
    engine, plugins = request.registry["plein.engine"], request.installed
    answer: dict[str, Any] = {"kind": subject.kind, "title": _title(request, subject), "explained": None}
    explained: Explanation | None = None
    if subject.kind == "page":
        rule = rule_of(plugins, request.registry["plein.rights"].changes(request.viewer.rights), subject.permission)
        answer |= {"rule": rule, "holders": holders(db, rule)}
        explained = explain_page(db, person, rule) if person is not None else None
    else:
        of_item = subject.kind == "item"
        answer["counted"] = audience.count(db, subject_of(subject.item) if of_item else planned(subject.space, None))
        if person is not None and of_item:
            explained = explain_item(engine, plugins, db, person, subject.item)
        elif person is not None:
            explained = explain_space(engine, db, person, subject.space)
    if explained is not None:
        translate = request.localizer.translate
        answer["explained"] = explained
        answer["steps"] = [(step.name, step.ok, step.text(translate)) for step in explained.steps]
        object_id = getattr(subject.item or subject.space, "id", subject.path)
        _note(request, subject.kind, object_id, person)
    return answer


def _note(request: Request, kind: str, object_id: object, person: User | None) -> None:
    """Write down who was asked about. Aside, because this is a GET, whose own transaction only reads."""
    record_aside(
        request.registry["plein.engine"],
        "access.explained",
        kind,
        object_id,
        result="done",
        origin=request.address,
        actor_id=request.viewer.user_id,
        person=person.id if person is not None else None,
    )


def _title(request: Request, subject: Subject) -> Any:
    """The name of what was asked about, as far as the asker may know it: they must not learn it here."""
    if subject.kind == "page":
        return subject.path
    model, one = (Content, subject.item) if subject.kind == "item" else (Space, subject.space)
    name = Content.title if model is Content else Space.name
    seen = request.db.scalar(select(name).where(model.id == one.id))
    if seen is not None:
        return seen
    return _("An item that you cannot see yourself") if model is Content else _("A space that you cannot see yourself")


@view_config(route_name="admin.view_as", request_method="POST", permission=EXPLAIN)
def look_as_group(request: Request) -> Any:
    """See the site as a colleague who is in one group, and nobody in particular."""
    try:
        group = find_group(request.db, request.viewer, request.POST.get("group", "")[:_SHORT].replace("\0", ""))
    except NoSuchPerson as error:
        request.notice(error.sentence, "error")
        return HTTPSeeOther(request.route_path("admin.access"))
    ids = tuple(request.db.scalars(select(with_those_above([group.id]).c.id)))
    start_looking(request.db, request.viewer.session_id, ViewAs(group_ids=ids, title=group.name))
    return HTTPSeeOther(request.route_path("home"))


@view_config(route_name="admin.inspections", request_method="GET", permission=ADMIN, renderer=INSPECTIONS)
def list_inspections(request: Request) -> dict[str, Any]:
    """Who looked into which space, and a form to do so."""
    address = request.GET.get("address", "")[:_LONG]
    return {"rows": inspections.of_site(request.db), "values": {"address": address}, "errors": {}}


@view_config(route_name="admin.inspections", request_method="POST", permission=ADMIN, renderer=INSPECTIONS)
def begin_inspection(request: Request) -> Any:
    """Open a space for an hour."""
    values = {name: request.POST.get(name, "")[:_LONG].replace("\0", "") for name in ("address", "reason")}
    try:
        # In a transaction of its own: the request's session has written nothing, and holds no lock.
        begun = inspections.begin(
            request.registry["plein.engine"],
            request.plein,
            request.viewer,
            values["address"],
            values["reason"],
            request.address,
        )
    except SpaceError as error:
        request.response.status_int = 422
        return {"rows": inspections.of_site(request.db), "values": values, "errors": {error.field: error.sentence}}
    message = _("You can read ${name} for an hour. Its managers are told.", mapping={"name": begun.name})
    request.notice(message, "warning")
    return HTTPSeeOther(request.route_path("space.home", space=begun.slug))


@view_config(route_name="admin.inspection_end", request_method="POST", permission=ADMIN)
def end_inspection(request: Request) -> Any:
    """Stop looking in before the hour is over."""
    number = request.POST.get("space", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    if is_number and inspections.end(request.db, request.viewer, int(number)):
        request.notice(_("You no longer look in."), "info")
    return HTTPSeeOther(request.route_path("admin.inspections"))
