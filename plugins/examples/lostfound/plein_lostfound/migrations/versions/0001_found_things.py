"""The table of found things."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    content = sa.ForeignKey("content.id", name="fk_lostfound_item_id_content", ondelete="CASCADE")
    claimer = sa.ForeignKey("user.id", name="fk_lostfound_item_claimed_by_id_user", ondelete="SET NULL")
    op.create_table(
        "lostfound_item",
        sa.Column("id", key, content, primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("claimed_by_id", key, claimer),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_lostfound_item_claimed_by_id", "lostfound_item", ["claimed_by_id"])


def downgrade():
    op.drop_table("lostfound_item")
