"""What people ask for: once for each function, with where and why; counted for administrators by department."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.models import Group, GroupPerson, User
from plein.people.standing import is_active
from plein.rollout.packages.models import FunctionWish
from plein.security.viewer import Viewer

MAX_REASON = 500
#: Reasons that are shown of one function.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one function.

    :param people: how many people ask for it.
    :param departments: of which departments, most first: name and number. Who is in two counts in both.
    :param reasons: the newest, without names: what it is for, and when that was said.
    """

    plugin: str
    people: int
    departments: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, datetime], ...]


class Wishes:
    """The wishes of *viewer*, and of all."""

    def __init__(self, db: Session, viewer: Viewer) -> None:
        self.db, self.viewer = db, viewer

    def mine(self) -> frozenset[str]:
        """The functions that the viewer asks for."""
        found = self.db.scalars(select(FunctionWish.plugin).where(FunctionWish.user_id == self.viewer.user_id))
        return frozenset(found)

    def ask(self, plugin: str, *, reason: str = "", space_id: int | None = None) -> None:
        """Ask for *plugin*; a second time says why anew."""
        own = (FunctionWish.plugin == plugin, FunctionWish.user_id == self.viewer.user_id)
        wish = self.db.scalar(select(FunctionWish).where(*own))
        if wish is None:
            wish = FunctionWish(plugin=plugin, user_id=self.viewer.user_id)
            self.db.add(wish)
        wish.reason, wish.space_id, wish.asked_at = reason, space_id, utcnow()
        self.db.flush()

    def ask_no_more(self, plugin: str) -> None:
        """Take a wish back."""
        own = (FunctionWish.plugin == plugin, FunctionWish.user_id == self.viewer.user_id)
        self.db.execute(delete(FunctionWish).where(*own))

    def numbers(self) -> dict[str, int]:
        """How many people ask for each function."""
        works = select(User.id).where(is_active(User))
        counted = select(FunctionWish.plugin, func.count()).where(FunctionWish.user_id.in_(works))
        return dict(self.db.execute(counted.group_by(FunctionWish.plugin)).all())

    def all(self) -> list[Asked]:
        """What is asked for by people whose account works, most first; in three statements."""
        works = select(User.id).where(is_active(User))
        counted = self.db.execute(
            select(FunctionWish.plugin, func.count().label("people"))
            .where(FunctionWish.user_id.in_(works))
            .group_by(FunctionWish.plugin)
            .order_by(func.count().desc(), FunctionWish.plugin)
        ).all()
        departments = self._departments(works)
        reasons = self._reasons(works)
        return [
            Asked(
                row.plugin,
                row.people,
                tuple((name, number) for plugin, name, number in departments if plugin == row.plugin),
                tuple((reason, when) for plugin, reason, when in reasons if plugin == row.plugin),
            )
            for row in counted
        ]

    def _departments(self, works: Any) -> list[tuple[str, str, int]]:
        people = func.count(FunctionWish.user_id.distinct())
        rows = self.db.execute(
            select(FunctionWish.plugin, Group.name, people)
            .join(GroupPerson, GroupPerson.user_id == FunctionWish.user_id)
            .join(Group, Group.id == GroupPerson.group_id)
            .where(Group.kind == "department", FunctionWish.user_id.in_(works))
            .group_by(FunctionWish.plugin, Group.id, Group.name)
            .order_by(people.desc(), Group.name)
        )
        return [(plugin, name, number) for plugin, name, number in rows]

    def _reasons(self, works: Any) -> list[tuple[str, str, datetime]]:
        place = func.row_number().over(
            partition_by=FunctionWish.plugin, order_by=(FunctionWish.asked_at.desc(), FunctionWish.id.desc())
        )
        numbered = (
            select(FunctionWish.plugin, FunctionWish.reason, FunctionWish.asked_at, place.label("place"))
            .where(FunctionWish.reason != "", FunctionWish.user_id.in_(works))
            .subquery()
        )
        rows = self.db.execute(
            select(numbered.c.plugin, numbered.c.reason, numbered.c.asked_at)
            .where(numbered.c.place <= SHOWN)
            .order_by(numbered.c.plugin, numbered.c.place)
        )
        return [(plugin, reason, when) for plugin, reason, when in rows]
