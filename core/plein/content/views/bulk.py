"""Doing something with many items of a list: the page that asks for what is needed, and what became of it."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render, render_to_response
from pyramid.request import Request

from plein.content import bulk
from plein.content.bulk import BulkAction, BulkRefused, Outcome
from plein.content.contexts import TypeContext
from plein.content.models import Content
from plein.content.services import TitleTaken
from plein.content.titles import MAX_TAGS, clean_tags
from plein.content.topics.vocabularies import refused, rules_here
from plein.content.views.show import crumbs
from plein.spaces.contexts import standings
from plein.spaces.models import Space
from plein.web.forms import Errors, typed
from plein.web.html import Html
from plein.web.i18n import _

_PARTS = "plein:templates/content/bulk_"


def many(context: TypeContext, request: Request) -> Any:
    """Do it, or first ask for what it needs."""
    action = bulk.find_action(request, request.POST.get("action", ""))
    if action is None:
        raise HTTPNotFound()
    if not request.has_permission(f"{context.type.name}.{action.permission}"):
        raise HTTPForbidden()
    items = bulk.chosen(context, request, request.POST.getall("item"), request.POST.get("numbers", ""))
    if not items:
        request.notice(_("Choose something from the list first."), kind="error")
        return HTTPSeeOther(context.url("list"))
    errors: Errors = {}
    read = None
    if action.template is not None:
        if "ready" not in request.POST:
            return _page(context, request, action, items, {}, errors)
        read = action.read(context, request, errors) if action.read else None
        if errors:
            return _page(context, request, action, items, typed(request.POST), errors)
    _tell(context, request, action, bulk.run(context, request, action, items, read))
    return HTTPSeeOther(context.url("list"))


def _page(
    context: TypeContext, request: Request, action: BulkAction, items: list[Content], filled: Any, errors: Errors
) -> Any:
    values = action.values(context, request) if action.values else {}
    part = render(str(action.template), {**values, "typed": filled, "errors": errors}, request=request)
    answer = render_to_response(
        "plein:templates/content/bulk.pt",
        {
            "context": context,
            "space": context.space,
            "type": context.type,
            "action": action,
            "items": items,
            "part": Html(part),
            "errors": errors,
            "crumbs": crumbs(context, request, ()),
        },
        request,
    )
    answer.status_int = 422 if errors else 200
    return answer


def _tell(context: TypeContext, request: Request, action: BulkAction, outcome: Outcome) -> None:
    for title, sentence in outcome.refused[:5]:
        reason = request.localizer.translate(sentence)
        request.notice(_("“${title}”: ${reason}", mapping={"title": title, "reason": reason}), kind="error")
    if len(outcome.refused) > 5:
        more = len(outcome.refused) - 5
        request.notice(_("And ${count} more could not be changed.", mapping={"count": more}), kind="error")
    if outcome.done:
        verb = request.localizer.translate(action.title)
        undo: Any = None
        if action.undo:
            # Numbers: a notice travels in a cookie, which is small.
            numbers = " ".join(str(item.id) for item in outcome.done)
            undo = {"url": context.url("bulk"), "values": {"action": action.undo, "numbers": numbers}}
        mapping = {"verb": verb, "count": len(outcome.done)}
        request.notice(_("${verb}: done for ${count}.", mapping=mapping), undo=undo)


# -- what core offers ----------------------------------------------------------------------------------------------


def trash(context: TypeContext, _request: Request, item: Content, _read: Any) -> None:
    context.service.trash(item)


def untrash(context: TypeContext, _request: Request, item: Content, _read: Any) -> None:
    context.service.untrash(item)


def read_tags(_context: TypeContext, request: Request, errors: Errors) -> tuple[list[str], list[str]]:
    """The tags to give and to take away."""
    add, remove = (clean_tags(request.POST.get(name, "")[:2_000].split(",")) for name in ("add", "remove"))
    if not add and not remove:
        errors["add"] = _("Fill in a tag.")
    return add, remove


def tag(context: TypeContext, request: Request, item: Content, read: tuple[list[str], list[str]]) -> None:
    """Give the item tags and take some away, as far as the lists of tags allow; its text stays as it is."""
    add, remove = read
    gone = {one.casefold() for one in remove}
    tags = clean_tags([*(one for one in item.tags if one.casefold() not in gone), *add])
    if len(tags) > MAX_TAGS:
        raise BulkRefused(_("It would have too many tags."))
    sentence = refused(request.db, rules_here(context, request), tags, item.tags)
    if sentence is not None:
        raise BulkRefused(sentence)
    text: dict[str, Any] = {"title": item.title, "body": item.body, "tags": tags}
    context.service.save(item, base_version=item.version, **text, minor=True)


def spaces_to_move_to(context: TypeContext, request: Request) -> dict[str, Any]:
    """Other spaces in which the viewer may make items of this type."""
    found = standings(request.db, request.viewer, Space.id != context.space.id)
    create = f"{context.type.name}.create"
    return {"spaces": [one.space for one in found if request.has_permission(create, one)]}


def read_space(context: TypeContext, request: Request, errors: Errors) -> Space | None:
    """The space that was chosen."""
    spaces = spaces_to_move_to(context, request)["spaces"]
    target = next((space for space in spaces if space.slug == request.POST.get("space")), None)
    if target is None:
        errors["space"] = _("Choose a space from the list.")
    return target


def move(context: TypeContext, _request: Request, item: Content, target: Space) -> None:
    try:
        context.service.move_to_space(item, target)
    except TitleTaken:
        raise BulkRefused(_("There is no free address for it in that space.")) from None


ACTIONS = (
    BulkAction("tag", _("Change tags"), "tag", "edit", tag, template=f"{_PARTS}tags.pt", read=read_tags, weight=10),
    BulkAction(
        "move",
        _("Move to another space"),
        "folder-symlink",
        "move",
        move,
        template=f"{_PARTS}move.pt",
        values=spaces_to_move_to,
        read=read_space,
        weight=30,
    ),
    BulkAction("trash", _("Delete"), "trash", "delete", trash, undo="untrash", weight=90),
    BulkAction("untrash", _("Put back"), "arrow-back-up", "delete", untrash, listed=False),
)
