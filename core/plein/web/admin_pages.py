"""The pages of administration, as features add them: each is a tab for whoever has its permission, on all of them.

    config.add_admin_page("admin.users", title=_("People"), icon="users", permission=MANAGE, weight=10)

Nobody needs to be an administrator for a page: whoever may open one of them finds "Administration" in their menu.
"""

from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

PAGES = "plein.admin_pages"


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page of administration.

    :param route: its address without parts; also the beginning of the names of the routes below it.
    :param permission: what opens it: the same as that of its view.
    :param weight: lower comes first; equal weights go by the route's name.
    """

    route: str
    title: Any
    icon: str
    permission: str
    weight: int = 50

    def holds(self, route: str) -> bool:
        """Whether *route* is this page, or one below it."""
        return route == self.route or route.startswith(f"{self.route}.")


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


def includeme(config: Configurator) -> None:
    config.add_directive("add_admin_page", add_admin_page)
    config.add_request_method(admin_pages, reify=True)
