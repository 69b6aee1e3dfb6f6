"""Addresses of the inbox."""

from pyramid.config import Configurator

from plein.people.sessions import BY_ITSELF

_ROUTES = (
    ("inbox", "/inbox"),
    ("inbox.follow", "/inbox/follow"),
    ("inbox.unread", "/inbox/unread"),
    ("inbox.read_all", "/inbox/read-all"),
    ("inbox.unread_again", "/inbox/unread-again"),
    ("inbox.seen", "/inbox/seen"),
    ("inbox.read", r"/inbox/{id:\d{1,18}}/read"),
    ("inbox.catch_up", "/inbox/catch-up"),
    ("inbox.following", "/me/following"),
    ("inbox.preferences", "/me/notifications"),
    ("inbox.unsubscribe", "/unsubscribe/{token:[A-Za-z0-9_.-]{20,300}}"),
    ("admin.notifications", "/admin/notifications"),
)

_MODULES = ("follow_views", "views", "catch_up_views", "preference_views", "unsubscribe_views", "admin_views")


def includeme(config: Configurator) -> None:
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.registry.setdefault(BY_ITSELF, set()).add(dict(_ROUTES)["inbox.unread"])
    config.include("plein.inbox.follow_views")
    config.include("plein.inbox.admin_views")
    for module in _MODULES:
        config.scan(f"plein.inbox.{module}")
