"""Reports that something is out of date, and how often items are read.

Revision ID: 0021
Revises: 0020
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("content") as content:
        content.add_column(sa.Column("popularity", BIG, nullable=False, server_default="0"))
        content.create_index("ix_content_popularity", ["popularity", "id"])
    op.create_table(
        "content_reads",
        _column("content_id", BIG),
        _column("day", sa.Date),
        _column("count", BIG),
        _reference("content_reads", "content_id", "content", "CASCADE"),
        sa.PrimaryKeyConstraint("content_id", "day", name="pk_content_reads"),
    )
    op.create_index("ix_content_reads_day", "content_reads", ["day"])
    op.create_table(
        "outdated_report",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("reporter_id", BIG, null=True),
        _column("reason"),
        _column("place"),
        _column("state"),
        _column("answer"),
        _column("answered_by_id", BIG, null=True),
        _column("answered_at", MOMENT, null=True),
        _column("created_at", MOMENT),
        _reference("outdated_report", "content_id", "content", "CASCADE"),
        _reference("outdated_report", "reporter_id", "user", "SET NULL"),
        _reference("outdated_report", "answered_by_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_outdated_report"),
    )
    for column in ("content_id", "reporter_id", "answered_by_id"):
        op.create_index(f"ix_outdated_report_{column}", "outdated_report", [column])
    waiting = sa.text("state IN ('open', 'later')")
    op.create_index(
        "uq_outdated_report_waiting",
        "outdated_report",
        ["content_id", "reporter_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "freshness_month",
        _column("space_id", BIG),
        _column("month", sa.Date),
        _column("items", BIG),
        _column("overdue", BIG),
        _reference("freshness_month", "space_id", "space", "CASCADE"),
        sa.PrimaryKeyConstraint("space_id", "month", name="pk_freshness_month"),
    )


def downgrade() -> None:
    for table in ("freshness_month", "outdated_report", "content_reads"):
        op.drop_table(table)
    # Reports are gone, and nobody would answer those that were counted.
    op.execute("UPDATE content SET open_reports = 0 WHERE open_reports <> 0")
    with op.batch_alter_table("content") as content:
        content.drop_index("ix_content_popularity")
        content.drop_column("popularity")


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
