"""Keeping a search under a name, and forgetting it."""

from typing import Annotated, Any

from pydantic import Field
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.contributions import Block
from plein.search.asking import understand
from plein.search.saved import MAX_NAME, SavedService, TooManySaved
from plein.security.permissions import SIGNED_IN
from plein.web.forms import Form, parse
from plein.web.i18n import _

#: Shown on the start page.
_ON_START = 6


class SaveForm(Form):
    name: Annotated[str, Field(max_length=MAX_NAME)] = ""


@view_config(route_name="search.save", request_method="POST", permission=SIGNED_IN)
def save(request: Request) -> HTTPSeeOther:
    """Keep the question in the form, with its filters, and show its hits again."""
    question = understand(request.POST, request.plugins.content_types).question()
    form, errors = parse(SaveForm, request.POST)
    name = (form.name if form else "") or question.get("q", "")[:MAX_NAME]
    if errors:
        request.notice(next(iter(errors.values())), kind="error")
    elif not question or not name:
        request.notice(_("Search for something first, and give it a name."), kind="error")
    else:
        try:
            row = SavedService(request.db, request.viewer.user_id).save(name, question)
        except TooManySaved:
            request.notice(_("You keep as many searches as fit in the list. Remove one first."), kind="error")
        else:
            request.notice(_("Saved. You find it here and on your start page."), undo=_forget_url(request, row.id))
    return HTTPSeeOther(request.route_path("search", _query=question))


@view_config(route_name="search.forget", request_method="POST", permission=SIGNED_IN)
def forget(request: Request) -> HTTPSeeOther:
    """Forget a saved search of one's own; undone by saving it again."""
    row = SavedService(request.db, request.viewer.user_id).forget(int(request.matchdict["id"]))
    if row is None:
        raise HTTPNotFound()
    again = {"url": request.route_path("search.save"), "values": {**row.question, "name": row.name}}
    request.notice(_("The search ${name} is removed.", mapping={"name": row.name}), undo=again)
    return HTTPSeeOther(request.route_path("search"))


def block(request: Request, slot: str) -> list[Block]:
    """The saved searches of who looks, on the search page with a way to remove each. One statement."""
    on_search = slot == "search.side"
    if not request.viewer.user_id:
        return []
    rows = SavedService(request.db, request.viewer.user_id).all(*([] if on_search else [_ON_START]))
    if not rows:
        return []
    types = request.plugins.content_types
    found = [
        {
            "name": row.name,
            "url": request.route_path("search", _query=understand(row.question, types).question()),
            "forget": _forget_url(request, row.id) if on_search else None,
        }
        for row in rows
    ]
    values: dict[str, Any] = {"rows": found}
    return [Block(_("Saved searches"), "plein:templates/search/saved.pt", values, weight=40)]


def _forget_url(request: Request, number: int) -> str:
    return str(request.route_path("search.forget", id=number))
