"""The pages of what waits for approval: suggest a change, the list at an item, and one proposal with its decision."""

from typing import Any

from pyramid.httpexceptions import HTTPConflict, HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request

from plein.content.approving import SUGGESTIONS
from plein.content.contexts import ContentContext
from plein.content.difference import compare
from plein.content.fields import fields_for, form_values, typed_values
from plein.content.forms import ItemForm
from plein.content.life import proposed
from plein.content.life.models import Proposal
from plein.content.life.proposals import MAX_COMMENT, ProposalService
from plein.content.life.refused import LOCKED
from plein.content.life.saving import SENT
from plein.content.life.service import LifeRefused
from plein.content.policies import policies_of
from plein.content.services import ItemLocked
from plein.content.views.show import item_values
from plein.security.policy import INSPECTOR
from plein.security.rights import effective
from plein.web.forms import parse, typed
from plein.web.i18n import _
from plein.web.markup import MarkupError

_ARCHIVED = _("This space is archived: everybody can read it, and nobody can add to it.")


def edits_here(context: ContentContext, request: Request) -> bool:
    """Whether the viewer's role may edit here, also while the item is locked or the space is archived."""
    declared = request.plugins.permissions[f"{context.type.name}.edit"]
    changes = request.registry["plein.rights"].changes(request.viewer.rights)
    return context.role in effective(declared, changes, context.space.id)


def _require_writing(context: ContentContext) -> None:
    """Refuse whoever only looks: an inspection, and everybody in an archived space."""
    if context.role == INSPECTOR:
        raise HTTPForbidden()
    if context.space.archived_at is not None:
        raise HTTPConflict(_ARCHIVED)


# -- suggesting ----------------------------------------------------------------------------------------------------


def suggest(context: ContentContext, request: Request) -> Any:
    """The form with the item in it, for who may read but not edit: what is sent waits beside it."""
    item, name = context.item, context.type.name
    if request.has_permission(f"{name}.edit"):
        return HTTPSeeOther(context.url("edit"))
    _require_writing(context)
    if item.state not in ("published", "archived"):
        raise HTTPConflict(_("This cannot be changed now."))
    if not policies_of(context, request)[SUGGESTIONS]:
        raise HTTPConflict(_("Here only who may edit can change this. Ask somebody of the space."))
    service = ProposalService(context.service, context.role)
    if request.method != "POST":
        return _suggestion(context, request, proposed.opened(service, item), {})
    form, errors = parse(ItemForm, request.POST)
    own = typed_values(fields_for(context, request), request.POST, errors)
    if form is not None and not errors:
        text: dict[str, Any] = {"title": form.title, "body": form.body, "tags": form.tag_list, "note": form.note}
        try:
            made = service.suggest(item, base_version=form.base_version, fields=own, **text)
        except MarkupError as error:
            errors["body"] = error.sentence
        except LifeRefused as refused:
            errors[""] = refused.sentence
        else:
            if made is None:
                request.notice(_("Nothing was changed, so there is nothing to send."), kind="info")
                return HTTPSeeOther(context.url("show"))
            request.notice(SENT)
            return HTTPSeeOther(context.url("proposal", number=made.id))
    filled = dict.fromkeys(("title", "body", "tags", "note", "base_version"), "") | typed(request.POST)
    return _suggestion(context, request, filled, errors)


def _suggestion(
    context: ContentContext, request: Request, filled: dict[str, Any], errors: dict[str, Any]
) -> dict[str, Any]:
    if errors:
        request.response.status_int = 422
    return {
        **item_values(context, request),
        "own_fields": fields_for(context, request),
        "typed": form_values(context.type.fields, context.item) | filled,
        "errors": errors,
        "clashes": filled.get("clashes", ()),
    }


# -- looking and deciding ------------------------------------------------------------------------------------------


def proposals(context: ContentContext, request: Request) -> dict[str, Any]:
    """What waits at this item, and what became of what waited before."""
    rows, following = proposed.of_item(request.db, context.item, _number(request.GET.get("before", "")))
    return {**item_values(context, request), "rows": rows, "next": following}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def proposal(context: ContentContext, request: Request) -> Any:
    """One proposal: what would change, what was said about it, and deciding. Posting does one of these."""
    service = ProposalService(context.service, context.role)
    found = _find(context, request, service)
    errors: dict[str, Any] = {}
    if request.method == "POST":
        _require_writing(context)
        try:
            return _act(context, request, service, found)
        except ItemLocked:
            errors[""] = LOCKED
        except LifeRefused as refused:
            errors[""] = refused.sentence
        # What was begun is not kept, and the page shows what is stored.
        request.tm.doom()
        request.response.status_int = 409
    looked = proposed.look(service, context.item, found)
    return {
        **item_values(context, request),
        "proposal": found,
        "people": proposed.people(request.db, found),
        "comments": proposed.comments(request.db, found),
        "looked": looked,
        "title_rows": compare(looked.title_now, looked.title) if looked.title_now != looked.title else [],
        "rows": compare(looked.now, looked.text),
        "may": service.may_decide(context.item, found) if found.state == "open" else "closed",
        "is_mine": found.author_id == request.viewer.user_id,
        "typed": typed(request.POST),
        "errors": errors,
        "max_comment": MAX_COMMENT,
    }


def _find(context: ContentContext, request: Request, service: ProposalService) -> Proposal:
    found = proposed.find(request.db, context.item, int(request.matchdict["number"]))
    viewer = request.viewer
    concerned = found is not None and viewer.user_id in (found.author_id, found.reviewer_id)
    if found is None or not (concerned or edits_here(context, request) or context.role == INSPECTOR):
        raise HTTPNotFound()
    return found


def _act(context: ContentContext, request: Request, service: ProposalService, found: Proposal) -> Any:
    act, item = request.POST.get("act", ""), context.item
    text = request.POST.get("reason" if act in ("approve", "reject") else "text", "")
    text = text.replace("\0", "").replace("\r\n", "\n").strip()[:MAX_COMMENT]
    if act == "comment":
        if not text:
            raise LifeRefused(_("Write something first."))
        service.comment(item, found, text)
        request.notice(_("Your comment is added."))
    elif act == "withdraw":
        service.withdraw(item, found)
        request.notice(_("Withdrawn. Nobody needs to look at it any more."))
        return HTTPSeeOther(context.url("show"))
    elif act == "reject":
        if not text:
            raise LifeRefused(_("Say why, so that the writer knows what to do."))
        service.reject(item, found, text)
        request.notice(_("Rejected. The writer hears why."))
        return HTTPSeeOther(_afterwards(context, request, context.url("proposal", number=found.id)))
    elif act == "approve":
        seen = (_number(request.POST.get("round", "")) or 0, _number(request.POST.get("version", "")) or 0)
        service.approve(item, found, seen=seen, reason=text)
        request.notice(_("Approved."))
        return HTTPSeeOther(_afterwards(context, request, context.url("show")))
    else:
        raise HTTPNotFound()
    return HTTPSeeOther(context.url("proposal", number=found.id))


def _afterwards(context: ContentContext, request: Request, page: str) -> str:
    """*page*, or the list where whoever decided sees the item no longer: nobody asks them about the draft any more."""
    item = context.item
    sees = item.state not in ("draft", "scheduled") or request.viewer.user_id in (item.author_id, item.owner_id)
    return page if sees else context.url("list")
