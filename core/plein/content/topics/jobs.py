"""Items follow what became of a tag: their words, their rows and the search index, in batches that each are stored.

Done again, a batch finds nothing to do. These run over all items, whoever may see them.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from plein.content.changes import tell
from plein.content.models import Content
from plein.content.tag_models import ContentTag, MergedTag, Tag
from plein.content.titles import tag_key
from plein.contributions import ContentChange, Job
from plein.db import db_unguarded
from plein.jobs import JobContext
from plein.security.viewer import ANONYMOUS
from plein.web.i18n import _

BATCH = 100


def follow(context: JobContext, tag: int, words: list[str], merged: int | None = None) -> None:
    """Items with the tag, or with the one that was *merged* into it, get its name for each of *words* (folded)."""
    total = done = last = 0
    source = merged if merged is not None else tag
    while True:
        with db_unguarded(context.site.engine, reason="items follow a tag that got another name", writes=True) as db:
            total = total or _count(db, source)
            found = db.get(Tag, tag)
            if found is None or found.merged_into_id is not None or not _still(db, merged, tag):
                return
            items = _batch(db, source, last)
            if not items:
                return
            last, done = items[-1].id, done + len(items)
            if merged is not None:
                _move(db, [item.id for item in items], merged, tag)
            for item in items:
                _tell(context, db, item, _named(item.tags, set(words), found.name))
        context.progress(done, max(total, done))


def part(context: JobContext, tag: int, was: int) -> None:
    """Items that had a tag before it was merged get it back."""
    done = last = 0
    while True:
        with db_unguarded(context.site.engine, reason="items get a tag back that was merged", writes=True) as db:
            found, other = db.get(Tag, tag), db.get(Tag, was)
            if found is None or other is None or found.merged_into_id is not None:
                return
            rows = db.execute(
                select(Content, MergedTag.had_both)
                .join(MergedTag, MergedTag.content_id == Content.id)
                .where(MergedTag.tag_id == tag, Content.id > last)
                .order_by(Content.id)
                .limit(BATCH)
                .with_for_update(of=Content)
            ).all()
            if not rows:
                db.execute(delete(MergedTag).where(MergedTag.tag_id == tag))
                return
            last, done = rows[-1][0].id, done + len(rows)
            for item, had_both in rows:
                _give_back(context, db, item, found, other, had_both)
        context.progress(done, done)


def _count(db: Session, tag: int) -> int:
    return db.scalar(select(func.count()).select_from(ContentTag).where(ContentTag.tag_id == tag)) or 0


def _still(db: Session, merged: int | None, tag: int) -> bool:
    """Whether the merge holds: it may have been taken back meanwhile."""
    return merged is None or db.scalar(select(Tag.merged_into_id).where(Tag.id == merged)) == tag


def _batch(db: Session, tag: int, after: int) -> list[Content]:
    return list(
        db.scalars(
            select(Content)
            .join(ContentTag, ContentTag.content_id == Content.id)
            .where(ContentTag.tag_id == tag, Content.id > after)
            .order_by(Content.id)
            .limit(BATCH)
            .with_for_update(of=Content)
        )
    )


def _move(db: Session, items: list[int], source: int, target: int) -> None:
    """Rows of *source* become rows of *target*, and what there was is kept for taking it back."""
    have = select(ContentTag.content_id).where(ContentTag.content_id.in_(items))
    both = set(db.scalars(have.where(ContentTag.tag_id == target)))
    kept = select(MergedTag.content_id).where(MergedTag.tag_id == source, MergedTag.content_id.in_(items))
    known = set(db.scalars(kept))
    db.add_all(
        MergedTag(content_id=number, tag_id=source, had_both=number in both) for number in items if number not in known
    )
    of_source = (ContentTag.tag_id == source, ContentTag.content_id.in_(items))
    db.execute(delete(ContentTag).where(*of_source, ContentTag.content_id.in_(both)))
    db.execute(update(ContentTag).where(*of_source).values(tag_id=target))


def _named(tags: Iterable[str], words: set[str], name: str) -> list[str]:
    """*tags* with *name* for each of *words*, once."""
    renamed = [name if tag_key(tag) in words else tag for tag in tags]
    return list({tag_key(tag): tag for tag in renamed}.values())


def _give_back(context: JobContext, db: Session, item: Content, tag: Tag, other: Tag, had_both: bool) -> None:
    there = set(db.scalars(select(ContentTag.tag_id).where(ContentTag.content_id == item.id)))
    # Somebody took the tag off meanwhile: it stays off.
    if other.id not in there or tag.id in there:
        return
    db.add(ContentTag(content_id=item.id, tag_id=tag.id))
    if had_both:
        tags = [*item.tags, tag.name]
    else:
        db.execute(delete(ContentTag).where(ContentTag.content_id == item.id, ContentTag.tag_id == other.id))
        tags = [tag.name if tag_key(word) == other.folded else word for word in item.tags]
    db.flush()
    _tell(context, db, item, tags)


def _tell(context: JobContext, db: Session, item: Content, tags: list[str]) -> None:
    """Store the words of an item, and tell whatever keeps something of it. Nobody needs a message about it."""
    if tags == item.tags:
        return
    item.tags = tags
    db.flush()
    change: Any = ContentChange(item, "tagged", ANONYMOUS, minor=True)
    tell(context.site.plugins, db, change)


JOBS = [
    Job("tags.follow", follow, _("Let pages follow a tag that got another name")),
    Job("tags.part", part, _("Give pages back a tag that was merged")),
]
