"""What search knows about words: synonyms, best bets, and what people looked for in vain with what to do about it."""

from typing import Annotated, Any

from pydantic import Field
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.search import missed
from plein.search.bets import BetError, BetService
from plein.search.permissions import MANAGE
from plein.search.synonyms import MAX_LINE, SynonymError, SynonymService
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/search/manage.pt"


class SynonymForm(Form):
    line: Annotated[str, Field(min_length=1, max_length=MAX_LINE)]


class BetForm(Form):
    words: Annotated[str, Field(min_length=1, max_length=100)]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    title: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(max_length=300)] = ""
    language: Annotated[str, Field(pattern="^(nl|en|)$")] = ""


@view_config(route_name="admin.search", request_method="GET", permission=MANAGE, renderer=PAGE)
def manage(request: Request) -> dict[str, Any]:
    """All of it. ``?words=`` puts words that were looked for in vain in both forms."""
    words = request.GET.get("words", "")[:100]
    return _page(request, {"words": words, "line": f"{words} = " if words else ""}, {})


@view_config(route_name="admin.search.synonyms", request_method="POST", permission=MANAGE, renderer=PAGE)
def add_synonym(request: Request) -> Any:
    form, errors = parse(SynonymForm, request.POST)
    if form is not None:
        try:
            row = SynonymService(request.db).add(form.line)
        except SynonymError as error:
            errors = {"line": error.sentence}
        else:
            undo = request.route_path("admin.search.synonym_remove", id=row.id)
            request.notice(_("Added. It holds from the next search on."), undo=undo)
            return _back(request)
    request.response.status_code = 422
    return _page(request, typed(request.POST), errors)


@view_config(route_name="admin.search.synonym_remove", request_method="POST", permission=MANAGE)
def remove_synonym(request: Request) -> HTTPSeeOther:
    line = SynonymService(request.db).remove(int(request.matchdict["id"]))
    if line is None:
        raise HTTPNotFound()
    request.notice(_("Removed."), undo={"url": request.route_path("admin.search.synonyms"), "values": {"line": line}})
    return _back(request)


@view_config(route_name="admin.search.bets", request_method="POST", permission=MANAGE, renderer=PAGE)
def add_bet(request: Request) -> Any:
    form, errors = parse(BetForm, request.POST)
    if form is not None:
        try:
            row = _bets(request).add(**form.model_dump())
        except BetError as error:
            errors = {error.field: error.sentence}
        else:
            undo = request.route_path("admin.search.bet_remove", id=row.id)
            request.notice(_("Added. It holds from the next search on."), undo=undo)
            return _back(request)
    request.response.status_code = 422
    return _page(request, typed(request.POST), errors)


@view_config(route_name="admin.search.bet_remove", request_method="POST", permission=MANAGE)
def remove_bet(request: Request) -> HTTPSeeOther:
    was = _bets(request).remove(int(request.matchdict["id"]))
    if was is None:
        raise HTTPNotFound()
    undo = {"url": request.route_path("admin.search.bets"), "values": was} if was["url"] else None
    request.notice(_("Removed."), undo=undo)
    return _back(request)


@view_config(route_name="admin.search.missed_forget", request_method="POST", permission=MANAGE)
def forget_missed(request: Request) -> HTTPSeeOther:
    """Leave words out of the report: something was done about them, or nothing needs to be."""
    missed.forget(request.db, request.POST.get("words", "")[:100])
    request.notice(_("Removed from the list. It comes back when people look for it in vain again."))
    return _back(request)


def _bets(request: Request) -> BetService:
    return BetService(request.db, request.installed.content_types, request.plein["plein.base_url"])


def _back(request: Request) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("admin.search"))


def _page(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    return {
        "values": values,
        "errors": errors,
        "synonyms": SynonymService(request.db).all(),
        "bets": _bets(request).all(),
        "missed": missed.report(request.db),
        "people": missed.PEOPLE,
    }
