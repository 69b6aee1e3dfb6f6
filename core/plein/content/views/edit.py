"""Writing an item: new, change, preview, and what to do when two people wrote at once.

Whatever goes wrong, the page that comes back holds all that was typed.
"""

from typing import Any

from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from plein.content import audience
from plein.content.audience import Audience, AudienceService, Named, planned, subject_of
from plein.content.contexts import ContentContext, TypeContext
from plein.content.difference import compare
from plein.content.fields import fields_for, form_values, typed_values
from plein.content.form_parts import read_parts, shown_parts, store_parts
from plein.content.forms import ItemForm
from plein.content.life import saving
from plein.content.merge import Merge
from plein.content.models import Content
from plein.content.services import SaveResult, StaleVersion
from plein.content.views.show import crumbs, item_values
from plein.people.finding import NoSuchPerson
from plein.people.naming import find_people_and_groups
from plein.web.blocks import blocks
from plein.web.forms import parse, typed
from plein.web.html import Html
from plein.web.i18n import _
from plein.web.markup import MarkupError

#: What the form has whatever the type; ``""`` where nothing was typed.
_FIELDS = ("title", "body", "tags", "note", "readers", "base_version")


def new(context: TypeContext, request: Request) -> Any:
    """The empty form, or the form as filled in; stores a new item when it is right."""
    if request.method != "POST":
        opened = {**dict.fromkeys(_FIELDS, ""), **form_values(context.type.fields, None)}
        opened["title"] = request.GET.get("title", "")[:200]
        return _form(context, request, opened, {}, given=request.GET)
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
            if named is not None:
                AudienceService(context.service, item).restrict(named)
            for_all = _("Saved. Everybody who can see this space can read it.")
            for_some = _("Saved. Only you and who you named can read it.")
            request.notice(saving.told(read["life"]) or (for_all if named is None else for_some))
            return HTTPSeeOther(context.url("show", slug=item.slug))
    return _form(context, request, _typed(request), errors, given=request.POST)


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
        opened = {
            "title": item.title,
            "body": item.body,
            "tags": ", ".join(item.tags),
            "note": "",
            "readers": "",
            "base_version": item.version,
            **form_values(context.type.fields, item),
            **(saving.waiting_text(context, request) or {}),
        }
        return _form(context, request, opened, {}, given=request.GET)
    form, errors = parse(ItemForm, request.POST)
    own = typed_values(fields_for(context, request), request.POST, errors)
    read = read_parts(context, request, errors)
    if form is not None and not errors and "preview" not in request.POST:
        text = _text(form)
        try:
            given = {**text, "minor": form.minor, **own}
            result = saving.save(context, read["life"], base_version=form.base_version, **given)
        except StaleVersion:
            raise HTTPBadRequest() from None
        except MarkupError as error:
            errors["body"] = error.sentence
        else:
            # Of a change that waits for approval nothing is the item's yet, and what features store would be.
            if result.kind != "conflict" and not (result.kind == "proposed" and item.state != "draft"):
                store_parts(context, request, item, read)
            return _saved(context, request, form, result, read["life"])
    return _form(context, request, _typed(request), errors, given=request.POST)


def _text(form: ItemForm) -> dict[str, Any]:
    return {"title": form.title, "body": form.body, "tags": form.tag_list, "note": form.note}


def _saved(context: ContentContext, request: Request, form: ItemForm, result: SaveResult, plan: saving.Plan) -> Any:
    if result.kind == "conflict":
        return _conflict(context, request, form, result)
    messages = {
        "saved": _("Saved."),
        "merged": _("Saved. Somebody else saved too while you were writing; both changes are in the page now."),
        "unchanged": _("Nothing was changed, so there is nothing to save."),
    }
    message = saving.told(plan, result.kind) or messages[result.kind]
    request.notice(message, kind="info" if result.kind == "unchanged" else "done")
    return HTTPSeeOther(context.url("show"))


def _conflict(context: ContentContext, request: Request, form: ItemForm, result: SaveResult) -> dict[str, Any]:
    """Both texts, and a form whose next save knows of the other one."""
    item = result.item
    merge = result.merge or Merge(form.body)
    # 409, and the transaction of a refused save is not kept.
    request.response.status_int = 409
    # All that did not clash is merged already; where it clashed the writer's own text stands.
    kept = {**_typed(request), "body": merge.text, "base_version": item.version}
    theirs = form_values(context.type.fields, item)
    return {
        **_form(context, request, kept, {}, given=request.POST),
        "conflict": result,
        "clashes": [(clash, compare(clash.theirs, clash.mine)) for clash in merge.conflicts],
        "title_clash": item.title if item.title != form.title else None,
        "field_clashes": [
            (one.title, theirs[one.name]) for one in context.type.fields if one.name in result.field_clashes
        ],
    }


def preview(context: TypeContext, request: Request) -> Response:
    """A piece of HTML: how the Markdown that was sent would look."""
    body = request.POST.get("body", "")
    sample = Content(space=context.space, type=context.type.name, slug="", language=context.space.language)
    try:
        html = context.service.rendered(sample, body).html
    except MarkupError as error:
        return Response(request.localizer.translate(error.sentence), content_type="text/plain", status=422)
    return Response(html, content_type="text/html", charset="utf-8")


def _counted(context: TypeContext, request: Request) -> Audience:
    """How many people will read what is written here: those of the stored item, or of the one that is to be."""
    if isinstance(context, ContentContext):
        return audience.count(request.db, subject_of(context.item, state="published"))
    named = _named(request, {}) if request.method == "POST" else None
    return audience.count(request.db, planned(context.space, request.viewer.user_id, named))


def _typed(request: Request) -> dict[str, Any]:
    return {**dict.fromkeys(_FIELDS, ""), **typed(request.POST)}


def _form(
    context: TypeContext, request: Request, filled: dict[str, Any], errors: dict[str, Any], *, given: Any
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
        "crumbs": crumbs(context, request, ()),
        "counted": _counted(context, request),
    }
    if isinstance(context, ContentContext):
        values = {**item_values(context, request), **values}
    if "preview" in given and "body" not in errors:
        subject = item or Content(space=context.space, type=context.type.name, slug="", language="nl")
        try:
            values["preview"] = Html(context.service.rendered(subject, str(filled["body"])).html)
        except MarkupError as error:
            errors["body"] = error.sentence
    return values
