"""Fixtures of several files of tests of pages."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from known_password import QUICK
from sqlalchemy.orm import Session

from plein.people import passwords
from plein.people.models import Group, GroupPerson, User


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing in takes no tenth of a second."""
    monkeypatch.setattr(passwords, "_hasher", QUICK)


@pytest.fixture
def handbook(make_user: Callable, make_space: Callable, as_user: Callable) -> Any:
    """A space with people of each role, each with a browser: ``handbook.member``."""
    people = {name: make_user(name) for name in ("manager", "editor", "member", "reader")}
    make_space("handbook", members={person: role for role, person in people.items()})
    make_space("annex", access="closed", members={people["editor"]: "editor"})
    return SimpleNamespace(**{name: as_user(person) for name, person in people.items()}, people=people)


@pytest.fixture
def make_group(db: Session) -> Callable[..., Group]:
    """``make_group("pilot", "Front office", bert)``: a group of these people."""

    def make(slug: str, name: str, *people: User) -> Group:
        group = Group(uid=slug, slug=slug, name=name, sort_name=name.casefold())
        db.add(group)
        db.flush()
        db.add_all(GroupPerson(group_id=group.id, user_id=person.id) for person in people)
        db.commit()
        return group

    return make
