"""Who reads a notification: the person it is for, while they may see what it is about. Importing this tells the guard.

So whoever loses a right loses what they were told, in the inbox, in the number at the bell and in mail that is not made
yet; and finds it again where the right comes back.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from plein.content.visibility import visible_membership, visible_of_content
from plein.db import protect
from plein.inbox.models import Notification
from plein.security.viewer import Viewer


def visible_notification(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own, of what they may see at this moment."""
    return and_(
        entity.user_id == viewer.user_id,
        or_(
            visible_of_content(entity, viewer),
            and_(entity.content_id.is_(None), or_(entity.space_id.is_(None), visible_membership(entity, viewer))),
        ),
    )


protect(Notification, visible_notification)
