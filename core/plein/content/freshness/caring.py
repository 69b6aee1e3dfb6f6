"""Checking and handing over several items at once, each with the right that it asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from sqlalchemy import select

from plein.content.contexts import make_service
from plein.content.freshness.owners import ROLE, Owner, find_owner, set_owner
from plein.content.freshness.permissions import SITE
from plein.content.freshness.reviewing import Before, confirm, take_back
from plein.content.models import Content
from plein.content.visibility import may_write
from plein.people.finding import NoSuchPerson
from plein.spaces.contexts import standings
from plein.spaces.models import Space
from plein.web.i18n import _

#: Items that can be chosen at once: those of a page.
MOST = 30


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the chosen items. :param undo: what to send to take it back, empty for nothing."""

    number: int
    refused: int
    undo: str = ""


def chosen(request: Request) -> list[Content]:
    """The items that were ticked, as far as the viewer sees them. One statement."""
    numbers = [int(text) for text in request.POST.getall("item")[:MOST] if text.isascii() and text.isdigit()]
    numbers = [number for number in numbers if number < 2**63]
    types = list(request.plugins.content_types)
    return list(
        request.db.scalars(
            select(Content)
            .where(Content.id.in_(numbers), Content.type.in_(types), Content.state == "published")
            .order_by(Content.id)
        )
    )


def permitted(request: Request, items: Iterable[Content]) -> list[Content]:
    """Those of *items* that the viewer may look after: who may edit them, and whose office it is.

    Nobody may in an archived space, and an office opens nothing that its audience only lets read.
    """
    items = list(items)
    places = {item.space_id for item in items}
    found = standings(request.db, request.viewer, Space.id.in_(places)) if places else []
    standing = {one.space.id: one for one in found if one.role is not None and one.space.archived_at is None}
    # An office holds everywhere: this is asked while a context is made, too.
    is_officer = bool(request.has_permission(SITE, request))
    return [
        item
        for item in items
        if item.space_id in standing
        and (is_officer or request.has_permission(f"{item.type}.edit", standing[item.space_id]))
        and _audience_lets(request, item)
    ]


def _audience_lets(request: Request, item: Content) -> bool:
    own = request.viewer.user_id in (item.author_id, item.owner_id)
    return not item.restricted or own or may_write(request.db, request.viewer, item)


def review(request: Request, items: list[Content]) -> Done:
    """Say of each that it is still true."""
    allowed = permitted(request, items)
    marks = []
    for item in allowed:
        before = confirm(_service(request, item), item)
        marks.append(mark(item.id, before))
    return Done(len(allowed), len(items) - len(allowed), ",".join(marks))


def unreview(request: Request, marks: str) -> int:
    """Take back what :func:`review` did, by its marks. How many could be taken back."""
    wanted = dict(filter(None, (_read_mark(text) for text in marks[:3_000].split(",")[:MOST])))
    items = request.db.scalars(select(Content).where(Content.id.in_(list(wanted))).order_by(Content.id)).all()
    known = [item for item in items if item.type in request.plugins.content_types]
    return sum(take_back(_service(request, item), item, wanted[item.id]) for item in permitted(request, known))


def hand_over(request: Request, items: list[Content], who: str) -> Done:
    """Have somebody else look after each; in a space where they may not write, nothing changes.

    :raises NoSuchPerson: where nobody is meant, or they may write nowhere where the items are.
    """
    allowed = permitted(request, items)
    owners: dict[int, Owner | None] = {}
    problem: NoSuchPerson | None = None
    for space_id in {item.space_id for item in allowed}:
        try:
            owners[space_id] = find_owner(request.db, request.viewer, space_id, who)
        except NoSuchPerson as error:
            owners[space_id], problem = None, error
    if problem is not None and not any(owners.values()):
        raise problem
    number = 0
    for item in allowed:
        owner = owners[item.space_id]
        if owner is not None:
            set_owner(_service(request, item), item, user_id=owner.user_id, role=owner.role)
            number += 1
    return Done(number, len(items) - number)


def mark(number: int, before: Before) -> str:
    """What to send to take a check back: the number of the item, the date and the stage that it had."""
    return f"{number}.{before.review_on.isoformat() if before.review_on else ''}.{before.stage}"


def _read_mark(text: str) -> tuple[int, Before] | None:
    number, _dot, rest = text.partition(".")
    day, _dot, stage = rest.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19 and stage in ("0", "1", "2", "3", "4")):
        return None
    try:
        return int(number), Before(date.fromisoformat(day) if day else None, int(stage))
    except ValueError:
        return None


def _service(request: Request, item: Content) -> Any:
    return make_service(request, request.plugins.content_types[item.type])


def bulk(request: Request, back: str) -> tuple[HTTPSeeOther | None, dict[str, Any]]:
    """What a list does with the items that were ticked in it.

    :param back: the address of the list.
    :return: where to go; or nothing, and what was wrong.
    """
    act = request.POST.get("act", "")
    if act == "undo":
        number = unreview(request, request.POST.get("marks", ""))
        request.notice(_("Taken back: ${count}.", mapping={"count": number}) if number else _CANNOT)
        return HTTPSeeOther(back), {}
    items = chosen(request)
    if not items:
        return None, {"items": _("Choose at least one page.")}
    if act == "owner":
        try:
            role = request.POST.get("owner", "")
            who = role if role.startswith(ROLE) else request.POST.get("who", "").replace("\0", "")[:200]
            done = hand_over(request, items, who)
        except NoSuchPerson as error:
            return None, {"who": error.sentence}
        message = _("Handed over: ${count}.", mapping={"count": done.number})
    else:
        done = review(request, items)
        message = _("Checked: ${count}.", mapping={"count": done.number})
    undo = {"url": back, "values": {"act": "undo", "marks": done.undo}} if done.undo else None
    request.notice(message, "done" if done.number else "info", undo=undo)
    if done.refused:
        request.notice(_("Not changed, because you may not: ${count}.", mapping={"count": done.refused}), "warning")
    return HTTPSeeOther(back), {}


_CANNOT = _("This can no longer be taken back: it was checked again, or too long ago.")
