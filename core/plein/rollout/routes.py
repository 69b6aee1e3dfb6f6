"""Addresses of the ladder's pages, and its tab in administration."""

from pyramid.config import Configurator

from plein.rollout.acts import ACTS
from plein.rollout.permissions import CHANGE
from plein.spaces.contexts import SpaceContext
from plein.web.i18n import _

_OF_ONE = (
    ("show", ""),
    ("step", "/step"),
    ("end", "/end"),
    ("history", "/history"),
    ("why", "/why"),
    ("undo", r"/steps/{step:\d{1,18}}/undo"),
    ("cancel", r"/steps/{step:\d{1,18}}/cancel"),
)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    config.add_route("admin.functions", "/admin/functions")
    for name, address in _OF_ONE:
        config.add_route(f"admin.functions.{name}", "/admin/functions/{name:[a-z0-9_-]{1,60}}" + address)
    config.add_route("rollout.answer", "/functions/{name:[a-z0-9_-]{1,60}}/answer")
    config.add_route("rollout.pack", "/spaces/{space}/-/functions/{name:[a-z0-9_-]{1,60}}.zip", factory=SpaceContext)
    config.add_admin_page("admin.functions", title=_("Functions"), icon="puzzle", permission=CHANGE, weight=5)
    for module in ("views", "step_views", "show_views", "feedback_views", "packing"):
        config.scan(f"plein.rollout.{module}")
