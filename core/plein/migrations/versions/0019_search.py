"""Search, complete: what ranking asks, the words of the site, synonyms, best bets, saved searches, searches in vain.

Revision ID: 0019
Revises: 0018
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
#: Compared byte by byte on both databases: only then a beginning of a word is a range of an index.
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_RANK: tuple[tuple[str, Any, Any], ...] = (
    ("weights", sa.Text, ""),
    ("popularity", BIG, "0"),
    ("open_reports", BIG, "0"),
    ("has_files", sa.Boolean, sa.false()),
    ("review_on", sa.Date, None),
    ("reviewed_at", MOMENT, None),
)

#: What is shipped: the words that people use for what Dutch organisations write about. An administrator can change all.
_SYNONYMS = (
    "thuiswerken = telewerken = hybride werken",
    "vakantie = verlof",
    "zorgverlof = zorg + verlof",
    "ziekmelding = ziek + melden",
    "salaris = loon",
    "declaratie = onkosten",
    "leidinggevende = manager = chef",
    "medewerker = werknemer = personeel",
    "gemeenteraad = raad",
    "college = b en w",
    "subsidieaanvraag = subsidie + aanvragen",
    "aanbesteding = inkoop",
    "avg = algemene verordening gegevensbescherming",
    "ai = artificiele intelligentie = kunstmatige intelligentie",
    "dpia = gegevensbeschermingseffectbeoordeling",
    "datalek = data + lek",
    "wachtwoord = password",
    "laptop = notebook",
    "telefoon = mobiel = smartphone",
    "handleiding = instructie = manual",
    "cursus = training = opleiding",
    "afspraak = meeting",
)


def upgrade() -> None:
    for name, type_, default in _RANK:
        op.add_column("search_document", sa.Column(name, type_, nullable=default is None, server_default=default))
    # The words of all items are made anew by a job; items are found meanwhile.
    op.execute("UPDATE search_document SET format = 0")
    _words()
    _kept()


def _words() -> None:
    op.create_table(
        "search_word",
        _column("word", BYTES),
        _column("documents", BIG),
        _column("is_written", sa.Boolean),
        sa.PrimaryKeyConstraint("word", name="pk_search_word"),
    )
    op.create_table(
        "search_gram",
        _column("gram", BYTES),
        _column("word", BYTES),
        sa.PrimaryKeyConstraint("gram", "word", name="pk_search_gram"),
    )
    synonym = op.create_table(
        "search_synonym",
        _column("id", BIG),
        _column("text"),
        _column("created_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_search_synonym"),
        sa.UniqueConstraint("text", name="uq_search_synonym_text"),
    )
    key = op.create_table(
        "search_synonym_key",
        _column("words", BYTES),
        _column("synonym_id", BIG),
        _reference("search_synonym_key", "synonym_id", "search_synonym"),
        sa.PrimaryKeyConstraint("words", "synonym_id", name="pk_search_synonym_key"),
    )
    op.create_index("ix_search_synonym_key_synonym_id", "search_synonym_key", ["synonym_id"])
    now = datetime.now(UTC)
    for text in _SYNONYMS:
        op.execute(sa.insert(synonym).values(text=text, created_at=now))
        made = sa.select(synonym.c.id).where(synonym.c.text == text).scalar_subquery()
        sides = text.split(" = ") if "+" not in text else text.split(" = ")[:1]
        for side in sides:
            op.execute(sa.insert(key).values(words=side, synonym_id=made))


def _kept() -> None:
    op.create_table(
        "search_best_bet",
        _column("id", BIG),
        _column("words", BYTES),
        _column("language"),
        _column("title"),
        _column("text"),
        _column("url"),
        _column("content_id", BIG, null=True),
        _column("created_at", MOMENT),
        _reference("search_best_bet", "content_id", "content"),
        sa.PrimaryKeyConstraint("id", name="pk_search_best_bet"),
    )
    op.create_index("ix_search_best_bet_words", "search_best_bet", ["words"])
    op.create_index("ix_search_best_bet_content_id", "search_best_bet", ["content_id"])
    op.create_table(
        "saved_search",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("name"),
        _column("question", JSON),
        _column("created_at", MOMENT),
        _reference("saved_search", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_search"),
        sa.UniqueConstraint("user_id", "name", name="uq_saved_search_user_id_name"),
    )
    op.create_table(
        "search_missed",
        _column("day", sa.Date),
        _column("words", BYTES),
        _column("times", BIG),
        _column("marks", JSON),
        sa.PrimaryKeyConstraint("day", "words", name="pk_search_missed"),
    )


def downgrade() -> None:
    for table in (
        "search_missed",
        "saved_search",
        "search_best_bet",
        "search_synonym_key",
        "search_synonym",
        "search_gram",
        "search_word",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        # One by one, without making the table anew: the trigger on it takes an item's words.
        for name, _type, _default in _RANK:
            op.execute(f"ALTER TABLE search_document DROP COLUMN {name}")
    else:
        for name, _type, _default in _RANK:
            op.drop_column("search_document", name)
    op.execute("UPDATE search_document SET format = 0")


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")
