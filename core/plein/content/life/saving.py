"""What pressing a button below the form of an item means: publish, keep as a draft, publish later, ask for approval.

For the views that save. They read the form with its parts, and then call :func:`create` or :func:`save` with the
:class:`Plan` that the part ``life`` read, instead of the service's own methods::

    read = read_parts(context, request, errors)
    …
    item = create(context, read["life"], title=…, body=…)
    result = save(context, read["life"], base_version=…, title=…, body=…)   # kind may be "proposed"
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pyramid.request import Request

from plein.content.approving import NEEDED
from plein.content.contexts import ContentContext, TypeContext
from plein.content.fields import as_text
from plein.content.life.proposals import ProposalService
from plein.content.life.service import LifeService
from plein.content.models import Content
from plein.content.policies import policies_of
from plein.content.services import SaveResult
from plein.web.i18n import _

SENT = _("Sent for approval. You hear of it when somebody has looked at it.")

Act = Literal["publish", "draft", "later", "propose"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of what was typed.

    :param act: ``publish`` (for an item that is read: save), ``draft``, ``later`` or ``propose``.
    :param publish_at: when it appears, with ``later``; or when it would, with ``propose``.
    :param expires_at: when it is archived by itself.
    :param reviewer_id: who is asked to approve it, where somebody is named.
    """

    act: Act = "publish"
    publish_at: datetime | None = None
    expires_at: datetime | None = None
    reviewer_id: int | None = None


@dataclass(frozen=True, slots=True)
class SubmitButton:
    """A button that sends the form: ``<button name="act" value="draft">``."""

    act: Act
    label: Any
    icon: str
    primary: bool = False


def needs_approval(context: TypeContext, request: Request) -> bool:
    """Whether what is written here waits for somebody else."""
    return bool(policies_of(context, request)[NEEDED])


def state_of(context: TypeContext) -> str | None:
    """The state of the item that the form is about; ``None`` for a new one."""
    return context.item.state if isinstance(context, ContentContext) else None


def submit_buttons(context: TypeContext, request: Request) -> list[SubmitButton]:
    """The buttons of the form, the first one being what Enter does."""
    state = state_of(context)
    draft = SubmitButton("draft", _("Save as draft") if state is None else _("Keep as draft"), "file-text")
    if needs_approval(context, request):
        propose = SubmitButton("propose", _("Send for approval"), "send", primary=True)
        return [propose, draft] if state in (None, "draft", "scheduled") else [propose]
    publish = SubmitButton("publish", _("Publish"), "send", primary=True)
    if state in (None, "draft"):
        return [publish, draft]
    if state == "scheduled":
        later = SubmitButton("later", _("Save"), "calendar-time", primary=True)
        return [later, SubmitButton("publish", _("Publish now"), "send"), draft]
    return [SubmitButton("publish", _("Save"), "device-floppy", primary=True)]


def create(context: TypeContext, plan: Plan, **values: Any) -> Content:
    """A new item, in the state that *plan* says; *values* as :meth:`ContentService.create` takes them."""
    state = {"publish": "published", "later": "scheduled"}.get(plan.act, "draft")
    publish_at = plan.publish_at if plan.act == "later" else None
    item = context.service.create(
        context.space, state=state, publish_at=publish_at, expires_at=plan.expires_at, **values
    )
    if plan.act == "propose":
        _ask(context, plan, item, values.get("note", ""))
    return item


def save(context: ContentContext, plan: Plan, *, base_version: int, **values: Any) -> SaveResult:
    """Save the item of *context* as *plan* says; *values* as :meth:`ContentService.save` takes them.

    Of an item that is read and needs approval nothing is changed: the result is ``proposed``, or ``unchanged``.
    """
    item, life = context.item, LifeService(context.service)
    if plan.act == "propose" and item.state not in ("draft", "scheduled"):
        return _suggest(context, plan, base_version, values)
    if item.state == "scheduled" and plan.act in ("draft", "propose"):
        life.unpublish(item)
    result = context.service.save(item, base_version=base_version, **values)
    if result.kind == "conflict":
        return result
    was = (item.state, item.publish_at, item.expires_at)
    if item.expires_at != plan.expires_at:
        life.set_expiry(item, plan.expires_at)
    if plan.act == "propose":
        _ask(context, plan, item, values.get("note", ""))
        return SaveResult("proposed", item, result.merge)
    if item.state in ("draft", "scheduled"):
        if plan.act == "later" and plan.publish_at is not None:
            life.schedule(item, plan.publish_at)
        elif plan.act == "publish":
            life.publish(item)
    is_changed = was != (item.state, item.publish_at, item.expires_at)
    return replace(result, kind="saved") if result.kind == "unchanged" and is_changed else result


def _ask(context: TypeContext, plan: Plan, item: Content, note: str) -> None:
    ProposalService(context.service, context.role).ask_to_publish(
        item, publish_at=plan.publish_at, reviewer_id=plan.reviewer_id, note=note
    )


def _suggest(context: ContentContext, plan: Plan, base_version: int, values: dict[str, Any]) -> SaveResult:
    fields = {one.name: values[one.name] for one in context.type.fields if one.name in values}
    made = ProposalService(context.service, context.role).suggest(
        context.item,
        base_version=base_version,
        title=values["title"],
        body=values["body"],
        tags=values.get("tags", ()),
        fields=fields,
        reviewer_id=plan.reviewer_id,
        note=values.get("note", ""),
    )
    return SaveResult("unchanged" if made is None else "proposed", context.item)


def waiting_text(context: ContentContext, request: Request) -> dict[str, Any] | None:
    """What the form opens with where the viewer has a changed text waiting already; ``None`` where not.

    One statement, and none where nothing waits. ``base_version`` is the version that it was made from.
    """
    if context.item.state in ("draft", "scheduled") or not needs_approval(context, request):
        return None
    mine = ProposalService(context.service, context.role).mine(context.item)
    if mine is None or mine.kind != "change":
        return None
    return {
        "title": mine.title,
        "body": mine.body,
        "tags": ", ".join(mine.tags),
        "note": mine.note,
        "base_version": mine.base_version,
        **{one.name: as_text(mine.fields.get(one.name)) for one in context.type.fields},
    }


def told(plan: Plan, kind: str = "saved") -> Any:
    """The sentence that the page after saving says; ``None`` where the views have their own."""
    if kind == "unchanged":
        return None
    if plan.act == "propose":
        return SENT
    if plan.act == "draft":
        return _("Saved as a draft. Only you can see it.")
    if plan.act == "later":
        return _("Saved. It appears by itself at the moment that you chose.")
    return None
