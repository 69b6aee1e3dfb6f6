"""Addresses of search, and its page of administration."""

from pyramid.config import Configurator

from plein.search.permissions import ACTS, MANAGE
from plein.web.i18n import _

_NUMBER = "{id:[0-9]{1,18}}"


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    config.add_route("search", "/search")
    config.add_route("search.suggest", "/search/-/suggest")
    config.add_route("search.save", "/search/-/saved")
    config.add_route("search.forget", f"/search/-/saved/{_NUMBER}/remove")
    config.add_route("admin.search", "/admin/search")
    config.add_route("admin.search.synonyms", "/admin/search/synonyms")
    config.add_route("admin.search.synonym_remove", f"/admin/search/synonyms/{_NUMBER}/remove")
    config.add_route("admin.search.bets", "/admin/search/bets")
    config.add_route("admin.search.bet_remove", f"/admin/search/bets/{_NUMBER}/remove")
    config.add_route("admin.search.missed_forget", "/admin/search/missed/forget")
    config.add_admin_page("admin.search", title=_("Search words"), icon="search", permission=MANAGE, weight=40)
    for module in ("views", "suggesting", "saved_views", "manage_views"):
        config.scan(f"plein.search.{module}")
