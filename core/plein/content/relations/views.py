"""Choosing what stands under "see also", with and without a picker."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.content.contexts import ContentContext
from plein.content.models import Content
from plein.content.relations import finding
from plein.content.relations.services import MOST, AlsoService, NotRelated
from plein.content.relations.showing import linked
from plein.content.views.show import item_values
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.spaces.contexts import standings
from plein.spaces.models import Space
from plein.web.i18n import _

_LONGEST = 300
#: Somebody who types asks more often than somebody who searches.
_OFTEN = 5


def also(context: ContentContext, request: Request) -> Any:
    """The list, with a form to add to it; each row can be moved and taken away."""
    errors: dict[str, Any] = {}
    text = request.POST.get("item", "")[:_LONGEST].replace("\0", "")
    if request.method == "POST":
        service, act = AlsoService(request.db), request.POST.get("act", "")
        if act in ("up", "down"):
            service.move(context.item, _number(request), -1 if act == "up" else 1)
            return HTTPSeeOther(context.url("also"))
        if act == "remove":
            return _remove(context, request, service)
        errors = _add(context, request, service, text)
        if not errors:
            return HTTPSeeOther(context.url("also"))
        request.response.status_int = 422
    return {
        **item_values(context, request),
        "rows": linked(request, context.item).also,
        "types": request.plugins.content_types,
        "typed": text,
        "both": request.POST.get("both") == "1",
        "errors": errors,
    }


def _number(request: Request) -> int:
    text = request.POST.get("row", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _add(context: ContentContext, request: Request, service: AlsoService, text: str) -> dict[str, Any]:
    """Add what was typed; gives what is wrong with it."""
    if not text.strip():
        return {"item": _("Fill this in.")}
    try:
        other = finding.find(request.db, text, request.plugins.content_types)
        both = request.POST.get("both") == "1"
        allowed = not both or may_change(request, other)
        new = service.add(context.item, other, both=both and allowed)
    except finding.NoSuchItem as error:
        return {"item": error.sentence}
    except NotRelated as error:
        sentences = {
            "itself": _("This is the page itself. Choose another one."),
            "many": _("At most ${count} pages fit under “See also”. Take one away first.", mapping={"count": MOST}),
        }
        return {"item": sentences[str(error)]}
    if not allowed:
        message = _("Added here. You may not change “${title}”, so it does not show this page.", mapping=_title(other))
        request.notice(message, kind="info")
    elif new:
        request.notice(_("“${title}” is added.", mapping=_title(other)))
    else:
        request.notice(_("“${title}” was there already.", mapping=_title(other)), kind="info")
    return {}


def _title(item: Content) -> dict[str, str]:
    return {"title": item.title}


def _remove(context: ContentContext, request: Request, service: AlsoService) -> HTTPSeeOther:
    row = next((row for row in linked(request, context.item).also if row.id == _number(request)), None)
    if row is not None and service.remove(context.item, row.id) is not None:
        address = request.route_path(f"{row.type}.show", space=row.space, slug=row.slug)
        request.notice(
            _("“${title}” is taken away here.", mapping={"title": row.title}),
            undo={"url": context.url("also"), "values": {"act": "add", "item": address}},
        )
    return HTTPSeeOther(context.url("also"))


def may_change(request: Request, item: Content) -> bool:
    """Whether the viewer may change *item*, which may be of another type and in another space."""
    if item.type not in request.plugins.content_types or item.locked:
        return False
    if item.restricted and request.viewer.user_id not in (item.author_id, item.owner_id):
        return False
    places = standings(request.db, request.viewer, Space.id == item.space_id)
    return any(request.has_permission(f"{item.type}.edit", place) for place in places)


@view_config(route_name="relations.suggest", request_method="GET", permission=SIGNED_IN, renderer="json")
def suggest(request: Request) -> dict[str, Any]:
    """Items for ``?q=`` by title, as ``{"found": [{value, label, hint, …}, …]}``; the value is an address."""
    limit(request, "search", f"suggest {request.viewer.user_id}", factor=_OFTEN)
    types = request.plugins.content_types
    rows = finding.suggest(request.db, request.GET.get("q", "")[:_LONGEST].replace("\0", ""))
    return {"found": [_shown(request, row, types[row.type]) for row in rows if row.type in types]}


def _shown(request: Request, row: Any, content_type: Any) -> dict[str, Any]:
    address = request.route_path(f"{row.type}.show", space=row.space, slug=row.slug)
    hint = f"{request.localizer.translate(content_type.title)} · {row.space_name}"
    return {"value": address, "label": row.title, "hint": hint, "guest": False, "group": False, "url": address}
