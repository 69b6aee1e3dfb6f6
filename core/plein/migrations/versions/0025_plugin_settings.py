"""Settings that administrators change on a page, and which plugins this site has known.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "setting_value",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", JSON, nullable=False),
        sa.Column("user_id", BIG, sa.ForeignKey("user.id", name="fk_setting_value_user_id_user", ondelete="SET NULL")),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_index("ix_setting_value_user_id", "setting_value", ["user_id"])
    op.create_table(
        "plugin_known",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("distribution", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("types", JSON, nullable=False),
        sa.Column("tables", JSON, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("plugin_known")
    op.drop_table("setting_value")
