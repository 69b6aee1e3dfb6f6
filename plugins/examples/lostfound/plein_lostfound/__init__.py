"""Lost and found: what somebody found, and a button for whose it is."""

from plein.api import (
    Action,
    Block,
    ContentType,
    Field,
    NotificationType,
    Permission,
    PersonalData,
    hookimpl,
    names_of,
    pictures_of,
    translation_factory,
)
from plein_lostfound.models import FoundThing

_ = translation_factory("plein_lostfound")

title = _("Lost and found")
summary = _("What somebody found, with a photo, and a button for whose it is")


@hookimpl
def register_content_types():
    fields = (
        Field("place", _("Place"), listed=True, hint=_("Where it is, or where to go.")),
        Field("day", _("Date"), "date", listed=True),
    )
    shown = {"card": "plein_lostfound:templates/card.pt"}
    names = (_("Found thing"), _("Lost and found"), "lostfound")
    return [ContentType("lostfound.item", *names, FoundThing, "map-pin", fields=fields, templates=shown, view="cards")]


@hookimpl
def register_permissions():
    roles = ("manager", "editor", "member", "reader", "visitor")
    return [Permission("lostfound.claim", _("Say that a found thing is yours"), roles=roles)]


@hookimpl
def register_notifications():
    sentence = _("${actor} says that ${title} is theirs")
    return [
        NotificationType("lostfound.claimed", _("Somebody claims what you found"), sentence, "checks", default="mail")
    ]


@hookimpl
def register_personal_data():
    columns = ("claimed_by_id", "claimed_at")
    kept_for = _("As long as the item is there")
    return [PersonalData("lostfound_item", columns, _("Whose a found thing is"), "interest", kept_for, erased="unlink")]


@hookimpl
def content_actions(request, item):
    if item.type != "lostfound.item" or item.claimed_by_id or not request.has_permission("lostfound.claim"):
        return []
    address = request.route_path("lostfound.claim", space=request.context.space.slug, slug=item.slug)
    return [Action(_("This is mine"), address, icon="checks", method="POST", is_main=True)]


@hookimpl
def page_items(request, slot, context):
    if slot != "content.banner" or context.item.type != "lostfound.item":
        return []
    item = context.item
    claimer = names_of(request.db, [item.claimed_by_id]).get(item.claimed_by_id)
    values = {"item": item, "picture": pictures_of(request, [item.id]).get(item.id), "claimer": claimer}
    return [Block(_("Lost and found"), "plein_lostfound:templates/found.pt", values)]


def includeme(config):
    config.include("plein_lostfound.views")
