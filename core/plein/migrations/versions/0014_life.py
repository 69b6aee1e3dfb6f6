"""Changes that wait for approval, and what is said about them.

Revision ID: 0014
Revises: 0013
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "proposal",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("kind"),
        _column("title"),
        _column("body"),
        _column("tags", JSON),
        _column("fields", JSON),
        _column("note"),
        _column("base_version", BIG),
        _column("round", BIG),
        _column("publish_at", MOMENT, null=True),
        _column("author_id", BIG, null=True),
        _column("reviewer_id", BIG, null=True),
        _column("state"),
        _column("decided_by_id", BIG, null=True),
        _column("decided_at", MOMENT, null=True),
        _column("reason"),
        _column("version", BIG, null=True),
        _column("created_at", MOMENT),
        _column("updated_at", MOMENT),
        _reference("proposal", "content_id", "content", "CASCADE"),
        _reference("proposal", "author_id", "user", "SET NULL"),
        _reference("proposal", "reviewer_id", "user", "SET NULL"),
        _reference("proposal", "decided_by_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    for column in ("content_id", "author_id", "reviewer_id", "decided_by_id"):
        op.create_index(f"ix_proposal_{column}", "proposal", [column])
    op.create_index("ix_proposal_state_updated_at", "proposal", ["state", "updated_at", "id"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_proposal_open",
        "proposal",
        ["content_id", "author_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "proposal_comment",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("proposal_id", BIG),
        _column("author_id", BIG, null=True),
        _column("text"),
        _column("created_at", MOMENT),
        _reference("proposal_comment", "content_id", "content", "CASCADE"),
        _reference("proposal_comment", "proposal_id", "proposal", "CASCADE"),
        _reference("proposal_comment", "author_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal_comment"),
    )
    for column in ("content_id", "proposal_id", "author_id"):
        op.create_index(f"ix_proposal_comment_{column}", "proposal_comment", [column])


def downgrade() -> None:
    op.drop_table("proposal_comment")
    op.drop_table("proposal")
    # Without proposals nothing waits for approval.
    op.execute("UPDATE content SET open_proposals = 0 WHERE open_proposals > 0")


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
