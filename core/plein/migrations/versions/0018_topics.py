"""Tags as rows, filled from the words of items; kinds of relations; links elsewhere; addresses that spaces had.

Revision ID: 0018
Revises: 0017
"""

import hashlib
import json
import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

_BATCH = 1_000
_TABLES = (
    *("space_redirect", "link_check", "external_link", "content_tag_merged", "content_tag", "tag_synonym", "tag"),
    "vocabulary",
)


def upgrade() -> None:
    _tag_tables()
    with op.batch_alter_table("content_link") as link:
        link.add_column(sa.Column("kind", sa.Text, nullable=False, server_default="link"))
        link.add_column(sa.Column("position", BIG, nullable=False, server_default="0"))
        link.add_column(_column("target_id", BIG, null=True))
        link.create_foreign_key(
            "fk_content_link_target_id_content", "content", ["target_id"], ["id"], ondelete="CASCADE"
        )
        link.drop_constraint("uq_content_link_content_id_target_space_target_type_target_slug", type_="unique")
        link.create_unique_constraint(
            "uq_content_link_target",
            ["content_id", "kind", "target_space", "target_type", "target_slug"],
        )
        link.create_index("ix_content_link_target_id", ["target_id"])
    _table(
        "external_link",
        _column("content_id", BIG),
        _column("url"),
        _column("host"),
        _column("is_fine", sa.Boolean),
        _reference("external_link", "content_id", "content", "CASCADE"),
        sa.UniqueConstraint("content_id", "url", name="uq_external_link_content_id_url"),
    )
    op.create_index("ix_external_link_content_id", "external_link", ["content_id"])
    op.create_index("ix_external_link_url", "external_link", ["url"])
    _table(
        "link_check",
        _column("url"),
        _column("checked_at", MOMENT),
        _column("broken_since", MOMENT, null=True),
        _column("problem"),
        sa.UniqueConstraint("url", name="uq_link_check_url"),
    )
    _table(
        "space_redirect",
        _column("slug"),
        _column("space_id", BIG),
        _column("created_at", MOMENT),
        _reference("space_redirect", "space_id", "space", "CASCADE"),
        sa.UniqueConstraint("slug", name="uq_space_redirect_slug"),
    )
    op.create_index("ix_space_redirect_space_id", "space_redirect", ["space_id"])
    _fill()


def downgrade() -> None:
    op.execute("DELETE FROM content_link WHERE kind <> 'link'")
    for table in _TABLES:
        op.drop_table(table)
    with op.batch_alter_table("content_link") as link:
        link.drop_index("ix_content_link_target_id")
        link.drop_constraint("uq_content_link_target", type_="unique")
        link.drop_constraint("fk_content_link_target_id_content", type_="foreignkey")
        for name in ("target_id", "position", "kind"):
            link.drop_column(name)
        link.create_unique_constraint(
            "uq_content_link_content_id_target_space_target_type_target_slug",
            ["content_id", "target_space", "target_type", "target_slug"],
        )


def _tag_tables() -> None:
    _table(
        "vocabulary",
        _column("name"),
        _column("description"),
        _column("controlled", sa.Boolean),
        _column("required", sa.Boolean),
        _column("types", JSON),
        _column("spaces", JSON),
        sa.UniqueConstraint("name", name="uq_vocabulary_name"),
    )
    _table(
        "tag",
        _column("name"),
        _column("slug"),
        _column("folded"),
        _column("description"),
        _column("vocabulary_id", BIG, null=True),
        _column("merged_into_id", BIG, null=True),
        _reference("tag", "vocabulary_id", "vocabulary", "SET NULL"),
        _reference("tag", "merged_into_id", "tag", "CASCADE"),
        sa.UniqueConstraint("slug", name="uq_tag_slug"),
        sa.UniqueConstraint("folded", name="uq_tag_folded"),
    )
    op.create_index("ix_tag_vocabulary_id", "tag", ["vocabulary_id"])
    op.create_index("ix_tag_merged_into_id", "tag", ["merged_into_id"])
    _table(
        "tag_synonym",
        _column("tag_id", BIG),
        _column("word"),
        _column("folded"),
        _reference("tag_synonym", "tag_id", "tag", "CASCADE"),
        sa.UniqueConstraint("folded", name="uq_tag_synonym_folded"),
    )
    op.create_index("ix_tag_synonym_tag_id", "tag_synonym", ["tag_id"])
    _table(
        "content_tag",
        _column("content_id", BIG),
        _column("tag_id", BIG),
        _reference("content_tag", "content_id", "content", "CASCADE"),
        _reference("content_tag", "tag_id", "tag", "CASCADE"),
        sa.UniqueConstraint("content_id", "tag_id", name="uq_content_tag_content_id_tag_id"),
    )
    op.create_index("ix_content_tag_content_id", "content_tag", ["content_id"])
    op.create_index("ix_content_tag_tag_id", "content_tag", ["tag_id", "content_id"])
    _table(
        "content_tag_merged",
        _column("content_id", BIG),
        _column("tag_id", BIG),
        _column("had_both", sa.Boolean),
        _reference("content_tag_merged", "content_id", "content", "CASCADE"),
        _reference("content_tag_merged", "tag_id", "tag", "CASCADE"),
        sa.UniqueConstraint("content_id", "tag_id", name="uq_content_tag_merged_content_id_tag_id"),
    )
    op.create_index("ix_content_tag_merged_content_id", "content_tag_merged", ["content_id"])
    op.create_index("ix_content_tag_merged_tag_id", "content_tag_merged", ["tag_id"])


def _fill() -> None:
    """A tag for each word that items have, and a row for each word of each item."""
    connection = op.get_bind()
    # A name that these items already have is better than any that would be made for them.
    known: dict[str, dict[str, Any]] = {}
    slugs: set[str] = set()
    rows = []
    for item, tags in connection.execute(sa.text("SELECT id, tags FROM content ORDER BY id")):
        words = json.loads(tags) if isinstance(tags, str) else tags or []
        for key, word in {_fold(word): word for word in words if _fold(word)}.items():
            if key not in known:
                known[key] = {"id": len(known) + 1, "name": word, "slug": _slug(word, slugs), "folded": key}
            rows.append({"content_id": item, "tag_id": known[key]["id"]})
    insert_tag = sa.text(
        "INSERT INTO tag (id, name, slug, folded, description) VALUES (:id, :name, :slug, :folded, '')"
    )
    insert_row = sa.text("INSERT INTO content_tag (content_id, tag_id) VALUES (:content_id, :tag_id)")
    for statement, values in ((insert_tag, list(known.values())), (insert_row, rows)):
        for start in range(0, len(values), _BATCH):
            connection.execute(statement, values[start : start + _BATCH])
    if known and connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('tag', 'id'), :last)"), {"last": len(known)})


def _fold(word: str) -> str:
    """As ``plein.content.titles.tag_key`` was when this was written."""
    signs = unicodedata.normalize("NFKD", word.translate(_LETTERS).casefold())
    plain = "".join(sign for sign in signs if unicodedata.category(sign) not in _UNSEEN).casefold()
    return " ".join(plain.translate(_LETTERS).split())


_UNSEEN = ("Mn", "Cc", "Cf", "Cs", "Co", "Cn")
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ß": "ss"}
    | dict.fromkeys("\u2019\u2018\u02bc\u2032`\u00b4", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013", "-")
    | {"\u00ad": ""}
)


def _slug(word: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", _fold(word).replace("'", "")).strip("-")[:80].strip("-")
    base = base or f"item-{hashlib.sha256(word.strip().encode('utf-8', 'replace')).hexdigest()[:8]}"
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, _column("id", BIG), *parts, sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))


def _column(name: str, type_: Any = sa.Text, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
