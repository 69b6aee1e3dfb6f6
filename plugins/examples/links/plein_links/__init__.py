"""Links: addresses worth keeping. A type of its own table, with a permission; all the rest Plein gives."""

from plein.api import ContentType, Field, Permission, hookimpl, translation_factory
from plein_links.models import Link

_ = translation_factory("plein_links")
summary = _("Addresses worth keeping, in every space")
KINDS = (("site", _("Website")), ("tool", _("Tool")), ("law", _("Law or rule")))


@hookimpl
def register_content_types():
    fields = (
        Field("address", _("Address"), "url", required=True, listed=True),
        Field("category", _("Kind of link"), "choice", choices=KINDS, listed=True),
        Field("recommended", _("Recommended"), "yes", listed=True, permission="links.recommend"),
    )
    templates = {"card": "plein_links:templates/card.pt"}
    return [ContentType("links.link", _("Link"), _("Links"), "links", Link, "link", fields=fields, templates=templates)]


@hookimpl
def register_permissions():
    return [Permission("links.recommend", _("Recommend a link"), roles=("manager", "editor"))]
