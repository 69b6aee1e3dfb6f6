"""What managers keep of a space beside its settings: the words of welcome, and whether it still lives.

An archived space is read by whoever could read it, and nobody adds to it: the policy refuses what writes, and the
services refuse what would come in by another way.
"""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.audit import record
from plein.db import utcnow
from plein.security.viewer import Viewer
from plein.spaces.deciding import lock, require
from plein.spaces.errors import SpaceError
from plein.spaces.models import Space, SpaceWelcomed
from plein.spaces.permissions import MANAGE
from plein.web.html import Html
from plein.web.i18n import _
from plein.web.markup import LinkContext, MarkupError, render

MAX_WELCOME = 10_000


class Keeping:
    """The care of *space*, by *viewer*."""

    def __init__(self, db: Session, viewer: Viewer, space: Space) -> None:
        self.db = db
        self.viewer = viewer
        self.space = space

    def archive(self, archived: bool) -> bool:
        """Archive the space, or open it again.

        :return: whether anything changed.
        :raises NotAllowed: for who may not change the settings.
        """
        lock(self.db, self.space)
        require(self.db, self.viewer, self.space, MANAGE)
        if (self.space.archived_at is not None) == archived:
            return False
        self.space.archived_at = utcnow() if archived else None
        self.db.flush()
        record(self.db, "space.archived" if archived else "space.unarchived", "space", self.space.id)
        return True

    def set_welcome(self, text: str) -> bool:
        """Write the words of welcome. Who has read the ones before is not shown these.

        :return: whether anything changed.
        :raises NotAllowed: for who may not change the settings.
        :raises SpaceError: for a text that is too long, or that cannot be shown.
        """
        require(self.db, self.viewer, self.space, MANAGE)
        text = checked_welcome(text, self.space)
        if text == self.space.welcome:
            return False
        self.space.welcome = text
        self.db.flush()
        record(self.db, "space.changed", "space", self.space.id, fields=["welcome"])
        return True

    def is_new(self) -> bool:
        """Whether the viewer has not yet read the words of welcome."""
        seen = select(SpaceWelcomed.user_id).where(
            SpaceWelcomed.space_id == self.space.id, SpaceWelcomed.user_id == self.viewer.user_id
        )
        return bool(self.space.welcome) and self.db.scalar(seen) is None

    def has_read(self) -> None:
        """Note that the viewer has read them."""
        try:
            with self.db.begin_nested():
                self.db.add(SpaceWelcomed(space_id=self.space.id, user_id=self.viewer.user_id or 0))
        except IntegrityError:
            # They pressed twice.
            return


def checked_welcome(text: str, space: Space) -> str:
    """*text*, where it can be words of welcome.

    :raises SpaceError: otherwise.
    """
    text = text.strip()
    if len(text) > MAX_WELCOME:
        raise SpaceError(_("This is too long: at most ${count} characters.", mapping={"count": MAX_WELCOME}), "welcome")
    try:
        welcome_html(text, space)
    except MarkupError as error:
        raise SpaceError(error.sentence, "welcome") from error
    return text


def welcome_html(text: str, space: Space) -> Html:
    """The words of welcome, made into HTML as every text is."""
    return Html(render(text, links=LinkContext(space=space.slug, language=space.language)).html)
