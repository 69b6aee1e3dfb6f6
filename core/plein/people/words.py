"""What people are found and filtered by, kept in step with their profiles.

A table of folded words with an index, searched by how a word begins, is the same on both databases and as quick among
20,000 people as among 200. Only what every colleague may see becomes a word or a facet: what somebody shows to fewer
people cannot be found by searching, whoever searches. Whose account does not work is in neither.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, event, insert, inspect, select
from sqlalchemy.orm import Session

from plein.people.models import User
from plein.people.profile_models import PersonField, PersonValue, UserFacet, UserWord
from plein.people.seeing import level_of
from plein.security.rights import bump
from plein.web.folding import fold

MAX_WORD = 64
#: Words of one person; what is beyond is no name and no expertise.
MAX_WORDS = 200
MAX_FACET = 120
_BATCH = 200
_WORD = re.compile(r"[^\W_]+")
#: Columns of an account that words are made of, or that say who sees them.
_WATCHED = (
    "name",
    "login",
    "email",
    "kind",
    "state",
    "function",
    "department",
    "location",
    "phone",
    "shown_to",
    "expertise",
)
_CHANGED = "people_with_other_words"

#: The stamp of how people look from afar: their photo, and whether they are a guest. See ``people.faces``.
FACES = "faces"
_SEEN_FROM_AFAR = ("photo", "kind", "state")
_FACES_CHANGED = "other_faces"


def words_of(text: str) -> list[str]:
    """The words of *text*, folded, each at most 64 characters."""
    return [word[:MAX_WORD] for word in _WORD.findall(fold(text))]


def facet(kind: str, value: str) -> str:
    """The key of a value that people are filtered by: ``facet("department", "Zorg")`` is ``department:zorg``."""
    return f"{kind}:{fold(' '.join(value.split()))[:MAX_FACET]}"


def field_facet(field_id: int) -> str:
    """The kind of facet that a declared field makes."""
    return f"field{field_id}"


def index_people(db: Session, user_ids: Iterable[int]) -> None:
    """Make words and facets of these people anew. Call it after changing values of fields, or accounts in bulk."""
    ids = sorted(set(user_ids))
    for start in range(0, len(ids), _BATCH):
        _index(db, ids[start : start + _BATCH])


def index_everybody(db: Session) -> int:
    """Make those of everybody anew; says how many people there are."""
    ids = list(db.scalars(select(User.id)))
    index_people(db, ids)
    return len(ids)


class _Found:
    """The words and facets of one person."""

    def __init__(self) -> None:
        self.for_all: list[str] = []
        self.for_colleagues: list[str] = []
        self.facets: dict[str, str] = {}

    def add_facet(self, kind: str, value: str) -> None:
        if value.strip():
            self.facets.setdefault(facet(kind, value), value)

    def words(self) -> dict[str, bool]:
        found = dict.fromkeys(self.for_all, True)
        for word in self.for_colleagues:
            found.setdefault(word, False)
        return dict(list(found.items())[:MAX_WORDS])


def _index(db: Session, ids: list[int]) -> None:
    found: dict[int, _Found] = {}
    columns = (User.id, *(getattr(User, name) for name in _WATCHED))
    for row in db.execute(select(*columns).where(User.id.in_(ids), User.state.in_(("active", "invited")))):
        found[row.id] = _of_account(row)
    values = (
        select(PersonValue.user_id, PersonValue.value, PersonValue.level.label("own"), PersonField)
        .join(PersonField, PersonField.id == PersonValue.field_id)
        .where(PersonValue.user_id.in_(ids), PersonField.kind.in_(("text", "choice")))
    )
    for user_id, value, own, field in db.execute(values):
        level = own if field.may_choose and own else field.level
        if user_id in found and level == "colleagues":
            found[user_id].for_colleagues += words_of(value)
            if field.in_filter:
                found[user_id].add_facet(field_facet(field.id), value)
    _write(db, ids, found)


def _of_account(row: Any) -> _Found:
    found = _Found()
    found.for_all = words_of(f"{row.name} {row.login} {row.function} {row.department}")
    place = row.location if level_of(row.shown_to, "location") == "colleagues" else ""
    tags = list(row.expertise or ())
    phone = row.phone if level_of(row.shown_to, "phone") == "colleagues" else ""
    found.for_colleagues = words_of(" ".join((row.email, place, *tags, phone, "".join(words_of(phone)))))
    found.add_facet("department", row.department)
    found.add_facet("location", place)
    for tag in tags:
        found.add_facet("expertise", tag)
    return found


def _write(db: Session, ids: list[int], found: dict[int, _Found]) -> None:
    for table in (UserWord, UserFacet):
        db.execute(delete(table).where(table.user_id.in_(ids)), execution_options={"synchronize_session": False})
    words = [
        {"word": word, "user_id": user_id, "for_guests": guests}
        for user_id, one in found.items()
        for word, guests in one.words().items()
    ]
    facets = [
        {"key": key, "user_id": user_id, "label": label}
        for user_id, one in found.items()
        for key, label in one.facets.items()
    ]
    if words:
        db.execute(insert(UserWord), words)
    if facets:
        db.execute(insert(UserFacet), facets)


@event.listens_for(Session, "before_flush")
def _note_changes(db: Session, _context: object, _instances: object) -> None:
    """Whoever changes an account through the ORM need not think of its words, nor of the name it sorts by."""
    db.info.pop(_CHANGED, None)
    for person in (*db.new, *db.dirty):
        if not isinstance(person, User):
            continue
        attributes = inspect(person).attrs
        if any(attributes[name].history.has_changes() for name in _WATCHED):
            person.sort_name = fold(person.name)
            db.info.setdefault(_CHANGED, []).append(person)
        is_new_and_plain = person in db.new and person.kind != "guest" and not person.photo
        if not is_new_and_plain and any(attributes[name].history.has_changes() for name in _SEEN_FROM_AFAR):
            db.info[_FACES_CHANGED] = True


@event.listens_for(Session, "after_flush_postexec")
def _write_words(db: Session, _context: object) -> None:
    changed = db.info.pop(_CHANGED, None)
    if changed:
        index_people(db, [person.id for person in changed])
    if db.info.pop(_FACES_CHANGED, None):
        bump(db, FACES)
