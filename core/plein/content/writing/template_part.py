"""In the form of an item: from which template it comes, and whether the headings that must be filled in are."""

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request

from plein.content.contexts import TypeContext
from plein.content.models import Content
from plein.content.writing import templates
from plein.content.writing.models import ContentTemplate
from plein.db import utcnow
from plein.web.forms import Errors
from plein.web.i18n import _, show_date

FIELD = "template"


class TemplatePart:
    """Asks nothing: it brings the template along, and looks at the text when it is to be read by others."""

    name = "template"
    weight = 5
    template = "plein:templates/content/writing/template_part.pt"

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any] | None:
        if getattr(context, "item", None) is not None or not typed.get(FIELD):
            return None
        return {"value": typed[FIELD]}

    def read(self, context: TypeContext, request: Request, errors: Errors) -> ContentTemplate | None:
        """The template; a draft may have empty parts, and what is published may not."""
        item, given = getattr(context, "item", None), str(request.POST.get(FIELD, ""))
        if item is not None:
            found = templates.came_from(request.db, item)
        elif given:
            found = templates.chosen(templates.offered(request.db, context.space, context.type.name), given)
        else:
            return None
        if found is None or not found.required or request.POST.get("act") == "draft" or "preview" in request.POST:
            return found
        wrong = templates.not_filled_in(
            found, str(request.POST.get("body", "")).replace("\r\n", "\n"), context.service.limits
        )
        if wrong is not None:
            heading, is_there = wrong
            sentence = (
                _("Fill in what belongs below “${heading}”.", mapping={"heading": heading})
                if is_there
                else _("The heading “${heading}” must stay in the text. Put it back.", mapping={"heading": heading})
            )
            errors.setdefault("body", sentence)
        return found

    def store(self, context: TypeContext, request: Request, item: Content, read: ContentTemplate | None) -> None:
        if read is not None and getattr(context, "item", None) is None:
            templates.comes_from(request.db, item, read.id)


def filled_from(context: TypeContext, request: Request, row: ContentTemplate, opened: dict[str, Any]) -> dict[str, Any]:
    """The form of a new item as the template *row* begins it."""
    title = opened.get("title", "")
    values = {
        "date": today(request),
        "author": request.viewer.name,
        "space": context.space.name,
    }
    title = title or templates.fill(row.title, values)
    values |= {"title": title} if title else {}
    return {
        **opened,
        "title": title,
        "body": templates.fill(row.body, values),
        "tags": ", ".join(row.tags),
        FIELD: str(row.id),
    }


def today(request: Request) -> str:
    """The date of today, as people read it."""
    return show_date(request, utcnow())


def fill_title(request: Request) -> None:
    """A text that waits for its title gets it, when it is sent."""
    if request.POST.get(FIELD) and "preview" not in request.POST:
        body, title = str(request.POST.get("body", "")), str(request.POST.get("title", "")).strip()
        if title:
            request.POST["body"] = templates.fill(body, {"title": title})
