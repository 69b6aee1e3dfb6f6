"""The words that people are found by, kept in step with their profiles.

A table of folded words with an index, searched by how a word begins, is the same on both databases and as quick among
20,000 people as among 200. Only what every colleague may see becomes a word: what somebody shows to fewer people can
then not be found by searching, whoever searches.
"""

import re
from collections.abc import Iterable

from sqlalchemy import delete, event, insert, inspect, select
from sqlalchemy.orm import Session

from plein.people.models import User
from plein.people.profile_models import Expertise, PersonField, PersonValue, UserWord
from plein.people.seeing import level_of
from plein.web.folding import fold

MAX_WORD = 64
#: Words of one person; what is beyond is no name and no expertise.
MAX_WORDS = 200
_BATCH = 200
_WORD = re.compile(r"[^\W_]+")
#: Columns of an account that words are made of, or that say who sees them.
_WATCHED = ("name", "login", "email", "function", "department", "location", "shown_to")
_CHANGED = "people_with_other_words"


def words_of(text: str) -> list[str]:
    """The words of *text*, folded, each at most 64 characters."""
    return [word[:MAX_WORD] for word in _WORD.findall(fold(text))]


def index_people(db: Session, user_ids: Iterable[int]) -> None:
    """Make the words of these people anew. Call it after changing expertise, values of fields or rows in bulk."""
    ids = sorted(set(user_ids))
    for start in range(0, len(ids), _BATCH):
        _index(db, ids[start : start + _BATCH])


def index_everybody(db: Session) -> int:
    """Make the words of everybody anew; says how many people there are."""
    ids = list(db.scalars(select(User.id)))
    index_people(db, ids)
    return len(ids)


def _index(db: Session, ids: list[int]) -> None:
    columns = (User.id, *(getattr(User, name) for name in _WATCHED))
    for_all: dict[int, list[str]] = {}
    for_colleagues: dict[int, list[str]] = {}
    for row in db.execute(select(*columns).where(User.id.in_(ids))):
        for_all[row.id] = words_of(f"{row.name} {row.login} {row.function} {row.department}")
        place = row.location if level_of(row.shown_to, "location") == "colleagues" else ""
        for_colleagues[row.id] = words_of(f"{row.email} {place}")
    for user_id, tag in db.execute(select(Expertise.user_id, Expertise.tag).where(Expertise.user_id.in_(ids))):
        for_colleagues[user_id] += words_of(tag)
    values = (
        select(PersonValue.user_id, PersonValue.value, PersonValue.level, PersonField.level, PersonField.may_choose)
        .join(PersonField, PersonField.id == PersonValue.field_id)
        .where(PersonValue.user_id.in_(ids), PersonField.kind.in_(("text", "choice")))
    )
    for user_id, value, own, level, may_choose in db.execute(values):
        if (own if may_choose and own else level) == "colleagues":
            for_colleagues[user_id] += words_of(value)
    rows = []
    for user_id, shown in for_all.items():
        found = dict.fromkeys(shown, True)
        for word in for_colleagues[user_id]:
            found.setdefault(word, False)
        kept = list(found.items())[:MAX_WORDS]
        rows += [{"word": word, "user_id": user_id, "for_guests": guests} for word, guests in kept]
    db.execute(delete(UserWord).where(UserWord.user_id.in_(ids)), execution_options={"synchronize_session": False})
    if rows:
        db.execute(insert(UserWord), rows)


@event.listens_for(Session, "before_flush")
def _note_changes(db: Session, _context: object, _instances: object) -> None:
    """Whoever changes an account through the ORM need not think of its words, nor of the name it sorts by."""
    db.info.pop(_CHANGED, None)
    for person in (*db.new, *db.dirty):
        if not isinstance(person, User):
            continue
        state = inspect(person)
        if any(state.attrs[name].history.has_changes() for name in _WATCHED):
            person.sort_name = fold(person.name)
            db.info.setdefault(_CHANGED, []).append(person)


@event.listens_for(Session, "after_flush_postexec")
def _write_words(db: Session, _context: object) -> None:
    changed = db.info.pop(_CHANGED, None)
    if changed:
        index_people(db, [person.id for person in changed])
