"""The pages of administration, as features add them, in a few groups: two rows of tabs on each of them, for whoever has
the permission.

    config.add_admin_page("admin.users", title=_("People"), icon="users", permission=MANAGE, weight=10)

Nobody needs to be an administrator for a page: whoever may open one of them finds "Administration" in their menu.
"""

from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from plein.web.i18n import _

PAGES = "plein.admin_pages"

#: The groups, each with the weight of its first page.
GROUPS = (
    (0, _("Functions"), "puzzle"),
    (10, _("People"), "users"),
    (20, _("Spaces and rights"), "layout-grid"),
    (35, _("Texts"), "file-text"),
    (60, _("Oversight"), "eye"),
    (80, _("Server"), "server"),
)


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page of administration.

    :param route: its address without parts; also the beginning of the names of the routes below it.
    :param permission: what opens it: the same as that of its view.
    :param weight: lower comes first, and says in which of :data:`GROUPS` it is; equal weights go by the route's name.
    """

    route: str
    title: Any
    icon: str
    permission: str
    weight: int = 50

    def holds(self, route: str) -> bool:
        """Whether *route* is this page, or one below it."""
        return route == self.route or route.startswith(f"{self.route}.")


@dataclass(frozen=True, slots=True)
class AdminGroup:
    """Pages of administration that belong together; at least one, which the group leads to."""

    title: Any
    icon: str
    pages: tuple[AdminPage, ...]

    def holds(self, route: str) -> bool:
        """Whether *route* is one of its pages, or below one."""
        return any(page.holds(route) for page in self.pages)


def add_admin_page(
    config: Configurator, route: str, *, title: Any, icon: str, permission: str, weight: int = 50
) -> None:
    """Directive: add a page to administration. Two for the same route are an error at the start."""
    page = AdminPage(route, title, icon, permission, weight)

    def register() -> None:
        registry: Any = config.registry
        registry[PAGES] = sorted([*registry.get(PAGES, ()), page], key=lambda one: (one.weight, one.route))

    config.action((PAGES, route), register)


def admin_pages(request: Request) -> list[AdminPage]:
    """The pages that who looks may open, in order."""
    return [page for page in request.registry.get(PAGES, ()) if request.has_permission(page.permission)]


def admin_groups(request: Request) -> list[AdminGroup]:
    """The groups in which who looks may open a page, with those pages."""
    ends = [weight for weight, _title, _icon in GROUPS[1:]] + [None]
    found = []
    for (start, title, icon), end in zip(GROUPS, ends, strict=True):
        pages = [page for page in request.admin_pages if start <= page.weight and (end is None or page.weight < end)]
        if pages:
            found.append(AdminGroup(title, icon, tuple(pages)))
    return found


def includeme(config: Configurator) -> None:
    config.add_directive("add_admin_page", add_admin_page)
    config.add_request_method(admin_pages, reify=True)
    config.add_request_method(admin_groups, reify=True)
