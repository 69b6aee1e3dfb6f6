"""Who reads a notification: the person it is for, while they may see what it is about. Importing this tells the guard.

So whoever loses a right loses what they were told, in the inbox, in the number at the bell and in mail that is not made
yet; and finds it again where the right comes back.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from plein.content.models import Content
from plein.content.visibility import everyone_asked, visible_membership, visible_of_content
from plein.db import protect
from plein.inbox.models import Notification
from plein.ladder.clauses import told_of
from plein.security.viewer import Viewer

# A table of its own name, see ``spaces.belonging``.
_content = Content.__table__.alias("guard_told_content")


def visible_notification(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own, of what they may see at this moment, and of plugins that they have."""
    about = select(_content.c.space_id).where(_content.c.id == entity.content_id).scalar_subquery()
    space_id = func.coalesce(entity.space_id, about)
    limits = [one for who in everyone_asked(viewer) if who.ladder for one in told_of(entity.kind, space_id, who)]
    return and_(
        *limits,
        entity.user_id == viewer.user_id,
        or_(
            visible_of_content(entity, viewer),
            and_(entity.content_id.is_(None), or_(entity.space_id.is_(None), visible_membership(entity, viewer))),
        ),
    )


protect(Notification, visible_notification)
