"""Pages with lists of what must be checked: of a space, of the site, and my own."""

import csv
from datetime import date
from io import StringIO
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from plein.content.freshness import listing
from plein.content.freshness.caring import bulk
from plein.content.freshness.listing import FILTERS, Scope
from plein.content.freshness.owners import OWNER_ROLES, ROLE, ROLE_TITLES
from plein.content.freshness.permissions import SITE, SPACE
from plein.content.freshness.reads import shown
from plein.people.standing import today
from plein.security.permissions import SIGNED_IN
from plein.spaces.contexts import SpaceContext
from plein.web.i18n import _, show_date

OF_SPACE = "plein:templates/freshness/space.pt"
OF_SITE = "plein:templates/freshness/site.pt"
MINE = "plein:templates/freshness/mine.pt"

TITLES = {
    "care": _("Needs care"),
    "overdue": _("Past its date"),
    "reported": _("Reported"),
    "unowned": _("Without an owner"),
    "left": _("Owner is not here any more"),
    "never": _("Never checked"),
    "all": _("All pages"),
}
#: What a spreadsheet would run as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@view_config(route_name="admin.freshness", request_method=("GET", "POST"), permission=SITE, renderer=OF_SITE)
def of_site(request: Request) -> Any:
    """What must be checked in all spaces that the viewer sees."""
    return _list(request, None, "admin.freshness")


@view_config(route_name="space.freshness", request_method=("GET", "POST"), permission=SPACE, renderer=OF_SPACE)
def of_space(context: SpaceContext, request: Request) -> Any:
    """What must be checked in the space."""
    answer = _list(request, context.space.id, "space.freshness", space=context.space.slug)
    return answer if isinstance(answer, HTTPSeeOther) else {**answer, "space": context.space}


@view_config(route_name="admin.freshness.csv", request_method="GET", permission=SITE)
def file_of_site(request: Request) -> Response:
    return _file(request, None)


@view_config(route_name="space.freshness.csv", request_method="GET", permission=SPACE)
def file_of_space(context: SpaceContext, request: Request) -> Response:
    return _file(request, context.space.id)


@view_config(route_name="me.review", request_method=("GET", "POST"), permission=SIGNED_IN, renderer=MINE)
def mine(request: Request) -> Any:
    """What I look after: first what must be checked."""
    everything = request.GET.get("show") == "all"
    address = request.route_path("me.review", _query={"show": "all"} if everything else None)
    going, errors = bulk(request, address) if request.method == "POST" else (None, {})
    if going is not None:
        return going
    if errors:
        request.response.status_int = 422
    after = _number(request.GET.get("after", ""))
    scope = Scope(tuple(request.plugins.content_types))
    return {
        "page": listing.mine(request.db, request.viewer, scope, due=not everything, after=after),
        "address": address,
        "everything": everything,
        "after": after,
        **_rows_values(request, errors),
    }


def _list(request: Request, space_id: int | None, route: str, **parts: Any) -> Any:
    show, scope = _asked(request, space_id)
    query = {name: value for name, value in (("show", show), ("type", scope.type)) if value and value != "care"}
    address = request.route_path(route, **parts, _query=query or None)
    going, errors = bulk(request, address) if request.method == "POST" else (None, {})
    if going is not None:
        return going
    if errors:
        request.response.status_int = 422
    after = _number(request.GET.get("after", ""))

    def at(**more: Any) -> str:
        found = {name: value for name, value in {**query, **more}.items() if value and value != "care"}
        return str(request.route_path(route, **parts, _query=found or None))

    return {
        "page": listing.listing(request.db, scope, show=show, after=after),
        "counts": listing.counts(request.db, scope),
        "months": listing.months(request.db, space_id),
        "filters": [(name, TITLES[name]) for name in FILTERS],
        "show": show,
        "scope": scope,
        "types": [(name, one.plural) for name, one in request.plugins.content_types.items()],
        "after": after,
        "at": at,
        "address": address,
        "csv_url": request.route_path(f"{route}.csv", **parts, _query=query or None),
        **_rows_values(request, errors),
    }


def _rows_values(request: Request, errors: dict[str, Any]) -> dict[str, Any]:
    """What a table of items that must be checked is given."""
    return {
        "day": today(),
        "reads": shown,
        "titles": TITLES,
        "role_titles": ROLE_TITLES,
        "owner_roles": [(ROLE + role, ROLE_TITLES[role]) for role in reversed(OWNER_ROLES)],
        "errors": errors,
        "picked": request.POST.getall("item") if errors else [],
        "who": request.POST.get("who", "")[:200] if errors else "",
        "owner_choice": request.POST.get("owner", "") if errors else "person",
        "month_name": lambda month: show_date(request, month).partition(" ")[2],
    }


def _asked(request: Request, space_id: int | None) -> tuple[str, Scope]:
    show, type_name = request.GET.get("show", "care"), request.GET.get("type", "")
    types = tuple(request.plugins.content_types)
    return show if show in FILTERS else "care", Scope(types, space_id, type_name if type_name in types else "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _file(request: Request, space_id: int | None) -> Response:
    """The list as a file for a spreadsheet, in which no cell is a formula."""
    show, scope = _asked(request, space_id)
    translate = request.localizer.translate
    out = StringIO()
    writer = csv.writer(out)
    head = (
        _("Title"), _("Address"), _("Space"), _("Kind"), _("Owner"), _("Check before"), _("Checked on"),
        _("Reports"), _("Read in 90 days"),
    )  # fmt: skip
    writer.writerow([translate(title) for title in head])
    types = request.plugins.content_types
    for row in listing.lines(request.db, scope, show):
        address = request.route_url(f"{row.type}.show", space=row.space, slug=row.slug)
        role = translate(ROLE_TITLES[row.owner_role]) if row.owner_role in ROLE_TITLES else ""
        cells = (
            row.title, address, row.space_name, translate(types[row.type].title), row.owner or role,
            _day(row.review_on), _day(row.reviewed_at and row.reviewed_at.date()), row.open_reports,
            translate(shown(row.popularity)),
        )  # fmt: skip
        writer.writerow([_safe(str(cell)) for cell in cells])
    response = Response(out.getvalue(), content_type="text/csv", charset="utf-8")
    response.content_disposition = 'attachment; filename="freshness.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
