"""Work for later: the outbox, and when recurring jobs are due.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("arguments", JSON, nullable=False),
        sa.Column("key", sa.Text, nullable=True),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("run_at", MOMENT, nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("progress_done", BIG, nullable=False),
        sa.Column("progress_total", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_job_user_id_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_user_id", "job", ["user_id"])
    op.create_index("ix_job_state_run_at", "job", ["state", "run_at", "id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index("uq_job_key", "job", ["key"], unique=True, sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "job_schedule",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_schedule"),
    )


def downgrade() -> None:
    op.drop_table("job_schedule")
    op.drop_table("job")
