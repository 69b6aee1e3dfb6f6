"""Migrations on both databases: up, down, with data in them, two at once, and the sentences of a refusal."""

import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, inspect, select, text
from sqlalchemy.orm import Session

from plein.adjusting.models import SettingValue
from plein.content.models import Content
from plein.db import Base, build_engine, migrate, utcnow
from plein.db.engine import WRITES
from plein.db.revisions import write_revision
from plein.plugins import Plugins
from plein.plugins.known import KnownPlugin

STEPS = sorted(path.name[:4] for path in (migrate.SCRIPTS / "versions").glob("[0-9]*.py"))
CORE_UP = [("core", "upgrade", step) for step in STEPS]

CORE_TABLES = {
    mapper.local_table.name
    for mapper in Base.registry.mappers
    if mapper.class_.__module__.startswith("plein.") and hasattr(mapper.local_table, "name")
}

FIRST = """
    import sqlalchemy as sa
    from alembic import op

    revision = "0001"
    down_revision = None


    def upgrade():
        op.create_table(
            "notes_note",
            sa.Column("id", sa.BigInteger, nullable=False),
            sa.Column("mood", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("id", name="pk_notes_note"),
            sa.ForeignKeyConstraint(["id"], ["content.id"], name="fk_notes_note_id_content"),
        )


    def downgrade():
        op.drop_table("notes_note")
"""

SECOND = """
    import sqlalchemy as sa
    from alembic import op

    revision = "0002"
    down_revision = "0001"


    def upgrade():
        with op.batch_alter_table("notes_note") as table:
            table.alter_column("mood", new_column_name="feeling")
            table.add_column(sa.Column("stars", sa.Integer, nullable=False, server_default="3"))


    def downgrade():
        with op.batch_alter_table("notes_note") as table:
            table.drop_column("stars")
            table.alter_column("feeling", new_column_name="mood")
"""


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = build_engine(empty_url)
    yield engine
    engine.dispose()


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "NotesPlugin":
    return NotesPlugin(tmp_path, monkeypatch)


class NotesPlugin:
    """A plugin ``notes`` in a folder of its own, whose revisions a test writes. Stands where Plugins is expected."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        package = folder / "plein_notes"
        self.versions = package / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        module = ModuleType("plein_notes")
        module.__path__ = [str(package)]
        module.__file__ = str(package / "__init__.py")
        monkeypatch.setitem(sys.modules, "plein_notes", module)
        self.plugins = [SimpleNamespace(name="notes", module=module, distribution="plein-notes", version="1.0")]
        self.content_types: dict[str, Any] = {}

    def write(self, name: str, source: str) -> None:
        (self.versions / f"{name}.py").write_text(textwrap.dedent(source))


def tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        found = inspect(connection).get_table_names()
        return {name for name in found if not name.startswith(("search_index", "huey_"))}


def add_item(engine: Engine) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO space (id, uid, slug, name, purpose, access, language, created_at) "
                "VALUES (1, 's', 's', 'S', '', 'open', 'nl', '2026-01-01 00:00:00+00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO content (id, uid, type, space_id, title, sort_title, slug, body, html, text, outline,"
                " tags, state, language, restricted, version, created_at, updated_at)"
                " VALUES (1, 'c', 'notes.note', 1, 'C', 'c', 'c', '', '', '', '[]', '[]', 'published', 'nl', false, 1,"
                " '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')"
            )
        )


def test_upgrade_makes_every_table_of_the_core(empty: Engine) -> None:
    assert migrate.upgrade(empty) == CORE_UP
    assert tables(empty) == CORE_TABLES | {"alembic_version"}
    assert [state.kind for state in migrate.state(empty)] == ["equal"]


def test_upgrade_twice_changes_nothing_the_second_time(empty: Engine) -> None:
    migrate.upgrade(empty)
    assert migrate.upgrade(empty) == []


def test_downgrade_takes_every_table_away_again(empty: Engine) -> None:
    migrate.upgrade(empty)
    add_item(empty)
    assert migrate.downgrade(empty, name="core", to="base") == [
        ("core", "downgrade", step) for _name, _up, step in reversed(CORE_UP)
    ]
    with empty.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_tables_can_be_made_again_after_a_downgrade(empty: Engine) -> None:
    migrate.upgrade(empty)
    migrate.downgrade(empty, name="core", to="base")
    migrate.upgrade(empty)
    assert tables(empty) == CORE_TABLES | {"alembic_version"}


def test_migrated_tables_are_what_the_models_say(engine: Engine, plugins: Plugins) -> None:
    with engine.connect() as connection:
        for history in migrate.histories(plugins):
            assert migrate.differences(connection, history) == []


def test_a_column_that_no_migration_made_is_noticed(engine: Engine, plugins: Plugins) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("ALTER TABLE space DROP COLUMN purpose"))
    with engine.connect() as connection:
        (found,) = migrate.differences(connection, migrate.history_of("core", plugins))
    assert found[0] == "add_column" and found[3].name == "purpose"


def test_a_plugin_has_a_history_of_its_own(empty: Engine, notes: NotesPlugin) -> None:
    notes.write("0001_notes", FIRST)
    assert migrate.upgrade(empty, notes) == [*CORE_UP, ("notes", "upgrade", "0001")]
    assert {"alembic_version", "alembic_version_notes", "notes_note"} <= tables(empty)


def test_the_core_does_not_see_tables_of_a_plugin_that_is_gone(empty: Engine, notes: NotesPlugin) -> None:
    notes.write("0001_notes", FIRST)
    migrate.upgrade(empty, notes)
    with empty.connect() as connection:
        assert migrate.differences(connection, migrate.history_of("core")) == []
    assert [state.kind for state in migrate.state(empty)] == ["equal"]


def test_a_rebuilt_table_keeps_its_rows_and_what_refers_to_them(empty: Engine, notes: NotesPlugin) -> None:
    notes.write("0001_notes", FIRST)
    migrate.upgrade(empty, notes)
    add_item(empty)
    with empty.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("INSERT INTO notes_note (id, mood) VALUES (1, 'blij')"))
    notes.write("0002_stars", SECOND)
    assert migrate.upgrade(empty, notes) == [("notes", "upgrade", "0002")]
    with empty.connect() as connection:
        assert connection.execute(text("SELECT id, feeling, stars FROM notes_note")).one() == (1, "blij", 3)
    assert migrate.downgrade(empty, notes, name="notes") == [("notes", "downgrade", "0002")]
    with empty.connect() as connection:
        assert connection.execute(text("SELECT id, mood FROM notes_note")).one() == (1, "blij")


def test_rebuilding_a_table_of_the_core_does_not_delete_what_hangs_on_it(empty: Engine, notes: NotesPlugin) -> None:
    notes.write("0001_notes", FIRST)
    migrate.upgrade(empty, notes)
    add_item(empty)
    notes.write(
        "0002_rebuild",
        """
        from alembic import op

        revision = "0002"
        down_revision = "0001"


        def upgrade():
            with op.batch_alter_table("space") as table:
                table.alter_column("purpose", nullable=True)


        def downgrade():
            pass
        """,
    )
    migrate.upgrade(empty, notes)
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM content")).scalar_one() == 1


def test_the_core_stays_while_a_plugin_stands_on_it(empty: Engine, notes: NotesPlugin) -> None:
    notes.write("0001_notes", FIRST)
    migrate.upgrade(empty, notes)
    with pytest.raises(migrate.MigrationError, match="plein db downgrade -p notes --to base"):
        migrate.downgrade(empty, notes, name="core", to="base")
    migrate.downgrade(empty, notes, name="notes", to="base")
    migrate.downgrade(empty, notes, name="core", to="base")
    assert tables(empty) == {"alembic_version", "alembic_version_notes"}


def test_a_failing_step_undoes_the_whole_upgrade(empty: Engine, notes: NotesPlugin) -> None:
    notes.write("0001_notes", FIRST)
    notes.write("0002_wrong", SECOND.replace('"notes_note"', '"nowhere"'))
    with pytest.raises(Exception, match="nowhere"):
        migrate.upgrade(empty, notes)
    assert tables(empty) == set()
    assert [state.kind for state in migrate.state(empty, notes)] == ["older", "older"]


def test_start_is_refused_with_the_command_for_an_empty_database(empty: Engine, plugins: Plugins) -> None:
    with pytest.raises(migrate.DatabaseStateError, match=r"older than the code: core .* run: plein db upgrade"):
        migrate.require_current(empty, plugins)
    assert tables(empty) == set()


def test_start_is_refused_for_a_database_newer_than_the_code(engine: Engine, plugins: Plugins) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.DatabaseStateError, match="newer than the code: core is at revision 9999"):
        migrate.require_current(engine, plugins)
    with pytest.raises(migrate.DatabaseStateError, match="Install the newer version of plein"):
        migrate.upgrade(engine, plugins)
    with pytest.raises(migrate.DatabaseStateError, match="newer"):
        migrate.downgrade(engine, plugins, name="core")


def test_a_current_database_may_start(engine: Engine, plugins: Plugins) -> None:
    migrate.require_current(engine, plugins)
    assert {state.kind for state in migrate.state(engine, plugins)} == {"equal"}


def test_nothing_is_taken_back_where_nothing_is(empty: Engine) -> None:
    with pytest.raises(migrate.MigrationError, match="nothing to take back"):
        migrate.downgrade(empty, name="core")


def test_an_unknown_package_is_named_with_those_that_exist(empty: Engine) -> None:
    with pytest.raises(migrate.MigrationError, match="no package 'wikki' with migrations; installed are: core"):
        migrate.downgrade(empty, name="wikki")


def test_an_unknown_revision_is_a_sentence(engine: Engine) -> None:
    with pytest.raises(migrate.MigrationError, match="core: .*nonsense"):
        migrate.downgrade(engine, name="core", to="nonsense")


def test_two_upgrades_at_once_do_not_collide(empty: Engine, empty_url: str) -> None:
    results: list[Any] = []
    barrier = threading.Barrier(3)

    def run() -> None:
        engine = build_engine(empty_url)
        barrier.wait()
        try:
            results.append(migrate.upgrade(engine))
        except Exception as error:
            results.append(error)
        engine.dispose()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=len) == [[], [], CORE_UP]
    assert [state.kind for state in migrate.state(empty)] == ["equal"]


def test_an_upgrade_waits_no_longer_than_its_limit(
    empty: Engine, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_SECONDS", 1)
    other = build_engine(empty_url)
    with migrate._exclusive(other), pytest.raises(migrate.MigrationError, match="in use, perhaps by another upgrade"):
        migrate.upgrade(empty)
    other.dispose()


def test_foreign_keys_hold_again_after_an_upgrade(empty: Engine) -> None:
    migrate.upgrade(empty)
    with pytest.raises(Exception, match="(?i)foreign key"), empty.execution_options(**{WRITES: True}).begin() as c:
        values = "(8, 9, 'member', '2026-01-01 00:00:00+00:00')"
        c.execute(text(f"INSERT INTO membership (space_id, user_id, role, created_at) VALUES {values}"))


def test_a_new_revision_holds_what_the_models_have_more(
    engine: Engine, plugins: Plugins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    for path in (migrate.SCRIPTS / "versions").glob("*.py"):
        (versions / path.name).write_text(path.read_text())
    monkeypatch.setattr(migrate, "histories", lambda plugins=None: [migrate.History("core", "plein", versions)])
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("ALTER TABLE space DROP COLUMN purpose"))
    path = write_revision(engine, None, name="core", message="Bring back purpose")
    assert path.name == f"{int(STEPS[-1]) + 1:04}_bring_back_purpose.py"
    source = path.read_text()
    assert f'down_revision = "{STEPS[-1]}"' in source and 'sa.Column("purpose", sa.Text()' in source
    assert 'table.drop_column("purpose")' in source.partition("def downgrade")[2] or "postgresql" in str(engine.url)
    assert "drop_table" not in source


def test_migrated_database_takes_items(db: Session) -> None:
    assert db.scalar(select(func.count()).select_from(Content)) == 0


def test_chosen_settings_and_known_plugins_go_and_come_with_their_tables(empty: Engine) -> None:
    migrate.upgrade(empty)
    now = utcnow()
    known = {
        "name": "notes",
        "distribution": "plein-notes",
        "version": "1.0",
        "types": [],
        "tables": [],
        "seen_at": now,
    }
    with empty.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(insert(SettingValue), [{"name": "plein.site_name", "value": "Elders", "changed_at": now}])
        connection.execute(insert(KnownPlugin), [known])
    migrate.downgrade(empty, name="core", to="0024")
    assert {"setting_value", "plugin_known"}.isdisjoint(inspect(empty).get_table_names())
    migrate.upgrade(empty)
    with empty.connect() as connection:
        for model in (SettingValue, KnownPlugin):
            assert connection.execute(select(model.name)).all() == []
