"""What becomes of an item beside its text: published, scheduled, archived, locked, copied, deleted for good.

Around a ContentService, and like it: never commits, asks no permission. Each step is a row of ``content_transition``
with who and why, and tells ``on_content_changed``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.approving import require_approved
from plein.content.models import Attachment, Content
from plein.content.services import ContentService
from plein.db import utcnow
from plein.spaces.models import Space
from plein.web.i18n import _

#: What a copied file does not take over from the one it is a copy of.
_OWN = ("id", "uid", "content_id", "created_by_id", "created_at")


class LifeRefused(ValueError):
    """A step that makes no sense for this item now. ``sentence`` says why."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(slots=True)
class LifeService:
    """The life of items of one type, as one viewer."""

    service: ContentService

    @property
    def db(self) -> Session:
        return self.service.db

    # -- when people read it -------------------------------------------------------------------------------------

    def publish(self, item: Content, reason: str = "") -> bool:
        """Have a draft or scheduled *item* appear now; whether it did not already.

        :raises ApprovalNeeded: where somebody else has to look at it first.
        """
        self.lock_row(item)
        if item.state not in ("draft", "scheduled"):
            return False
        self._require_approved(item)
        item.publish_at = None
        self.service.change_state(item, "published", "published", reason=reason)
        return True

    def schedule(self, item: Content, moment: datetime, reason: str = "") -> None:
        """Have a draft appear by itself at *moment*, or a scheduled one at another.

        :raises LifeRefused: for a moment that has passed, one after it is archived, and an item that is read already.
        :raises ApprovalNeeded: where somebody else has to look at it first.
        """
        self.lock_row(item)
        if item.state not in ("draft", "scheduled"):
            raise LifeRefused(_("This is published already, so it cannot be planned."))
        check_moments(moment, item.expires_at)
        if item.state == "scheduled" and item.publish_at == moment:
            return
        self._require_approved(item)
        item.publish_at = moment
        self.service.change_state(item, "scheduled", "scheduled", reason=reason)

    def unpublish(self, item: Content, reason: str = "") -> None:
        """Make *item* a draft again, that only its author and owner see."""
        self.lock_row(item)
        if item.state not in ("published", "scheduled"):
            return
        item.publish_at = None
        self.service.change_state(item, "draft", "unpublished", reason=reason)

    def set_expiry(self, item: Content, moment: datetime | None) -> None:
        """Have *item* be archived by itself at *moment*, or with ``None`` not.

        :raises LifeRefused: for a moment that has passed, or one before it appears.
        """
        self.lock_row(item)
        if item.expires_at == moment:
            return
        if moment is not None:
            check_moments(item.publish_at if item.state == "scheduled" else None, moment)
        item.expires_at = moment
        self.service.note(item, "expiring")

    # -- the archive ---------------------------------------------------------------------------------------------

    def archive(self, item: Content, reason: str = "") -> bool:
        """Put a published *item* in the archive: it can be read and found on demand; whether it was not there."""
        self.lock_row(item)
        if item.state != "published":
            return False
        self.service.change_state(item, "archived", "archived", reason=reason)
        return True

    def unarchive(self, item: Content, reason: str = "") -> bool:
        """Take *item* out of the archive. A moment at which it was to go there does not count again."""
        self.lock_row(item)
        if item.state != "archived":
            return False
        if item.expires_at is not None and item.expires_at <= utcnow():
            item.expires_at = None
        self.service.change_state(item, "published", "unarchived", reason=reason)
        return True

    # -- the lock ------------------------------------------------------------------------------------------------

    def lock(self, item: Content, reason: str = "") -> None:
        """Let only those change *item* who may lock it. The service's ``unlocks`` says who that is."""
        self._set_lock(item, True, reason)

    def unlock(self, item: Content, reason: str = "") -> None:
        """Let everybody change *item* again who may edit here."""
        self._set_lock(item, False, reason)

    def _set_lock(self, item: Content, locked: bool, reason: str) -> None:
        self.lock_row(item)
        if item.locked != locked:
            item.locked = locked
            self.service.note(item, "locked" if locked else "unlocked", reason=reason)

    # -- copies, and the end -------------------------------------------------------------------------------------

    def copy(self, item: Content, space: Space, title: str = "") -> Content:
        """A draft of the viewer's own in *space* with the text, tags, fields and files of *item*.

        A draft: whoever copies decides when others see it, and whether they may. The files are not stored again.
        """
        fields = {one.name: getattr(item, one.name) for one in self.service.type.fields}
        made = self.service.create(
            space, title=title or item.title, body=item.body, tags=item.tags, state="draft", **fields
        )
        columns = [column.key for column in inspect(Attachment).column_attrs if column.key not in _OWN]
        files = self.db.scalars(
            select(Attachment).where(Attachment.content_id == item.id).order_by(Attachment.id)
        ).all()
        for file in files:
            values = {name: getattr(file, name) for name in columns}
            self.db.add(Attachment(content_id=made.id, created_by_id=self.service.viewer.user_id, **values))
        self.db.flush()
        if files:
            self.service.rerender(made)
        self.service.note(made, "copied", before={"uid": item.uid, "title": item.title, "space_id": item.space_id})
        return made

    def purge(self, item: Content, reason: str = "") -> None:
        """Delete *item* and all that hangs on it for good. The bytes of its files stay until ``plein files check``.

        :raises LifeRefused: where it is not in the trash (any more).
        """
        self.lock_row(item)
        if item.state != "trashed":
            raise LifeRefused(_("Somebody put this back in the meantime, so it was not deleted."))
        # Before the row goes: whoever keeps something of it must still be able to look.
        self.service.note(item, "deleted", reason=reason)
        record(
            self.db,
            "content.deleted",
            "content",
            item.id,
            type=item.type,
            space=item.space_id,
            uid=item.uid,
            title=item.title,
            reason=reason,
        )
        self.db.flush()
        # Of the whole table: the type's own row, revisions, files and links go with it in the database.
        self.db.execute(delete(Content).where(Content.id == item.id), execution_options={"synchronize_session": False})
        self.db.expunge(item)

    # -- how -----------------------------------------------------------------------------------------------------

    def lock_row(self, item: Content) -> None:
        """Wait for whoever changes *item* now, then see what became of it."""
        self.service._lock(item)

    def _require_approved(self, item: Content) -> None:
        if not self.service.approved:
            require_approved(self.db, item.type, item.space_id)


def check_moments(publish_at: datetime | None, expires_at: datetime | None) -> None:
    """:raises LifeRefused: where a moment has passed, or an item would end before it begins."""
    now = utcnow()
    if publish_at is not None and publish_at <= now:
        raise LifeRefused(_("This moment has passed. Choose a later one, or publish it now."))
    if expires_at is not None and expires_at <= now:
        raise LifeRefused(_("This moment has passed. Choose a later one, or archive it now."))
    if publish_at is not None and expires_at is not None and expires_at <= publish_at:
        raise LifeRefused(_("It would be archived before it appears. Choose a later moment."))
