"""Profiles: what a viewer sees of a person, and what may be changed about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session, aliased

from plein.audit import record
from plein.people.fields import FieldService
from plein.people.models import User
from plein.people.profile_forms import ProfileForm, tags
from plein.people.seeing import CHOSEN, Seer, level_of, may_meet, shares_space
from plein.people.standing import is_active
from plein.security.viewer import Viewer

#: How many people of a team a profile shows.
REPORTS = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared field that is filled in and that the viewer sees. *value* is a text; of a date the date."""

    title: str
    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Profile:
    """What one viewer sees of a person. A part that they do not see is empty, as if it were not filled in.

    :param person: id, login, name, email, kind, state, state_reason, is_admin, function, department, expertise, …
    :param parts: the built-in parts that people choose the readers of: pronouns, location, phone, about.
    :param email: empty for guests, who find people by the space they share.
    :param manager: id, login, name; ``None`` without one that the viewer may meet.
    :param reports: people whose manager this is, the same way.
    """

    person: Row[Any]
    parts: Mapping[str, str]
    email: str
    expertise: Sequence[str]
    facts: Sequence[Fact]
    manager: Any
    reports: Sequence[Row[Any]]


class ProfileService:
    """Profiles as *viewer* sees them. Never commits.

    :param manages: whether the viewer may manage people: they see everything, and everybody in any state.
    """

    def __init__(self, db: Session, viewer: Viewer, *, manages: bool = False) -> None:
        self.db = db
        self.viewer = viewer
        self.manages = manages

    def show(self, login: str) -> Profile | None:
        """The profile of a person, or nothing where the viewer may not meet them. Three statements."""
        row = self._row(login)
        if row is None:
            return None
        manages = self.manages or (row.manager_id is not None and row.manager_id == self.viewer.user_id)
        seer = Seer(self.viewer, row.id, shares=bool(row.shares), manages=manages)
        parts = {
            name: getattr(row, name) if seer.sees(level_of(row.shown_to, name)) else "" for name in CHOSEN
        }  # fmt: skip
        inside = seer.sees("colleagues")
        return Profile(
            person=row,
            parts=parts,
            email=row.email if inside else "",
            expertise=list(row.expertise or ()) if inside else [],
            facts=[
                Fact(one.field.title, one.field.kind, _typed(one.field.kind, one.value))
                for one in FieldService(self.db).values(row.id)
                if one.value and seer.sees(one.level)
            ],
            manager=row if inside and row.boss_id is not None else None,
            reports=self._reports(row.id) if inside else [],
        )

    def _row(self, login: str) -> Any:
        boss = aliased(User, name="boss")
        seen = (
            []
            if self.manages
            else [
                or_(may_meet(User, self.viewer), User.id == self.viewer.user_id, User.sponsor_id == self.viewer.user_id)
            ]
        )
        return self.db.execute(
            select(
                *(User.id, User.login, User.name, User.email, User.kind, User.state, User.state_reason, User.is_admin),
                *(User.created_at, User.ends_on, User.pronouns, User.function, User.department, User.location),
                *(User.phone, User.about, User.expertise, User.shown_to, User.manager_id, User.photo),
                User.sponsor_id,
                shares_space(User, self.viewer).label("shares"),
                boss.id.label("boss_id"),
                boss.login.label("boss_login"),
                boss.name.label("boss_name"),
            )
            .outerjoin(boss, and_(boss.id == User.manager_id, may_meet(boss, self.viewer)))
            .where(User.login == login, *seen)
        ).one_or_none()

    def _reports(self, user_id: int) -> Sequence[Any]:
        found = select(User.id, User.login, User.name, User.function).where(
            User.manager_id == user_id, is_active(User), User.kind == "person"
        )
        return self.db.execute(found.order_by(User.sort_name, User.id).limit(REPORTS)).all()

    def save(
        self,
        user: User,
        form: ProfileForm,
        *,
        manager_id: int | None,
        given: Mapping[int, tuple[str, str]],
        closed: Collection[str] = (),
    ) -> bool:
        """Change a profile.

        :param given: values of declared fields, from :func:`plein.people.fields.parse_values`.
        :param closed: built-in parts that only the directory fills, and that stay as they are.
        :return: whether anything changed.
        """
        values: dict[str, Any] = {
            "pronouns": form.pronouns,
            "function": form.function,
            "department": form.department,
            "location": form.location,
            "phone": form.phone,
            "manager": manager_id,
            "about": form.about,
            "expertise": tags(form.expertise),
            "shown_to": {name: level for name in CHOSEN if (level := getattr(form, f"shown_{name}")) != "colleagues"},
        }
        changed = []
        for name, value in values.items():
            column = "manager_id" if name == "manager" else name
            if name not in closed and getattr(user, column) != value:
                setattr(user, column, value)
                changed.append(name)
        self.db.flush()
        changed += FieldService(self.db).fill(user, given)
        if changed:
            record(self.db, "profile.changed", "user", user.id, fields=changed)
        return bool(changed)


def _typed(kind: str, value: str) -> Any:
    return date.fromisoformat(value) if kind == "date" else value


def form_values(user: User, values: Sequence[Any], manager: str) -> dict[str, Any]:
    """What the form shows of a profile as it is stored.

    :param values: from ``FieldService.values``.
    :param manager: the login of the manager.
    """
    shown = {f"shown_{name}": level_of(user.shown_to, name) for name in CHOSEN}
    declared = {f"field-{one.field.id}": one.value for one in values} | {
        f"level-{one.field.id}": one.level for one in values
    }
    built_in = {name: getattr(user, name) for name in ("pronouns", "function", "department", "location", "phone")}
    return (
        {**built_in, "about": user.about, "expertise": ", ".join(user.expertise), "manager": manager} | shown | declared
    )
