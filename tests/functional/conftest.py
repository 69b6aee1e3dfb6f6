"""Fixtures of several files of tests of pages."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from known_password import QUICK

from plein.people import passwords


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
