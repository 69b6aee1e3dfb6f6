"""Administration of the lists that tags are chosen from."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.content.tag_models import Vocabulary
from plein.content.topics.forms import ListForm, lines
from plein.content.topics.permissions import MANAGE
from plein.content.topics.vocabularies import NameTaken, VocabularyService, words_of
from plein.spaces.models import Space
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

FORM = "plein:templates/tags/admin_list.pt"


@view_config(route_name="admin.tags.new", request_method=("GET", "POST"), permission=MANAGE, renderer=FORM)
def new(request: Request) -> Any:
    return _edit(request, None)


@view_config(route_name="admin.tags.list", request_method=("GET", "POST"), permission=MANAGE, renderer=FORM)
def edit(request: Request) -> Any:
    return _edit(request, _found(request))


@view_config(route_name="admin.tags.remove", request_method="POST", permission=MANAGE)
def remove(request: Request) -> HTTPSeeOther:
    """Remove a list; its tags stay, so that making it again brings all back."""
    found = _found(request)
    undo = {"url": request.route_path("admin.tags.new"), "values": _values(request, found, for_undo=True)}
    VocabularyService(request.db).delete(found)
    request.notice(_("The list “${list}” is removed. Its tags stay.", mapping={"list": found.name}), undo=undo)
    return HTTPSeeOther(request.route_path("admin.tags"))


def _found(request: Request) -> Vocabulary:
    found = request.db.get(Vocabulary, int(request.matchdict["id"]))
    if found is None:
        raise HTTPNotFound()
    return found


def _edit(request: Request, found: Vocabulary | None) -> Any:
    if request.method != "POST":
        return _page(request, found, _values(request, found), {})
    form, errors = parse(ListForm, request.POST)
    if form is not None:
        spaces, unknown = _spaces(request, lines(form.spaces))
        if unknown is not None:
            errors["spaces"] = _("There is no space with the address “${space}”.", mapping={"space": unknown})
        values = {name: getattr(form, name) for name in ("name", "description", "controlled", "required")}
        values |= {"types": [one for one in form.types if one in request.installed.content_types], "spaces": spaces}
        if not errors:
            try:
                VocabularyService(request.db).save(found, values, lines(form.words))
            except NameTaken:
                errors["name"] = _("Another list is called so.")
            else:
                request.notice(_("Saved."))
                return HTTPSeeOther(request.route_path("admin.tags"))
    request.response.status_code = 422
    return _page(request, found, typed(request.POST), errors)


def _spaces(request: Request, slugs: list[str]) -> tuple[list[str], str | None]:
    """The spaces with those addresses, and the first address that none has which who asks may know of."""
    wanted = [slug.strip() for slug in slugs]
    known = set(request.db.scalars(select(Space.slug).where(Space.slug.in_(wanted))))
    return wanted, next((slug for slug in wanted if slug not in known), None)


def _values(request: Request, found: Vocabulary | None, *, for_undo: bool = False) -> dict[str, Any]:
    if found is None:
        return {"types": [], "controlled": True}
    names = ("name", "description", "controlled", "required", "types")
    values: dict[str, Any] = {name: getattr(found, name) for name in names}
    words = words_of(request.db, [found])[found.id]
    values |= {"spaces": "\n".join(found.spaces), "words": "\n".join(words)}
    if not for_undo:
        return values
    # A hidden field holds one value; a list that holds for some types comes back for all of them.
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    return texts | {name: "1" for name in ("controlled", "required") if values[name]}


def _page(request: Request, found: Vocabulary | None, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    types = request.installed.content_types.values()
    chosen = values.get("types") or []
    return {
        "found": found,
        "values": values | {"types": [chosen] if isinstance(chosen, str) else chosen},
        "errors": errors,
        "types": [(one.name, one.plural) for one in types],
    }
