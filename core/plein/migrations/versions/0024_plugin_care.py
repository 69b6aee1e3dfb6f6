"""Plugins that paused themselves, and what went wrong.

Revision ID: 0024
Revises: 0023
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "plugin_failure",
        _column("id", BIG),
        _column("plugin"),
        _column("hook"),
        _column("error"),
        _column("path"),
        _column("milliseconds", BIG),
        _column("counts", sa.Boolean),
        _column("at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_failure"),
    )
    op.create_index("ix_plugin_failure_plugin", "plugin_failure", ["plugin", "id"])
    op.create_table(
        "plugin_pause",
        _column("id", BIG),
        _column("plugin"),
        _column("hook"),
        _column("error"),
        _column("began_at", MOMENT),
        _column("ended_at", MOMENT, null=True),
        _column("ended_by", BIG, null=True),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name="fk_plugin_pause_ended_by_user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_pause"),
    )
    op.create_index("ix_plugin_pause_ended_by", "plugin_pause", ["ended_by"])
    going_on = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_plugin_pause_plugin",
        "plugin_pause",
        ["plugin"],
        unique=True,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )


def downgrade() -> None:
    op.drop_table("plugin_pause")
    op.drop_table("plugin_failure")


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)
