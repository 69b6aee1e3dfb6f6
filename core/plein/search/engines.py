"""The full-text search of SQLite (FTS5) and PostgreSQL (tsvector): the only module that speaks their languages.

Everything that comes from outside goes in as a bound parameter, and is made of words that :mod:`plein.search.text`
made: letters and digits only, so that no query can be an operator of either language.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from plein.search.models import SearchDocument
from plein.search.query import And, Expression, Lexeme, Or, Phrase, Query, Without
from plein.search.text import GAP, MARKS, RAW, STRONG, TAG, TITLE, IndexedWords

_documents: Any = SearchDocument.__table__
#: Kept: every save runs it.
_UPDATE = _documents.update().where(_documents.c.content_id == bindparam("of_id"))
#: SQLite's FTS5 table. ``rowid`` is the item's id.
_fts = table("search_index", column("rowid"), column("words"), column("search_index"))
#: PostgreSQL's table has one column more, which no model knows.
_documents_with_words = _documents.to_metadata(MetaData())
_documents_with_words.append_column(Column("words", TSVECTOR))
#: Marks of words that stand in the index once more, without one.
_PLACES = (TITLE, TAG, STRONG)
_words = literal_column("search_document.words", TSVECTOR)


def matching(statement: Select[Any], asked: Any, dialect: str) -> Select[Any]:
    """*statement*, which selects from :class:`SearchDocument`, narrowed to what fits *asked*.

    :param asked: what :func:`written` gives, or a parameter for that: a statement that is kept is made once.

    Newest items first; on SQLite the index itself gives them in that order, so that a limit ends the work.
    """
    if dialect == "sqlite":
        matches = _fts.c.search_index.op("MATCH")(asked)
        joined = statement.join(_fts, _fts.c.rowid == SearchDocument.content_id)
        return joined.where(matches).order_by(_fts.c.rowid.desc())
    matches = _words.bool_op("@@")(cast(asked, TSQUERY))
    return statement.where(matches).order_by(SearchDocument.content_id.desc())


def written(expression: Expression, dialect: str) -> str:
    """*expression* in the language of the database."""
    return to_fts5(expression) if dialect == "sqlite" else to_tsquery(expression)


@contextmanager
def through_the_index(db: Session, query: Query) -> Iterator[None]:
    """Have PostgreSQL answer the statements in here from the word index.

    Its planner does not know that looking into a tsvector means fetching it from a table beside (TOAST), and for a
    frequent word would rather look into that of every item: 20 times slower at 20,000 items. For words side by side
    it must look there anyhow, and does best to begin with the newest and stop.
    """
    if _dialect(db) != "postgresql":
        yield
        return
    planned = _SIDE_BY_SIDE if query.has_phrase else _THROUGH_THE_INDEX
    found = [func.current_setting(name) for name in planned]
    before = db.execute(select(*found, *[func.set_config(name, value, True) for name, value in planned.items()])).one()
    yield
    # Not in a "finally": after an error the transaction is over, and with it the settings.
    db.execute(select(*[func.set_config(name, before[at], True) for at, name in enumerate(planned)]))


#: ``jit``, because a way that is switched off and taken all the same counts as so dear that PostgreSQL would first
#: compile the statement, for seconds.
_THROUGH_THE_INDEX = {"enable_seqscan": "off", "enable_indexscan": "off", "jit": "off"}
#: The statement is the same, and the plan that PostgreSQL keeps for it is that of the others.
_SIDE_BY_SIDE = {"plan_cache_mode": "force_custom_plan"}


def store(db: Session, values: Mapping[str, Any], found: IndexedWords) -> None:
    """Put an item's row and words in the index, in place of those that were there."""
    # The table, not the class: an item may be there for somebody who may no longer see it.
    if _dialect(db) == "sqlite":
        _upsert(db, sqlite.insert(_documents), values)
        db.execute(delete(_fts).where(_fts.c.rowid == values["content_id"]))
        db.execute(insert(_fts).values(rowid=values["content_id"], words=to_fts5_text(found)))
    else:
        words = cast(to_tsvector(found), TSVECTOR)
        _upsert(db, postgresql.insert(_documents_with_words), {**values, "words": words})


def words_of(db: Session, content_id: int) -> set[str]:
    """Every stem in the index of an item, and every word as it was written; none for one that is not in it."""
    if _dialect(db) == "sqlite":
        found = (db.execute(select(_fts.c.words).where(_fts.c.rowid == content_id)).scalar() or "").split(" ")
    else:
        of_item = _documents_with_words.c.content_id == content_id
        found = db.execute(select(func.tsvector_to_array(_documents_with_words.c.words)).where(of_item)).scalar() or []
    return {word.removeprefix(RAW) for word in found if word and word != GAP and not word.startswith(_PLACES)}


def copy(db: Session, content_id: int, values: Mapping[str, Any]) -> None:
    """Put *values* in the row of an item, where it has one; its words stay as they are."""
    db.execute(_UPDATE, {"of_id": content_id, **values})


def copy_many(db: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same for several items: each row has the item's ``id`` and the same columns."""
    names = [name for name in rows[0] if name != "id"]
    statement = _documents.update().where(_documents.c.content_id == bindparam("of_id"))
    values: Any = {name: bindparam(f"new_{name}") for name in names}
    given = [{"of_id": row["id"]} | {f"new_{name}": row[name] for name in names} for row in rows]
    db.connection().execute(statement.values(values), given)


def discard(db: Session, content_id: int) -> None:
    """Take an item out of the index. On SQLite a trigger takes its words."""
    db.execute(delete(_documents).where(_documents.c.content_id == content_id))


def mark_all_stale(db: Session) -> None:
    """Have every item indexed again by the next reindexing."""
    db.execute(_documents.update().values(format=0))


def engine_faults(connection: Connection) -> list[str]:
    """What the database itself finds wrong with its index, a sentence each."""
    if connection.dialect.name != "sqlite":
        return []
    faults = []
    missing = connection.execute(_MISSING_WORDS).scalar_one()
    if missing:
        faults.append(f"{missing} rows of the index have no words, or words no row.")
    try:
        connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('integrity-check')")
    except Exception as error:  # the driver's own class for a malformed image
        faults.append(f"SQLite finds the word index damaged: {error.__cause__ or error}.")
    return faults


_MISSING_WORDS = text(
    "SELECT (SELECT count(*) FROM search_document WHERE content_id NOT IN (SELECT id FROM search_index_docsize))"
    " + (SELECT count(*) FROM search_index_docsize WHERE id NOT IN (SELECT content_id FROM search_document))"
)


def _dialect(db: Session) -> str:
    return db.get_bind().dialect.name


def _upsert(db: Session, statement: Any, values: Mapping[str, Any]) -> None:
    rest = {name: statement.excluded[name] for name in values if name != "content_id"}
    db.execute(statement.values(**values).on_conflict_do_update(index_elements=["content_id"], set_=rest))


def to_fts5_text(found: IndexedWords) -> str:
    """The words as FTS5 stores them. Words without a place are kept apart by gaps: no phrase reaches them."""
    others = (word if word.startswith(MARKS) else f"{GAP} {word}" for word in found.others)
    return " ".join((*found.sequence, *others))


def to_tsvector(found: IndexedWords) -> str:
    """The words as a tsvector in text form: ``'regel':1,5 '«regel'``."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for position, word in enumerate(found.sequence, start=1):
        if word != GAP:
            places[word].append(str(position))
    for word in found.others:
        places.setdefault(word, [])
    return " ".join(f"'{word}':{','.join(at)}" if at else f"'{word}'" for word, at in places.items())


def to_fts5(expression: Expression) -> str:
    """*expression* in FTS5's query language."""
    match expression:
        case Lexeme(word, prefix):
            return f'"{word}"*' if prefix else f'"{word}"'
        case Phrase(words):
            return f'"{" ".join(words)}"'
        case And(parts):
            return _joined(" AND ", [to_fts5(part) for part in parts])
        case Or(parts):
            return _joined(" OR ", [to_fts5(part) for part in parts])
        case Without(wanted, unwanted):
            return f"({to_fts5(wanted)} NOT {to_fts5(unwanted)})"


def to_tsquery(expression: Expression) -> str:
    """*expression* as a tsquery in text form."""
    match expression:
        case Lexeme(word, prefix):
            return f"'{word}':*" if prefix else f"'{word}'"
        case Phrase(words):
            return _joined(" <-> ", [f"'{word}'" for word in words])
        case And(parts):
            return _joined(" & ", [to_tsquery(part) for part in parts])
        case Or(parts):
            return _joined(" | ", [to_tsquery(part) for part in parts])
        case Without(wanted, unwanted):
            return f"({to_tsquery(wanted)} & !{_joined('', [to_tsquery(unwanted)])})"


def _joined(operator: str, parts: Sequence[str]) -> str:
    return f"({operator.join(parts)})"
