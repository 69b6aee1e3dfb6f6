"""Finding spaces by what somebody types, for pickers and fields that name one. Only what the guard lets them know."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.spaces.models import Space
from plein.spaces.words import ACCESS_NAMES
from plein.web.i18n import _

#: How many are suggested.
SUGGESTED = 8
_LONGEST = 100
#: Somebody who types asks more often than somebody who searches.
_OFTEN = 5


class NoSuchSpace(ValueError):
    """No space, or more than one, is meant. ``sentence`` says so to whoever typed it."""

    def __init__(self, sentence: TranslationString) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def find_space(db: Session, text: str) -> Any:
    """The space that is meant by the last part of its address, or by a name that only one has: id, slug, name.

    :raises NoSuchSpace: where none, or more than one, is meant.
    """
    text = " ".join(text.split())
    spaces = select(Space.id, Space.slug, Space.name)
    found = db.execute(spaces.where(Space.slug == text.casefold())).first()
    if found is not None:
        return found
    named = db.execute(spaces.where(func.lower(Space.name) == text.lower()).limit(2)).all()
    if len(named) > 1:
        raise NoSuchSpace(
            _("More than one space is called ${name}. Use the end of its address.", mapping={"name": text})
        )
    if not named:
        raise NoSuchSpace(_("There is no space called ${name}.", mapping={"name": text or "…"}))
    return named[0]


def suggest_spaces(db: Session, text: str, limit: int = SUGGESTED) -> list[Any]:
    """Spaces in whose name a word begins as *text*, whose name begins so first. One statement."""
    typed = " ".join(text.split()).lower()
    if not typed:
        return []
    name = func.lower(Space.name)
    first = name.startswith(typed, autoescape=True)
    rows = (
        select(Space.slug, Space.name, Space.access)
        .where(Space.archived_at.is_(None), or_(first, name.contains(f" {typed}", autoescape=True)))
        .order_by(first.desc(), name, Space.id)
        .limit(limit)
    )
    return list(db.execute(rows).all())


@view_config(route_name="space.suggest", request_method="GET", permission=SIGNED_IN, renderer="json")
def suggest(request: Request) -> dict[str, Any]:
    """Spaces for ``?q=``, as ``{"found": [{value, label, hint}, …]}``."""
    limit(request, "search", f"suggest {request.viewer.user_id}", factor=_OFTEN)
    found = suggest_spaces(request.db, request.GET.get("q", "")[:_LONGEST].replace("\0", ""))
    translate = request.localizer.translate
    return {"found": [{"value": s, "label": n, "hint": translate(ACCESS_NAMES[a])} for s, n, a in found]}
