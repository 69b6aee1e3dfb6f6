"""The page of a person, and changing a profile: one's own, or another's by who manages people."""

import json
from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.confined.refusals import PictureRefused
from plein.people.fields import LEVEL_NAMES, FieldService, may_fill, parse_values
from plein.people.finding import NoSuchPerson, find_person, names_of
from plein.people.models import User
from plein.people.offices import SITE_ROLE_NAMES, may_keep, offices_of
from plein.people.permissions import MANAGE, VIEW
from plein.people.photos import PhotoService, read_photo
from plein.people.profile_forms import OF_DIRECTORY, ProfileForm
from plein.people.profiles import ProfileService, form_values
from plein.people.services import PeopleService, fold_login
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.web.blocks import blocks
from plein.web.forms import Errors, parse, typed
from plein.web.html import Html
from plein.web.i18n import _
from plein.web.markup import LinkContext, MarkupError, MarkupLimits, render

SHOW = "plein:templates/people/show.pt"
FORM = "plein:templates/people/profile_form.pt"

_LIMITS = MarkupLimits(max_kb=8, max_depth=20, max_steps=20_000, max_html_kb=64)


@view_config(route_name="people.show", request_method="GET", permission=SIGNED_IN, renderer=SHOW)
def show_person(request: Request) -> dict[str, Any]:
    """Somebody who works here, as the viewer may see them; a guest sees people of the spaces that they share."""
    if request.viewer.kind == "person" and not request.has_permission(VIEW):
        raise HTTPForbidden()
    manages = bool(request.has_permission(MANAGE))
    login = fold_login(request.matchdict["login"])
    profile = ProfileService(request.db, request.viewer, manages=manages).show(login)
    if profile is None:
        raise HTTPNotFound()
    return {
        "profile": profile,
        "person": profile.person,
        "about": about_html(request, profile.parts["about"]),
        "stay": profile.person.ends_on if _may_extend(request, profile.person, manages) else None,
        "manages": manages,
        "offices": [SITE_ROLE_NAMES[office] for office in offices_of(request.db, profile.person.id)],
        "blocks": blocks(request, "person.main", profile.person),
    }


def _may_extend(request: Request, person: Any, manages: bool) -> bool:
    """Whether who looks answers for this guest, or keeps accounts."""
    in_use = person.kind == "guest" and person.state in ("active", "invited")
    return in_use and (manages or person.sponsor_id == request.viewer.user_id)


def about_html(request: Request, text: str) -> Html | None:
    """What somebody wrote about themselves, as HTML."""
    if not text:
        return None
    try:
        return Html(render(text, links=LinkContext(language=request.locale_name), limits=_LIMITS).html)
    except MarkupError:
        # It was within bounds when it was saved; a text that is not shown is better than no page.
        return None


@view_config(route_name="me.profile", request_method="GET", permission=SIGNED_IN, renderer=FORM)
def own_profile(request: Request) -> dict[str, Any]:
    return _form(request, _me(request), None, {})


@view_config(route_name="me.profile", request_method="POST", permission=SIGNED_IN, renderer=FORM)
def change_own_profile(request: Request) -> Any:
    me = _me(request)
    return _save(request, me, request.route_path("people.show", login=me.login))


@view_config(route_name="me.photo", request_method="POST", permission=SIGNED_IN, renderer=FORM)
def take_photo(request: Request) -> Any:
    """Another photo of oneself."""
    limit(request, "upload")
    most = request.plein["plein.max_image_megapixels"]
    sent = request.POST.get("file")
    try:
        # All that is slow, before the transaction that writes.
        made = read_photo(sent.file, max_megapixels=most) if hasattr(sent, "file") else None
    except PictureRefused as refused:
        return _photo_refused(request, _refusal(refused, most))
    if made is None:
        return _photo_refused(request, _("Choose a picture first."))
    PhotoService(request.db, request.viewer).take(_me(request), made, request.registry["plein.blobs"])
    request.notice(_("Your photo is changed."))
    return HTTPSeeOther(request.route_path("me.profile"))


@view_config(route_name="me.photo.remove", request_method="POST", permission=SIGNED_IN)
def remove_photo(request: Request) -> HTTPSeeOther:
    PhotoService(request.db, request.viewer).remove(_me(request))
    request.notice(_("Your photo is removed."))
    return HTTPSeeOther(request.route_path("me.profile"))


@view_config(route_name="admin.users.profile", request_method="GET", permission=MANAGE, renderer=FORM)
def profile_of(request: Request) -> dict[str, Any]:
    return _form(request, _kept(request), None, {})


@view_config(route_name="admin.users.profile", request_method="POST", permission=MANAGE, renderer=FORM)
def change_profile_of(request: Request) -> Any:
    user = _kept(request)
    return _save(request, user, request.route_path("people.show", login=user.login))


def _photo_refused(request: Request, sentence: Any) -> dict[str, Any]:
    request.response.status_code = 422
    return _form(request, _me(request), None, {"file": sentence})


def _refusal(refused: PictureRefused, most: int) -> Any:
    """Why a picture was not taken, and what to do."""
    if refused.reason == "too-large":
        return _("This picture has more than ${limit} million pixels. Make it smaller first.", mapping={"limit": most})
    return _("This is not a picture that can be read. Choose a JPEG, PNG or WebP file.")


def _save(request: Request, user: User, following: str) -> Any:
    as_manager = _as_manager(request)
    closed = set() if as_manager else _closed(request)
    form, errors = parse(ProfileForm, request.POST)
    given, wrong = parse_values(FieldService(request.db).all(), request.POST, as_manager=as_manager)
    errors |= wrong
    manager_id = user.manager_id
    if form is not None and "manager" not in closed:
        manager_id = _manager(request, user, form.manager, errors)
    if form is not None and not errors and form.about:
        try:
            render(form.about, links=LinkContext(), limits=_LIMITS)
        except MarkupError as error:
            errors["about"] = error.sentence
    if form is None or errors:
        request.response.status_code = 422
        return _form(request, user, typed(request.POST), errors)
    service = ProfileService(request.db, request.viewer)
    service.save(user, form, manager_id=manager_id, given=given, closed=closed)
    request.notice(_("Saved."))
    return HTTPSeeOther(following)


def _manager(request: Request, user: User, text: str, errors: Errors) -> int | None:
    if not text:
        return None
    try:
        found = find_person(request.db, request.viewer, text)
    except NoSuchPerson as error:
        errors["manager"] = error.sentence
        return user.manager_id
    if found.id == user.id:
        errors["manager"] = _("Nobody is their own manager.")
    return int(found.id)


def _form(request: Request, user: User, values: dict[str, Any] | None, errors: Errors) -> dict[str, Any]:
    as_manager = _as_manager(request)
    declared = FieldService(request.db).values(user.id)
    boss = request.db.scalar(select(User.login).where(User.id == user.manager_id)) if user.manager_id else ""
    values = form_values(user, declared, boss or "") if values is None else values
    return {
        "user": user,
        "values": values,
        "errors": errors,
        "fields": [one.field for one in declared if may_fill(one.field, as_manager=as_manager)],
        "closed": set() if as_manager else _closed(request),
        "levels": list(LEVEL_NAMES.items()),
        "names": json.dumps(names_of(request.db, request.viewer, [values.get("manager") or ""])),
        "as_manager": as_manager,
    }


def _as_manager(request: Request) -> bool:
    return bool(request.matched_route.name.startswith("admin."))


def _closed(request: Request) -> set[str]:
    """Built-in parts that people do not fill for themselves here."""
    return set(request.plein["plein.directory_fields"]) & set(OF_DIRECTORY)


def _kept(request: Request) -> User:
    user = PeopleService(request.db).find(request.matchdict["login"])
    if user is None:
        raise HTTPNotFound()
    if request.method == "POST" and not may_keep(request.db, request.viewer, user):
        raise HTTPForbidden(_("This account has a site role. Only an administrator can change it."))
    return user


def _me(request: Request) -> User:
    me = request.db.execute(select(User).where(User.id == request.viewer.user_id)).scalar_one_or_none()
    if me is None:
        raise HTTPForbidden()
    return me
