"""The inbox: its page, the number at the bell, and marking as read."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from plein.db import utcnow
from plein.inbox import reading
from plein.inbox.marking import Marking
from plein.inbox.models import Notification
from plein.inbox.reading import ALL, FILTERS, MOST, Teller, Told
from plein.security.permissions import PUBLIC, SIGNED_IN
from plein.security.redirects import safe_path
from plein.web.i18n import _, time_zone

#: Seconds between two looks of the bell.
EVERY = 60


def teller(request: Request) -> Teller:
    """Words for who asks."""
    known = request.plugins
    words = request.localizer.translate
    return Teller(known.content_types, known.notifications, words, request.script_name, locale=request.locale_name)


@view_config(route_name="inbox", request_method="GET", permission=SIGNED_IN, renderer="plein:templates/inbox/list.pt")
def inbox(request: Request) -> dict[str, Any]:
    """What the person was told, unread first, by day."""
    show = request.GET.get("show", ALL)
    show = show if show in FILTERS else ALL
    found, after = reading.page(request.db, request.viewer.user_id, show, request.GET.get("after", ""))
    told = [teller(request).tell(row) for row in found]
    number, _newest = reading.unread(request.db, request.viewer.user_id)
    return {
        "groups": by_day(request, told),
        "show": show,
        "after": request.route_path("inbox", _query={"show": show, "after": after}) if after else None,
        "is_first": not request.GET.get("after"),
        "number": number,
        "shown_number": shown(number),
    }


def by_day(request: Request, told: Iterable[Told]) -> list[tuple[bool, date, list[Told]]]:
    """Grouped: whether they are read, the day, and those of that day."""
    zone = time_zone(request)

    def place(one: Told) -> tuple[bool, date]:
        return one.is_read, one.created_at.astimezone(zone).date()

    return [(*key, list(some)) for key, some in groupby(told, place)]


def shown(number: int) -> str:
    """A number as the bell shows it."""
    return f"{MOST - 1}+" if number >= MOST else str(number)


# Public, so that a page that stayed open hears "not signed in" and not a page to sign in at.
@view_config(route_name="inbox.unread", request_method="GET", permission=PUBLIC)
def unread(request: Request) -> Response:
    """How many are unread. Asked every minute by every open page: one statement, and most answers are empty."""
    if not request.viewer.is_signed_in:
        return Response(json_body={"count": None}, status=401)
    number, newest = reading.unread(request.db, request.viewer.user_id)
    answer = Response(json_body={"count": number, "shown": shown(number), "every": EVERY})
    answer.etag = f"{request.viewer.user_id}-{number}-{newest}"
    answer.conditional_response = True
    return answer


@view_config(route_name="inbox.read", request_method="POST", permission=SIGNED_IN)
def read(request: Request) -> HTTPSeeOther:
    """Mark one as read, or with ``unread`` as unread."""
    marking, number = Marking(request.db, request.viewer), int(request.matchdict["id"])
    if request.POST.get("unread"):
        marking.unread(Notification.id == number)
    else:
        marking.one(number)
    return HTTPSeeOther(safe_path(request.POST.get("next"), request.route_path("inbox")))


@view_config(route_name="inbox.read_all", request_method="POST", permission=SIGNED_IN)
def read_all(request: Request) -> HTTPSeeOther:
    """Mark everything as read."""
    now = utcnow()
    if Marking(request.db, request.viewer).read(at=now):
        undo = {"url": request.route_path("inbox.unread_again"), "values": {"at": now.isoformat()}}
        request.notice(_("Everything is marked as read."), undo=undo)
    return HTTPSeeOther(request.route_path("inbox"))


@view_config(route_name="inbox.unread_again", request_method="POST", permission=SIGNED_IN)
def unread_again(request: Request) -> HTTPSeeOther:
    """Undo marking everything as read: exactly what was marked at that moment."""
    try:
        at = datetime.fromisoformat(str(request.POST.get("at")))
    except ValueError:
        raise HTTPNotFound() from None
    if at.tzinfo is None:
        raise HTTPNotFound()
    Marking(request.db, request.viewer).unread(Notification.read_at == at)
    return HTTPSeeOther(request.route_path("inbox"))


@view_config(route_name="inbox.seen", request_method="POST", permission=SIGNED_IN)
def seen(request: Request) -> Response:
    """The person looks at an item: what they were told of it is read. Asked by the script of its page."""
    number = request.POST.get("item", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise HTTPNotFound()
    Marking(request.db, request.viewer).about(int(number))
    return Response(status=204)
