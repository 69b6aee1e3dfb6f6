"""What imports remember.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "import_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("content_id", BIG, nullable=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name="fk_import_item_space_id_space", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["content_id"], ["content.id"], name="fk_import_item_content_id_content", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_import_item"),
        sa.UniqueConstraint("space_id", "source", "path", name="uq_import_item_space_id_source_path"),
    )
    op.create_index("ix_import_item_content_id", "import_item", ["content_id"])


def downgrade() -> None:
    op.drop_table("import_item")
