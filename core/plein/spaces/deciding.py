"""What every change in a space asks first: may the viewer, does the space still live, and does it keep a manager.

The views asked for the permission already, by the role of the moment the page was opened. Whoever changes something
is asked again in the transaction that changes it, after the space's row is locked: two people at once cannot each be
the last but one manager to leave.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.security.rights import effective, read_changes
from plein.security.viewer import Viewer
from plein.spaces.belonging import has_manager
from plein.spaces.contexts import standings
from plein.spaces.errors import Archived, LastManager, NotAllowed
from plein.spaces.models import Space
from plein.spaces.permissions import BY_NAME
from plein.web.i18n import _


def role_now(db: Session, viewer: Viewer, space: Space) -> str | None:
    """The role of *viewer* in *space* at this moment: the best of their own and their groups'."""
    found = standings(db, viewer, Space.id == space.id)
    return found[0].role if found else None


def require(db: Session, viewer: Viewer, space: Space, permission: str) -> str:
    """The viewer's role in *space*, where it includes *permission*.

    :raises NotAllowed: otherwise; also where the role was taken away a moment ago.
    """
    role = role_now(db, viewer, space)
    if role is None or role not in effective(BY_NAME[permission], read_changes(db), space.id):
        raise NotAllowed(_("Only the managers of this space can do this."))
    return role


def require_living(space: Space) -> None:
    """Refuse what adds to an archived space.

    :raises Archived: with a sentence for the page.
    """
    if space.archived_at is not None:
        raise Archived(_("This space is archived: everybody can read it, and nobody can add to it."))


def lock(db: Session, space: Space) -> None:
    """Have others who change who belongs to *space* wait. SQLite took its one write lock when the transaction began."""
    db.execute(select(Space.id).where(Space.id == space.id).with_for_update(of=Space))


@contextmanager
def keeping_a_manager(db: Session, space: Space, sentence: TranslationString) -> Iterator[None]:
    """Do what is done inside only where a colleague who can sign in still manages *space* afterwards.

    Managers by a group count as much as others.

    :raises LastManager: with *sentence*; then nothing has changed.
    """
    with db.begin_nested():
        yield
        db.flush()
        if not db.scalar(select(has_manager(space.id))):
            raise LastManager(sentence)
