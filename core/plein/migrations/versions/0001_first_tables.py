"""The first tables: people, spaces, content and the search index.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _spaces()
    _content()
    _attached()
    _links()
    _search()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER search_document_deleted")
        op.execute("DROP TABLE search_index")
    for table in (
        "search_document",
        "content_redirect",
        "content_link",
        "attachment",
        "revision",
        "content",
        "membership",
        "space",
        "rate_counter",
        "sign_in_link",
        "sign_in_session",
        "user",
    ):
        op.drop_table(table)


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_column(name) for name in names]


def _references(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name="_".join(("uq", table, *columns)))


def _index(table: str, *columns: str, name: str = "") -> None:
    op.create_index(name or "_".join(("ix", table, *columns)), table, list(columns))


def _people() -> None:
    op.create_table(
        "user",
        _column("id", BIG),
        *_texts("uid", "login", "name", "email", "kind", "state"),
        _column("is_admin", sa.Boolean),
        _column("password_hash"),
        _column("locale", null=True),
        _column("theme"),
        _column("created_at", MOMENT),
        _key("user"),
        _unique("user", "uid"),
        _unique("user", "login"),
    )
    for table, extra in (
        ("sign_in_session", [_column("last_seen_at", MOMENT), *_texts("address", "agent")]),
        ("sign_in_link", [_column("used_at", MOMENT, null=True)]),
    ):
        op.create_table(
            table,
            _column("id", BIG),
            _column("token_hash"),
            _column("user_id", BIG),
            _column("created_at", MOMENT),
            _column("expires_at", MOMENT),
            *extra,
            _key(table),
            _unique(table, "token_hash"),
            _references(table, "user_id", "user", "CASCADE"),
        )
        _index(table, "user_id")
    _index("sign_in_session", "expires_at")
    op.create_table(
        "rate_counter",
        _column("key"),
        _column("window", BIG),
        _column("hits", BIG),
        _key("rate_counter", "key", "window"),
    )


def _spaces() -> None:
    op.create_table(
        "space",
        _column("id", BIG),
        *_texts("uid", "slug", "name", "purpose", "access", "language"),
        _column("created_at", MOMENT),
        _key("space"),
        _unique("space", "uid"),
        _unique("space", "slug"),
    )
    op.create_table(
        "membership",
        _column("space_id", BIG),
        _column("user_id", BIG),
        _column("role"),
        _column("created_at", MOMENT),
        _key("membership", "space_id", "user_id"),
        _references("membership", "space_id", "space", "CASCADE"),
        _references("membership", "user_id", "user", "CASCADE"),
    )
    _index("membership", "user_id")


def _content() -> None:
    op.create_table(
        "content",
        _column("id", BIG),
        *_texts("uid", "type"),
        _column("space_id", BIG),
        *_texts("title", "sort_title", "slug", "body", "html", "text"),
        _column("outline", JSON),
        _column("tags", JSON),
        _column("state"),
        _column("state_before", null=True),
        _column("author_id", BIG, null=True),
        _column("owner_id", BIG, null=True),
        _column("updated_by_id", BIG, null=True),
        _column("review_on", sa.Date, null=True),
        _column("language"),
        _column("restricted", sa.Boolean),
        _column("version", BIG),
        _column("created_at", MOMENT),
        _column("updated_at", MOMENT),
        _key("content"),
        _unique("content", "uid"),
        _unique("content", "space_id", "type", "slug"),
        _references("content", "space_id", "space", "CASCADE"),
        _references("content", "author_id", "user", "SET NULL"),
        _references("content", "owner_id", "user", "SET NULL"),
        _references("content", "updated_by_id", "user", "SET NULL"),
    )
    _index("content", "author_id")
    _index("content", "owner_id")
    _index("content", "updated_by_id")
    _index("content", "space_id", "type", "sort_title", "id", name="ix_content_space_id_type_sort_title")
    _index("content", "space_id", "updated_at", "id", name="ix_content_space_id_updated_at")
    _index("content", "state", "updated_at", "id", name="ix_content_state_updated_at")


def _attached() -> None:
    op.create_table(
        "revision",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("version", BIG),
        *_texts("title", "body"),
        _column("tags", JSON),
        *_texts("note", "kind"),
        _column("author_id", BIG, null=True),
        _column("created_at", MOMENT),
        _key("revision"),
        _unique("revision", "content_id", "version"),
        _references("revision", "content_id", "content", "CASCADE"),
        _references("revision", "author_id", "user", "SET NULL"),
    )
    _index("revision", "content_id")
    _index("revision", "author_id")
    op.create_table(
        "attachment",
        _column("id", BIG),
        _column("content_id", BIG),
        *_texts("uid", "name", "media_type"),
        _column("size", BIG),
        _column("digest"),
        _column("width", BIG, null=True),
        _column("height", BIG, null=True),
        _column("created_by_id", BIG, null=True),
        _column("created_at", MOMENT),
        _key("attachment"),
        _unique("attachment", "uid"),
        _unique("attachment", "content_id", "name"),
        _references("attachment", "content_id", "content", "CASCADE"),
        _references("attachment", "created_by_id", "user", "SET NULL"),
    )
    _index("attachment", "content_id")
    _index("attachment", "created_by_id")
    _index("attachment", "digest")


def _links() -> None:
    op.create_table(
        "content_link",
        _column("id", BIG),
        _column("content_id", BIG),
        *_texts("target_space", "target_type", "target_slug", "target_title"),
        _key("content_link"),
        _unique("content_link", "content_id", "target_space", "target_type", "target_slug"),
        _references("content_link", "content_id", "content", "CASCADE"),
    )
    _index("content_link", "content_id")
    _index("content_link", "target_space", "target_type", "target_slug", name="ix_content_link_target")
    op.create_table(
        "content_redirect",
        _column("id", BIG),
        _column("content_id", BIG),
        _column("space_id", BIG),
        *_texts("type", "slug"),
        _key("content_redirect"),
        _unique("content_redirect", "space_id", "type", "slug"),
        _references("content_redirect", "content_id", "content", "CASCADE"),
        _references("content_redirect", "space_id", "space", "CASCADE"),
    )
    _index("content_redirect", "content_id")


def _search() -> None:
    op.create_table(
        "search_document",
        _column("content_id", BIG),
        _column("space_id", BIG),
        *_texts("type", "state"),
        _column("restricted", sa.Boolean),
        _column("author_id", BIG, null=True),
        _column("owner_id", BIG, null=True),
        _column("updated_at", MOMENT),
        _column("title_words", BIG),
        _column("version", BIG),
        _column("format", BIG),
        _key("search_document", "content_id"),
        _references("search_document", "content_id", "content", "CASCADE"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("search_document", sa.Column("words", TSVECTOR, nullable=False))
        # Without a pending list: a search just after an import is as fast as any other.
        op.create_index(
            "ix_search_document_words",
            "search_document",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )
        return
    # The tokenizer "ascii" leaves words as Plein made them; unicode61 would split and fold them again.
    op.execute("CREATE VIRTUAL TABLE search_index USING fts5(words, tokenize = 'ascii')")
    op.execute(
        "CREATE TRIGGER search_document_deleted AFTER DELETE ON search_document "
        "BEGIN DELETE FROM search_index WHERE rowid = old.content_id; END"
    )
