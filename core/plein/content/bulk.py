"""Doing one thing with many items of a list: chosen there, and each asked for permission by itself.

config.add_bulk_action(BulkAction("archive", _("Archive"), "archive", "delete", archive))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import or_, select
from translationstring import TranslationString

from plein.content.approving import ApprovalNeeded
from plein.content.contexts import TypeContext
from plein.content.models import Content
from plein.content.services import ItemLocked
from plein.content.visibility import may_write
from plein.web.forms import Errors
from plein.web.i18n import _

_ACTIONS = "plein.bulk_actions"
#: More are not shown on one page of a list either.
MOST = 100


#: What to say of refusals that are the same for every way in.
_REFUSALS: dict[type[Exception], TranslationString] = {
    ItemLocked: _("It is locked. Who may delete it can unlock it."),
    ApprovalNeeded: _("Somebody else has to approve a change of it. Open it to ask for that."),
}


class BulkRefused(Exception):
    """One of the items cannot be changed; ``sentence`` says why. The others are."""

    def __init__(self, sentence: TranslationString) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something that can be done with many items at once.

    :param name: one word; :param title: a verb; :param icon: from the icon set.
    :param permission: the last word of the type's permission that each item is asked for: edit, delete, move.
    :param run: ``run(context, request, item, read)`` does it with one item, in a savepoint of its own; raises
        :class:`BulkRefused` with a sentence.
    :param template: where something must be filled in first: its fields, given ``values``, ``typed`` and ``errors``.
    :param values: ``values(context, request)``: what the template is given.
    :param read: ``read(context, request, errors)``: what was filled in, checked.
    :param undo: the name of the bulk action that takes it back; empty for none.
    :param listed: whether lists offer it; what only undoes need not stand there.
    """

    name: str
    title: str
    icon: str
    permission: str
    run: Callable[[TypeContext, Request, Content, Any], object]
    template: str | None = None
    values: Callable[[TypeContext, Request], dict[str, Any]] | None = None
    read: Callable[[TypeContext, Request, Errors], Any] | None = None
    undo: str = ""
    listed: bool = True
    weight: int = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the items that were changed, and why others were not, by title."""

    done: tuple[Content, ...]
    refused: tuple[tuple[str, TranslationString], ...]


def add_bulk_action(config: Configurator, action: BulkAction) -> None:
    """The directive ``config.add_bulk_action``."""
    known = config.registry.setdefault(_ACTIONS, {})
    if action.name in known:
        raise ValueError(f"The bulk action {action.name} is declared twice.")
    known[action.name] = action


def find_action(request: Request, name: str) -> BulkAction | None:
    """The action called *name*."""
    found: BulkAction | None = request.registry.get(_ACTIONS, {}).get(name)
    return found


def bulk_actions(context: TypeContext, request: Request) -> list[BulkAction]:
    """What the viewer can do with many items here: by role; each item is asked again."""
    known = request.registry.get(_ACTIONS, {}).values()
    return sorted(
        (one for one in known if one.listed and request.has_permission(f"{context.type.name}.{one.permission}")),
        key=lambda one: (one.weight, one.name),
    )


def chosen(context: TypeContext, request: Request, uids: Sequence[str], numbers: str = "") -> list[Content]:
    """The items of this type in this space that the viewer may see, by title.

    :param uids: of those that were chosen; or *numbers*, with spaces between them, in a button that undoes.
    """
    known = [uid for uid in dict.fromkeys(uids) if uid.isascii() and len(uid) < 50][:MOST]
    ids = [int(one) for one in numbers.split()[:MOST] if one.isascii() and one.isdigit() and len(one) < 19]
    model = context.type.model
    found = select(model).where(or_(model.uid.in_(known), model.id.in_(ids)), model.space_id == context.space.id)
    return list(request.db.scalars(found.order_by(model.sort_title, model.id)))


def run(context: TypeContext, request: Request, action: BulkAction, items: Sequence[Content], read: Any) -> Outcome:
    """Do it with each of *items*, in a savepoint of its own: what fails takes nothing else with it."""
    done, refused = [], []
    for item in items:
        if not may(context, request, action, item):
            refused.append((item.title, _("You may not do this with it.")))
            continue
        title = item.title
        try:
            with request.db.begin_nested():
                action.run(context, request, item, read)
        except (ApprovalNeeded, BulkRefused, ItemLocked) as error:
            refused.append((title, getattr(error, "sentence", None) or _REFUSALS[type(error)]))
        else:
            done.append(item)
    return Outcome(tuple(done), tuple(refused))


def may(context: TypeContext, request: Request, action: BulkAction, item: Content) -> bool:
    """Whether the viewer has the action's permission for *item*."""
    viewer = request.viewer
    writes = not item.restricted or viewer.user_id in (item.author_id, item.owner_id)
    place = SimpleNamespace(
        space=context.space, role=context.role, may_write_item=writes or may_write(request.db, viewer, item)
    )
    return bool(request.has_permission(f"{context.type.name}.{action.permission}", place))


def includeme(config: Configurator) -> None:
    config.add_directive("add_bulk_action", add_bulk_action)
