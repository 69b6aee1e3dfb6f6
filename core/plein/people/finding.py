"""Finding people and groups by what somebody types: for pickers, mentions and fields that name a person.

Whoever is found here may be met here: suspended people and those who left are never found, and a guest finds only
people of the spaces that they share, by what guests may see of them.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.people.models import Group, User
from plein.people.profile_models import UserWord
from plein.people.seeing import may_meet
from plein.people.words import words_of
from plein.security.viewer import Viewer
from plein.web.folding import fold
from plein.web.i18n import _

#: How many are suggested.
SUGGESTED = 8
#: Words of a question that are looked at; nobody types more to find a person.
_MOST_WORDS = 6
_GROUP = "group:"
#: Comes after every word that begins the same.
_LAST = "\U0010ffff"


class NoSuchPerson(ValueError):
    """Nobody, or more than one, is meant. ``sentence`` says so to whoever typed it."""

    def __init__(self, sentence: TranslationString) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody or a group that may be meant.

    :param value: what a field sends: a login, or ``group:slug``.
    :param hint: what tells people of one name apart.
    """

    value: str
    label: str
    hint: str
    user_id: int | None = None
    is_guest: bool = False


def words_begin(text: str, viewer: Viewer) -> list[ColumnElement[bool]]:
    """Conditions on ``User``: each word of *text* begins a word that *viewer* may find the person by."""
    conditions: list[ColumnElement[bool]] = []
    for word in words_of(text)[:_MOST_WORDS]:
        found = select(UserWord.user_id).where(UserWord.word >= word, UserWord.word < word + _LAST)
        if viewer.kind != "person":
            found = found.where(UserWord.for_guests)
        conditions.append(User.id.in_(found))
    return conditions


def suggest_people(db: Session, viewer: Viewer, text: str, limit: int = SUGGESTED) -> list[Suggestion]:
    """People whose words begin as those of *text*, whose name begins so first. One statement; none without a word."""
    conditions = words_begin(text, viewer)
    if not conditions:
        return []
    typed = fold(" ".join(text.split()))
    first = and_(User.sort_name >= typed, User.sort_name < typed + _LAST) | (User.login == typed)
    rows = db.execute(
        select(User.id, User.login, User.name, User.function, User.department, User.kind)
        .where(may_meet(User, viewer), *conditions)
        .order_by(first.desc(), User.sort_name, User.id)
        .limit(limit)
    )
    return [
        Suggestion(
            row.login,
            row.name,
            " · ".join(part for part in (row.function, row.department) if part) or row.login,
            row.id,
            row.kind == "guest",
        )
        for row in rows
    ]


def suggest_groups(db: Session, viewer: Viewer, text: str, limit: int = SUGGESTED) -> list[Suggestion]:
    """Groups in whose name a word begins as *text*; none for guests. One statement."""
    typed = fold(" ".join(text.split()))[:100]
    if viewer.kind != "person" or not typed:
        return []
    first = Group.sort_name.startswith(typed, autoescape=True)
    rows = db.execute(
        select(Group.slug, Group.name)
        .where(or_(first, Group.sort_name.contains(f" {typed}", autoescape=True)))
        .order_by(first.desc(), Group.sort_name, Group.id)
        .limit(limit)
    )
    return [Suggestion(f"{_GROUP}{slug}", name, "") for slug, name in rows]


def find_person(db: Session, viewer: Viewer, text: str) -> Any:
    """The person who is meant by a login, or by a whole name that only one person has: id, login, name, kind.

    :raises NoSuchPerson: where nobody, or more than one, is meant.
    """
    text = " ".join(text.split())
    if not text:
        raise NoSuchPerson(_("Say whom you mean."))
    people = _people(viewer)
    found = db.execute(people.where(User.login == text.casefold())).first()
    if found is not None:
        return found
    named = db.execute(people.where(User.sort_name == fold(text)).limit(2)).all()
    if not named:
        raise NoSuchPerson(
            _("There is nobody here called ${who}. Look for the name under People.", mapping={"who": text})
        )
    if len(named) > 1:
        raise NoSuchPerson(
            _("More than one person is called ${who}. Use what they sign in with.", mapping={"who": text})
        )
    return named[0]


def _people(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return select(User.id, User.login, User.name, User.kind).where(may_meet(User, viewer))


def find_group(db: Session, viewer: Viewer, text: str) -> Any:
    """The group that is meant by ``group:slug``, a slug, or a name that only one group has: id, slug, name.

    :raises NoSuchPerson: where no group, or more than one, is meant; always for guests, who know of no group.
    """
    text = " ".join(text.split()).removeprefix(_GROUP)
    nobody = NoSuchPerson(_("There is no group called ${name}.", mapping={"name": text or "…"}))
    if viewer.kind != "person" or not text:
        raise nobody
    groups = select(Group.id, Group.slug, Group.name)
    found = db.execute(groups.where(Group.slug == func.lower(text))).first()
    if found is not None:
        return found
    named = db.execute(groups.where(Group.sort_name == fold(text)).limit(2)).all()
    if len(named) > 1:
        raise NoSuchPerson(_("More than one group is called ${name}.", mapping={"name": text}))
    if not named:
        raise nobody
    return named[0]


def names_of(db: Session, viewer: Viewer, logins: list[str]) -> dict[str, str]:
    """The names behind *logins*, of people whom *viewer* may meet: what a picker shows for values it was given."""
    wanted = [login.strip().casefold() for login in logins[:100] if login.strip()]
    if not wanted:
        return {}
    rows = db.execute(select(User.login, User.name).where(User.login.in_(wanted), may_meet(User, viewer)))
    return {row.login: row.name for row in rows}
