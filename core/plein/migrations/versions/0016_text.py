"""Whom texts name, and the glossary.

Revision ID: 0016
Revises: 0015
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "content_mention",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("user_id", BIG, null=True),
        _column("group_id", BIG, null=True),
        _column("told_at", MOMENT, null=True),
        _reference("content_mention", "content_id", "content", "CASCADE"),
        _reference("content_mention", "user_id", "user", "CASCADE"),
        _reference("content_mention", "group_id", "group", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_content_mention"),
    )
    for column in ("content_id", "user_id", "group_id"):
        op.create_index(f"ix_content_mention_{column}", "content_mention", [column])
    op.create_index("uq_content_mention_user", "content_mention", ["content_id", "user_id"], unique=True)
    op.create_index("uq_content_mention_group", "content_mention", ["content_id", "group_id"], unique=True)
    op.create_table(
        "glossary_term",
        _column("id", BIG),
        _column("term"),
        _column("sort_term"),
        _column("explanation"),
        _column("synonyms", JSON),
        _column("updated_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_glossary_term"),
        sa.UniqueConstraint("term", name="uq_glossary_term_term"),
    )
    op.create_index("ix_glossary_term_sort_term", "glossary_term", ["sort_term", "id"])


def downgrade() -> None:
    op.drop_table("glossary_term")
    op.drop_table("content_mention")


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
