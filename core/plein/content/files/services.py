"""Files of an item: added, replaced with what they were before, renamed, removed, put back. Seen by who sees the item.

Never commits. Whatever changes a file may change the item's HTML: the caller renders the item again. Where others have
to approve what is read, the files of that do not change either: a file is a text, too (ADR 0024).
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.approving import ApprovalNeeded, require_approved
from plein.content.files.models import AttachmentVersion
from plein.content.files.receiving import Received
from plein.content.living import require_living
from plein.content.models import Attachment, Content
from plein.db import utcnow
from plein.jobs import enqueue
from plein.security.viewer import Viewer
from plein.spaces.models import Space
from plein.web.sniffing import RASTER, clean_name

#: What describes the bytes; it goes along when a file becomes an earlier version, and when that comes back.
_OF_BYTES = ("media_type", "size", "digest", "width", "height", "scan_state")
EXTRACT, SIZES, SCAN = "files.extract", "files.sizes", "files.scan"
MOST_ALT = 500


class NameTaken(ValueError):
    """Another file of the item has that name."""


class FilesNeedApproval(ApprovalNeeded):
    """The files of something that is read were to be changed, where somebody else has to look first."""


@dataclass(slots=True)
class AttachmentService:
    """The files of items, as one viewer. Each change asks :meth:`require_changeable`."""

    db: Session
    viewer: Viewer
    #: somebody decided about the whole: whoever imports
    approved: bool = False

    def is_fixed(self, item: Content) -> bool:
        """Whether the files of *item* change only while it is a draft: it is read, and changes there need approval."""
        if item.state == "draft" or self.approved:
            return False
        try:
            require_approved(self.db, item.type, item.space_id)
        except ApprovalNeeded:
            return True
        return False

    def require_changeable(self, item: Content) -> None:
        """
        :raises SpaceArchived: where the item's space is only read.
        :raises FilesNeedApproval: where its files are fixed.
        """
        require_living(self.db.get(Space, item.space_id))
        if item.state == "draft":
            # Whoever publishes it at this moment is waited for: they approve the files that they saw.
            self.db.refresh(item, attribute_names=["state"], with_for_update={"of": Content})
        if self.is_fixed(item):
            raise FilesNeedApproval(f"item {item.uid} is read, and changes of it need approval")

    def add(self, item: Content, received: Received, *, alt: str | None = None, uid: str = "") -> Attachment:
        """Make *received* a file of *item*.

        A file of that name is replaced, and so is the file *uid* whatever its name; what was there before is kept. What
        is infected replaces nothing: it stands apart, under a name of its own.

        :param alt: what a picture shows; ``None`` where nobody said.
        """
        self.require_changeable(item)
        there = self._find(item, uid=uid) if uid else self._find(item, name=received.name)
        if there is not None and received.scan_state == "infected":
            there = None
        if there is None:
            attachment = Attachment(content_id=item.id, name=self._free_name(item, received.name))
            self.db.add(attachment)
        else:
            self._keep(there, "replaced")
            attachment = there
            attachment.version += 1
            attachment.name = self._name_for(item, there, received)
        for name in (*_OF_BYTES, "scan_found"):
            setattr(attachment, name, getattr(received, name))
        if alt is not None or there is None:
            attachment.alt = clean_alt(alt)
        attachment.created_by_id, attachment.created_at = self.viewer.user_id, utcnow()
        self._bytes_changed(attachment)
        if received.scan_state == "infected":
            found = received.scan_found
            record(self.db, "file.quarantined", "attachment", attachment.id, content=item.id, found=found)
        return attachment

    def restore(self, item: Content, uid: str, version: int) -> Attachment | None:
        """Bring back what the file *uid* of *item* was at *version*; also where it was removed since."""
        self.require_changeable(item)
        kept = self.db.scalars(
            select(AttachmentVersion).where(
                AttachmentVersion.content_id == item.id,
                AttachmentVersion.uid == uid,
                AttachmentVersion.version == version,
            )
        ).one_or_none()
        if kept is None:
            return None
        attachment = self._find(item, uid=uid)
        if attachment is None:
            newest = self.db.scalar(select(func.max(AttachmentVersion.version)).where(AttachmentVersion.uid == uid))
            attachment = Attachment(content_id=item.id, uid=uid, name=self._free_name(item, kept.name))
            attachment.version = int(newest or 0)
            self.db.add(attachment)
        else:
            self._keep(attachment, "replaced")
        attachment.version += 1
        attachment.alt = kept.alt
        for name in _OF_BYTES:
            setattr(attachment, name, getattr(kept, name))
        attachment.created_by_id, attachment.created_at = self.viewer.user_id, utcnow()
        self._bytes_changed(attachment)
        return attachment

    def remove(self, item: Content, uid: str) -> AttachmentVersion | None:
        """Take the file *uid* from *item*. It can be put back, by :meth:`restore`, while it is kept."""
        self.require_changeable(item)
        attachment = self._find(item, uid=uid)
        if attachment is None:
            return None
        kept = self._keep(attachment, "removed")
        self.db.delete(attachment)
        self.db.flush()
        return kept

    def rename(self, item: Content, uid: str, name: str) -> tuple[Attachment, str] | None:
        """Give the file *uid* another name; its ending stays what it is.

        :return: the file, and the text of *item* with links that follow it; ``None`` where there is no such file.
        :raises NameTaken: where another file has that name.
        """
        self.require_changeable(item)
        attachment = self._find(item, uid=uid)
        if attachment is None:
            return None
        new = clean_name(name)
        ending = _ending(attachment.name)
        if ending and _ending(new).lower() != ending.lower():
            new = clean_name(f"{new}{ending}")
        other = self._find(item, name=new)
        if other is not None and other is not attachment:
            raise NameTaken(new)
        old, attachment.name = attachment.name, new
        self.db.flush()
        return attachment, following(item.body, old, new)

    def describe(self, item: Content, uid: str, alt: str | None) -> Attachment | None:
        """Say what the picture *uid* shows; with an empty text that it is decoration."""
        self.require_changeable(item)
        attachment = self._find(item, uid=uid)
        if attachment is not None:
            attachment.alt = clean_alt(alt)
            self.db.flush()
        return attachment

    def find(self, uid: str) -> Row[*tuple[Any, ...]] | None:
        """What is needed to send the file *uid*, if the viewer may see its item."""
        return self.db.execute(
            select(
                Attachment.name,
                Attachment.media_type,
                Attachment.size,
                Attachment.digest,
                Attachment.width,
                Attachment.scan_state,
            ).where(Attachment.uid == uid)
        ).one_or_none()

    # -- how -----------------------------------------------------------------------------------------------------

    def _find(self, item: Content, **wanted: str) -> Attachment | None:
        return self.db.scalars(select(Attachment).filter_by(content_id=item.id, **wanted)).one_or_none()

    def _keep(self, attachment: Attachment, kind: str) -> AttachmentVersion:
        """Write down what *attachment* is at this moment."""
        kept = AttachmentVersion(
            content_id=attachment.content_id,
            uid=attachment.uid,
            version=attachment.version,
            name=attachment.name,
            alt=attachment.alt,
            kind=kind,
            created_by_id=attachment.created_by_id,
            created_at=attachment.created_at,
            ended_by_id=self.viewer.user_id,
            **{name: getattr(attachment, name) for name in _OF_BYTES},
        )
        self.db.add(kept)
        return kept

    def _bytes_changed(self, attachment: Attachment) -> None:
        """Have made anew what is made of the bytes, after this transaction."""
        attachment.text, attachment.text_state, attachment.text_reason = "", "waiting", ""
        is_picture = attachment.media_type in RASTER
        if is_picture or attachment.scan_state == "infected":
            attachment.text_state = "none"
        self.db.flush()
        wanted = {EXTRACT: attachment.text_state == "waiting", SIZES: attachment.width is not None}
        wanted[SCAN] = attachment.scan_state == "waiting"
        for job in (name for name, is_wanted in wanted.items() if is_wanted):
            enqueue(self.db, job, {"attachment": attachment.id}, key=f"{job} {attachment.id}", user_id=None)

    def _name_for(self, item: Content, there: Attachment, received: Received) -> str:
        """The name of a file that is replaced: it stays, but for the ending of another kind of file."""
        ending = _ending(received.name)
        if _ending(there.name).lower() == ending.lower():
            return there.name
        return self._free_name(item, there.name.removesuffix(_ending(there.name)) + ending)

    def _free_name(self, item: Content, name: str) -> str:
        taken = set(self.db.scalars(select(Attachment.name).where(Attachment.content_id == item.id)))
        stem, number, free = name.removesuffix(_ending(name)), 1, name
        while free in taken:
            number += 1
            free = clean_name(f"{stem} ({number}){_ending(name)}")
        return free


def _ending(name: str) -> str:
    """``.pdf``; empty where there is none."""
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix}" if stem and dot and len(suffix) <= 12 else ""


def clean_alt(alt: str | None) -> str | None:
    """A description as it is stored: one line."""
    return None if alt is None else " ".join(alt.split())[:MOST_ALT]


def following(body: str, old: str, new: str) -> str:
    """*body* with each ``file:old`` made ``file:new``."""
    written = sorted({quote(old), quote(old, safe=""), old, old.replace(" ", "%20")}, key=len, reverse=True)
    known = "|".join(map(re.escape, written))
    pattern = re.compile(rf"(?<![\w])(file:)(?:{known})(?=[)>\s\"']|$)", re.IGNORECASE | re.MULTILINE)
    return pattern.sub(lambda match: match[1] + quote(new), body)
