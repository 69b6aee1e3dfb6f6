"""Packages of functions: which functions the managers of a space may choose from, and what people ask for.

An administrator puts together a few packages; a space gets one from its template or by hand. What somebody misses they
ask for, and administrators see how many people of which department do.
"""

from pyramid.config import Configurator

from plein.contributions import PersonalData
from plein.hookspecs import hookimpl
from plein.rollout.packages.acts import ACTS
from plein.rollout.permissions import CHANGE
from plein.web.i18n import _

_ROUTES = (
    ("functions", "/functions"),
    ("functions.ask", "/functions/{plugin:[a-z][a-z0-9]*}/ask"),
    ("functions.ask_no_more", "/functions/{plugin:[a-z][a-z0-9]*}/ask-no-more"),
    ("admin.packages", "/admin/packages"),
    ("admin.packages.new", "/admin/packages/-/new"),
    ("admin.packages.change", "/admin/packages/{package}"),
    ("admin.packages.remove", "/admin/packages/{package}/remove"),
    ("admin.packages.asked", "/admin/asked-functions"),
)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return [
        PersonalData(
            "function_wish",
            ("user_id", "plugin", "space_id", "reason", "asked_at"),
            _("Functions that you asked for"),
            "contract",
            _("Until you take it back, or the function is there for you"),
        )
    ]


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.include("plein.rollout.packages.space_views")
    config.add_admin_page(
        "admin.packages", title=_("Packages of functions"), icon="checks", permission=CHANGE, weight=6
    )
    for module in ("admin_views", "asking_views"):
        config.scan(f"plein.rollout.packages.{module}")
