"""Sets of functions for kinds of spaces, and what people ask for.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "function_package",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.UniqueConstraint("slug", name="uq_function_package_slug"),
    )
    op.create_table(
        "function_package_plugin",
        _other("package_id", "function_package", "function_package_plugin", "CASCADE", primary_key=True),
        sa.Column("plugin", sa.Text, primary_key=True),
    )
    op.create_table(
        "space_package",
        _other("space_id", "space", "space_package", "CASCADE", primary_key=True),
        _other("package_id", "function_package", "space_package", "CASCADE"),
    )
    op.create_index("ix_space_package_package_id", "space_package", ["package_id"])
    op.create_table(
        "function_wish",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plugin", sa.Text, nullable=False),
        _other("user_id", "user", "function_wish", "CASCADE"),
        _other("space_id", "space", "function_wish", "SET NULL", nullable=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.UniqueConstraint("plugin", "user_id", name="uq_function_wish_plugin_user_id"),
    )
    for name in ("user_id", "space_id"):
        op.create_index(f"ix_function_wish_{name}", "function_wish", [name])


def downgrade() -> None:
    for table in ("function_wish", "space_package", "function_package_plugin", "function_package"):
        op.drop_table(table)


def _other(
    name: str, refers_to: str, table: str, ondelete: str, *, primary_key: bool = False, nullable: bool = False
) -> sa.Column[int]:
    key = sa.ForeignKey(f"{refers_to}.id", name=f"fk_{table}_{name}_{refers_to}", ondelete=ondelete)
    return sa.Column(name, BIG, key, primary_key=primary_key, nullable=nullable)
