"""Addresses of people: signing in, the directory, one's own pages and those of administrators."""

from pyramid.config import Configurator

from plein.people.acts import ACTS
from plein.people.permissions import MANAGE
from plein.web.i18n import _

_ROUTES = (
    ("sign_in", "/sign-in"),
    ("sign_in.local", "/sign-in/local"),
    ("sign_in.sso", "/sign-in/sso"),
    ("sign_in.no_ticket", "/sign-in/no-ticket"),
    ("sign_out", "/sign-out"),
    ("sign_in.forgotten", "/sign-in/forgot"),
    ("sign_in.link", "/sign-in/link/{token:[A-Za-z0-9_-]{20,100}}"),
    ("people.list", "/people"),
    ("people.suggest", "/people/-/suggest"),
    ("people.photo", r"/people/-/photos/{id:\d{1,18}}/{version:[0-9a-f]{16}}/{size:64|128|384}"),
    ("people.show", "/people/{login}"),
    ("people.extend", "/people/{login}/extend"),
    ("me.profile", "/me/profile"),
    ("me.photo", "/me/photo"),
    ("me.photo.remove", "/me/photo/remove"),
    ("me.preferences", "/me/preferences"),
    ("me.password", "/me/password"),
    ("me.confirm", "/me/confirm"),
    ("me.sessions", "/me/sessions"),
    ("me.sessions.end_others", "/me/sessions/end-others"),
    ("me.sessions.end", r"/me/sessions/{id:\d{1,18}}/end"),
    ("admin.users", "/admin/users"),
    ("admin.users.new", "/admin/users/-/new"),
    ("admin.users.edit", "/admin/users/{login}"),
    ("admin.users.profile", "/admin/users/{login}/profile"),
    ("admin.users.photo_remove", "/admin/users/{login}/photo/remove"),
    ("admin.fields", "/admin/person-fields"),
    ("admin.fields.new", "/admin/person-fields/-/new"),
    ("admin.fields.edit", "/admin/person-fields/{field}"),
    ("admin.fields.move", "/admin/person-fields/{field}/move"),
    ("admin.fields.delete", "/admin/person-fields/{field}/delete"),
    ("admin.users.suspend", "/admin/users/{login}/suspend"),
    ("admin.users.leave", "/admin/users/{login}/leave"),
    ("admin.users.restore", "/admin/users/{login}/restore"),
    ("admin.users.link", "/admin/users/{login}/link"),
)


#: Modules of profiles, with views.
_PROFILES = ("photo_views", "profile_views", "field_views", "lifecycle_views")


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.add_admin_page("admin.users", title=_("People"), icon="users", permission=MANAGE, weight=10)
    for module in ("sign_in", "link_views", "confirming", "directory", "suggest", "me", "devices", "admin", *_PROFILES):
        config.scan(f"plein.people.{module}")
