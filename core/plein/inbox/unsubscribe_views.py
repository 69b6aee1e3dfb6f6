"""The page of the link in each mail that stops it. It works for whoever is not signed in, and can do only that."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.inbox.preference_views import preferences_of
from plein.inbox.unsubscribing import ALL, Unsubscription, read_token
from plein.people.models import User
from plein.security.limits import limit, place
from plein.security.permissions import PUBLIC

PAGE = "plein:templates/inbox/unsubscribe.pt"


@view_config(route_name="inbox.unsubscribe", request_method="GET", permission=PUBLIC, renderer=PAGE)
def ask(request: Request) -> dict[str, Any]:
    """A button, and nothing else: opening the link changes nothing."""
    return _page(request, _found(request), done=False)


# The word in the address is the permission, and only who got the mail has it; mail programs send no token of a form.
@view_config(
    route_name="inbox.unsubscribe", request_method="POST", permission=PUBLIC, renderer=PAGE, require_csrf=False
)
def stop(request: Request) -> dict[str, Any]:
    """Stop the mail. Doing it twice does no harm."""
    limit(request, "sign_in", f"unsubscribe {place(request)}", factor=5)
    found = _found(request)
    if found is not None:
        mine = preferences_of(request, found.user_id)
        if found.kind == ALL:
            mine.stop_all()
        elif found.kind in mine.kinds:
            mine.stop(found.kind)
    return _page(request, found, done=True)


def _found(request: Request) -> Unsubscription | None:
    found = read_token(request.plein["plein.secret"], request.matchdict["token"])
    return found if found is not None and request.db.get(User, found.user_id) is not None else None


def _page(request: Request, found: Unsubscription | None, *, done: bool) -> dict[str, Any]:
    if found is None:
        request.response.status_code = 404
    kind = request.plugins.notifications.get(found.kind) if found is not None else None
    return {"works": found is not None, "kind": kind.title if kind is not None else None, "done": done}
