"""What comes from a directory: whom a source keeps, runs with what they did, uploaded files that wait.

Revision ID: 0010
Revises: 0009
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "directory_person",
        _column("user_id", BIG),
        _column("source"),
        _column("external_id"),
        _column("made", sa.Boolean),
        _column("closed_at", MOMENT, null=True),
        _references("directory_person", "user_id", "user", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_directory_person"),
    )
    op.create_index("uq_directory_person_source", "directory_person", ["source", "external_id"], unique=True)
    op.create_table(
        "directory_upload",
        _column("id", BIG),
        _column("uid"),
        _column("user_id", BIG),
        _column("created_at", MOMENT),
        _column("filename"),
        _column("kind"),
        _column("data", sa.LargeBinary),
        _column("choices", JSON),
        _references("directory_upload", "user_id", "user", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_directory_upload"),
        sa.UniqueConstraint("uid", name="uq_directory_upload_uid"),
    )
    op.create_index("ix_directory_upload_user_id", "directory_upload", ["user_id"])
    _runs()


def downgrade() -> None:
    for table in ("directory_change", "directory_run", "directory_upload", "directory_person"):
        op.drop_table(table)


def _runs() -> None:
    op.create_table(
        "directory_run",
        _column("id", BIG),
        _column("source"),
        _column("state"),
        _column("started_at", MOMENT),
        _column("finished_at", MOMENT),
        _column("actor_id", BIG, null=True),
        _column("counts", JSON),
        _column("remarks", JSON),
        _column("upload_id", BIG, null=True),
        _references("directory_run", "actor_id", "user", "SET NULL"),
        _references("directory_run", "upload_id", "directory_upload", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_directory_run"),
    )
    for column in ("source", "actor_id", "upload_id"):
        op.create_index(f"ix_directory_run_{column}", "directory_run", [column])
    op.create_table(
        "directory_change",
        _column("run_id", BIG),
        _column("number", BIG),
        _column("object"),
        _column("action"),
        _column("subject"),
        _column("name"),
        _column("reason"),
        _column("fields", JSON),
        _references("directory_change", "run_id", "directory_run", "CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "number", name="pk_directory_change"),
    )


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _references(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete)
