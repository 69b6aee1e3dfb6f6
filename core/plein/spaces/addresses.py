"""The address of a space: changing it, and the earlier ones, which lead on to where the space is now.

No two spaces share an address, whether they have it or had it, so a link never comes to lead somewhere else. The unique
indexes are asked, in a savepoint, and not the rows: whoever asks may not know of the space that is in the way.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.audit import record
from plein.security.viewer import Viewer
from plein.spaces.deciding import lock, require
from plein.spaces.errors import Gone, SpaceError
from plein.spaces.models import Space, SpaceRedirect
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _
from plein.web.slugs import kebab

#: Earlier addresses that a space keeps at most: its page shows them all.
MOST = 20
MAX_ADDRESS = 60
#: Without the ones that look alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def by_chance() -> str:
    """What stands behind an address that nobody may guess."""
    return "".join(secrets.choice(_LETTERS) for _letter in range(6))


def was_of_another(db: Session, space: Space, slug: str) -> bool:
    """Whether *slug* is an earlier address of a space; of *space* itself those have been taken out."""
    return not _takes(db, insert(SpaceRedirect).values(slug=slug, space_id=space.id))


def is_of_another(db: Session, space: Space, slug: str) -> bool:
    """Whether a space other than *space* has the address *slug*."""
    return not _takes(db, update(Space).where(Space.id == space.id).values(slug=slug))


def _takes(db: Session, statement: Any) -> bool:
    """Whether the database would take *statement*, which is not done."""
    try:
        with db.begin_nested() as probe:
            db.execute(statement, execution_options={"synchronize_session": False})
            probe.rollback()
    except IntegrityError:
        return False
    return True


class Addresses:
    """The addresses of *space*, by *viewer*."""

    def __init__(self, db: Session, viewer: Viewer, space: Space) -> None:
        self.db = db
        self.viewer = viewer
        self.space = space

    def earlier(self) -> Sequence[Row[*tuple[Any, ...]]]:
        """What the space was called in addresses before, and since when not any more, newest first."""
        asked = select(SpaceRedirect.slug, SpaceRedirect.created_at).where(SpaceRedirect.space_id == self.space.id)
        return self.db.execute(asked.order_by(SpaceRedirect.id.desc()).limit(MOST)).all()

    def change(self, wanted: str) -> bool:
        """Give the space another address. The one of now leads on to it.

        A hidden space gets letters by chance behind it, so that nobody finds out by guessing that it exists; an earlier
        address of its own it gets back as it was.

        :return: whether anything changed.
        :raises NotAllowed: for who may not change the settings.
        :raises SpaceError: for an address that another space has or had, or that is none.
        """
        self._begin()
        slug, was, own = _checked(wanted), self.space.slug, {row.slug for row in self.earlier()}
        if slug == was:
            return False
        if self.space.access == "hidden" and slug not in own:
            slug = f"{slug}-{by_chance()}"
        if len(own - {slug}) >= MOST:
            raise SpaceError(_("This space has too many earlier addresses. Remove one of them first."), "address")
        if slug in own:
            self._forget(slug)
        # The space first: whoever leaves this address at this moment is waited for, and has written it down by then.
        try:
            with self.db.begin_nested():
                self.space.slug = slug
                self.db.flush()
        except IntegrityError:
            raise _taken() from None
        if was_of_another(self.db, self.space, slug):
            self.space.slug = was
            self.db.flush()
            raise _taken()
        self.db.add(SpaceRedirect(slug=was, space_id=self.space.id))
        self.db.flush()
        record(self.db, "space.address_changed", "space", self.space.id, before=was, after=slug)
        return True

    def forget(self, slug: str) -> None:
        """Let the earlier address *slug* lead nowhere: another space may have it from now on.

        :raises NotAllowed: for who may not change the settings.
        :raises Gone: where the space has no such earlier address.
        """
        self._begin()
        if not self._forget(slug):
            raise Gone(_("This address was removed already."))
        record(self.db, "space.address_removed", "space", self.space.id, address=slug)

    def keep(self, slug: str) -> None:
        """Let *slug* lead here again: undoes :meth:`forget`.

        :raises NotAllowed: for who may not change the settings.
        :raises SpaceError: where a space has it by now, or it is none.
        """
        self._begin()
        slug = _checked(slug)
        is_full = len(self.earlier()) >= MOST
        if is_full or slug == self.space.slug or is_of_another(self.db, self.space, slug):
            raise _taken()
        if was_of_another(self.db, self.space, slug):
            raise _taken()
        self.db.add(SpaceRedirect(slug=slug, space_id=self.space.id))
        self.db.flush()
        record(self.db, "space.address_kept", "space", self.space.id, address=slug)

    def _begin(self) -> None:
        lock(self.db, self.space)
        require(self.db, self.viewer, self.space, MANAGE)

    def _forget(self, slug: str) -> bool:
        found = delete(SpaceRedirect).where(SpaceRedirect.space_id == self.space.id, SpaceRedirect.slug == slug)
        return self.db.execute(found.returning(SpaceRedirect.id)).first() is not None


def _checked(wanted: str) -> str:
    slug = kebab(wanted)
    if not slug or len(slug) > MAX_ADDRESS:
        count = {"count": MAX_ADDRESS}
        raise SpaceError(
            _("Type an address of at most ${count} letters, digits and hyphens.", mapping=count), "address"
        )
    return slug


def _taken() -> SpaceError:
    return SpaceError(
        _("Another space has this address or had it, and links lead there. Choose another one."), "address"
    )
