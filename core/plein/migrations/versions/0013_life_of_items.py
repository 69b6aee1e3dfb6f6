"""The life of an item: when it appears and ends, who looks after it, what became of it; policies and events.

Revision ID: 0013
Revises: 0012
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

_CONTENT = (
    ("owner_role", sa.Text, None),
    ("reviewed_at", MOMENT, None),
    ("review_stage", BIG, "0"),
    ("open_reports", BIG, "0"),
    ("open_proposals", BIG, "0"),
    ("publish_at", MOMENT, None),
    ("expires_at", MOMENT, None),
    ("published_at", MOMENT, None),
    ("trashed_at", MOMENT, None),
    ("locked", sa.Boolean, sa.false()),
)
_INDEXES = (
    ("ix_content_reviewed_by_id", ["reviewed_by_id"]),
    ("ix_content_publish_at", ["publish_at"]),
    ("ix_content_expires_at", ["expires_at"]),
    ("ix_content_trashed_at", ["trashed_at"]),
    ("ix_content_review_on", ["review_on", "id"]),
)


def upgrade() -> None:
    with op.batch_alter_table("content") as content:
        for name, type_, default in _CONTENT:
            content.add_column(sa.Column(name, type_, nullable=default is None, server_default=default))
        content.add_column(_column("reviewed_by_id", BIG, null=True))
        content.create_foreign_key(
            "fk_content_reviewed_by_id_user", "user", ["reviewed_by_id"], ["id"], ondelete="SET NULL"
        )
        for name, columns in _INDEXES:
            content.create_index(name, columns)
    op.execute("UPDATE content SET published_at = created_at WHERE state IN ('published', 'archived')")
    op.execute("UPDATE content SET trashed_at = updated_at WHERE state = 'trashed'")
    with op.batch_alter_table("revision") as made:
        made.add_column(sa.Column("fields", JSON, nullable=False, server_default="{}"))
        made.add_column(sa.Column("minor", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "content_transition",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("action"),
        _column("before"),
        _column("after"),
        _column("reason"),
        _column("actor_id", BIG, null=True),
        _column("created_at", MOMENT),
        _reference("content_transition", "content_id", "content", "CASCADE"),
        _reference("content_transition", "actor_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_content_transition"),
    )
    op.create_index("ix_content_transition_content_id", "content_transition", ["content_id"])
    op.create_index("ix_content_transition_actor_id", "content_transition", ["actor_id"])
    op.create_table(
        "content_policy",
        _column("id", BIG),
        _column("name"),
        _column("type"),
        _column("space_id", BIG, null=True),
        _column("value", JSON),
        _reference("content_policy", "space_id", "space", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_content_policy"),
        sa.UniqueConstraint("space_id", "type", "name", name="uq_content_policy_space_id_type_name"),
    )
    for_site = sa.text("space_id IS NULL")
    op.create_index(
        "uq_content_policy_site",
        "content_policy",
        ["type", "name"],
        unique=True,
        sqlite_where=for_site,
        postgresql_where=for_site,
    )
    op.create_table(
        "event",
        _column("id", BIG),
        _column("kind"),
        _column("actor_id", BIG, null=True),
        _column("content_id", BIG, null=True),
        _column("space_id", BIG, null=True),
        _column("addressed", JSON),
        _column("details", JSON),
        _column("key", null=True),
        _column("created_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("key", name="uq_event_key"),
    )
    op.create_index("ix_event_created_at", "event", ["created_at"])


def downgrade() -> None:
    for table in ("event", "content_policy", "content_transition"):
        op.drop_table(table)
    with op.batch_alter_table("revision") as made:
        made.drop_column("minor")
        made.drop_column("fields")
    with op.batch_alter_table("content") as content:
        for name, _columns in _INDEXES:
            content.drop_index(name)
        content.drop_constraint("fk_content_reviewed_by_id_user", type_="foreignkey")
        content.drop_column("reviewed_by_id")
        for name, _type, _default in _CONTENT:
            content.drop_column(name)


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
