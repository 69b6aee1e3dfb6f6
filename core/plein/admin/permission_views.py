"""The page with the permissions of the whole site, and what they are in spaces as long as nobody changes that there."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.admin.permissions import PERMISSION
from plein.security.matrix import Matrix
from plein.spaces.matrix_page import page, send

PAGE = "plein:templates/admin/permissions.pt"


@view_config(route_name="admin.permissions", request_method="GET", permission=PERMISSION, renderer=PAGE)
def permissions(request: Request) -> dict[str, Any]:
    """Roles × permissions, and what was changed."""
    return page(request, Matrix(request.db, request.installed.permissions), ["site", "space"])


@view_config(route_name="admin.permissions", request_method="POST", permission=PERMISSION)
def change_permissions(request: Request) -> HTTPSeeOther:
    """Change, reset or put back."""
    address = request.route_path("admin.permissions")
    send(request, Matrix(request.db, request.installed.permissions), address)
    return HTTPSeeOther(address)
