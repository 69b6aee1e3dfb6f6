"""What needs attention about what is written: pages that nobody checked, and pages that nobody looks after.

Counted in all spaces, hidden ones too: a number, and no name. The list behind it shows what its reader may see.
"""

from collections.abc import Iterator

from sqlalchemy import Engine, and_, case, func, select

from plein.admin.notes import Attention
from plein.content.freshness.stages import OFFICERS
from plein.content.models import Content
from plein.db import db_unguarded
from plein.spaces.models import Space
from plein.web.i18n import _


def of_freshness(engine: Engine) -> Iterator[Attention]:
    """One statement."""
    late = case((Content.review_stage >= OFFICERS, 1), else_=0)
    alone = case((and_(Content.owner_id.is_(None), Content.owner_role.is_(None)), 1), else_=0)
    with db_unguarded(engine, reason="administration counts what nobody checked or looks after") as db:
        overdue, unowned = db.execute(
            select(func.coalesce(func.sum(late), 0), func.coalesce(func.sum(alone), 0))
            .select_from(Content)
            .join(Space, Space.id == Content.space_id)
            .where(Content.state == "published", Space.archived_at.is_(None))
        ).one()
    if overdue:
        yield Attention(
            "note",
            _("Pages that nobody checked in time, also after a reminder: ${count}", mapping={"count": int(overdue)}),
            _("See who can check them. Of hidden spaces they are counted only: their managers see which."),
            "admin.freshness",
        )
    if unowned:
        yield Attention(
            "note",
            _("Pages that nobody looks after: ${count}", mapping={"count": int(unowned)}),
            _("Give them an owner: a colleague, or a role in the space."),
            "admin.freshness",
        )
