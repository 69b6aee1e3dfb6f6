"""Templates of spaces: the list, changing one, and making one of a space that turned out well."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.content.models import Content
from plein.rollout.packages.services import PackageService
from plein.rollout.titles import titles
from plein.spaces import words
from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import SpaceError
from plein.spaces.keeping import MAX_WELCOME
from plein.spaces.permissions import MANAGE, TEMPLATES
from plein.spaces.services import MAX_PURPOSE
from plein.spaces.space_templates import MAX_PAGES, SpaceTemplates, StarterPage, Template, of_space
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _

LIST = "plein:templates/admin/space_templates.pt"
FORM = "plein:templates/admin/space_template.pt"
#: Empty rows under the pages and groups there are.
SPARE = 2
MAX_BODY = 20_000
#: What comes back as it was typed where a field is too long; the form itself keeps to the lengths.
_TEXTS = ("name", "description", "purpose", "welcome")


class TemplateForm(Form):
    """A template. Pages and groups come as rows of fields; a row without a title or group is left out."""

    name: Annotated[str, Field(max_length=80)] = ""
    description: Annotated[str, Field(max_length=300)] = ""
    purpose: Annotated[str, Field(max_length=MAX_PURPOSE)] = ""
    access: str = "open"
    welcome: Annotated[str, Field(max_length=MAX_WELCOME)] = ""
    is_offered: bool = False
    package: str = ""
    plugins: list[str] = []
    page_type: list[str] = []
    page_title: list[str] = []
    page_body: list[Annotated[str, Field(max_length=MAX_BODY)]] = []
    group: list[str] = []
    group_role: list[str] = []
    #: the changed permissions to keep, as ``permission:role``
    cell: list[str] = []

    def applied_to(self, template: Template) -> Template:
        """*template* as the form says."""
        pages = zip(self.page_type, self.page_title, self.page_body, strict=False)
        groups = zip(self.group, self.group_role, strict=False)
        return replace(
            template,
            name=self.name,
            description=self.description,
            purpose=self.purpose,
            access=self.access,
            welcome=self.welcome,
            is_offered=self.is_offered,
            package=self.package,
            plugins=tuple(sorted(set(self.plugins))),
            pages=tuple(StarterPage(*page) for page in pages if page[1] or page[2])[: MAX_PAGES + 1],
            groups=tuple((slug.removeprefix("group:"), role) for slug, role in groups if slug),
            permissions=tuple(one for one in template.permissions if f"{one[0]}:{one[1]}" in self.cell),
        )


@view_config(route_name="admin.space_templates", request_method="GET", permission=TEMPLATES, renderer=LIST)
def templates(request: Request) -> dict[str, Any]:
    """All templates, those that are not offered too."""
    return {"templates": _service(request).all(offered=False)}


@view_config(route_name="admin.space_template_new", request_method="POST", permission=TEMPLATES)
def new(request: Request) -> HTTPSeeOther:
    """A new template with nothing in it, and on to its form."""
    name = request.localizer.translate(_("New template"))
    return _made(request, Template(key=_service(request).free_key(name), name=name, is_offered=False))


@view_config(route_name="space.make_template", request_method="POST", permission=MANAGE)
def make(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """A template like a space. It is offered once somebody has looked at what is in it.

    :raises HTTPForbidden: for managers of the space who do not make templates.
    """
    if not request.has_permission(TEMPLATES):
        raise HTTPForbidden()
    rows = request.db.execute(
        select(Content.type, Content.title, Content.body)
        .where(Content.space_id == context.space.id, Content.state == "published", Content.restricted.is_(False))
        .order_by(Content.id)
        .limit(MAX_PAGES)
    )
    pages = [StarterPage(*row) for row in rows if len(row.body) <= MAX_BODY]
    key = _service(request).free_key(context.space.name)
    return _made(request, of_space(request.db, context.space, request.installed.permissions, pages, key))


@view_config(route_name="admin.space_template", request_method="GET", permission=TEMPLATES, renderer=FORM)
def edit(request: Request) -> dict[str, Any]:
    """The form to change a template."""
    template = _template(request)
    return _page(request, template, template, {})


@view_config(route_name="admin.space_template", request_method="POST", permission=TEMPLATES, renderer=FORM)
def change(request: Request) -> Any:
    """Change a template. Spaces that started from it stay as they are."""
    template = _template(request)
    form, errors = parse(TemplateForm, request.POST)
    shown = template
    if form is not None:
        shown = form.applied_to(template)
        try:
            _service(request).save(shown)
        except SpaceError as error:
            errors = {error.field: error.sentence}
        else:
            request.notice(_("Saved."))
            return HTTPSeeOther(request.route_path("admin.space_templates"))
    else:
        kept: dict[str, Any] = {name: value for name, value in typed(request.POST).items() if name in _TEXTS}
        shown = replace(template, **kept)
    request.response.status_code = 422
    return _page(request, template, shown, errors)


def _made(request: Request, template: Template) -> HTTPSeeOther:
    _service(request).save(template)
    request.notice(_("The template is there. Look at what is in it, and offer it when it is right."))
    return HTTPSeeOther(request.route_path("admin.space_template", key=template.key))


def _service(request: Request) -> SpaceTemplates:
    return SpaceTemplates(request.db, request.locale_name)


def _template(request: Request) -> Template:
    found = _service(request).get(request.matchdict["key"])
    if found is None:
        raise HTTPNotFound()
    return found


def _page(request: Request, template: Template, shown: Template, errors: Errors) -> dict[str, Any]:
    types = request.installed.content_types
    known = request.installed.permissions
    empty = StarterPage(next(iter(types), ""), "", "")
    return {
        "template": template,
        "shown": shown,
        "errors": errors,
        "pages": [*shown.pages, *[empty] * SPARE],
        "groups": [*shown.groups, *[("", "member")] * SPARE],
        "types": [(name, kind.title) for name, kind in types.items()],
        "packages": [(one.slug, one.title) for one in PackageService(request.db).all()],
        "plugins": sorted(
            titles(request.installed, request.localizer.translate).items(), key=lambda one: one[1].casefold()
        ),
        "cells": [
            (f"{name}:{role}", known[name].title if name in known else name, role, allowed)
            for name, role, allowed in template.permissions
        ],
        "kept": {f"{name}:{role}" for name, role, _allowed in shown.permissions},
        "words": words,
    }
