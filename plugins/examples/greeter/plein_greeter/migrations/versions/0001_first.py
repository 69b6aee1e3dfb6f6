"""Who contributed to which space for the first time."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    keys = {"space_id": ("space", "CASCADE"), "user_id": ("user", "CASCADE"), "content_id": ("content", "SET NULL")}
    references = [
        sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_greeter_first_{name}_{table}", ondelete=gone)
        for name, (table, gone) in keys.items()
    ]
    op.create_table(
        "greeter_first",
        sa.Column("space_id", number, nullable=False),
        sa.Column("user_id", number, nullable=False),
        sa.Column("content_id", number),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "user_id", name="pk_greeter_first"),
        *references,
    )
    for name in ("user_id", "content_id", "at"):
        op.create_index(f"ix_greeter_first_{name}", "greeter_first", [name])


def downgrade():
    op.drop_table("greeter_first")
