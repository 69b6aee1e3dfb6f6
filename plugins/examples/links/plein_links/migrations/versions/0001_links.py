"""The table of links."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    content = sa.ForeignKey("content.id", name="fk_links_link_id_content", ondelete="CASCADE")
    texts = [sa.Column(name, sa.Text, nullable=False) for name in ("address", "category")]
    ticked = sa.Column("recommended", sa.Boolean, nullable=False)
    op.create_table("links_link", sa.Column("id", key, content, primary_key=True), *texts, ticked)


def downgrade():
    op.drop_table("links_link")
