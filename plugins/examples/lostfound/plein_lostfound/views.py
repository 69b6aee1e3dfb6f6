"""Saying that a found thing is yours, and taking that back."""

from pyramid.httpexceptions import HTTPSeeOther

from plein.api import emit, item_factory, translation_factory, utcnow
from plein_lostfound.models import FoundThing

_ = translation_factory("plein_lostfound")


def claim(context, request):
    """Of two who press at once, one is told that it is theirs."""
    item, viewer, back = context.item, request.viewer.user_id, request.POST.get("act") == "back"
    request.db.refresh(item, with_for_update={"of": FoundThing})
    if item.claimed_by_id != (viewer if back else None):
        request.notice(_("Somebody else was first. Look again."), "warning")
        return HTTPSeeOther(context.url("show"))
    item.claimed_by_id, item.claimed_at = (None, None) if back else (viewer, utcnow())
    if back:
        request.notice(_("It is nobody's again."))
    else:
        emit(request.db, "lostfound.claimed", actor_id=viewer, content_id=item.id, addressed=[item.author_id])
        undo = {"url": request.path, "values": {"act": "back"}}
        request.notice(_("It is yours. The finder has been told."), undo=undo)
    return HTTPSeeOther(context.url("show"))


def includeme(config):
    content_type = config.registry["plein.plugins"].content_types["lostfound.item"]
    address = "/spaces/{space}/lostfound/{slug}/claim"
    config.add_route("lostfound.claim", address, factory=item_factory(content_type), request_method="POST")
    config.add_view(claim, route_name="lostfound.claim", permission="lostfound.claim", request_method="POST")
