"""Profiles of people: fields, who sees them, and what they are found by.

Revision ID: 0006
Revises: 0005
"""

import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
#: Compared byte by byte: only then a beginning of a word is a range of the index.
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

TEXTS = ("sort_name", "pronouns", "function", "department", "location", "phone", "about", "photo")
TABLES = ("person_value", "person_field", "photo", "user_facet", "user_word")


def upgrade() -> None:
    with op.batch_alter_table("user") as user:
        for name in TEXTS:
            user.add_column(_column(name, default=""))
        user.add_column(_column("left_at", MOMENT, null=True))
        user.add_column(_column("reminded_of", sa.Date, null=True))
        user.add_column(_column("manager_id", BIG, null=True))
        user.add_column(_column("shown_to", JSON, default="{}"))
        user.add_column(_column("expertise", JSON, default="[]"))
        user.create_foreign_key("fk_user_manager_id_user", "user", ["manager_id"], ["id"], ondelete="SET NULL")
        user.create_index("ix_user_manager_id", ["manager_id"])
        user.create_index("ix_user_directory", ["kind", "state", "sort_name", "id", "ends_on"])
    _tables()
    _make_words()
    _show_guests()


def downgrade() -> None:
    stamp = sa.table("stamp", sa.column("name"))
    op.get_bind().execute(stamp.delete().where(stamp.c.name == "faces"))
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("user") as user:
        user.drop_index("ix_user_directory")
        user.drop_index("ix_user_manager_id")
        user.drop_constraint("fk_user_manager_id_user", type_="foreignkey")
        for column in ("expertise", "shown_to", "manager_id", "reminded_of", "left_at", *reversed(TEXTS)):
            user.drop_column(column)


def _column(name: str, type_: Any = sa.Text, null: bool = False, default: Any = None) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null, server_default=default)


def _references(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete="CASCADE")


def _tables() -> None:
    op.create_table(
        "user_word",
        _column("word", BYTES),
        _column("user_id", BIG),
        _column("for_guests", sa.Boolean),
        _references("user_word", "user_id", "user"),
        sa.PrimaryKeyConstraint("word", "user_id", name="pk_user_word"),
    )
    op.create_index("ix_user_word_user_id", "user_word", ["user_id"])
    op.create_table(
        "user_facet",
        _column("key", BYTES),
        _column("user_id", BIG),
        _column("label"),
        _references("user_facet", "user_id", "user"),
        sa.PrimaryKeyConstraint("key", "user_id", name="pk_user_facet"),
    )
    op.create_index("ix_user_facet_user_id", "user_facet", ["user_id"])
    op.create_table(
        "photo",
        _column("user_id", BIG),
        _column("size", BIG),
        _column("digest"),
        _references("photo", "user_id", "user"),
        sa.PrimaryKeyConstraint("user_id", "size", name="pk_photo"),
    )
    op.create_index("ix_photo_digest", "photo", ["digest"])
    _fields()


def _fields() -> None:
    op.create_table(
        "person_field",
        _column("id", BIG),
        _column("name"),
        _column("title"),
        _column("help"),
        _column("kind"),
        _column("choices", JSON),
        _column("filled_by"),
        _column("level"),
        _column("may_choose", sa.Boolean),
        _column("in_filter", sa.Boolean),
        _column("position", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_person_field"),
        sa.UniqueConstraint("name", name="uq_person_field_name"),
    )
    op.create_table(
        "person_value",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("field_id", BIG),
        _column("value"),
        _column("level"),
        _references("person_value", "user_id", "user"),
        _references("person_value", "field_id", "person_field"),
        sa.PrimaryKeyConstraint("id", name="pk_person_value"),
        sa.UniqueConstraint("user_id", "field_id", name="uq_person_value_user_id_field_id"),
    )
    op.create_index("ix_person_value_field_id", "person_value", ["field_id"])


def _make_words() -> None:
    """Everybody who is there already sorts and is found by their name, login and e-mail address."""
    connection = op.get_bind()
    user = sa.table("user", *map(sa.column, ("id", "login", "name", "email", "sort_name")))
    word = sa.table("user_word", *map(sa.column, ("word", "user_id", "for_guests")))
    for row in connection.execute(sa.select(user.c.id, user.c.login, user.c.name, user.c.email)).all():
        connection.execute(user.update().where(user.c.id == row.id).values(sort_name=_fold(row.name)))
        shown = _words(row.name, row.login)
        rows = [{"word": one, "user_id": row.id, "for_guests": True} for one in shown]
        rows += [{"word": one, "user_id": row.id, "for_guests": False} for one in _words(row.email) - shown]
        if rows:
            connection.execute(word.insert(), rows)


def _show_guests() -> None:
    """Guests who are there already get their badge: what tells processes to read who they are counts from one."""
    connection = op.get_bind()
    user, stamp = sa.table("user", sa.column("kind")), sa.table("stamp", sa.column("name"), sa.column("number"))
    if connection.execute(sa.select(user.c.kind).where(user.c.kind == "guest").limit(1)).first() is not None:
        connection.execute(stamp.insert().values(name="faces", number=1))


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


def _words(*texts: str) -> set[str]:
    return {word[:64] for text in texts for word in re.findall(r"[^\W_]+", _fold(text))}
