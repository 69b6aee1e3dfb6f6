"""The one place that answers "may this viewer do this here?".

The identity is the :class:`~plein.security.viewer.Viewer` that the request carries. Inside a space the route's context
knows the viewer's role there; the registered permission says which roles have it. An administrator administers:
being one gives no role in a space.
"""

from typing import Any

from pyramid.config import Configurator
from pyramid.interfaces import ISecurityPolicy
from pyramid.request import Request
from pyramid.security import Allowed, Denied
from zope.interface import implementer

from plein.security.permissions import ADMIN, PUBLIC, SIGNED_IN
from plein.security.viewer import Viewer


@implementer(ISecurityPolicy)
class PleinSecurityPolicy:
    """Pyramid's security policy. Signing in and out is not its business: ``plein.people`` sets the cookie."""

    def identity(self, request: Request) -> Viewer | None:
        """Who asks, or ``None`` for somebody who has not signed in."""
        viewer: Viewer = request.viewer
        return viewer if viewer.is_signed_in else None

    def authenticated_userid(self, request: Request) -> str | None:
        viewer: Viewer = request.viewer
        return str(viewer.user_id) if viewer.is_signed_in else None

    def permits(self, request: Request, context: Any, permission: str) -> Allowed | Denied:
        """Whether the viewer has *permission*; in *context* when that is inside a space.

        A permission that nobody registers is refused.
        """
        if permission == PUBLIC:
            return Allowed("everybody may")
        viewer: Viewer = request.viewer
        if not viewer.is_signed_in:
            return Denied("not signed in")
        if permission == SIGNED_IN:
            return Allowed("signed in")
        if permission == ADMIN:
            return Allowed("an administrator") if viewer.is_admin else Denied("no administrator")
        declared = request.registry["plein.plugins"].permissions.get(permission)
        if declared is None:
            return Denied("nobody registers the permission %r", permission)
        if declared.scope == "site":
            return _permits_site(viewer, permission, declared.roles)
        role = getattr(context, "role", None)
        if role is None:
            return Denied("no role here for %r", permission)
        if role in declared.roles:
            return Allowed("%s: role %s", permission, role)
        return Denied("%s: not for role %s", permission, role)

    def remember(self, request: Request, userid: str, **kw: Any) -> list[tuple[str, str]]:
        """Nothing: the sign-in service sets the session cookie itself."""
        return []

    def forget(self, request: Request, **kw: Any) -> list[tuple[str, str]]:
        """Nothing: see :meth:`remember`."""
        return []


def _permits_site(viewer: Viewer, permission: str, roles: Any) -> Allowed | Denied:
    """*everyone* is everybody of the organisation: a guest only has the spaces it is a member of."""
    if "everyone" in roles and viewer.kind == "person":
        return Allowed("%s: everyone", permission)
    if "admin" in roles and viewer.is_admin:
        return Allowed("%s: administrator", permission)
    return Denied("%s: not for this viewer", permission)


def includeme(config: Configurator) -> None:
    config.set_security_policy(PleinSecurityPolicy())
