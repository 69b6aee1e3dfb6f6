"""The second factor: codes, passkeys and recovery codes.

Revision ID: 0008
Revises: 0007
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("totp", "passkey", "passkey_challenge", "recovery_code", "pending_sign_in")


def upgrade() -> None:
    _table("totp", _column("secret"), _column("last_step", BIG), *_moments(), key="user_id")
    _table(
        "passkey",
        _column("id", BIG),
        _column("credential_id"),
        _column("public_key", sa.LargeBinary),
        _column("handle"),
        _column("sign_count", BIG),
        _column("name"),
        _column("transports"),
        *_moments(),
        unique="credential_id",
    )
    _table(
        "passkey_challenge",
        _column("challenge_hash"),
        _column("purpose"),
        _column("browser"),
        _column("expires_at", MOMENT),
        key="challenge_hash",
        anybody=True,
    )
    _table(
        "recovery_code",
        _column("id", BIG),
        _column("code_hash"),
        _column("batch"),
        _column("created_at", MOMENT),
        _column("saved_at", MOMENT, null=True),
        _column("used_at", MOMENT, null=True),
        unique="code_hash",
    )
    _table(
        "pending_sign_in",
        _column("token_hash"),
        _column("password_mark"),
        _column("method"),
        _column("following"),
        _column("identity", JSON, null=True),
        _column("expires_at", MOMENT),
        key="token_hash",
    )
    for table in ("passkey_challenge", "pending_sign_in"):
        op.create_index(f"ix_{table}_expires_at", table, ["expires_at"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _moments() -> list[sa.Column[Any]]:
    return [_column("created_at", MOMENT), _column("last_used_at", MOMENT, null=True)]


def _table(name: str, *columns: Any, key: str = "id", unique: str = "", anybody: bool = False) -> None:
    """A table of things that belong to a person, and go with them.

    :param anybody: it may be of nobody yet.
    """
    op.create_table(
        name,
        *columns,
        _column("user_id", BIG, null=anybody),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=f"fk_{name}_user_id_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        *([sa.UniqueConstraint(unique, name=f"uq_{name}_{unique}")] if unique else []),
    )
    if key != "user_id":
        op.create_index(f"ix_{name}_user_id", name, ["user_id"])
