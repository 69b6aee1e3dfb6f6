"""Sign-ins under way, sessions at their provider, messages that were used.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "oidc_flow",
        _column("state_hash"),
        _column("provider"),
        _column("browser_hash"),
        _column("nonce"),
        _column("verifier"),
        _column("purpose"),
        _column("following"),
        _column("created_at", MOMENT),
        _column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("state_hash", name="pk_oidc_flow"),
    )
    op.create_index("ix_oidc_flow_expires_at", "oidc_flow", ["expires_at"])
    op.create_table(
        "oidc_session",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("provider"),
        _column("session"),
        _column("subject"),
        _column("id_token"),
        _column("leaving_hash"),
        _column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_session"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_oidc_session_user_id_user", ondelete="CASCADE"),
    )
    op.create_index(
        "uq_oidc_session_user_id_provider_session", "oidc_session", ["user_id", "provider", "session"], unique=True
    )
    op.create_index("ix_oidc_session_expires_at", "oidc_session", ["expires_at"])
    op.create_table(
        "oidc_logout",
        _column("token_hash"),
        _column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("token_hash", name="pk_oidc_logout"),
    )
    op.create_index("ix_oidc_logout_expires_at", "oidc_logout", ["expires_at"])


def downgrade() -> None:
    for table in ("oidc_logout", "oidc_session", "oidc_flow"):
        op.drop_table(table)


def _column(name: str, type_: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)
