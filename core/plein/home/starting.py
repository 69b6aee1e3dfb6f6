"""Starting a space, from nothing or from a template. It is on this floor because starter pages are content."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.content.contexts import make_service
from plein.content.writing import shipped
from plein.ladder.pages import look_again
from plein.rollout.packages.services import SpaceFunctions, begin
from plein.spaces import words
from plein.spaces.answers import to_home
from plein.spaces.contexts import Standing
from plein.spaces.errors import SpaceError
from plein.spaces.family import Family, choices
from plein.spaces.forms import SpaceForm
from plein.spaces.models import Space
from plein.spaces.permissions import CREATE
from plein.spaces.services import SpaceService
from plein.spaces.space_templates import SpaceTemplates, StarterPage
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

FORM = "plein:templates/spaces/form.pt"


@view_config(route_name="space.new", request_method="GET", permission=CREATE, renderer=FORM)
def new_space(request: Request) -> dict[str, Any]:
    """The form to start a space, with in it what a link or a template gave."""
    values = {"name": request.GET.get("name", "")[:80], "parent": request.GET.get("parent", "")[:80]}
    values |= {"access": "open", "language": request.locale_name}
    template = _templates(request).get(request.GET.get("template", "")[:100])
    if template is not None:
        values |= {"template": template.key, "purpose": template.purpose, "access": template.access}
    return _page(request, values, {})


@view_config(route_name="space.new", request_method="POST", permission=CREATE, renderer=FORM)
def create_space(request: Request) -> Any:
    """Start a space, or show again what was typed with what is wrong with it."""
    form, errors = parse(SpaceForm, request.POST)
    if form is not None:
        try:
            space = _start(request, form)
        except SpaceError as error:
            # Answered with 422, what was made so far is not kept.
            errors = {error.field: error.sentence}
        else:
            message = _("${name} is there. Now write its first page, or add people.", mapping={"name": space.name})
            request.notice(message)
            return to_home(request, space)
    request.response.status_code = 422
    return _page(request, typed(request.POST), errors)


def _start(request: Request, form: SpaceForm) -> Space:
    space = SpaceService(request.db, request.viewer).create(**form.model_dump(exclude={"parent", "template"}))
    Family(request.db, request.viewer, space).place_below(form.parent)
    # In the language of the space, not of whoever starts it.
    templates = SpaceTemplates(request.db, form.language)
    template = templates.get(form.template) if form.template else None
    if template is not None and template.is_offered:
        functions = SpaceFunctions(request.db, request.viewer, space.id, request.installed)
        begin(functions, template.package, template.plugins)
        look_again(request)
        shipped.add(request.db, space, form.language, request.plugins.content_types, template.key)
        templates.apply(template, space, request.plugins.permissions, lambda page: _write(request, space, page))
    return space


def _write(request: Request, space: Space, page: StarterPage) -> None:
    """A starter page, written as any other by whoever starts the space, where they may."""
    content_type = request.plugins.content_types.get(page.type)
    if content_type is None or not request.has_permission(f"{page.type}.create", Standing(space, "manager")):
        return
    service = make_service(request, content_type)
    # Administrators wrote it for spaces like this one; there is nobody yet who could approve it.
    service.approved = True
    service.create(space, title=page.title, body=page.body)


def _templates(request: Request) -> SpaceTemplates:
    return SpaceTemplates(request.db, request.locale_name)


def _page(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    return {
        "values": values,
        "errors": errors,
        "edited": None,
        "heading": _("Start a space"),
        "lead": _("You become its manager. All of this can be changed later."),
        "words": words,
        "parents": choices(request.db, request.viewer),
        "templates": _templates(request).all(),
    }
