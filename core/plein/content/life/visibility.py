"""Who sees what waits for approval: its author, who is asked by name, and who may edit the item. In every statement.

Narrower than the item, which all its readers see. Registered before anything reads a proposal: importing any module of
``content.life`` puts it in force.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal_column, or_, select

from plein.content.life.models import Proposal, ProposalComment
from plein.content.models import Content
from plein.content.visibility import everyone_asked, in_audience, visible_of_content
from plein.db import protect
from plein.security.viewer import Viewer
from plein.spaces.belonging import Who, broken_by, spaces_of

_content = Content.__table__.alias("guard_proposed_item")
_proposal = Proposal.__table__.alias("guard_proposal")

#: The roles that write by default. The pages ask the permission besides, which administrators may have narrowed.
WRITER_ROLES = ("manager", "editor", "member")


def visible_proposal(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Proposals that *viewer* may see."""
    if not viewer.is_signed_in:
        return false()
    mine = and_(*(_concerns(entity, who) for who in everyone_asked(viewer)))
    return and_(mine, visible_of_content(entity, viewer))


def _concerns(entity: Any, who: Who) -> ColumnElement[bool]:
    """Whether a proposal is *who*'s business: they made it, are asked, or write where the item is."""
    own: list[ColumnElement[bool]] = []
    if who.view_as is None:
        own = [entity.author_id == who.user_id, entity.reviewer_id == who.user_id]
    writes = and_(
        _content.c.space_id.in_(spaces_of(who, WRITER_ROLES)),
        or_(_content.c.restricted.is_(False), *_owns(who), in_audience(_content.c, who, "write")),
    )
    broken = broken_by(who)
    rules = [writes] if broken is None else [writes, _content.c.space_id.in_(broken)]
    return or_(*own, exists(select(literal_column("1")).where(_content.c.id == entity.content_id, or_(*rules))))


def _owns(who: Who) -> list[ColumnElement[bool]]:
    return [] if who.view_as is not None else [_content.c.author_id == who.user_id, _content.c.owner_id == who.user_id]


def visible_comment(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Comments on proposals that *viewer* may see."""
    return exists(
        select(literal_column("1")).where(_proposal.c.id == entity.proposal_id, visible_proposal(_proposal.c, viewer))
    )


protect(Proposal, visible_proposal)
protect(ProposalComment, visible_comment)
