"""Following: how closely somebody follows a person, an item, a space or a tag."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.content.tag_models import ContentTag, Tag
from plein.inbox.models import KINDS, LEVELS, Follow, NotificationDefault
from plein.inbox.schedule import SHIPPED
from plein.people.models import User
from plein.people.seeing import may_meet
from plein.security.viewer import Viewer
from plein.spaces.models import Space

#: Levels that make sense for each kind. A person or a tag is followed, or not.
LEVELS_OF = {
    "item": ("all", "mentions", "quiet"),
    "space": LEVELS,
    "tag": ("all",),
    "user": ("all",),
}


class NothingThere(LookupError):
    """There is no such thing to follow, or not for this person."""


@dataclass(frozen=True, slots=True)
class FollowService:
    """What *viewer* follows. Never commits."""

    db: Session
    viewer: Viewer

    def level_or_usual(self, kind: str, target_id: int) -> tuple[str | None, str]:
        """How closely the viewer follows it, where they said so; and how closely the site has spaces followed.

        One statement for both.
        """
        values = {"user_id": self.viewer.user_id, "kind": kind, "target_id": target_id}
        level, usual = self.db.execute(_level_or_usual(), values).one()
        return level, usual or SHIPPED["space"]

    def level(self, kind: str, target_id: int) -> str | None:
        """How closely the viewer follows it, where they said so. One statement."""
        return self.db.scalar(
            select(Follow.level).where(
                Follow.user_id == self.viewer.user_id, Follow.kind == kind, Follow.target_id == target_id
            )
        )

    def set(self, kind: str, target_id: int, level: str | None) -> str | None:
        """Follow it this closely; ``None``: as if the viewer had never said anything.

        :return: the level before.
        :raises NothingThere: for what the viewer may not see.
        """
        if kind not in KINDS or not (level is None or level in LEVELS_OF[kind]):
            raise NothingThere(kind)
        # Whoever lost sight of something may still stop following it.
        if level is not None and not self._exists(kind, target_id):
            raise NothingThere(f"{kind} {target_id}")
        before = self.level(kind, target_id)
        if level is None:
            self.db.execute(
                delete(Follow).where(
                    Follow.user_id == self.viewer.user_id, Follow.kind == kind, Follow.target_id == target_id
                )
            )
        else:
            put(self.db, [{"user_id": self.viewer.user_id, "kind": kind, "target_id": target_id, "level": level}])
        return before

    def _exists(self, kind: str, target_id: int) -> bool:
        """Whether there is such a thing that the viewer may see: the guard says so."""
        found: Any
        if kind == "user":
            found = select(User.id).where(
                User.id == target_id, User.id != self.viewer.user_id, may_meet(User, self.viewer)
            )
        else:
            model: Any = {"item": Content, "space": Space, "tag": Tag}[kind]
            found = select(model.id).where(model.id == target_id)
        return self.db.execute(found).first() is not None


@cache
def _level_or_usual() -> Select[*tuple[Any, ...]]:
    # Kept: making a statement takes longer than running it, and this one stands on every page about an item.
    said = select(Follow.level).where(
        Follow.user_id == bindparam("user_id"),
        Follow.kind == bindparam("kind"),
        Follow.target_id == bindparam("target_id"),
    )
    decided = select(NotificationDefault.value).where(NotificationDefault.name == "space")
    return select(said.scalar_subquery(), decided.scalar_subquery())


def tags_of(db: Session, item: Content | None) -> Sequence[int]:
    """The numbers of the tags of *item*, and of those that became one of them: who followed those follows these."""
    if item is None:
        return ()
    own = select(ContentTag.tag_id).where(ContentTag.content_id == item.id)
    return db.scalars(select(Tag.id).where(or_(Tag.id.in_(own), Tag.merged_into_id.in_(own)))).all()


def put(db: Session, rows: list[dict[str, Any]], *, replace: bool = True) -> None:
    """Store *rows* of what is followed, each once. One statement.

    :param replace: give those that are there already the new level; otherwise they stay as they are.
    """
    if not rows:
        return
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert(Follow).values([{"cause": "chosen", **row} for row in rows])
    key = [Follow.user_id, Follow.kind, Follow.target_id]
    if replace:
        changed = {"level": statement.excluded.level, "cause": statement.excluded.cause}
        statement = statement.on_conflict_do_update(index_elements=key, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    db.execute(statement, execution_options={"synchronize_session": False})
