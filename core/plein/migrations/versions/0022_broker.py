"""When workers were told of a job, and on PostgreSQL the tables of the broker (huey's, which has no models).

Revision ID: 0022
Revises: 0021
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEPT = ("huey_kv", "huey_counter", "huey_schedule", "huey_task")


def upgrade() -> None:
    with op.batch_alter_table("job") as job:
        job.add_column(sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_context().dialect.name != "postgresql":
        # SQLite's broker is a file of its own, and makes its tables by itself.
        return
    op.create_table("huey_kv", _text("queue"), _text("key"), _bytes("value"), _key("huey_kv", "queue", "key"))
    op.create_table(
        "huey_schedule", _id(), _text("queue"), _bytes("data"), _number("timestamp"), _key("huey_schedule", "id")
    )
    op.create_index("huey_schedule_queue_timestamp", "huey_schedule", ["queue", "timestamp"])
    op.create_table(
        "huey_task", _id(), _text("queue"), _bytes("data"), _number("priority", "0"), _key("huey_task", "id")
    )
    op.create_index("huey_task_queue_priority_id", "huey_task", ["queue", sa.text("priority DESC"), "id"])
    op.create_table(
        "huey_counter",
        _text("queue"),
        _text("key"),
        sa.Column("value", sa.BigInteger, nullable=False, server_default="0"),
        _key("huey_counter", "queue", "key"),
    )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table in _KEPT:
            op.drop_table(table)
    with op.batch_alter_table("job") as job:
        job.drop_column("handed_at")


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _bytes(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _number(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=False, server_default=default)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")
