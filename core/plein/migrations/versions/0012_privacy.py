"""Privacy: exports, requests, frozen accounts, and the list of who was erased.

Revision ID: 0012
Revises: 0011
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "data_export",
        _column("id", BIG),
        _column("uid"),
        _column("user_id", BIG),
        _column("job_id", BIG, null=True),
        _column("created_at", MOMENT),
        _column("ready_at", MOMENT, null=True),
        _column("expires_at", MOMENT, null=True),
        _column("size", BIG),
        _column("missing", JSON),
        _user("data_export", "user_id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_data_export"),
        sa.UniqueConstraint("uid", name="uq_data_export_uid"),
    )
    op.create_index("ix_data_export_user_id", "data_export", ["user_id"])
    op.create_table(
        "privacy_request",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("kind"),
        _column("text"),
        _column("answer"),
        _column("created_at", MOMENT),
        _column("closed_at", MOMENT, null=True),
        _column("closed_by_id", BIG, null=True),
        _user("privacy_request", "user_id", "CASCADE"),
        _user("privacy_request", "closed_by_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_request"),
    )
    op.create_index("ix_privacy_request_user_id", "privacy_request", ["user_id"])
    op.create_index("ix_privacy_request_closed_by_id", "privacy_request", ["closed_by_id"])
    op.create_index("ix_privacy_request_closed_at", "privacy_request", ["closed_at", "id"])
    op.create_table(
        "restriction",
        _column("user_id", BIG),
        _column("reason"),
        _column("state_before"),
        _column("created_at", MOMENT),
        _column("by_id", BIG, null=True),
        _user("restriction", "user_id", "CASCADE"),
        _user("restriction", "by_id", "SET NULL"),
        sa.PrimaryKeyConstraint("user_id", name="pk_restriction"),
    )
    op.create_index("ix_restriction_by_id", "restriction", ["by_id"])
    op.create_table(
        "erasure",
        _column("id", BIG),
        _column("user_uid"),
        _column("at", MOMENT),
        _column("reason"),
        _column("missing", JSON),
        _column("deleted", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.UniqueConstraint("user_uid", name="uq_erasure_user_uid"),
    )


def downgrade() -> None:
    # Nobody is thawed by going back: before this there was no such state.
    op.execute("UPDATE \"user\" SET state = 'suspended' WHERE state = 'frozen'")
    for table in ("erasure", "restriction", "privacy_request", "data_export"):
        op.drop_table(table)


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _user(table: str, column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user.id"], name=f"fk_{table}_{column}_user", ondelete=ondelete)
