"""The pages of the glossary: read by everybody, kept by whoever looks after content."""

import re
from typing import Any

from pydantic import Field, field_validator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.content.glossary import CHANGE
from plein.content.glossary.models import GlossaryTerm
from plein.content.glossary.service import GlossaryFull, GlossaryService, TermTaken
from plein.security.permissions import SIGNED_IN
from plein.web.forms import WHOLE_FORM, Errors, Form, parse, problem, typed
from plein.web.i18n import _

LIST = "plein:templates/glossary/list.pt"
FORM = "plein:templates/glossary/form.pt"

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_MOST_SYNONYMS, _LONGEST = 20, 80


class TermForm(Form):
    """``synonyms`` is a list with commas."""

    term: str = Field(min_length=1, max_length=_LONGEST)
    explanation: str = Field(min_length=1, max_length=300)
    synonyms: str = Field("", max_length=1_000)

    @field_validator("term", "explanation", "synonyms")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        return " ".join(_CONTROL.sub(" ", value).split())

    @field_validator("synonyms")
    @classmethod
    def _not_too_many(cls, value: str) -> str:
        found = _parts(value)
        if len(found) > _MOST_SYNONYMS or any(len(one) > _LONGEST for one in found):
            raise problem(_("At most 20 other ways to write it, each of at most 80 signs."))
        return value


def _parts(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


@view_config(route_name="glossary", request_method="GET", permission=SIGNED_IN, renderer=LIST)
def show(request: Request) -> dict[str, Any]:
    """Every word with what it means, by first letter."""
    letters: dict[str, list[GlossaryTerm]] = {}
    for term in GlossaryService(request.db).all():
        first = term.sort_term[:1].upper()
        letters.setdefault(first if first.isalpha() else "#", []).append(term)
    return {"letters": list(letters.items()), "may_change": request.has_permission(CHANGE)}


@view_config(route_name="glossary.new", request_method="GET", permission=CHANGE, renderer=FORM)
def new(request: Request) -> dict[str, Any]:
    """The empty form."""
    return {"term": None, "values": {"term": request.GET.get("term", "")[:_LONGEST]}, "errors": {}}


@view_config(route_name="glossary.new", request_method="POST", permission=CHANGE, renderer=FORM)
def add(request: Request) -> Any:
    """Add a word."""
    form, errors = parse(TermForm, request.POST)
    if form is not None:
        try:
            GlossaryService(request.db).add(form.term, form.explanation, _parts(form.synonyms))
        except (TermTaken, GlossaryFull) as refused:
            errors = _refusal(refused)
        else:
            request.notice(_("“${term}” is in the glossary.", mapping={"term": form.term}))
            return HTTPSeeOther(request.route_path("glossary"))
    return _again(request, None, errors)


@view_config(route_name="glossary.term", request_method="GET", permission=CHANGE, renderer=FORM)
def edit(request: Request) -> dict[str, Any]:
    """The form with the word in it."""
    found = _find(request)
    return {"term": found, "values": _values(found), "errors": {}}


@view_config(route_name="glossary.term", request_method="POST", permission=CHANGE, renderer=FORM)
def change(request: Request) -> Any:
    """Change a word."""
    found = _find(request)
    before = _values(found)
    form, errors = parse(TermForm, request.POST)
    if form is not None:
        try:
            GlossaryService(request.db).change(found, form.term, form.explanation, _parts(form.synonyms))
        except TermTaken as refused:
            errors = _refusal(refused)
        else:
            request.notice(_("Saved."), undo={"url": request.path, "values": before})
            return HTTPSeeOther(request.route_path("glossary"))
    return _again(request, found, errors)


@view_config(route_name="glossary.remove", request_method="POST", permission=CHANGE)
def remove(request: Request) -> HTTPSeeOther:
    """Take a word out; the notice puts it back."""
    found = _find(request)
    before = _values(found)
    GlossaryService(request.db).remove(found)
    undo = {"url": request.route_path("glossary.new"), "values": before}
    request.notice(_("“${term}” is no longer in the glossary.", mapping={"term": before["term"]}), undo=undo)
    return HTTPSeeOther(request.route_path("glossary"))


def _find(request: Request) -> GlossaryTerm:
    found = GlossaryService(request.db).find(request.matchdict["number"])
    if found is None:
        raise HTTPNotFound()
    return found


def _values(found: GlossaryTerm) -> dict[str, str]:
    return {"term": found.term, "explanation": found.explanation, "synonyms": ", ".join(found.synonyms)}


def _refusal(refused: Exception) -> Errors:
    if isinstance(refused, TermTaken):
        return {"term": _("This word is in the glossary already. Change it there.")}
    return {WHOLE_FORM: _("The glossary is full. Remove a word that nobody needs any more.")}


def _again(request: Request, found: GlossaryTerm | None, errors: Errors) -> dict[str, Any]:
    request.response.status_int = 422
    return {"term": found, "values": typed(request.POST), "errors": errors}
