"""The inbox: what happened, told to whom it concerns, in the way they chose."""

from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.contributions import ContentChange, NotificationType
from plein.events import emit
from plein.hookspecs import hookimpl
from plein.web.i18n import _

NEW = NotificationType(
    "content.published",
    _("Something new where you follow"),
    _("${actor} wrote ${title}"),
    icon="file-plus",
    goes_to="followers",
)
CHANGED = NotificationType(
    "content.saved",
    _("Something that you follow is changed"),
    _("${actor} changed ${title}"),
    icon="pencil",
    goes_to="followers",
)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return [NEW, CHANGED]


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    """What is published or changed is told to followers; a minor change to nobody."""
    item: Content = change.item
    if change.minor or item.state != "published":
        return
    if change.action == "published" or change.action == "created":
        emit(db, NEW.name, actor_id=change.actor.user_id, content_id=item.id, key=f"content.published {item.id}")
    elif change.action in ("saved", "renamed"):
        emit(db, CHANGED.name, actor_id=change.actor.user_id, content_id=item.id)
