"""A table that is never taken back."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    user = sa.ForeignKey("user.id", name="fk_careless_note_user_id_user", ondelete="CASCADE")
    op.execute("DROP TABLE IF EXISTS careless_note")
    op.create_table(
        "careless_note",
        sa.Column("id", key, primary_key=True),
        sa.Column("user_id", key, user, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def downgrade():
    pass
