"""Files: words in them, what they were before, their sizes, and those of an item that is not saved yet.

Revision ID: 0017
Revises: 0016
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

_ATTACHMENT = (
    ("text", sa.Text, ""),
    ("text_state", sa.Text, "waiting"),
    ("text_reason", sa.Text, ""),
    ("scan_state", sa.Text, "off"),
    ("scan_found", sa.Text, ""),
    ("version", BIG, "1"),
)


def upgrade() -> None:
    with op.batch_alter_table("attachment") as attachment:
        attachment.add_column(sa.Column("alt", sa.Text, nullable=True))
        for name, type_, default in _ATTACHMENT:
            attachment.add_column(sa.Column(name, type_, nullable=False, server_default=default))
        attachment.create_index("ix_attachment_scan_state", ["scan_state"])
    op.create_table(
        "attachment_version",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("uid"),
        _column("version", BIG),
        *_file_columns(),
        _column("scan_state"),
        _column("kind"),
        _column("created_by_id", BIG, null=True),
        _column("created_at", MOMENT),
        _column("ended_by_id", BIG, null=True),
        _column("ended_at", MOMENT),
        _reference("attachment_version", "content_id", "content", "CASCADE"),
        _reference("attachment_version", "created_by_id", "user", "SET NULL"),
        _reference("attachment_version", "ended_by_id", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment_version"),
        sa.UniqueConstraint("uid", "version", name="uq_attachment_version_uid_version"),
    )
    for column in ("content_id", "digest", "created_by_id", "ended_by_id"):
        op.create_index(f"ix_attachment_version_{column}", "attachment_version", [column])
    op.create_table(
        "picture_size",
        _column("id", BIG),
        _column("of_digest"),
        _column("width", BIG),
        _column("height", BIG),
        _column("size", BIG),
        _column("digest"),
        _column("created_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_picture_size"),
        sa.UniqueConstraint("of_digest", "width", name="uq_picture_size_of_digest_width"),
    )
    op.create_index("ix_picture_size_digest", "picture_size", ["digest"])
    op.create_table(
        "held_file",
        _column("id", BIG),
        _column("uid"),
        _column("user_id", BIG),
        _column("space_id", BIG),
        _column("type"),
        *_file_columns(),
        _column("scan_state"),
        _column("scan_found"),
        _column("created_at", MOMENT),
        _reference("held_file", "user_id", "user", "CASCADE"),
        _reference("held_file", "space_id", "space", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_held_file"),
        sa.UniqueConstraint("uid", name="uq_held_file_uid"),
        sa.UniqueConstraint("user_id", "space_id", "type", "name", name="uq_held_file_user_id_space_id_type_name"),
    )
    for column in ("space_id", "digest", "created_at"):
        op.create_index(f"ix_held_file_{column}", "held_file", [column])
    op.create_table(
        "lost_file",
        _column("digest"),
        _column("seen_at", MOMENT),
        sa.PrimaryKeyConstraint("digest", name="pk_lost_file"),
    )


def downgrade() -> None:
    for table in ("lost_file", "held_file", "picture_size", "attachment_version"):
        op.drop_table(table)
    with op.batch_alter_table("attachment") as attachment:
        attachment.drop_index("ix_attachment_scan_state")
        attachment.drop_column("alt")
        for name, _type, _default in _ATTACHMENT:
            attachment.drop_column(name)


def _file_columns() -> list[sa.Column[Any]]:
    return [
        _column("name"),
        _column("media_type"),
        _column("size", BIG),
        _column("digest"),
        _column("width", BIG, null=True),
        _column("height", BIG, null=True),
        _column("alt", null=True),
    ]


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
