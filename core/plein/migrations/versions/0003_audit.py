"""The audit log, which only grows: the database itself refuses to change an entry, or to remove a young one.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

#: Retention removes nothing younger, whatever the setting says.
KEPT_DAYS = 90

#: when → what must be true then. The end of the chain only moves forward; where it begins too, never past an entry that
#: is still young, and with the hash of that entry; entries come after the end and go only before the beginning.
_OLD_ENOUGH = """EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.removed_number AND hash = NEW.removed_hash
    AND at < {long_ago})"""
RULES = (
    ("entry_insert", "INSERT", "audit_entry", "NEW.number > (SELECT number FROM audit_head)"),
    ("entry_update", "UPDATE", "audit_entry", "1 = 0"),
    ("entry_delete", "DELETE", "audit_entry", "OLD.number <= (SELECT removed_number FROM audit_head)"),
    ("head_insert", "INSERT", "audit_head", "NOT EXISTS (SELECT 1 FROM audit_head)"),
    (
        "head_update",
        "UPDATE",
        "audit_head",
        "NEW.id = OLD.id AND NEW.number >= OLD.number AND ("
        "(NEW.removed_number = OLD.removed_number AND NEW.removed_hash = OLD.removed_hash)"
        f" OR (NEW.removed_number > OLD.removed_number AND NEW.removed_number <= OLD.number AND {_OLD_ENOUGH}))",
    ),
    ("head_delete", "DELETE", "audit_head", "1 = 0"),
)
REFUSAL = "the audit log only grows"


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", BIG, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object_type", sa.Text, nullable=False),
        sa.Column("object_id", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "number"])
    op.create_index("ix_audit_entry_actor_id", "audit_entry", ["actor_id", "number"])
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_type", "object_id", "number"])
    op.create_table(
        "audit_head",
        sa.Column("id", BIG, nullable=False, autoincrement=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("removed_number", BIG, nullable=False),
        sa.Column("removed_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.execute("INSERT INTO audit_head (id, number, hash, removed_number, removed_hash) VALUES (1, 0, '', 0, '')")
    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    long_ago = f"strftime('%Y-%m-%d %H:%M:%S', 'now', '-{KEPT_DAYS} days')"
    for name, when, table, must in RULES:
        op.execute(
            f"CREATE TRIGGER audit_{name} BEFORE {when} ON {table} WHEN NOT ({must.format(long_ago=long_ago)}) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _refuse_on_postgresql() -> None:
    long_ago = f"now() - interval '{KEPT_DAYS} days'"
    for name, when, table, must in RULES:
        given = "OLD" if when == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION audit_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NOT ({must.format(long_ago=long_ago)}) THEN RAISE EXCEPTION '{REFUSAL}'; END IF; "
            f"RETURN {given}; END $$"
        )
        op.execute(f"CREATE TRIGGER audit_{name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION audit_{name}()")
    op.execute(
        "CREATE FUNCTION audit_truncate() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for table in ("audit_entry", "audit_head"):
        op.execute(
            f"CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_truncate()"
        )


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        for name in (*(rule[0] for rule in RULES), "truncate"):
            op.execute(f"DROP FUNCTION audit_{name}()")
