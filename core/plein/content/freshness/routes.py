"""The addresses of freshness."""

from pyramid.config import Configurator

from plein.content.freshness import care, outdated
from plein.content.freshness.form_part import OwnerPart
from plein.content.freshness.permissions import SITE
from plein.content.freshness.rules import POLICIES
from plein.content.pages import ItemPage
from plein.spaces.contexts import SpaceContext
from plein.web.i18n import _


def includeme(config: Configurator) -> None:
    for policy in POLICIES:
        config.add_policy(policy)
    config.add_form_part(OwnerPart())
    config.add_item_pages(
        ItemPage("care", "/care", care.show, "edit", ("GET", "POST"), template=care.PAGE),
        ItemPage("reviewed", "/reviewed", care.reviewed, "edit", ("POST",)),
        ItemPage("outdated", "/outdated", outdated.report, "view", ("GET", "POST"), template=outdated.PAGE),
        ItemPage("outdated_withdraw", "/outdated/-/withdraw", outdated.withdraw, "view", ("POST",)),
    )
    config.add_route("admin.freshness", "/admin/freshness")
    config.add_route("admin.freshness.csv", "/admin/freshness.csv")
    config.add_route("admin.freshness.item", "/admin/freshness/items/{uid}", factory=care.OfficerContext)
    config.add_view(
        care.show,
        route_name="admin.freshness.item",
        permission=SITE,
        request_method=("GET", "POST"),
        renderer=care.PAGE,
    )
    config.add_admin_page("admin.freshness", title=_("Up to date?"), icon="clipboard-check", permission=SITE, weight=35)
    config.add_route("space.freshness", "/spaces/{space}/-/freshness", factory=SpaceContext)
    config.add_route("space.freshness.csv", "/spaces/{space}/-/freshness.csv", factory=SpaceContext)
    config.add_route("me.review", "/me/review")
    config.scan("plein.content.freshness.lists")
