"""The button that follows: what it says, and what pressing it does."""

from typing import Any, Literal

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.inbox.follows import LEVELS_OF, FollowService, NothingThere
from plein.inbox.words import LEVEL_HINTS, LEVEL_NAMES
from plein.security.permissions import SIGNED_IN
from plein.security.redirects import safe_path
from plein.web.forms import Form, parse
from plein.web.i18n import _


class FollowForm(Form):
    kind: Literal["item", "space", "tag", "user"]
    id: int
    #: empty: as if the person had said nothing
    level: Literal["", "all", "following", "mentions", "quiet"] = ""
    next: str = "/"


@view_config(route_name="inbox.follow", request_method="POST", permission=SIGNED_IN)
def follow(request: Request) -> HTTPSeeOther:
    """Follow something, more or less closely, or stop."""
    form, _errors = parse(FollowForm, request.POST)
    if form is None or not 0 < form.id < 2**63:
        raise HTTPNotFound()
    try:
        before = FollowService(request.db, request.viewer).set(form.kind, form.id, form.level or None)
    except NothingThere:
        raise HTTPNotFound() from None
    if (before or "") != form.level:
        values = {"kind": form.kind, "id": str(form.id), "level": before or "", "next": form.next}
        request.notice(_said(form), undo={"url": request.route_path("inbox.follow"), "values": values})
    return HTTPSeeOther(safe_path(form.next))


def _said(form: FollowForm) -> Any:
    if not form.level:
        return _("You do not follow this any more.")
    if form.level in ("mentions", "quiet"):
        return LEVEL_HINTS[form.kind][form.level]
    return _("You follow this now.")


def follow_state(request: Request, kind: str, target_id: int, usual: str | None = None) -> dict[str, Any]:
    """What ``macros.follow_button`` shows. One statement.

    :param usual: how closely the viewer follows it without having said anything; ``site``: as the site says of spaces.
    """
    said, of_site = FollowService(request.db, request.viewer).level_or_usual(kind, target_id)
    usual = of_site if usual == "site" else usual
    hints = LEVEL_HINTS.get(kind, {})
    return {
        "level": said or usual,
        "choices": [(level, LEVEL_NAMES[level], hints.get(level)) for level in LEVELS_OF[kind]],
    }


def includeme(config: Configurator) -> None:
    config.add_request_method(follow_state)
