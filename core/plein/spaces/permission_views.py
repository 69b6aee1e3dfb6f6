"""The page on which the managers of a space decide what each role may do in it."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.security.matrix import Matrix
from plein.spaces.contexts import SpaceContext
from plein.spaces.matrix_page import page, send
from plein.spaces.permissions import MANAGE

PAGE = "plein:templates/spaces/permissions.pt"


@view_config(route_name="space.permissions", request_method="GET", permission=MANAGE, renderer=PAGE)
def permissions(context: SpaceContext, request: Request) -> dict[str, Any]:
    """Roles × permissions in this space, and what was changed."""
    matrix = Matrix(request.db, request.plugins.permissions, context.space.id)
    return {"space": context.space, **page(request, matrix, ["space"])}


@view_config(route_name="space.permissions", request_method="POST", permission=MANAGE)
def change_permissions(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Change, reset or put back."""
    address = request.route_path("space.permissions", space=context.space.slug)
    send(request, Matrix(request.db, request.plugins.permissions, context.space.id), address)
    return HTTPSeeOther(address)
