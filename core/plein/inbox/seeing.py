"""Who reads a notification: the person it is for, while they may see what it is about. Importing this tells the guard.

So whoever loses a right loses what they were told, in the inbox, in the number at the bell and in mail that is not made
yet; and finds it again where the right comes back.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from plein.content.visibility import visible_of_content, visible_space
from plein.db import protect
from plein.inbox.models import Notification
from plein.security.viewer import Viewer
from plein.spaces.models import Space

# See ``spaces.belonging`` for why this is a table with a name of its own.
_space = Space.__table__.alias("guard_told_space")


def visible_notification(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own, of what they may see at this moment."""
    known = select(_space.c.id).where(visible_space(_space.c, viewer))
    return and_(
        entity.user_id == viewer.user_id,
        or_(
            visible_of_content(entity, viewer),
            and_(entity.content_id.is_(None), or_(entity.space_id.is_(None), entity.space_id.in_(known))),
        ),
    )


protect(Notification, visible_notification)
