"""The glossary: the words and abbreviations of the organisation, explained where a text uses them."""

from pyramid.config import Configurator
from pyramid.request import Request

from plein.content.glossary.expanding import Glossary
from plein.contributions import NavigationItem, Permission
from plein.hookspecs import hookimpl
from plein.web.i18n import _

CHANGE = "glossary.change"

ACTS = {
    "glossary.added": _("Word added to the glossary"),
    "glossary.changed": _("Word of the glossary changed"),
    "glossary.removed": _("Word removed from the glossary"),
}


@hookimpl
def register_permissions() -> list[Permission]:
    return [Permission(CHANGE, _("Change the glossary"), ("admin", "content_officer"), scope="site", effect="manage")]


@hookimpl
def navigation_items(request: Request) -> list[NavigationItem]:
    # Nothing to look up, nothing to find: an empty glossary is only for who fills it.
    if not request.viewer.is_signed_in or not request.registry["plein.glossary"].words(request.viewer.rights):
        return []
    return [NavigationItem(_("Glossary"), request.route_path("glossary"), icon="vocabulary", weight=80)]


def includeme(config: Configurator) -> None:
    config.remember("plein.glossary", lambda registry: Glossary(registry["plein.engine"]))
    config.add_audit_acts(ACTS)
    config.add_route("glossary", "/glossary")
    config.add_route("glossary.new", "/glossary/-/new")
    config.add_route("glossary.term", "/glossary/{number}")
    config.add_route("glossary.remove", "/glossary/{number}/remove")
    config.add_admin_page("glossary", title=_("Glossary"), icon="vocabulary", permission=CHANGE, weight=45)
    config.scan("plein.content.glossary.views")
