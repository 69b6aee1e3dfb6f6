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

from plein.contributions import Permission
from plein.security.permissions import ADMIN, ADMINISTRATION, PUBLIC, SIGNED_IN
from plein.security.rights import Changes, effective
from plein.security.viewer import Viewer

#: The role in a space of an administrator who opened it for a reason, for an hour.
INSPECTOR = "inspector"


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
        if permission == ADMINISTRATION:
            return Allowed("a page of administration") if request.admin_pages else Denied("no page of administration")
        declared = request.registry["plein.plugins"].permissions.get(permission)
        if declared is None:
            return Denied("nobody registers the permission %r", permission)
        if not _is_rolled_out(request, declared, context):
            return Denied("%s: the plugin is not there", permission)
        changes = request.registry["plein.rights"].changes(viewer.rights)
        if declared.scope == "site":
            return _permits_site(viewer, permission, effective(declared, changes))
        return permits_in_space(context, declared, changes)

    def remember(self, request: Request, userid: str, **kw: Any) -> list[tuple[str, str]]:
        """Nothing: the sign-in service sets the session cookie itself."""
        return []

    def forget(self, request: Request, **kw: Any) -> list[tuple[str, str]]:
        """Nothing: see :meth:`remember`."""
        return []


def _is_rolled_out(request: Request, declared: Permission, context: Any) -> bool:
    """Whether the viewer has what the permission is about, in the space of *context*; and for more than reading, where
    it is being retired.
    """
    plugin = declared.name.partition(".")[0]
    reach = request.reach
    if declared.effect != "read" and reach.is_retiring(plugin):
        return False
    space = getattr(context, "space", None) if declared.scope == "space" else None
    return bool(reach.has(plugin, None if space is None else space.id))


def _permits_site(viewer: Viewer, permission: str, roles: frozenset[str]) -> Allowed | Denied:
    """*everyone* is everybody of the organisation: a guest only has the spaces it is a member of."""
    if viewer.kind == "person":
        if "everyone" in roles:
            return Allowed("%s: everyone", permission)
        if "admin" in roles and viewer.is_admin:
            return Allowed("%s: administrator", permission)
        for role in viewer.roles & roles:
            return Allowed("%s: %s", permission, role)
    return Denied("%s: not for this viewer", permission)


def permits_in_space(context: Any, declared: Permission, changes: Changes) -> Allowed | Denied:
    """Whether the role that *context* knows lets somebody do what *declared* is about, in its space.

    :param context: has ``space`` and ``role``, and may have ``may_write_item``.
    """
    permission, role = declared.name, getattr(context, "role", None)
    if role is None:
        return Denied("no role here for %r", permission)
    if role == INSPECTOR:
        # Somebody who broke the glass looks, and changes nothing.
        looks = declared.effect == "read"
        return Allowed("%s: inspection", permission) if looks else Denied("%s: an inspection only looks", permission)
    if declared.effect == "write":
        if getattr(context.space, "archived_at", None) is not None:
            return Denied("%s: the space is archived", permission)
        if not getattr(context, "may_write_item", True):
            return Denied("%s: the item's audience lets read only", permission)
    if role in effective(declared, changes, context.space.id):
        return Allowed("%s: role %s", permission, role)
    return Denied("%s: not for role %s", permission, role)


def includeme(config: Configurator) -> None:
    config.set_security_policy(PleinSecurityPolicy())
