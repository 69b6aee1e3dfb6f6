"""Addresses of bringing in people and groups."""

from pyramid.config import Configurator

from plein.people.permissions import MANAGE
from plein.web.i18n import _

_ROUTES = (
    ("admin.directory", "/admin/directory"),
    ("admin.directory.columns", "/admin/directory/files/{uid:[0-9a-f-]{36}}"),
    ("admin.directory.run", r"/admin/directory/runs/{id:\d{1,18}}"),
    ("admin.directory.report", r"/admin/directory/runs/{id:\d{1,18}}/report.csv"),
    ("admin.directory.source", "/admin/directory/sources/{name}"),
)


#: What the audit log calls what is done here; what is done to accounts has words already.
ACTS = {
    "account.tied": _("Account tied to a source of people"),
    "group.people_changed": _("People of a group changed by a source"),
    "directory.tried": _("Dry run of bringing in people"),
    "directory.done": _("People and groups brought in"),
    "directory.stopped": _("Bringing in people stopped at the limit"),
    "directory.refused": _("Bringing in people refused because of mistakes"),
    "directory.failed": _("Source of people could not be read"),
}


def includeme(config: Configurator) -> None:
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.add_admin_page("admin.directory", title=_("Bring in people"), icon="upload", permission=MANAGE, weight=12)
    config.add_audit_acts(ACTS)
    config.scan("plein.people.directory_sync.views")
