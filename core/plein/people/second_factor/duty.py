"""Who must have a second factor, and what they can do until they do. The rule is ``plein.second_factor``."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.interfaces import IViewDeriverInfo
from pyramid.request import Request

from plein.security.permissions import ADMIN, PUBLIC

#: Routes that stay open to who must set up a second factor first: those where it is done, and proving who one is.
_OPEN = ("me.security", "me.confirm")


def must_have(rule: str, *, is_admin: bool, roles: Iterable[str]) -> bool:
    """Whether somebody needs a second factor.

    :param rule: ``plein.second_factor``: administrators (and holders of offices), everyone or optional.
    """
    return rule == "everyone" or (rule == "administrators" and (is_admin or any(roles)))


def second_factor_first(view: Any, info: IViewDeriverInfo) -> Any:
    """View deriver: lead who must set up a second factor to where that is done.

    With the rule *everyone* from every page that is not for everybody. Otherwise only from what the withheld rights
    would open: all else they do as any colleague.
    """
    permission, route = info.options.get("permission"), info.options.get("route_name") or ""
    if info.exception_only or permission in (None, PUBLIC) or route.startswith(_OPEN):
        return view
    declared = info.registry["plein.plugins"].permissions.get(permission)
    is_office = permission == ADMIN or (declared is not None and declared.scope == "site")
    from_all = info.registry["plein.settings"]["plein.second_factor"] == "everyone"

    def led_view(context: Any, request: Request) -> Any:
        if request.viewer.factor_due and (from_all or (is_office and not request.has_permission(permission, context))):
            return HTTPSeeOther(set_up_path(request, request.path_qs if request.method == "GET" else "/"))
        return view(context, request)

    return led_view


def set_up_path(request: Request, following: str) -> str:
    """The page where one sets up a second factor, and goes on to *following* afterwards."""
    query = f"?{urlencode({'next': following})}" if following not in ("", "/") else ""
    return f"{request.route_path('me.security')}{query}"


def includeme(config: Configurator) -> None:
    config.add_view_deriver(
        second_factor_first, name="second_factor_first", under="declared_permission", over="secured_view"
    )
