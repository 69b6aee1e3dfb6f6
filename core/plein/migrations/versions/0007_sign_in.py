"""Ways to sign in: identities elsewhere, what a session came by, and links with a purpose.

Revision ID: 0007
Revises: 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "user_identity",
        _column("id", BIG),
        _column("provider"),
        _column("subject"),
        _column("user_id", BIG),
        _column("created_at", MOMENT),
        _column("last_used_at", MOMENT),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_user_identity_user_id_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_user_identity"),
    )
    op.create_index("ix_user_identity_user_id", "user_identity", ["user_id"])
    op.create_index("uq_user_identity_provider_subject", "user_identity", ["provider", "subject"], unique=True)
    with op.batch_alter_table("sign_in_session") as session:
        session.add_column(_column("provider", default=""))
        session.add_column(_column("provider_session", default=""))
        session.add_column(_column("renews", sa.Boolean, default=sa.false()))
        session.add_column(sa.Column("waits", JSON, nullable=True))
        session.add_column(sa.Column("waits_until", MOMENT, nullable=True))
        session.create_index("ix_sign_in_session_provider_session", ["provider_session"])
    with op.batch_alter_table("sign_in_link") as link:
        link.add_column(_column("purpose", default="sign_in"))


def downgrade() -> None:
    with op.batch_alter_table("sign_in_link") as link:
        link.drop_column("purpose")
    with op.batch_alter_table("sign_in_session") as session:
        session.drop_index("ix_sign_in_session_provider_session")
        for column in ("waits_until", "waits", "renews", "provider_session", "provider"):
            session.drop_column(column)
    op.drop_table("user_identity")


def _column(name: str, type_: Any = sa.Text, default: Any = None) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False, server_default=default)
