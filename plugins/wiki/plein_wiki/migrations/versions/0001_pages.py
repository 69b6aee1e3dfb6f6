"""The place of a page in the tree.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wiki_page",
        sa.Column("id", BIG, nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wiki_page"),
        sa.ForeignKeyConstraint(["id"], ["content.id"], name="fk_wiki_page_id_content", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["wiki_page.id"], name="fk_wiki_page_parent_id_wiki_page", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_wiki_page_parent_id_position", "wiki_page", ["parent_id", "position"])


def downgrade() -> None:
    op.drop_table("wiki_page")
