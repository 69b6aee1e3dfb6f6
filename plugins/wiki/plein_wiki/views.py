"""The wiki's one page of its own: where a page stands in the tree."""

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

from plein.api import ContentContext, item_factory, item_values, translation_factory
from plein_wiki.services import MoveRefused

_ = translation_factory("plein_wiki")


def place(context: ContentContext, request: Request) -> Any:
    """Choose the page above, and put the page and all below it there."""
    service: Any = context.service
    typed = {"parent": "", "position": str(getattr(context.item, "position", 0))}
    errors: dict[str, Any] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        parent = service.find(context.space, typed["parent"])
        if typed["parent"].strip() and parent is None:
            errors["parent"] = _("There is no page with this title here. Choose one from the list.")
        position = typed["position"].strip() or "0"
        if not (position.isascii() and position.isdigit() and len(position) < 5):
            errors["position"] = _("This must be a whole number from 0 to 9999.")
        if not errors:
            try:
                service.place(context.item, parent, int(position))
            except MoveRefused as refused:
                errors["parent"] = refused.sentence
            else:
                request.notice(_("The page has its new place."))
                return HTTPSeeOther(context.url("show"))
        request.response.status_int = 422
    else:
        above = service.above(context.item)
        typed["parent"] = above[-1].title if above else ""
    return {
        **item_values(context, request),
        "typed": typed,
        "errors": errors,
        "titles": service.titles(context.space),
    }


def includeme(config: Configurator) -> None:
    content_type = config.registry["plein.plugins"].content_types["wiki.page"]
    config.add_route("wiki.place", "/spaces/{space}/wiki/{slug}/place", factory=item_factory(content_type))
    config.add_view(
        place,
        route_name="wiki.place",
        permission="wiki.page.move",
        request_method=("GET", "POST"),
        renderer="plein_wiki:templates/place.pt",
    )
