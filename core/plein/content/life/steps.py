"""What became of an item beside its text, as its history tells it between the versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.listing import Page
from plein.content.models import Content, Revision, Transition
from plein.people.models import User
from plein.web.i18n import _

#: More at one page of versions are not shown: nobody reads them.
MOST = 200

WORDS: Mapping[str, Any] = {
    "published": _("Published"),
    "scheduled": _("Planned"),
    "expiring": _("Another end date"),
    "unpublished": _("Back to draft"),
    "archived": _("Archived"),
    "unarchived": _("Taken out of the archive"),
    "trashed": _("Thrown away"),
    "untrashed": _("Put back"),
    "moved": _("Moved to another place"),
    "copied": _("Made as a copy"),
    "locked": _("Locked"),
    "unlocked": _("Unlocked"),
    "owner": _("Another owner"),
    "reviewed": _("Said to be still true"),
    "tagged": _("Tags changed"),
    "audience": _("Audience changed"),
    "proposed": _("Sent for approval"),
    "approved": _("Approved"),
    "rejected": _("Rejected"),
}
ICONS: Mapping[str, str] = {
    "published": "send",
    "scheduled": "calendar-time",
    "expiring": "alarm",
    "unpublished": "eye-off",
    "archived": "archive",
    "unarchived": "archive-off",
    "trashed": "trash",
    "untrashed": "arrow-back-up",
    "moved": "folder-symlink",
    "copied": "copy",
    "locked": "lock",
    "unlocked": "lock-open",
    "owner": "user-edit",
    "reviewed": "checks",
    "tagged": "tags",
    "audience": "eye",
    "proposed": "git-pull-request",
    "approved": "circle-check",
    "rejected": "circle-x",
}
#: The step of the page "publication, archive and lock" that undoes one, where it is the last.
UNDO: Mapping[str, tuple[str, Any]] = {
    "archived": ("unarchive", _("Take out of the archive")),
    "locked": ("unlock", _("Unlock")),
    "published": ("unpublish", _("Back to draft")),
    "scheduled": ("unpublish", _("Back to draft")),
}


def beside(db: Session, item: Content, page: Page, before: int | None) -> Sequence[Any]:
    """The steps from the time of the versions on *page*, newest first. One statement; two on a later page.

    :param before: the version that the page goes on before; ``None`` on the first.
    """
    query = (
        select(
            Transition.action,
            Transition.before,
            Transition.after,
            Transition.reason,
            Transition.created_at,
            User.name.label("actor"),
            User.login,
        )
        .outerjoin(User, User.id == Transition.actor_id)
        .where(Transition.content_id == item.id)
        .order_by(Transition.created_at.desc(), Transition.id.desc())
        .limit(MOST)
    )
    if before is not None:
        at = select(Revision.created_at).where(Revision.content_id == item.id, Revision.version == before)
        query = query.where(Transition.created_at < at.scalar_subquery())
    if page.next and page.rows:
        query = query.where(Transition.created_at >= page.rows[-1].created_at)
    return db.execute(query).all()


def lines(page: Page, steps: Sequence[Any]) -> list[tuple[str, Any]]:
    """Versions and steps in one list, newest first: ``("version", row)`` or ``("step", row)``."""
    found = [("step", row) for row in steps] + [("version", row) for row in page.rows]
    # Of the same moment the step comes above the version: it was made with it or after it.
    return sorted(found, key=lambda line: line[1].created_at, reverse=True)


def undo(steps: Sequence[Any], possible: set[str]) -> tuple[Any, str, Any] | None:
    """The last step that can be undone: its row, the step that undoes it, and what that is called."""
    for row in steps:
        if row.action in UNDO:
            step, label = UNDO[row.action]
            return (row, step, label) if step in possible else None
    return None
