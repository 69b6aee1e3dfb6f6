"""Groups, groups in spaces, audiences of items, changed permissions, offices, and looking in for a reason.

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
#: The moment of the migration, as both databases store it.
NOW = sa.text("CURRENT_TIMESTAMP")


def upgrade() -> None:
    _accounts()
    _groups()
    _spaces()
    _permissions()


def downgrade() -> None:
    for table in (
        "stamp",
        "permission_grant",
        "content_audience",
        "broken_glass",
        "group_membership",
        "group_person",
        "group_child",
        "group_member",
        "group",
        "site_role",
    ):
        op.drop_table(table)
    with op.batch_alter_table("space") as space:
        space.drop_index("ix_space_parent_id")
        space.drop_constraint("fk_space_parent_id_space", type_="foreignkey")
        space.drop_column("parent_id")
        space.drop_column("archived_at")
    with op.batch_alter_table("sign_in_session") as session:
        for column in ("view_as", "strong", "method", "confirmed_at"):
            session.drop_column(column)
    with op.batch_alter_table("user") as user:
        user.drop_index("ix_user_sponsor_id")
        user.drop_constraint("fk_user_sponsor_id_user", type_="foreignkey")
        for column in ("sponsor_id", "ends_on", "state_reason"):
            user.drop_column(column)


def _column(name: str, type_: Any = sa.Text, null: bool = False, default: Any = None) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null, server_default=default)


def _references(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=f"pk_{table}")


def _index(table: str, *columns: str) -> None:
    op.create_index("_".join(("ix", table, *columns)), table, list(columns))


def _accounts() -> None:
    with op.batch_alter_table("user") as user:
        user.add_column(_column("state_reason", default=""))
        user.add_column(_column("ends_on", sa.Date, null=True))
        user.add_column(_column("sponsor_id", BIG, null=True))
        user.create_foreign_key("fk_user_sponsor_id_user", "user", ["sponsor_id"], ["id"], ondelete="SET NULL")
        user.create_index("ix_user_sponsor_id", ["sponsor_id"])
    with op.batch_alter_table("sign_in_session") as session:
        # Who is signed in at this moment proved it when they signed in.
        session.add_column(_column("confirmed_at", MOMENT, default=NOW if _is_postgresql() else "1970-01-01 00:00:00"))
        session.add_column(_column("method", default="password"))
        session.add_column(_column("strong", sa.Boolean, default=sa.false()))
        session.add_column(_column("view_as", JSON, null=True))
    op.create_table(
        "site_role",
        _column("user_id", BIG),
        _column("role"),
        _column("created_at", MOMENT),
        _references("site_role", "user_id", "user"),
        _key("site_role", "user_id", "role"),
    )


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _groups() -> None:
    op.create_table(
        "group",
        _column("id", BIG),
        _column("uid"),
        _column("slug"),
        _column("name"),
        _column("sort_name"),
        _column("kind"),
        _column("description"),
        _column("source", null=True),
        _column("external_id", null=True),
        _column("created_at", MOMENT),
        _key("group"),
        sa.UniqueConstraint("uid", name="uq_group_uid"),
        sa.UniqueConstraint("slug", name="uq_group_slug"),
    )
    _index("group", "sort_name")
    op.create_index("uq_group_source_external_id", "group", ["source", "external_id"], unique=True)
    _pair("group_member", "group_id", "group", "user_id", "user", _column("created_at", MOMENT))
    _pair("group_child", "parent_id", "group", "child_id", "group")
    _pair("group_person", "user_id", "user", "group_id", "group")


def _pair(table: str, first: str, first_target: str, second: str, second_target: str, *more: Any) -> None:
    """A table that ties two others together; the second column has an index of its own."""
    op.create_table(
        table,
        _column(first, BIG),
        _column(second, BIG),
        *more,
        _references(table, first, first_target),
        _references(table, second, second_target),
        _key(table, first, second),
    )
    _index(table, second)


def _spaces() -> None:
    with op.batch_alter_table("space") as space:
        space.add_column(_column("archived_at", MOMENT, null=True))
        space.add_column(_column("parent_id", BIG, null=True))
        space.create_foreign_key("fk_space_parent_id_space", "space", ["parent_id"], ["id"], ondelete="SET NULL")
        space.create_index("ix_space_parent_id", ["parent_id"])
    _pair("group_membership", "space_id", "space", "group_id", "group", _column("role"), _column("created_at", MOMENT))
    op.create_table(
        "broken_glass",
        _column("id", BIG),
        _column("user_id", BIG),
        _column("space_id", BIG),
        _column("reason"),
        _column("created_at", MOMENT),
        _column("ends_at", MOMENT),
        _references("broken_glass", "user_id", "user"),
        _references("broken_glass", "space_id", "space"),
        _key("broken_glass"),
    )
    _index("broken_glass", "space_id")
    op.create_index("ix_broken_glass_user_id", "broken_glass", ["user_id", "ends_at"])
    op.create_table(
        "content_audience",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("user_id", BIG, null=True),
        _column("group_id", BIG, null=True),
        _column("level"),
        _references("content_audience", "content_id", "content"),
        _references("content_audience", "user_id", "user"),
        _references("content_audience", "group_id", "group"),
        _key("content_audience"),
    )
    for column in ("content_id", "user_id", "group_id"):
        _index("content_audience", column)
    for who in ("user", "group"):
        op.create_index(f"uq_content_audience_{who}", "content_audience", ["content_id", f"{who}_id"], unique=True)


def _permissions() -> None:
    op.create_table(
        "permission_grant",
        _column("id", BIG),
        _column("space_id", BIG, null=True),
        _column("permission"),
        _column("role"),
        _column("allowed", sa.Boolean),
        _references("permission_grant", "space_id", "space"),
        _key("permission_grant"),
    )
    of_site = sa.text("space_id IS NULL")
    op.create_index(
        "uq_permission_grant_site",
        "permission_grant",
        ["permission", "role"],
        unique=True,
        sqlite_where=of_site,
        postgresql_where=of_site,
    )
    op.create_index("uq_permission_grant_space", "permission_grant", ["space_id", "permission", "role"], unique=True)
    op.create_table("stamp", _column("name"), _column("number", BIG), _key("stamp", "name"))
