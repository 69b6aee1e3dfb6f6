"""The inbox: what people follow, what they are told, and how they want to be told.

Revision ID: 0020
Revises: 0019
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("reached_id", BIG, nullable=False, server_default="0"))
        event.add_column(sa.Column("delivered_at", MOMENT, nullable=True))
    op.create_table(
        "follow",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("kind"),
        _column("target_id", BIG),
        _column("level"),
        _column("cause"),
        _column("created_at", MOMENT),
        _reference("follow", "user_id", "user", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_follow"),
        sa.UniqueConstraint("user_id", "kind", "target_id", name="uq_follow_user_id_kind_target_id"),
    )
    op.create_index("ix_follow_kind_target_id", "follow", ["kind", "target_id", "user_id"])
    _make_notification()
    _make_preferences()


def _make_notification() -> None:
    op.create_table(
        "notification",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("kind"),
        _column("content_id", BIG, null=True),
        _column("space_id", BIG, null=True),
        _column("actor_id", BIG, null=True),
        _column("reason"),
        _column("details", JSON),
        _column("group_key"),
        _column("times", BIG),
        _column("created_at", MOMENT),
        _column("read_at", MOMENT, null=True),
        _column("mail_at", MOMENT, null=True),
        _column("mailed_at", MOMENT, null=True),
        _reference("notification", "user_id", "user", "CASCADE"),
        _reference("notification", "content_id", "content", "CASCADE"),
        _reference("notification", "space_id", "space", "CASCADE"),
        _reference("notification", "actor_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
    )
    op.create_index("ix_notification_user_id_created_at", "notification", ["user_id", "created_at", "id"])
    for name in ("content_id", "space_id", "actor_id", "mail_at"):
        op.create_index(f"ix_notification_{name}", "notification", [name])
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "uq_notification_unread",
        "notification",
        ["user_id", "group_key"],
        unique=True,
        sqlite_where=unread,
        postgresql_where=unread,
    )


def _make_preferences() -> None:
    op.create_table(
        "notification_choice",
        _column("user_id", BIG),
        _column("kind"),
        _column("channel"),
        _reference("notification_choice", "user_id", "user", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", name="pk_notification_choice"),
    )
    op.create_table(
        "notification_schedule",
        _column("user_id", BIG),
        _column("rhythm", null=True),
        _column("send_at", null=True),
        _column("weekday", BIG, null=True),
        _column("quiet_from", null=True),
        _column("quiet_until", null=True),
        _column("days_off", JSON),
        _column("away_until", sa.Date, null=True),
        _column("no_mail", sa.Boolean),
        _reference("notification_schedule", "user_id", "user", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_notification_schedule"),
    )
    op.create_table(
        "notification_default",
        _column("name"),
        _column("value"),
        sa.PrimaryKeyConstraint("name", name="pk_notification_default"),
    )


def downgrade() -> None:
    for table in ("notification_default", "notification_schedule", "notification_choice", "notification", "follow"):
        op.drop_table(table)
    with op.batch_alter_table("event") as event:
        event.drop_column("delivered_at")
        event.drop_column("reached_id")


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
