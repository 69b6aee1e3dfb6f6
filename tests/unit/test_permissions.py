"""A view that does not say who may come stops the start; the policy refuses what it does not know."""

from types import SimpleNamespace
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.response import Response

from plein.contributions import Permission
from plein.ladder import Reach
from plein.security.permissions import ADMIN, PUBLIC, SIGNED_IN
from plein.security.policy import PleinSecurityPolicy
from plein.security.rights import Rights
from plein.security.viewer import ANONYMOUS, Viewer

DECLARED = {
    one.name: one
    for one in (
        Permission("page.edit", "Edit", ("manager", "editor")),
        Permission("page.view", "View", ("manager", "editor", "member", "reader", "visitor")),
        Permission("people.view", "People", ("everyone",), scope="site"),
        Permission("site.export", "Export", ("admin",), scope="site"),
    )
}

PERSON = Viewer(user_id=1, kind="person")
GUEST = Viewer(user_id=2, kind="guest")
ADMINISTRATOR = Viewer(user_id=3, kind="person", is_admin=True)


def hello(_request: Any) -> Response:
    return Response("hello")


def configured(**view: Any) -> Configurator:
    config = Configurator()
    config.registry["plein.plugins"] = SimpleNamespace(permissions=DECLARED)
    config.include("plein.security.permissions")
    config.include("plein.security.policy")
    config.add_route("hello", "/hello")
    config.add_view(hello, route_name="hello", **view)
    return config


def test_view_without_permission_stops_the_start_and_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"test_permissions\.hello \(hello\) declares no permission"):
        configured().commit()


def test_view_with_an_unknown_permission_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="'page.edti', which nobody registers"):
        configured(permission="page.edti").commit()


@pytest.mark.parametrize("permission", [PUBLIC, SIGNED_IN, ADMIN, "page.edit", "people.view"])
def test_view_with_a_known_permission_starts(permission: str) -> None:
    configured(permission=permission).commit()


def test_exception_views_and_static_files_need_no_word() -> None:
    config = configured(permission=PUBLIC)
    config.add_exception_view(lambda error, request: Response(""), context=KeyError)
    config.add_notfound_view(lambda error, request: Response(""))
    config.add_static_view("files", "plein:static")
    config.commit()


@pytest.mark.parametrize(
    ("viewer", "role", "permission", "allowed"),
    [
        (ANONYMOUS, None, PUBLIC, True),
        (ANONYMOUS, None, SIGNED_IN, False),
        (ANONYMOUS, "manager", "page.edit", False),
        (GUEST, None, SIGNED_IN, True),
        (PERSON, None, ADMIN, False),
        (ADMINISTRATOR, None, ADMIN, True),
        (PERSON, "editor", "page.edit", True),
        (PERSON, "reader", "page.edit", False),
        (PERSON, "visitor", "page.view", True),
        (PERSON, None, "page.view", False),
        (ADMINISTRATOR, None, "page.view", False),
        (ADMINISTRATOR, "reader", "page.edit", False),
        (PERSON, None, "people.view", True),
        (GUEST, None, "people.view", False),
        (PERSON, None, "site.export", False),
        (ADMINISTRATOR, None, "site.export", True),
        (ADMINISTRATOR, "manager", "page.unknown", False),
    ],
)
def test_policy_decides_by_viewer_and_role(viewer: Viewer, role: str | None, permission: str, allowed: bool) -> None:
    # Nothing was ever changed, so no database is asked.
    registry = {"plein.plugins": SimpleNamespace(permissions=DECLARED), "plein.rights": Rights(None)}
    request = SimpleNamespace(viewer=viewer, registry=registry, reach=Reach(viewer, db=None))
    context = SimpleNamespace(role=role, space=SimpleNamespace(id=1, archived_at=None))
    assert bool(PleinSecurityPolicy().permits(request, context, permission)) is allowed


def test_identity_is_the_viewer() -> None:
    policy = PleinSecurityPolicy()
    assert policy.identity(SimpleNamespace(viewer=ANONYMOUS)) is None
    assert policy.identity(SimpleNamespace(viewer=PERSON)) is PERSON
    assert policy.authenticated_userid(SimpleNamespace(viewer=PERSON)) == "1"
