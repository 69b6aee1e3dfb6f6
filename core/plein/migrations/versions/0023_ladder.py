"""Who has which plugin, where, since when and why.

Plugins that the site has already stay where they are: everybody keeps them.

Revision ID: 0023
Revises: 0022
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
_HISTORY = "alembic_version_"


def upgrade() -> None:
    rollout = op.create_table(
        "rollout",
        sa.Column("plugin", sa.Text, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("reach", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        _user("owner_id", "rollout"),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("target", BIG),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("question_after", BIG, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
    )
    op.create_index("ix_rollout_owner_id", "rollout", ["owner_id"])
    _create_audience()
    _create_choices()
    _create_steps()
    _create_answers()
    _keep_what_is_there(rollout)


def _create_audience() -> None:
    op.create_table(
        "rollout_audience",
        _id(),
        sa.Column("plugin", sa.Text, nullable=False),
        _other("group_id", "group", "rollout_audience", "CASCADE"),
        _other("space_id", "space", "rollout_audience", "CASCADE"),
        sa.CheckConstraint("(group_id IS NULL) <> (space_id IS NULL)", name=op.f("ck_rollout_audience_group_or_space")),
        sa.UniqueConstraint("plugin", "group_id", name="uq_rollout_audience_plugin_group_id"),
        sa.UniqueConstraint("plugin", "space_id", name="uq_rollout_audience_plugin_space_id"),
    )
    for name in ("group_id", "space_id"):
        op.create_index(f"ix_rollout_audience_{name}", "rollout_audience", [name])


def _create_choices() -> None:
    op.create_table(
        "rollout_choice",
        sa.Column("plugin", sa.Text, primary_key=True),
        sa.Column(
            "space_id",
            BIG,
            sa.ForeignKey("space.id", name="fk_rollout_choice_space_id_space", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("is_on", sa.Boolean, nullable=False),
        _user("user_id", "rollout_choice"),
        sa.Column("chosen_at", MOMENT, nullable=False),
    )
    for name in ("user_id", "space_id"):
        op.create_index(f"ix_rollout_choice_{name}", "rollout_choice", [name])


def _create_steps() -> None:
    op.create_table(
        "rollout_step",
        _id(),
        sa.Column("plugin", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        _user("user_id", "rollout_step"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("problem", sa.Text, nullable=False),
        _other("undoes_id", "rollout_step", "rollout_step", "SET NULL"),
    )
    op.create_index("ix_rollout_step_user_id", "rollout_step", ["user_id"])
    op.create_index("ix_rollout_step_plugin", "rollout_step", ["plugin", "id"])
    op.create_index("ix_rollout_step_due_at", "rollout_step", ["due_at"])


def _create_answers() -> None:
    op.create_table(
        "rollout_answer",
        _id(),
        sa.Column("plugin", sa.Text, nullable=False),
        _user("user_id", "rollout_answer"),
        sa.Column("grade", BIG),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("asked_since", MOMENT, nullable=False),
        sa.Column("again_at", MOMENT),
        sa.UniqueConstraint("plugin", "user_id", "asked_since", name="uq_rollout_answer_plugin_user_id_asked_since"),
    )
    op.create_index("ix_rollout_answer_user_id", "rollout_answer", ["user_id"])
    op.create_index("ix_rollout_answer_plugin", "rollout_answer", ["plugin", "answered_at"])


def _keep_what_is_there(rollout: sa.Table) -> None:
    """Everybody keeps the plugins that this site has tables of."""
    tables = sa.inspect(op.get_bind()).get_table_names()
    plugins = [name.removeprefix(_HISTORY) for name in tables if name.startswith(_HISTORY)]
    row = {"stage": "on", "reach": "", "purpose": "", "measure": "", "question": "", "question_after": 7}
    now = datetime.now(UTC)
    if plugins:
        op.bulk_insert(rollout, [{**row, "plugin": name, "since": now} for name in sorted(plugins)])


def downgrade() -> None:
    for table in ("rollout_answer", "rollout_step", "rollout_choice", "rollout_audience", "rollout"):
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True)


def _user(name: str, table: str) -> sa.Column[int]:
    return _other(name, "user", table, "SET NULL")


def _other(name: str, refers_to: str, table: str, ondelete: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{refers_to}.id", name=f"fk_{table}_{name}_{refers_to}", ondelete=ondelete)
    return sa.Column(name, BIG, key, nullable=True)
