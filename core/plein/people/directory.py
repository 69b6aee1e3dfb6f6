"""The directory: who works here, and a page for each."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.people.models import User
from plein.people.permissions import VIEW
from plein.people.services import PeopleService, fold_login


@view_config(route_name="people.list", request_method="GET", permission=VIEW, renderer="plein:templates/people/list.pt")
def list_people(request: Request) -> dict[str, Any]:
    text, after = request.GET.get("q", "")[:100].strip(), request.GET.get("after", "")[:100]
    return {"page": PeopleService(request.db).page(after=after, text=text), "text": text, "after": after}


@view_config(route_name="people.show", request_method="GET", permission=VIEW, renderer="plein:templates/people/show.pt")
def show_person(request: Request) -> dict[str, Any]:
    """Somebody who works here; a suspended account is shown to nobody but administrators."""
    row = request.db.execute(
        select(User.id, User.login, User.name, User.email, User.kind, User.state, User.is_admin, User.created_at).where(
            User.login == fold_login(request.matchdict["login"])
        )
    ).one_or_none()
    if row is None or (row.state != "active" and not request.viewer.is_admin):
        raise HTTPNotFound()
    return {"person": row}
