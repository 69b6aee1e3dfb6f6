"""The pages on which managers write the templates of their space, and administrators those for all spaces."""

from typing import Annotated, Any

from pydantic import Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from sqlalchemy import select

from plein.content.models import Content
from plein.content.writing import shipped, templates
from plein.content.writing.models import ContentTemplate
from plein.content.writing.templates import MAX_NAME, MAX_REQUIRED, TemplateError, Written
from plein.security.permissions import ADMIN
from plein.spaces.contexts import SpaceContext
from plein.spaces.models import Space
from plein.spaces.permissions import MANAGE
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _

_LIST = "plein:templates/content/writing/templates.pt"
_FORM = "plein:templates/content/writing/template.pt"
_FIELDS = ("type", "name", "description", "title", "body", "tags", "required", "position")


class TemplateForm(Form):
    """A template. The headings that must stay come one on a line."""

    type: Annotated[str, Field(max_length=100)]
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    description: Annotated[str, Field(max_length=300)] = ""
    title: Annotated[str, Field(max_length=200)] = ""
    body: Annotated[str, Field(max_length=100_000)] = ""
    tags: Annotated[str, Field(max_length=200)] = ""
    required: Annotated[str, Field(max_length=4_000)] = ""
    position: Annotated[int, Field(ge=0, le=1_000)] = 0
    is_default: bool = False

    def written(self) -> Written:
        """The template as it is stored."""
        required = tuple(line.strip("# \t") for line in self.required.split("\n") if line.strip("# \t"))
        return Written(
            **self.model_dump(exclude={"tags", "required"}),
            tags=tuple(one for one in self.tags.split(",") if one.strip()),
            required=required[:MAX_REQUIRED],
        )


class _Place:
    """Where templates are kept: in a space, or for all; and the addresses of their pages there."""

    def __init__(self, context: Any, request: Request) -> None:
        self.space: Space | None = context.space if isinstance(context, SpaceContext) else None
        self.request = request

    @property
    def space_id(self) -> int | None:
        return self.space.id if self.space is not None else None

    def url(self, page: str = "", **parts: Any) -> str:
        name = ("space" if self.space is not None else "admin") + ".item_templates" + (f".{page}" if page else "")
        place = {"space": self.space.slug} if self.space is not None else {}
        return str(self.request.route_path(name, **place, **parts))


def index(context: Any, request: Request) -> dict[str, Any]:
    """The templates there are."""
    place = _Place(context, request)
    rows = templates.of_place(request.db, place.space_id)
    return {"space": place.space, "place": place, "rows": rows, "types": request.plugins.content_types}


def add_shipped(context: Any, request: Request) -> HTTPSeeOther:
    """Add the templates that Plein brings, in the language of the space, where they are not there yet."""
    place = _Place(context, request)
    language = place.space.language if place.space is not None else request.locale_name
    added = shipped.add(request.db, place.space, language, request.plugins.content_types)
    if added:
        request.notice(_("The templates are there. Change them as you like."))
    else:
        request.notice(_("They are all there already."), kind="info")
    return HTTPSeeOther(place.url())


def new(context: Any, request: Request) -> Any:
    """Write a new template, from nothing or from an item."""
    place = _Place(context, request)
    if request.method == "POST":
        return _store(place, request, None)
    values = dict.fromkeys(_FIELDS, "") | {"type": request.GET.get("type", "")[:100]}
    slug = request.GET.get("from", "")[:300]
    if slug and place.space is not None:
        here = (Content.space_id == place.space.id, Content.type == values["type"], Content.slug == slug)
        item = request.db.scalar(select(Content).where(*here))
        if item is not None:
            values |= {"name": item.title[:MAX_NAME], "body": item.body, "tags": ", ".join(item.tags)}
    return _page(place, request, values, {}, None)


def change(context: Any, request: Request) -> Any:
    """Change a template."""
    place = _Place(context, request)
    row = _found(place, request)
    if request.method == "POST":
        return _store(place, request, row)
    values = {name: getattr(row, name) for name in (*_FIELDS, "is_default")}
    values |= {"tags": ", ".join(row.tags), "required": "\n".join(row.required)}
    return _page(place, request, values, {}, row)


def remove(context: Any, request: Request) -> HTTPSeeOther:
    """Remove a template."""
    place = _Place(context, request)
    templates.remove(request.db, _found(place, request))
    request.notice(_("The template is removed. Pages that were made from it stay as they are."))
    return HTTPSeeOther(place.url())


def _found(place: _Place, request: Request) -> ContentTemplate:
    row = templates.get(request.db, place.space_id, int(request.matchdict["id"]))
    if row is None:
        raise HTTPNotFound()
    return row


def _store(place: _Place, request: Request, row: ContentTemplate | None) -> Any:
    form, errors = parse(TemplateForm, request.POST)
    if form is not None and form.type not in request.plugins.content_types:
        errors = {"type": _("Choose one of the options.")}
    if form is not None and not errors:
        try:
            templates.save(request.db, place.space, form.written(), row)
        except TemplateError as error:
            errors = {error.field: error.sentence}
        else:
            request.notice(_("Saved. Whoever makes something new can choose it."))
            return HTTPSeeOther(place.url())
    request.response.status_int = 422
    return _page(place, request, dict.fromkeys(_FIELDS, "") | typed(request.POST), errors, row)


def _page(
    place: _Place, request: Request, values: dict[str, Any], errors: Errors, row: ContentTemplate | None
) -> dict[str, Any]:
    types = [(one.name, one.title) for one in request.plugins.content_types.values()]
    return {"space": place.space, "place": place, "values": values, "errors": errors, "row": row, "types": types}


_PAGES = (
    ("", "", "GET", index, _LIST),
    (".shipped", "/shipped", "POST", add_shipped, None),
    (".new", "/new", ("GET", "POST"), new, _FORM),
    (".change", r"/{id:\d{1,18}}", ("GET", "POST"), change, _FORM),
    (".remove", r"/{id:\d{1,18}}/remove", "POST", remove, None),
)


def includeme(config: Configurator) -> None:
    for name, address, methods, view, renderer in _PAGES:
        for scope, root, permission, factory in (
            ("space", "/spaces/{space}/-/item-templates", MANAGE, SpaceContext),
            ("admin", "/admin/item-templates", ADMIN, None),
        ):
            config.add_route(f"{scope}.item_templates{name}", root + address, factory=factory)
            config.add_view(
                view,
                route_name=f"{scope}.item_templates{name}",
                request_method=methods,
                permission=permission,
                renderer=renderer,
            )
    config.add_admin_page(
        "admin.item_templates", title=_("Templates of pages"), icon="template", permission=ADMIN, weight=46
    )
