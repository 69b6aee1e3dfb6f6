"""What managers set in a space, a page for each: what it is and who sees it, its words of welcome, and its end."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.security.permissions import SIGNED_IN
from plein.spaces import words
from plein.spaces.answers import address, refused, to_home
from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import SpaceError
from plein.spaces.family import Family
from plein.spaces.forms import SpaceForm, WelcomeForm
from plein.spaces.keeping import Keeping, welcome_html
from plein.spaces.models import ROLES
from plein.spaces.permissions import MANAGE
from plein.spaces.services import SpaceService
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

FORM = "plein:templates/spaces/form.pt"
WELCOME = "plein:templates/spaces/welcome.pt"
ARCHIVE = "plein:templates/spaces/archive.pt"


def _keeping(context: SpaceContext, request: Request) -> Keeping:
    return Keeping(request.db, request.viewer, context.space)


def _family(context: SpaceContext, request: Request) -> Family:
    return Family(request.db, request.viewer, context.space)


@view_config(route_name="space.settings", request_method="GET", permission=MANAGE, renderer=FORM)
def settings(context: SpaceContext, request: Request) -> dict[str, Any]:
    """The form to change a space."""
    return _form_page(context, request, _values(context, request), {})


@view_config(route_name="space.settings", request_method="POST", permission=MANAGE, renderer=FORM)
def change_settings(context: SpaceContext, request: Request) -> Any:
    """Change a space. The notice can put back what was."""
    space = context.space
    before = _values(context, request)
    form, errors = parse(SpaceForm, request.POST)
    if form is not None:
        wanted = form.model_dump(exclude={"template", "parent"})
        try:
            placed = _family(context, request).place_below(form.parent)
            changed = SpaceService(request.db, request.viewer).update(space, **wanted) or placed
        except SpaceError as error:
            errors = {error.field: error.sentence}
        else:
            undo = {"url": address(context, request, "space.settings"), "values": before}
            message = _("Saved.") if changed else _("Nothing was changed.")
            request.notice(message, "done" if changed else "info", undo if changed else None)
            return to_home(request, space)
    request.response.status_code = 422
    return _form_page(context, request, typed(request.POST), errors)


@view_config(route_name="space.welcome", request_method="GET", permission=MANAGE, renderer=WELCOME)
def welcome(context: SpaceContext, request: Request) -> dict[str, Any]:
    """The words for who is new, as they are read and as they are written."""
    return _welcome_page(context, {"welcome": context.space.welcome}, {})


@view_config(route_name="space.welcome", request_method="POST", permission=MANAGE, renderer=WELCOME)
def change_welcome(context: SpaceContext, request: Request) -> Any:
    """Write the words for who is new."""
    before = context.space.welcome
    form, errors = parse(WelcomeForm, request.POST)
    if form is not None:
        try:
            changed = _keeping(context, request).set_welcome(form.welcome)
        except SpaceError as error:
            errors = {error.field: error.sentence}
        else:
            page = address(context, request, "space.welcome")
            # A long text does not travel in a notice; who wants it back finds the one of now on the page.
            undo = {"url": page, "values": {"welcome": before}} if changed and len(before) < 1_000 else None
            request.notice(_("Saved.") if changed else _("Nothing was changed."), "done" if changed else "info", undo)
            return HTTPSeeOther(page)
    request.response.status_code = 422
    return _welcome_page(context, typed(request.POST), errors)


@view_config(route_name="space.welcomed", request_method="POST", permission=SIGNED_IN)
def welcomed(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Note that the viewer has read the words of welcome, so that they stand aside."""
    if context.role in ROLES:
        _keeping(context, request).has_read()
    return to_home(request, context.space)


@view_config(route_name="space.archive", request_method="GET", permission=MANAGE, renderer=ARCHIVE)
def archiving(context: SpaceContext, request: Request) -> dict[str, Any]:
    """What archiving does, and the button for it."""
    return {"space": context.space, "words": words}


@view_config(route_name="space.archive", request_method="POST", permission=MANAGE)
def archive(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Archive the space: everybody who could read it still does, and nobody adds to it."""
    return _archived(context, request, True)


@view_config(route_name="space.unarchive", request_method="POST", permission=MANAGE)
def unarchive(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Open an archived space again."""
    return _archived(context, request, False)


def _archived(context: SpaceContext, request: Request, archived: bool) -> HTTPSeeOther:
    name = {"name": context.space.name}
    try:
        changed = _keeping(context, request).archive(archived)
    except SpaceError as error:
        refused(request, error)
    else:
        undo = address(context, request, "space.unarchive" if archived else "space.archive")
        message = _("${name} is archived.", mapping=name) if archived else _("${name} is open again.", mapping=name)
        request.notice(message if changed else _("Nothing was changed."), undo=undo if changed else None)
    return to_home(request, context.space)


def _values(context: SpaceContext, request: Request) -> dict[str, str]:
    space = context.space
    fields = {name: getattr(space, name) for name in ("name", "purpose", "access", "language")}
    return fields | {"parent": _family(context, request).parent()}


def _form_page(context: SpaceContext, request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    return {
        "values": values,
        "errors": errors,
        "edited": context.space,
        "heading": _("Settings of ${name}", mapping={"name": context.space.name}),
        "lead": _("Another name does not change the address of the space, so that links to it keep working."),
        "words": words,
        "parents": _family(context, request).choices(),
        "templates": [],
    }


def _welcome_page(context: SpaceContext, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    shown = welcome_html(context.space.welcome, context.space) if context.space.welcome else None
    return {"space": context.space, "values": values, "errors": errors, "shown": shown}
