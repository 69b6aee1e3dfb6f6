"""Marking what somebody was told as read, and as unread again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from plein.db import utcnow
from plein.inbox.models import Notification
from plein.inbox.reading import mine
from plein.security.viewer import Viewer

_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Marking:
    """What *viewer* was told. Never commits."""

    db: Session
    viewer: Viewer

    def read(self, *which: Any, at: datetime | None = None) -> int:
        """Mark those as read that are not, and keep them out of mail; how many there were."""
        done: Any = self.db.execute(
            update(Notification)
            .where(mine(self.viewer.user_id), Notification.read_at.is_(None), *which)
            .values(read_at=at or utcnow(), mail_at=None),
            execution_options=_QUIETLY,
        )
        return int(done.rowcount)

    def one(self, number: int) -> bool:
        """Mark one as read; whether there was one."""
        return self.read(Notification.id == number) > 0

    def about(self, content_id: int) -> int:
        """Mark all about an item as read: the person looks at it."""
        return self.read(Notification.content_id == content_id)

    def unread(self, *which: Any) -> int:
        """Mark those as unread again, but where the same is unread already; how many there were.

        What was read is not mailed any more.
        """
        again = aliased(Notification)
        same = exists(
            select(again.id).where(
                again.user_id == Notification.user_id,
                again.group_key == Notification.group_key,
                again.read_at.is_(None),
            )
        )
        later = aliased(Notification)
        newer = exists(
            select(later.id).where(
                later.user_id == Notification.user_id,
                later.group_key == Notification.group_key,
                later.id > Notification.id,
            )
        )
        done: Any = self.db.execute(
            update(Notification)
            .where(mine(self.viewer.user_id), Notification.read_at.is_not(None), ~same, ~newer, *which)
            .values(read_at=None),
            execution_options=_QUIETLY,
        )
        return int(done.rowcount)
