"""What pages show of files."""

from typing import Any
from urllib.parse import quote

from pyramid.request import Request
from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session, aliased

from plein.content.contexts import ContentContext
from plein.content.files.models import AttachmentVersion
from plein.content.files.services import following
from plein.content.models import Attachment, Content
from plein.content.reading import files
from plein.people.models import User
from plein.spaces.models import Space

AnyRow = Row[*tuple[Any, ...]]
_MOST = 100


def listed(context: ContentContext, request: Request) -> list[dict[str, Any]]:
    """The files of the item, by name: their columns, address, and how they are put in the text."""
    item = context.item
    return [
        {
            **row._mapping,
            "url": request.route_path("attachment", uid=row.uid, name=row.name),
            "is_image": row.width is not None,
            "reference": quote(row.name),
            "is_used": following(item.body, row.name, "\0") != item.body,
        }
        for row in files(request.db, item)
    ]


def removed(db: Session, item: Content) -> list[AnyRow]:
    """Files that were taken from *item* and can be put back, newest first."""
    return list(
        db.execute(
            select(
                AttachmentVersion.uid,
                AttachmentVersion.version,
                AttachmentVersion.name,
                AttachmentVersion.size,
                AttachmentVersion.ended_at,
                User.name.label("who"),
            )
            .outerjoin(User, User.id == AttachmentVersion.ended_by_id)
            .where(
                AttachmentVersion.content_id == item.id,
                AttachmentVersion.kind == "removed",
                ~exists(select(Attachment.id).where(Attachment.uid == AttachmentVersion.uid)),
            )
            .order_by(AttachmentVersion.ended_at.desc(), AttachmentVersion.id.desc())
            .limit(_MOST)
        ).all()
    )


def versions(db: Session, item: Content, uid: str) -> list[AnyRow]:
    """What the file *uid* was before, newest first."""
    ended = aliased(User)
    return list(
        db.execute(
            select(
                AttachmentVersion.version,
                AttachmentVersion.name,
                AttachmentVersion.size,
                AttachmentVersion.kind,
                AttachmentVersion.created_at,
                AttachmentVersion.ended_at,
                User.name.label("who"),
                ended.name.label("ended_by"),
            )
            .outerjoin(User, User.id == AttachmentVersion.created_by_id)
            .outerjoin(ended, ended.id == AttachmentVersion.ended_by_id)
            .where(AttachmentVersion.content_id == item.id, AttachmentVersion.uid == uid)
            .order_by(AttachmentVersion.version.desc())
            .limit(_MOST)
        ).all()
    )


def used_in(db: Session, item: Content, uid: str) -> list[AnyRow]:
    """Other items whose text leads to the file *uid* of *item*, as far as the viewer may see them."""
    return list(
        db.execute(
            select(Content.type, Content.slug, Content.title, Space.slug.label("space"))
            .join(Space, Space.id == Content.space_id)
            .where(Content.body.contains(f"/files/{uid}/", autoescape=True), Content.id != item.id)
            .where(Content.state != "trashed")
            .order_by(Content.sort_title, Content.id)
            .limit(_MOST)
        ).all()
    )
