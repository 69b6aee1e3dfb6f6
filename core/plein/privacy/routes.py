"""Addresses of privacy: one's own data, and the pages of whoever answers for it."""

from pyramid.config import Configurator

from plein.privacy.acts import ACTS
from plein.privacy.permissions import MANAGE
from plein.web.i18n import _

_UID = "[0-9a-f-]{36}"
_ROUTES = (
    ("me.data", "/me/data"),
    ("me.data.export", "/me/data/export"),
    ("me.data.ask", "/me/data/ask"),
    ("me.data.download", f"/me/data/{{uid:{_UID}}}.zip"),
    ("admin.privacy", "/admin/privacy"),
    ("admin.privacy.answer", r"/admin/privacy/requests/{id:\d{1,18}}"),
    ("admin.privacy.register", "/admin/privacy/register"),
    ("admin.privacy.register_csv", "/admin/privacy/register.csv"),
    ("admin.privacy.person", "/admin/privacy/people/{login}"),
    ("admin.privacy.freeze", "/admin/privacy/people/{login}/freeze"),
    ("admin.privacy.thaw", "/admin/privacy/people/{login}/thaw"),
    ("admin.privacy.erase", "/admin/privacy/people/{login}/erase"),
)


def includeme(config: Configurator) -> None:
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.add_audit_acts(ACTS)
    config.add_admin_page("admin.privacy", title=_("Privacy"), icon="shield-check", permission=MANAGE, weight=60)
    config.scan("plein.privacy.views")
    config.scan("plein.privacy.admin_views")
