"""Pages of spaces: the list, and one space's home. Starting one, settings and members have modules of their own."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.security.permissions import SIGNED_IN
from plein.spaces import words
from plein.spaces.contexts import SpaceContext
from plein.spaces.family import Family
from plein.spaces.joining import Joining, is_expired, is_waiting
from plein.spaces.keeping import Keeping, welcome_html
from plein.spaces.models import DECLINED, ROLES
from plein.spaces.permissions import MEMBERS
from plein.spaces.services import SpaceService
from plein.web.blocks import blocks

#: How many people a space's home shows by name.
FACES = 8

LIST = "plein:templates/spaces/list.pt"
HOME = "plein:templates/spaces/home.pt"


def _service(request: Request) -> SpaceService:
    return SpaceService(request.db, request.viewer)


@view_config(route_name="space.list", request_method="GET", permission=SIGNED_IN, renderer=LIST)
def list_spaces(request: Request) -> dict[str, Any]:
    """Spaces by name: all that the viewer may know of, or their own; a link holds every choice made."""
    show = request.GET.get("show", "")
    mine = show == "mine"
    text = request.GET.get("q", "")[:100].strip()
    after = request.GET.get("after", "")[:300]
    page = _service(request).page(mine=mine, archived=show == "archived", text=text, after=after)
    return {"page": page, "mine": mine, "archived": show == "archived", "text": text, "after": after, "words": words}


@view_config(route_name="space.home", request_method="GET", permission=SIGNED_IN, renderer=HOME)
def home(context: SpaceContext, request: Request) -> dict[str, Any]:
    """What a space is for and what happens in it; for who may not read it, how to come in."""
    members = Joining(request.db, request.viewer, context.space)
    may_decide = request.has_permission(MEMBERS)
    own, is_in = context.membership, context.role in ROLES
    family = Family(request.db, request.viewer, context.space)
    is_new = is_in and Keeping(request.db, request.viewer, context.space).is_new()
    return {
        "above": family.above(),
        "below": family.below(),
        "welcome": welcome_html(context.space.welcome, context.space) if context.space.welcome and is_in else None,
        "is_new": is_new,
        "space": context.space,
        "role": context.role,
        "membership": own if own is not None and own.role in ROLES else None,
        "group": members.group_that_keeps(request.viewer.user_id) if is_in and not _is_own(context) else "",
        "asked": is_waiting(own),
        "declined": own is not None and own.role == DECLINED,
        "expired": is_expired(own),
        "until": own.expires_at if own is not None else None,
        "may_join": not is_in and not is_waiting(own) and request.viewer.kind == "person",
        "words": words,
        "count": members.count(),
        "managers": members.managers(size=FACES) if context.reads else [],
        "people": members.page(size=FACES).members if context.reads else [],
        "waiting": members.count_requests() if may_decide else 0,
        "cards": blocks(request, "space.main", context) if context.reads else [],
        "side_cards": blocks(request, "space.side", context) if context.reads else [],
        "create": [
            kind for kind in request.plugins.content_types.values() if request.has_permission(f"{kind.name}.create")
        ],
    }


def _is_own(context: SpaceContext) -> bool:
    """Whether the viewer's role in the space is their own, and not one that a group gives."""
    return context.membership is not None and context.membership.role == context.role
