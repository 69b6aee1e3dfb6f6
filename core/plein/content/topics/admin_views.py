"""Administration of tags: all of them, one, and what becomes of it."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.content.tag_models import Tag, Vocabulary
from plein.content.titles import tag_key
from plein.content.topics.finding import manageable
from plein.content.topics.forms import MergeForm, TagForm, lines
from plein.content.topics.likeness import alike
from plein.content.topics.permissions import MANAGE
from plein.content.topics.services import NotMergeable, TagInUse, TagService, totals
from plein.content.topics.vocabularies import NameTaken, VocabularyService
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

LIST = "plein:templates/tags/admin.pt"
EDIT = "plein:templates/tags/admin_tag.pt"
PAGE = 200
#: Likeness is looked for among this many tags.
_COMPARED = 5_000
_SHOWN_PAIRS = 20
_LAST = "\U0010ffff"


@view_config(route_name="admin.tags", request_method="GET", permission=MANAGE, renderer=LIST)
def list_tags(request: Request) -> dict[str, Any]:
    """All tags, in alphabetical order, with what looks alike on top."""
    text = request.GET.get("q", "")[:60].replace("\0", "")
    after = request.GET.get("after", "")[:60].replace("\0", "")
    key = tag_key(text) if text.strip() else ""
    of_its_own = (
        select(Tag.id, Tag.name, Tag.folded, Vocabulary.name.label("vocabulary"))
        .outerjoin(Vocabulary, Vocabulary.id == Tag.vocabulary_id)
        .where(Tag.merged_into_id.is_(None), manageable())
        .order_by(Tag.folded)
    )
    wanted = of_its_own.where(Tag.folded > after) if after else of_its_own
    if key:
        wanted = wanted.where(Tag.folded >= key, Tag.folded < key + _LAST)
    rows = request.db.execute(wanted.limit(PAGE + 1)).all()
    pairs = [] if key or after else _pairs(request)
    numbers = [row.id for row in rows] + [one.id for pair in pairs for one in pair]
    return {
        "rows": rows[:PAGE],
        "more": rows[PAGE - 1].folded if len(rows) > PAGE else None,
        "typed": text,
        "after": after,
        "totals": totals(request.registry["plein.engine"], numbers),
        "pairs": pairs,
        "lists": VocabularyService(request.db).all(),
    }


def _pairs(request: Request) -> list[tuple[Any, Any]]:
    """Tags that look alike."""
    known = select(Tag.id, Tag.name, Tag.folded).where(Tag.merged_into_id.is_(None), manageable()).order_by(Tag.id)
    rows = {row.id: row for row in request.db.execute(known.limit(_COMPARED))}
    found = alike((row.id, row.folded) for row in rows.values())
    return [(rows[one], rows[other]) for one, other in found[:_SHOWN_PAIRS]]


@view_config(route_name="admin.tags.edit", request_method="GET", permission=MANAGE, renderer=EDIT)
def edit(request: Request) -> dict[str, Any]:
    return _page(request, _tag(request), None, {})


@view_config(route_name="admin.tags.edit", request_method="POST", permission=MANAGE, renderer=EDIT)
def change(request: Request) -> Any:
    tag, service = _tag(request), TagService(request.db)
    before = tag.name
    form, errors = parse(TagForm, request.POST)
    if form is not None:
        try:
            with request.db.begin_nested():
                service.rename(tag, form.name)
                service.describe(tag, form.description, form.vocabulary or None, lines(form.synonyms))
        except NameTaken as taken:
            request.db.refresh(tag)
            field = "name" if str(taken) == tag_key(form.name) else "synonyms"
            sentence = _("Another tag is called “${tag}”. Merge the two instead.", mapping={"tag": str(taken)})
            errors = {field: sentence}
        else:
            undo = {"url": request.path, "values": _values(request, tag) | {"name": before}}
            request.notice(_("Saved."), undo=undo if before != tag.name else None)
            return HTTPSeeOther(request.route_path("admin.tags.edit", id=tag.id))
    request.response.status_code = 422
    return _page(request, tag, typed(request.POST), errors)


@view_config(route_name="admin.tags.merge", request_method="POST", permission=MANAGE, renderer=EDIT)
def merge(request: Request) -> Any:
    """Let a tag become another one; the notice that follows takes it back."""
    tag, service = _tag(request), TagService(request.db)
    form, errors = parse(MergeForm, request.POST)
    into = service.named(form.into) if form is not None else None
    if form is not None and into is None:
        errors = {"into": _("There is no tag called “${tag}”.", mapping={"tag": form.into})}
    if into is not None:
        try:
            undo = service.merge(tag, into)
        except NotMergeable:
            errors = {"into": _("A tag cannot become itself. Choose another one.")}
        else:
            request.notice(
                _("“${tag}” is “${into}” now. Pages follow in a moment.", mapping={"tag": tag.name, "into": into.name}),
                undo={"url": request.route_path("admin.tags.unmerge", id=tag.id), "values": undo},
            )
            return HTTPSeeOther(request.route_path("admin.tags.edit", id=into.id))
    request.response.status_code = 422
    return _page(request, tag, None, errors) | {"into": request.POST.get("into", "")[:60]}


@view_config(route_name="admin.tags.unmerge", request_method="POST", permission=MANAGE)
def unmerge(request: Request) -> HTTPSeeOther:
    tag = request.db.get(Tag, int(request.matchdict["id"]))
    if tag is None:
        raise HTTPNotFound()
    try:
        TagService(request.db).unmerge(tag, *(_ids(request.POST.get(name, "")) for name in ("words", "synonyms")))
    except NotMergeable:
        raise HTTPNotFound() from None
    request.notice(_("“${tag}” is a tag of its own again. Pages follow in a moment.", mapping={"tag": tag.name}))
    return HTTPSeeOther(request.route_path("admin.tags.edit", id=tag.id))


def _ids(text: str) -> list[int]:
    return [int(one) for one in text.split(",")[:1_000] if one.isascii() and one.isdigit() and len(one) < 19]


@view_config(route_name="admin.tags.delete", request_method="POST", permission=MANAGE)
def delete(request: Request) -> HTTPSeeOther:
    """Remove a tag that nothing has."""
    tag = _tag(request)
    try:
        TagService(request.db).delete(tag, request.registry["plein.engine"])
    except TagInUse:
        request.notice(_("Pages have this tag. Merge it into another one instead."), kind="error")
        return HTTPSeeOther(request.route_path("admin.tags.edit", id=tag.id))
    request.notice(_("The tag “${tag}” is removed.", mapping={"tag": tag.name}))
    return HTTPSeeOther(request.route_path("admin.tags"))


def _tag(request: Request) -> Tag:
    number = int(request.matchdict["id"])
    tag = TagService(request.db).get(number)
    if tag is None or request.db.scalar(select(Tag.id).where(Tag.id == number, manageable())) is None:
        raise HTTPNotFound()
    return tag


def _values(request: Request, tag: Tag) -> dict[str, Any]:
    return {
        "name": tag.name,
        "description": tag.description,
        "vocabulary": tag.vocabulary_id or 0,
        "synonyms": "\n".join(VocabularyService(request.db).synonyms(tag)),
    }


def _page(request: Request, tag: Tag, values: dict[str, Any] | None, errors: Errors) -> dict[str, Any]:
    db = request.db
    return {
        "tag": tag,
        "values": values or _values(request, tag),
        "errors": errors,
        "into": "",
        "uses": totals(request.registry["plein.engine"], [tag.id]).get(tag.id, 0),
        "earlier": db.scalars(select(Tag.name).where(Tag.merged_into_id == tag.id).order_by(Tag.folded)).all(),
        "lists": [(0, _("None")), *((one.id, one.name) for one, _count in VocabularyService(db).all())],
    }
