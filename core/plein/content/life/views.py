"""The pages about the life of an item: when people read it, archive and lock, a copy, and its end."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request

from plein.content.contexts import ContentContext, TypeContext
from plein.content.life.due import kept_until
from plein.content.life.moments import NoSuchMoment, as_typed, typed_moment
from plein.content.life.proposals import ProposalService
from plein.content.life.saving import SENT, needs_approval
from plein.content.life.service import LifeRefused, LifeService
from plein.content.listing import listing
from plein.content.titles import MAX_TITLE, clean_title
from plein.content.views.lists import list_values
from plein.content.views.show import item_values
from plein.spaces.contexts import standings
from plein.spaces.models import Space
from plein.spaces.permissions import MANAGE
from plein.web.forms import typed
from plein.web.i18n import _, time_zone

MAX_REASON = 200

#: What is said after a step, and the step that undoes it.
DONE: dict[str, tuple[Any, str | None]] = {
    "publish": (_("Published. Everybody who can see this space can read it."), "unpublish"),
    "schedule": (_("Saved. It appears by itself at the moment that you chose."), None),
    "expire": (_("Saved."), None),
    "unpublish": (_("It is a draft again. Only its author and owner see it."), "publish"),
    "archive": (_("It is in the archive now. It can still be read, and found by who searches there."), "unarchive"),
    "unarchive": (_("It is out of the archive again."), "archive"),
    "lock": (_("Locked. Only who may lock can change it."), "unlock"),
    "unlock": (_("Everybody who may edit here can change it again."), "lock"),
    "propose": (SENT, None),
}


def steps(context: ContentContext, request: Request) -> set[str]:
    """What the viewer can do now with the item. Archive and lock are for who may also throw it away."""
    item, name = context.item, context.type.name
    found: set[str] = set()
    if item.state == "trashed" or not request.has_permission(f"{name}.edit"):
        return found
    if item.state in ("draft", "scheduled"):
        found |= {"propose"} if needs_approval(context, request) else {"publish", "schedule"}
    if item.state != "archived":
        found.add("expire")
    # For others than these two it would be gone: they would not see the draft.
    if item.state in ("published", "scheduled") and request.viewer.user_id in (item.author_id, item.owner_id):
        found.add("unpublish")
    if context.may_unlock:
        found.add("unlock" if item.locked else "lock")
        found |= {"published": {"archive"}, "archived": {"unarchive"}}.get(item.state, set())
    return found


def life(context: ContentContext, request: Request) -> Any:
    """When the item appears and ends, the archive, the lock: a page, and each step from it."""
    errors: dict[str, Any] = {}
    possible = steps(context, request)
    if request.method == "POST":
        act = request.POST.get("act", "")
        try:
            if act not in possible:
                raise LifeRefused(_("That cannot be done with it now. Look at what it has become."))
            if _step(context, request, act, errors):
                return HTTPSeeOther(context.url("show"))
        except LifeRefused as refused:
            errors[{"schedule": "when", "expire": "expires"}.get(act, "")] = refused.sentence
        request.response.status_int = 422
    zone = time_zone(request)
    stored = {"when": as_typed(context.item.publish_at, zone), "expires": as_typed(context.item.expires_at, zone)}
    return {
        **item_values(context, request),
        "steps": possible,
        "typed": stored | typed(request.POST),
        "errors": errors,
        "zone": zone.key.replace("_", " "),
    }


def _step(context: ContentContext, request: Request, act: str, errors: dict[str, Any]) -> bool:
    """Do it, and say so; or say what was typed wrong."""
    service, item = LifeService(context.service), context.item
    reason = clean_title(request.POST.get("reason", "").replace("\0", ""))[:MAX_REASON]
    if act in ("schedule", "expire"):
        name = "when" if act == "schedule" else "expires"
        try:
            moment = typed_moment(request.POST.get(name, "")[:40], time_zone(request))
        except NoSuchMoment as error:
            errors[name] = error.sentence
            return False
        if act == "expire":
            service.set_expiry(item, moment)
        elif moment is None:
            errors[name] = _("Choose when it appears.")
            return False
        else:
            service.schedule(item, moment, reason)
    elif act == "propose":
        ProposalService(context.service, context.role).ask_to_publish(item, note=reason)
    else:
        if act == "unpublish":
            service.lock_row(item)
            ProposalService(context.service, context.role).close_all(item, reason)
        plain: dict[str, Callable[..., Any]] = {
            "publish": service.publish,
            "unpublish": service.unpublish,
            "archive": service.archive,
            "unarchive": service.unarchive,
            "lock": service.lock,
            "unlock": service.unlock,
        }
        plain[act](item, reason)
    sentence, back = DONE[act]
    can_undo = back is not None and not (back == "publish" and needs_approval(context, request))
    request.notice(sentence, undo={"url": context.url("life"), "values": {"act": back}} if can_undo else None)
    return True


# -- a copy --------------------------------------------------------------------------------------------------------


def copy(context: ContentContext, request: Request) -> Any:
    """Choose a space and a title, and write a draft like this item there."""
    spaces = spaces_to_write_in(context, request)
    filled = {"title": context.item.title, "space": context.space.slug} | typed(request.POST)
    errors: dict[str, Any] = {}
    if request.method == "POST":
        target = next((space for space in spaces if space.slug == filled["space"]), None)
        title = clean_title(str(filled["title"]).replace("\0", ""))[:MAX_TITLE]
        if target is None:
            errors["space"] = _("Choose a space from the list.")
        if not title:
            errors["title"] = _("Fill this in.")
        if target is not None and title:
            made = LifeService(context.service).copy(context.item, target, title)
            request.notice(_("Copied. It is a draft, that only you see until you publish it."))
            place = {"space": target.slug, "slug": made.slug}
            return HTTPSeeOther(request.route_path(f"{context.type.name}.edit", **place))
        request.response.status_int = 422
    return {**item_values(context, request), "spaces": spaces, "typed": filled, "errors": errors}


def spaces_to_write_in(context: ContentContext, request: Request, *only: Any) -> list[Space]:
    """Spaces in which the viewer may create items of this type."""
    create = f"{context.type.name}.create"
    found = standings(request.db, request.viewer, *only)
    return [standing.space for standing in found if request.has_permission(create, standing)]


# -- the end -------------------------------------------------------------------------------------------------------


def trash(context: TypeContext, request: Request) -> dict[str, Any]:
    """What was thrown away and can be put back, and until when."""
    page = listing(
        request.db,
        space=context.space,
        type_name=context.type.name,
        trashed=True,
        after=request.GET.get("after"),
    )
    days = request.plein["plein.trash_days"]
    return {
        **list_values(context, request, "trash"),
        "page": page,
        "days": days,
        "kept": {row.id: kept_until(row.trashed_at, days) for row in page.rows},
        "may_purge": bool(request.has_permission(MANAGE)),
        "quote": quote,
    }


def purge(context: ContentContext, request: Request) -> Any:
    """Delete something for good: for managers, who type its title, because nothing brings it back."""
    if not request.has_permission(MANAGE):
        raise HTTPForbidden()
    if context.item.state != "trashed":
        raise HTTPNotFound()
    errors: dict[str, Any] = {}
    if request.method == "POST":
        item = context.item
        if clean_title(request.POST.get("title", "").replace("\0", "")) == item.title:
            reason = clean_title(request.POST.get("reason", "").replace("\0", ""))[:MAX_REASON]
            title = item.title
            try:
                LifeService(context.service).purge(item, reason)
            except LifeRefused as refused:
                request.notice(refused.sentence, kind="warning")
                return HTTPSeeOther(context.url("show"))
            request.notice(_("“${title}” is deleted for good.", mapping={"title": title}))
            return HTTPSeeOther(context.url("trash"))
        errors["title"] = _("This is not its title. Type it as it stands above.")
        request.response.status_int = 422
    return {**item_values(context, request), "typed": typed(request.POST), "errors": errors}
