"""Unsaved texts, who is writing, templates, and co-writers of drafts.

Revision ID: 0015
Revises: 0014
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "unsaved",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("content_id", BIG, null=True),
        _column("space_id", BIG),
        _column("type"),
        _column("draft"),
        _column("form"),
        _column("revision", BIG),
        _column("values", JSON),
        _column("saved_at", MOMENT),
        _column("thrown_at", MOMENT, null=True),
        _reference("unsaved", "user_id", "user", "CASCADE"),
        _reference("unsaved", "content_id", "content", "SET NULL"),
        _reference("unsaved", "space_id", "space", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_unsaved"),
        sa.UniqueConstraint("user_id", "draft", name="uq_unsaved_user_id_draft"),
    )
    for column in ("content_id", "space_id", "saved_at"):
        op.create_index(f"ix_unsaved_{column}", "unsaved", [column])
    op.create_table(
        "writing_presence",
        _column("content_id", BIG),
        _column("user_id", BIG),
        _column("seen_at", MOMENT),
        _reference("writing_presence", "content_id", "content", "CASCADE"),
        _reference("writing_presence", "user_id", "user", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "content_id", name="pk_writing_presence"),
    )
    for column in ("content_id", "seen_at"):
        op.create_index(f"ix_writing_presence_{column}", "writing_presence", [column])
    op.create_table(
        "content_template",
        _column("id", BIG),
        _column("type"),
        _column("space_id", BIG, null=True),
        *(_column(name) for name in ("name", "description", "title", "body")),
        _column("tags", JSON),
        _column("required", JSON),
        _column("language"),
        _column("position", BIG),
        _column("is_default", sa.Boolean),
        _column("updated_at", MOMENT),
        _reference("content_template", "space_id", "space", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_content_template"),
    )
    op.create_index("ix_content_template_space_id", "content_template", ["space_id"])
    op.create_index("ix_content_template_type_space_id", "content_template", ["type", "space_id"])
    op.create_table(
        "content_from_template",
        _column("content_id", BIG),
        _column("template_id", BIG),
        _reference("content_from_template", "content_id", "content", "CASCADE"),
        _reference("content_from_template", "template_id", "content_template", "CASCADE"),
        sa.PrimaryKeyConstraint("content_id", name="pk_content_from_template"),
    )
    op.create_index("ix_content_from_template_template_id", "content_from_template", ["template_id"])
    for who in ("user", "group"):
        op.drop_index(f"uq_content_audience_{who}", "content_audience")
        _named_once(f"uq_content_audience_{who}", who, "level <> 'draft'")
        _named_once(f"uq_content_audience_draft_{who}", who, "level = 'draft'")


def downgrade() -> None:
    op.execute("DELETE FROM content_audience WHERE level = 'draft'")
    for who in ("user", "group"):
        op.drop_index(f"uq_content_audience_draft_{who}", "content_audience")
        op.drop_index(f"uq_content_audience_{who}", "content_audience")
        op.create_index(f"uq_content_audience_{who}", "content_audience", ["content_id", f"{who}_id"], unique=True)
    for table in ("content_from_template", "content_template", "writing_presence", "unsaved"):
        op.drop_table(table)


def _named_once(name: str, who: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        "content_audience",
        ["content_id", f"{who}_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
