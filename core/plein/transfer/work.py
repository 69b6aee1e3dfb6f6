"""What an import works with: the plan, and all that Plein knows of its pages, looked up in a handful of statements."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from plein.content.models import Content
from plein.content.services import ContentService
from plein.transfer.into import Into
from plein.transfer.models import ImportItem
from plein.transfer.plan import Plan, assign_slugs, relink
from plein.transfer.receipt import PageEntry, Receipt

#: An SQL statement may name this many keys at once on every database.
_MANY = 500


@dataclass(frozen=True, slots=True)
class Known:
    """An item as it is now: what is needed to tell whether anything is to be done."""

    id: int
    uid: str
    slug: str
    title: str
    body: str
    tags: list[str]
    state: str
    version: int


@dataclass(slots=True)
class Work:
    """What one import goes by."""

    into: Into
    plan: Plan
    receipt: Receipt
    source: str
    rows: dict[str, ImportItem]
    items: dict[int, Known]
    service: ContentService
    #: key → the item's number, for the pages below it
    ids: dict[str, int] = field(default_factory=dict)
    #: key → what was made of a page that is new
    created: dict[str, "Created"] = field(default_factory=dict)


@dataclass(slots=True)
class Created:
    """A new page: the item, what is remembered of it, and its line in the receipt."""

    item: Content
    row: ImportItem
    entry: PageEntry


def prepare(into: Into, plan: Plan, receipt: Receipt, source: str) -> Work:
    """Look up, in a handful of statements, all that is known of these pages, and give each its address."""
    db, space = into.db, into.space
    rows = {
        row.path: row
        for row in db.scalars(select(ImportItem).where(ImportItem.space_id == space.id, ImportItem.source == source))
    }
    work = Work(into, plan, receipt, source, rows, {}, into.service())
    model: Any = into.type.model
    ids = [row.content_id for row in rows.values() if row.content_id is not None]
    for start in range(0, len(ids), _MANY):
        found = db.execute(
            select(
                model.id, model.uid, model.slug, model.title, model.body, model.tags, model.state, model.version
            ).where(model.id.in_(ids[start : start + _MANY]))
        )
        work.items.update({row.id: Known(*row) for row in found})
    known = {key: work.items[row.content_id].slug for key, row in rows.items() if row.content_id in work.items}
    taken = db.scalars(select(model.slug).where(model.space_id == space.id)).all()
    changed = assign_slugs(plan.pages, known, taken)
    if changed:
        relink(plan, changed, into.address)
    return work
