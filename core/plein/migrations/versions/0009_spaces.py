"""Spaces: welcome text, pinned item, requests that expire, invitations and templates.

Revision ID: 0009
Revises: 0008
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("space") as space:
        space.add_column(_column("welcome", default=""))
        space.add_column(_column("pinned_uid", null=True))
    with op.batch_alter_table("membership") as membership:
        membership.add_column(_column("note", default=""))
        membership.add_column(_column("expires_at", MOMENT, null=True))
    _invitations()
    op.create_table(
        "space_template",
        _column("id", BIG),
        _column("key"),
        _column("name"),
        _column("description"),
        _column("values", JSON),
        _column("is_offered", sa.Boolean),
        _column("created_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_space_template"),
        sa.UniqueConstraint("key", name="uq_space_template_key"),
    )
    op.create_table(
        "space_welcomed",
        _column("space_id", BIG),
        _column("user_id", BIG),
        _references("space_welcomed", "space_id", "space"),
        _references("space_welcomed", "user_id", "user"),
        sa.PrimaryKeyConstraint("space_id", "user_id", name="pk_space_welcomed"),
    )
    op.create_index("ix_space_welcomed_user_id", "space_welcomed", ["user_id"])


def downgrade() -> None:
    for table in ("space_welcomed", "space_template", "space_invitation"):
        op.drop_table(table)
    # Before this version a declined request was no row at all.
    membership = sa.table("membership", sa.column("role"))
    op.execute(membership.delete().where(membership.c.role == "declined"))
    with op.batch_alter_table("membership") as changed:
        changed.drop_column("expires_at")
        changed.drop_column("note")
    with op.batch_alter_table("space") as space:
        space.drop_column("pinned_uid")
        space.drop_column("welcome")


def _invitations() -> None:
    op.create_table(
        "space_invitation",
        _column("id", BIG),
        _column("uid"),
        _column("space_id", BIG),
        _column("user_id", BIG),
        _column("inviter_id", BIG, null=True),
        _column("role"),
        _column("note"),
        _column("token_hash", null=True),
        _column("state"),
        _column("created_at", MOMENT),
        _column("expires_at", MOMENT),
        _column("answered_at", MOMENT, null=True),
        _references("space_invitation", "space_id", "space"),
        _references("space_invitation", "user_id", "user"),
        _references("space_invitation", "inviter_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_space_invitation"),
        sa.UniqueConstraint("uid", name="uq_space_invitation_uid"),
        sa.UniqueConstraint("token_hash", name="uq_space_invitation_token_hash"),
    )
    for column in ("space_id", "user_id", "inviter_id"):
        op.create_index(f"ix_space_invitation_{column}", "space_invitation", [column])


def _column(name: str, type_: Any = sa.Text, null: bool = False, default: Any = None) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null, server_default=default)


def _references(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete)
