"""Who may find a person, and who sees which part of their profile: one place, for pages, lists, words and exports.

Colleagues find everybody whose account works; a guest finds only people of the spaces that they share. A part of a
profile has one of three levels: ``colleagues`` (every colleague, no guests), ``shared`` (whoever is in a space with the
person, guests too) and ``managers`` (people managers and the person's own manager). One's own is always seen.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from plein.people.standing import is_active
from plein.security.viewer import Viewer

#: Parts that every colleague and each guest of a shared space sees: with a name alone nobody knows whom they deal with.
ALWAYS = ("name", "function", "department", "photo")
#: Built-in parts of which the person says who sees them.
CHOSEN = ("pronouns", "location", "phone", "about")

#: ``shares(users, viewer)``: whether the person in a row of *users* is in a space with *viewer*.
Shares = Callable[[Any, Viewer], ColumnElement[bool]]
_shares: list[Shares] = []


def set_shares(shares: Shares) -> None:
    """Say how to find out who shares a space; spaces do, which stand above people."""
    _shares[:] = [shares]


def shares_space(users: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the person in a row of *users* (User, or its columns) is in a space with *viewer*."""
    return or_(false(), *(shares(users, viewer) for shares in _shares))


def may_meet(users: Any, viewer: Viewer) -> ColumnElement[bool]:
    """People whose name *viewer* may come across: their account works, and a guest shares a space with them."""
    if viewer.kind == "person":
        return is_active(users)
    if viewer.kind == "guest":
        return and_(is_active(users), or_(users.id == viewer.user_id, shares_space(users, viewer)))
    return false()


def level_of(shown_to: dict[str, Any] | None, part: str) -> str:
    """Who sees a built-in *part*, as the person chose it."""
    return str((shown_to or {}).get(part, "colleagues"))


class Seer:
    """What *viewer* sees of one person's profile.

    :param shares: whether they are in a space together.
    :param manages: whether the viewer manages people, or this person.
    """

    def __init__(self, viewer: Viewer, user_id: int, *, shares: bool, manages: bool) -> None:
        self._own = viewer.user_id == user_id
        self._person = viewer.kind == "person"
        self._shares = shares
        self._manages = manages and self._person

    def sees(self, level: str) -> bool:
        """Whether a part that is shown to *level* is seen; an unknown level is seen by those who see all."""
        if self._own or self._manages:
            return True
        return (level == "colleagues" and self._person) or (level == "shared" and self._shares)
