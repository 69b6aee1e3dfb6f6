"""Writing an item: new, change, preview, and what to do when two people wrote at once.

Whatever goes wrong, the page that comes back holds all that was typed.
"""

from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import select

from plein.content import audience
from plein.content.audience import Audience, AudienceService, Named, planned, subject_of
from plein.content.contexts import ContentContext, TypeContext
from plein.content.fields import fields_for, form_values, typed_values
from plein.content.form_parts import read_parts, shown_parts, store_parts
from plein.content.forms import ItemForm
from plein.content.life import saving
from plein.content.models import Content
from plein.content.services import SaveResult, StaleVersion
from plein.content.showing.filling import previewed
from plein.content.views.show import crumbs, item_values
from plein.content.writing import templates
from plein.content.writing.conflicts import Conflict, find, typed_conflict
from plein.content.writing.models import Unsaved
from plein.content.writing.opening import filled_with, form_names, offers, one_section, put_section, resumed
from plein.content.writing.template_part import fill_title, filled_from
from plein.content.writing.views import forget_kept
from plein.people.finding import NoSuchPerson
from plein.people.naming import find_people_and_groups
from plein.web.blocks import blocks
from plein.web.forms import Errors, parse, typed
from plein.web.html import Html
from plein.web.i18n import _
from plein.web.markup import MarkupError

#: What the form has whatever the type; ``""`` where nothing was typed.
_FIELDS = ("title", "body", "tags", "note", "readers", "minor", "base_version")


def new(context: TypeContext, request: Request) -> Any:
    """The empty form, or the form as filled in; stores a new item when it is right."""
    if request.method != "POST":
        opened = {**dict.fromkeys(_FIELDS, ""), **form_values(context.type.fields, None)}
        opened["title"] = request.GET.get("title", "")[:200]
        return _opened(context, request, opened)
    fill_title(request)
    form, errors = parse(ItemForm, request.POST)
    named = _named(request, errors)
    own = typed_values(fields_for(context, request), request.POST, errors)
    read = read_parts(context, request, errors)
    if form is not None and not errors and "preview" not in request.POST:
        try:
            extra = context.service.extra_values(context.space, request.POST)
            text = _text(form)
            item = saving.create(context, read["life"], **text, minor=form.minor, **own, **extra)
        except MarkupError as error:
            errors["body"] = error.sentence
        else:
            store_parts(context, request, item, read)
            forget_kept(request)
            if named is not None:
                AudienceService(context.service, item).restrict(named)
            for_all = _("Saved. Everybody who can see this space can read it.")
            for_some = _("Saved. Only you and who you named can read it.")
            request.notice(saving.told(read["life"]) or (for_all if named is None else for_some))
            return HTTPSeeOther(context.url("show", slug=item.slug))
    return _form(context, request, _typed(request), errors, given=request.POST)


def _opened(context: TypeContext, request: Request, opened: dict[str, Any]) -> dict[str, Any]:
    """The form as it is opened: with a text that was not saved where its writer goes on with it, or an offer of it."""
    row = resumed(context, request)
    if row is not None:
        return _form(context, request, filled_with(row, opened), {}, given={**request.GET, **row.values}, row=row)
    begins: dict[str, Any] = {"offered": offers(context, request, opened)}
    if not isinstance(context, ContentContext):
        starts = templates.offered(request.db, context.space, context.type.name)
        start = templates.chosen(starts, request.GET.get("template", ""))
        begins |= {"starts": starts, "start": start}
        opened = opened if start is None else filled_from(context, request, start, opened)
    return _form(context, request, opened, {}, given=request.GET, **begins)


def _named(request: Request, errors: dict[str, Any]) -> Named | None:
    """Whom a new item is for; ``None`` for everybody in the space. What is wrong with it is put into *errors*."""
    text = request.POST.get("readers", "")[:2_000].replace("\0", "")
    if not text.strip():
        return None
    try:
        return Named(*find_people_and_groups(request.db, request.viewer, text))
    except NoSuchPerson as error:
        errors["readers"] = error.sentence
        return None


def edit(context: ContentContext, request: Request) -> Any:
    """The form with the item in it; stores a new version when it is right."""
    item = context.item
    if request.method != "POST":
        return _opened(context, request, one_section(context, request, _stored(context, request)))
    wrong: Errors = {}
    conflict = typed_conflict(context, request, wrong)
    if conflict is not None and wrong:
        return _conflict(context, request, conflict, wrong)
    section = put_section(context, request, wrong)
    form, errors = parse(ItemForm, request.POST)
    errors = {**wrong, **errors}
    own = typed_values(fields_for(context, request), request.POST, errors)
    read = read_parts(context, request, errors)
    if form is not None and not errors and "preview" not in request.POST:
        text = _text(form)
        try:
            given = {**text, "minor": form.minor, **own}
            result = saving.save(context, read["life"], base_version=form.base_version, **given)
        except StaleVersion:
            # The version is gone, the text is not: all of it stands beside what there is now.
            return _clashing(context, request, form)
        except MarkupError as error:
            errors["body"] = error.sentence
        else:
            if result.kind == "conflict":
                return _clashing(context, request, form)
            # Of a change that waits for approval nothing is the item's yet, and what features store would be.
            if result.kind != "proposed" or item.state == "draft":
                store_parts(context, request, item, read)
            forget_kept(request, item)
            return _saved(context, request, result, read["life"], section)
    return _form(context, request, _typed(request), errors, given=request.POST)


def _stored(context: ContentContext, request: Request) -> dict[str, Any]:
    """What is in the form of the item before anything is typed."""
    item = context.item
    return {
        **dict.fromkeys(_FIELDS, ""),
        "title": item.title,
        "body": item.body,
        "tags": ", ".join(item.tags),
        "base_version": item.version,
        **form_values(context.type.fields, item),
        **(saving.waiting_text(context, request) or {}),
    }


def _text(form: ItemForm) -> dict[str, Any]:
    return {"title": form.title, "body": form.body, "tags": form.tag_list, "note": form.note}


def _saved(
    context: ContentContext, request: Request, result: SaveResult, plan: saving.Plan, section: str
) -> HTTPSeeOther:
    messages = {
        "saved": _("Saved."),
        "merged": _("Saved. Somebody else saved too while you were writing; both changes are in the page now."),
        "unchanged": _("Nothing was changed, so there is nothing to save."),
    }
    message = saving.told(plan, result.kind) or messages[result.kind]
    request.notice(message, kind="info" if result.kind == "unchanged" else "done")
    return HTTPSeeOther(context.url("show") + (f"#{quote(section)}" if section else ""))


def _clashing(context: ContentContext, request: Request, form: ItemForm) -> dict[str, Any]:
    """The form with a choice for each place where what was typed and what is stored differ."""
    conflict = find(context, request.POST, form.base_version, context.item.version)
    if conflict is None:
        raise HTTPBadRequest()
    return _conflict(context, request, conflict, {})


def _conflict(context: ContentContext, request: Request, conflict: Conflict, errors: Errors) -> dict[str, Any]:
    kept = {**_typed(request), "base_version": conflict.to}
    values = _form(context, request, kept, errors, given=request.POST)
    # The transaction of a refused save is not kept.
    request.response.status_int = 422 if errors else 409
    return {**values, "conflict": conflict}


def preview(context: TypeContext, request: Request) -> Response:
    """A piece of HTML: how the Markdown that was sent would look."""
    body = request.POST.get("body", "")
    sample = _subject(context, request)
    try:
        html = previewed(request, context, context.service.rendered(sample, body), sample.language)
    except MarkupError as error:
        return Response(request.localizer.translate(error.sentence), content_type="text/plain", status=422)
    return Response(html, content_type="text/html", charset="utf-8")


def _subject(context: TypeContext, request: Request) -> Content:
    """What the text is of: the item called ``of``, whose pictures it may show, or one that is not stored yet."""
    slug = request.POST.get("of", "").replace("\0", "")
    model = context.type.model
    here = select(model).where(model.space_id == context.space.id, model.slug == slug)
    found: Content | None = request.db.scalars(here).one_or_none() if slug else None
    return found or Content(space=context.space, type=context.type.name, slug="", language=context.space.language)


def _counted(context: TypeContext, request: Request) -> Audience:
    """How many people will read what is written here: those of the stored item, or of the one that is to be."""
    if isinstance(context, ContentContext):
        return audience.count(request.db, subject_of(context.item, state="published"))
    named = _named(request, {}) if request.method == "POST" else None
    return audience.count(
        request.db, planned(context.space, request.viewer.user_id, named, type_name=context.type.name)
    )


def _typed(request: Request) -> dict[str, Any]:
    return {**dict.fromkeys(_FIELDS, ""), **typed(request.POST)}


def _form(
    context: TypeContext,
    request: Request,
    filled: dict[str, Any],
    errors: dict[str, Any],
    *,
    given: Any,
    row: Unsaved | None = None,
    **more: Any,
) -> dict[str, Any]:
    item = getattr(context, "item", None)
    if errors:
        request.response.status_int = 422
    values: dict[str, Any] = {
        "context": context,
        "space": context.space,
        "type": context.type,
        "item": item,
        "typed": filled,
        "errors": errors,
        "own_fields": fields_for(context, request),
        "parts": shown_parts(context, request, filled, errors),
        "side": blocks(request, "form.side", context),
        "buttons": saving.submit_buttons(context, request),
        "extra": {name: given[name] for name in context.service.extra_fields if name in given},
        "preview": None,
        "conflict": None,
        "writing": form_names(context, request, row),
        "crumbs": crumbs(context, request, ()),
        "counted": _counted(context, request),
        "offered": (),
        "starts": (),
        "start": None,
        **more,
    }
    if isinstance(context, ContentContext):
        values = {**item_values(context, request), **values}
    if "preview" in given and "body" not in errors:
        values["preview"] = _previewed(context, request, str(filled["body"]), errors)
    return values


def _previewed(context: TypeContext, request: Request, body: str, errors: dict[str, Any]) -> Html | None:
    """How *body* would look; what is wrong with it is put into *errors*."""
    new_one = Content(space=context.space, type=context.type.name, slug="", language="nl")
    subject = getattr(context, "item", None) or new_one
    try:
        return previewed(request, context, context.service.rendered(subject, body), subject.language)
    except MarkupError as error:
        errors["body"] = error.sentence
        return None
