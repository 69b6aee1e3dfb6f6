"""Addresses of spaces. What is the space's own stands behind ``/-/``, which no type of content can be called."""

from pyramid.config import Configurator

from plein.spaces.acts import ACTS
from plein.spaces.contexts import SpaceContext

#: Name and address of every route inside a space, below ``/spaces/{space}``.
_IN_A_SPACE = (
    ("space.home", ""),
    ("space.settings", "/-/settings"),
    ("space.address", "/-/address"),
    ("space.address_earlier", "/-/address/earlier"),
    ("space.permissions", "/-/permissions"),
    ("space.view_as", "/-/view-as"),
    ("space.inspections", "/-/inspections"),
    ("space.welcome", "/-/welcome"),
    ("space.welcomed", "/-/welcomed"),
    ("space.archive", "/-/archive"),
    ("space.unarchive", "/-/unarchive"),
    ("space.join", "/-/join"),
    ("space.leave", "/-/leave"),
    ("space.members", "/-/members"),
    ("space.member_role", r"/-/members/{user:\d{1,18}}/role"),
    ("space.member_remove", r"/-/members/{user:\d{1,18}}/remove"),
    ("space.group_role", r"/-/groups/{group:\d{1,18}}/role"),
    ("space.group_remove", r"/-/groups/{group:\d{1,18}}/remove"),
    ("space.invitations", "/-/invitations"),
    ("space.invitation_renew", r"/-/invitations/{invitation:\d{1,18}}/renew"),
    ("space.invitation_revoke", r"/-/invitations/{invitation:\d{1,18}}/revoke"),
    ("space.request_approve", r"/-/members/{user:\d{1,18}}/approve"),
    ("space.request_decline", r"/-/members/{user:\d{1,18}}/decline"),
)

_VIEWS = (
    "views",
    "looking",
    "member_views",
    "joining_views",
    "settings_views",
    "address_views",
    "invitation_views",
    "permission_views",
    "finding",
)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    config.add_route("space.list", "/spaces")
    config.add_route("space.new", "/spaces/-/new")
    config.add_route("space.suggest", "/spaces/-/suggest")
    for name, address in _IN_A_SPACE:
        config.add_route(name, "/spaces/{space}" + address, factory=SpaceContext)
    config.add_route("invitation.by_mail", "/invitations/by-mail/{token:[A-Za-z0-9_-]{20,100}}")
    config.add_route("invitation", "/invitations/{uid:[a-f0-9-]{36}}")
    config.add_route("me.view_as_stop", "/me/view-as/stop")
    for module in _VIEWS:
        config.scan(f"plein.spaces.{module}")
