"""Temporary: replaced at merge."""

from typing import Any

from sqlalchemy import or_, select

from plein.people.models import Group, User
from plein.people.standing import is_active
from plein.web.i18n import _


class NoSuchPerson(ValueError):
    def __init__(self, sentence: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def find_person(db: Any, viewer: Any, text: str) -> Any:
    row = db.execute(
        select(User.id, User.login, User.name, User.kind).where(
            is_active(User), or_(User.login == text.casefold(), User.name == text)
        )
    ).first()
    if row is None:
        raise NoSuchPerson(
            _("There is nobody here called ${who}. Look for the name under People.", mapping={"who": text})
        )
    return row


def find_group(db: Any, viewer: Any, text: str) -> Any:
    text = text.removeprefix("group:")
    row = db.execute(
        select(Group.id, Group.slug, Group.name).where(or_(Group.slug == text, Group.name == text))
    ).first()
    if row is None:
        raise NoSuchPerson(_("There is no group called ${name}.", mapping={"name": text}))
    return row
