"""Addresses of administration, and its tabs. Accounts have pages of their own, in ``plein.people``."""

from pyramid.config import Configurator

from plein.admin.acts import ACTS
from plein.admin.permissions import EXPLAIN, PERMISSION
from plein.people.permissions import MANAGE
from plein.security.permissions import ADMIN
from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import RESCUE, TEMPLATES
from plein.web.i18n import _

#: Modules with views.
_VIEWS = (
    "views",
    "setting_views",
    "plugin_views",
    "plugin_failure_views",
    "permission_views",
    "office_views",
    "space_templates",
    "access",
    "handover_views",
)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)

    config.add_route("admin.home", "/admin")
    config.add_route("admin.permissions", "/admin/permissions")
    config.add_route("admin.offices", "/admin/offices")
    config.add_route("admin.plugins", "/admin/plugins")
    config.add_route("admin.plugins.failures", "/admin/plugins/{name:[a-z][a-z0-9]{0,60}}/failures")
    config.add_route("admin.plugins.resume", "/admin/plugins/{name:[a-z][a-z0-9]{0,60}}/resume")
    config.add_route("admin.plugins.plugin", "/admin/plugins/{name:[a-z][a-z0-9]{0,59}}")
    config.add_route("admin.settings", "/admin/settings")
    config.add_route("admin.spaces", "/admin/spaces")

    config.add_route("admin.space_templates", "/admin/spaces/templates")
    config.add_route("admin.space_template_new", "/admin/spaces/templates/-/new")
    config.add_route("admin.space_template", "/admin/spaces/templates/{key:[a-z0-9-]{1,60}}")
    config.add_route("space.make_template", "/spaces/{space}/-/template", factory=SpaceContext)
    config.add_route("admin.access", "/admin/access")
    config.add_route("admin.view_as", "/admin/access/-/view-as")
    config.add_route("admin.inspections", "/admin/inspections")
    config.add_route("admin.inspection_end", "/admin/inspections/-/end")

    config.add_route("admin.handover", "/admin/handover")
    config.add_route("admin.users.handover", "/admin/users/{login}/handover")
    config.add_admin_page("admin.handover", title=_("Handing over"), icon="arrows-move", permission=MANAGE, weight=15)
    config.add_admin_page("admin.access", title=_("Who sees what"), icon="eye", permission=EXPLAIN, weight=60)
    config.add_admin_page("admin.inspections", title=_("Looking in"), icon="lock-open", permission=ADMIN, weight=70)
    config.add_admin_page("admin.spaces", title=_("Spaces"), icon="layout-grid", permission=RESCUE, weight=20)
    config.add_admin_page(
        "admin.space_templates", title=_("Templates"), icon="template", permission=TEMPLATES, weight=22
    )
    config.add_admin_page("admin.offices", title=_("Roles"), icon="shield", permission=PERMISSION, weight=25)
    config.add_admin_page("admin.permissions", title=_("Permissions"), icon="lock", permission=PERMISSION, weight=30)
    config.add_admin_page("admin.plugins", title=_("Plugins"), icon="puzzle", permission=ADMIN, weight=80)
    config.add_admin_page("admin.settings", title=_("Settings"), icon="settings", permission=ADMIN, weight=90)
    config.include("plein.admin.audit_log")
    for module in _VIEWS:
        config.scan(f"plein.admin.{module}")
