"""Migrations: one history for each package, all of them moved in one transaction.

The core counts its revisions in the table ``alembic_version``, the plugin NAME in ``alembic_version_NAME``. They
share one ``env.py`` and never see each other's tables. Nothing here runs when the site starts: start only
compares, and says which command to run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.exc import OperationalError

import plein.migrations
from plein.db.base import Base
from plein.db.engine import BUSY_TIMEOUT_MS, WRITES

#: The one folder with ``env.py`` and the core's own versions.
SCRIPTS = Path(plein.migrations.__path__[0])
CORE = "core"
#: How long an upgrade waits for another one to finish, or for a table that is in use.
LOCK_TIMEOUT_SECONDS = 60
#: Any number, as long as every Plein uses the same: PostgreSQL's advisory lock for migrations.
_ADVISORY_LOCK = 0x706C65696E
#: Made by a migration because SQLAlchemy cannot describe it on both databases; no model to compare with.
_UNMODELLED = ("search_index", "search_document.words", "ix_search_document_words")

Operations = list[tuple[str, str, str]]


class MigrationError(RuntimeError):
    """An upgrade or downgrade that cannot be done; the message is a sentence for an administrator."""


class DatabaseStateError(MigrationError):
    """The database does not fit the code; the message names the command to run."""


class _Plugin(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def module(self) -> ModuleType: ...


class _Plugins(Protocol):
    @property
    def plugins(self) -> Sequence[Any]: ...


#: What is done at the end of an upgrade of everything, in its transaction: ``plein.plugins`` writes down what is there.
after_upgrade: list[Callable[[Connection, Any], None]] = []


@dataclass(frozen=True, slots=True)
class History:
    """The revisions of one package. ``name`` is :data:`CORE` or the plugin's name."""

    name: str
    package: str
    versions: Path

    @property
    def version_table(self) -> str:
        return "alembic_version" if self.name == CORE else f"alembic_version_{self.name}"

    def config(self) -> Config:
        """Alembic's settings, made here because Plein has no alembic.ini."""
        config = Config()
        config.set_main_option("script_location", _escaped(SCRIPTS))
        config.set_main_option("version_locations", _escaped(self.versions))
        config.set_main_option("path_separator", "newline")
        return config

    def scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config())


@dataclass(frozen=True, slots=True)
class HistoryState:
    """Where a database stands in one history.

    :param kind: ``equal``; ``older`` (run an upgrade); ``newer`` (the database knows a revision this code does not).
    """

    name: str
    current: str | None
    head: str | None
    kind: Literal["equal", "older", "newer"]

    @property
    def sentence(self) -> str:
        if self.kind == "newer":
            return (
                f"The database is newer than the code: {self.name} is at revision {self.current}, which this "
                f"version does not know (its newest is {self.head or 'none'}). Install the newer version of "
                f"{_distribution(self.name)}, or restore the backup from before the upgrade."
            )
        if self.kind == "older":
            return (
                f"The database is older than the code: {self.name} is at {self.current or 'no revision'}, "
                f"the code expects {self.head}. Make a backup, then run: plein db upgrade"
            )
        return f"{self.name}: up to date ({self.current or 'no tables'})."


def histories(plugins: _Plugins | None = None) -> list[History]:
    """The core's history, then that of each plugin with ``migrations/versions`` in its package, by name."""
    found = [History(CORE, "plein", SCRIPTS / "versions")]
    for plugin in sorted(plugins.plugins if plugins else (), key=lambda plugin: str(plugin.name)):
        versions = folder_of(plugin.module) / "migrations" / "versions"
        if any(versions.glob("[!_.]*.py")):
            found.append(History(plugin.name, plugin.module.__name__, versions))
    return found


def history_of(name: str, plugins: _Plugins | None = None) -> History:
    """The history called *name*.

    :raises MigrationError: when no installed package has it.
    """
    for history in histories(plugins):
        if history.name == name:
            return history
    known = ", ".join(history.name for history in histories(plugins))
    raise MigrationError(f"There is no package {name!r} with migrations; installed are: {known}.")


def state(engine: Engine, plugins: _Plugins | None = None) -> list[HistoryState]:
    """Where the database stands in each history. Changes nothing."""
    with engine.connect() as connection:
        return [state_of(connection, history) for history in histories(plugins)]


def require_current(engine: Engine, plugins: _Plugins | None = None) -> None:
    """Refuse a database that does not fit the code.

    :raises DatabaseStateError: naming the command to run, or the version to install.
    """
    wrong = [entry for entry in state(engine, plugins) if entry.kind != "equal"]
    # "Newer" first: upgrading the rest would not help.
    wrong.sort(key=lambda entry: entry.kind != "newer")
    if wrong:
        raise DatabaseStateError(wrong[0].sentence)


def upgrade(engine: Engine, plugins: _Plugins | None = None, *, to: str = "head", only: str = "") -> Operations:
    """Bring every history (or the one named *only*) to revision *to*; all or nothing.

    :returns: what was run, as (history, "upgrade", revision).
    :raises MigrationError: when the database is newer than the code, in use, or a revision fails its checks.
    """
    chosen = [history_of(only, plugins)] if only else histories(plugins)
    done: Operations = []
    with _exclusive(engine) as connection:
        for history in chosen:
            entry = state_of(connection, history)
            if entry.kind == "newer":
                raise DatabaseStateError(entry.sentence)
            done += _run(connection, history, "upgrade", to)
        if plugins is not None and to == "head" and not only:
            for task in after_upgrade:
                task(connection, plugins)
    return done


def downgrade(engine: Engine, plugins: _Plugins | None = None, *, name: str, to: str = "-1") -> Operations:
    """Take the history *name* back to revision *to* (``base`` for nothing, ``-1`` for one step).

    :raises MigrationError: when there is nothing to undo, or plugins still stand on the core's tables.
    """
    history = history_of(name, plugins)
    with _exclusive(engine) as connection:
        entry = state_of(connection, history)
        if entry.kind == "newer":
            raise DatabaseStateError(entry.sentence)
        if entry.current is None:
            raise MigrationError(f"{name} has no tables in this database: there is nothing to take back.")
        if name == CORE and _takes_everything(history, entry.current, to):
            _refuse_standing_plugins(connection)
        return _run(connection, history, "downgrade", to)


def remove(engine: Engine, plugins: _Plugins, *, name: str, first: Callable[[Connection], None]) -> Operations:
    """Take away all tables of the plugin *name*, after *first*, in one transaction: all of it or nothing.

    :raises MigrationError: when its history cannot be taken back.
    """
    mine = [history for history in histories(plugins) if history.name == name]
    with _exclusive(engine) as connection:
        states = [state_of(connection, history) for history in mine]
        if any(entry.kind == "newer" for entry in states):
            raise DatabaseStateError(states[0].sentence)
        first(connection)
        done: Operations = []
        for history, entry in zip(mine, states, strict=True):
            if entry.current is not None:
                done += _run(connection, history, "downgrade", "base")
        return done


def differences(connection: Connection, history: History) -> list[Any]:
    """What the models of *history* (already imported) say and the database does not, in Alembic's words."""
    context = MigrationContext.configure(connection, opts=compare_options(connection, history))
    return list(compare_metadata(context, Base.metadata))


def compare_options(connection: Connection, history: History) -> dict[str, Any]:
    """How Alembic looks at the database for *history*: its own tables only."""
    return {
        "target_metadata": Base.metadata,
        "version_table": history.version_table,
        "include_name": _names(connection, history),
        "include_object": _objects(history),
        "compare_type": True,
        "render_as_batch": connection.dialect.name == "sqlite",
        # Ours is: the engine begins the transaction itself (db/engine.py).
        "transactional_ddl": True,
    }


def _names(connection: Connection, history: History) -> Any:
    """Alembic's filter on what it finds in the database, also of plugins that are no longer installed."""
    installed = inspect(connection).get_table_names()
    prefixes = [name.removeprefix("alembic_version") for name in installed if name.startswith("alembic_version_")]

    def include(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema" or name is None:
            return True
        if kind != "table":
            return name not in _UNMODELLED and f"{parents.get('table_name')}.{name}" not in _UNMODELLED
        if name.startswith(("alembic_version", "search_index", "huey_")):
            return False
        owner = next((prefix[1:] for prefix in prefixes if f"{name}_".startswith(f"{prefix[1:]}_")), CORE)
        return owner == history.name

    return include


def _objects(history: History) -> Any:
    """Alembic's filter on what the models say: tables belong to the package whose module declares them."""
    owners: dict[str, str] = {}
    for mapper in Base.registry.mappers:
        if isinstance(mapper.local_table, Table):
            owners.setdefault(mapper.local_table.name, mapper.class_.__module__.partition(".")[0])

    def include(thing: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
        if reflected or kind != "table" or name is None:
            return True
        return _owner_of(name, owners, history) == history.package

    return include


def _owner_of(table: str, owners: dict[str, str], history: History) -> str:
    if table in owners:
        return owners[table]
    # A table without a class (many to many) goes by its prefix.
    return history.package if table.startswith(f"{history.name}_") else "plein"


def _run(connection: Connection, history: History, direction: str, to: str) -> Operations:
    config, scripts = history.config(), history.scripts()
    done: Operations = []

    def steps(revision: Any, _context: Any) -> Any:
        if direction == "upgrade":
            return scripts._upgrade_revs(to, revision)
        return scripts._downgrade_revs(to, revision)

    def record(*, step: Any, **_more: Any) -> None:
        done.append((history.name, direction, step.up_revision_id))

    config.attributes.update(connection=connection, history=history, record=record)
    try:
        with EnvironmentContext(config, scripts, fn=steps, destination_rev=to):
            scripts.run_env()
    except CommandError as error:
        raise MigrationError(f"{history.name}: {error}") from error
    return done


def state_of(connection: Connection, history: History) -> HistoryState:
    """Where the database stands in one history."""
    scripts = history.scripts()
    head = scripts.get_current_head()
    context = MigrationContext.configure(connection, opts={"version_table": history.version_table})
    current = context.get_current_revision()
    if current == head:
        return HistoryState(history.name, current, head, "equal")
    known = {script.revision for script in scripts.walk_revisions()}
    kind: Literal["older", "newer"] = "older" if current is None or current in known else "newer"
    return HistoryState(history.name, current, head, kind)


def _takes_everything(history: History, current: str, to: str) -> bool:
    try:
        steps = history.scripts()._downgrade_revs(to, current)
    except CommandError as error:
        raise MigrationError(f"{history.name}: {error}") from error
    return any(step.revision.down_revision is None for step in steps)


def _refuse_standing_plugins(connection: Connection) -> None:
    for table in inspect(connection).get_table_names():
        if table.startswith("alembic_version_"):
            context = MigrationContext.configure(connection, opts={"version_table": table})
            if context.get_current_revision():
                plugin = table.removeprefix("alembic_version_")
                raise MigrationError(
                    f"The tables of the plugin {plugin} stand on those of the core. "
                    f"First run: plein db downgrade -p {plugin} --to base"
                )


@contextmanager
def _exclusive(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that no other migration shares; committed on leaving."""
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if connection.dialect.name == "sqlite":
            with _sqlite_exclusive(connection):
                yield connection
            return
        try:
            connection.execute(text("SELECT set_config('lock_timeout', :limit, true)"), _limit())
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            connection.commit()
        except OperationalError as error:
            raise _in_use(error) from error


@contextmanager
def _sqlite_exclusive(connection: Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE, with foreign keys off: a table that is rebuilt must not delete what refers to it."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute(f"PRAGMA busy_timeout={LOCK_TIMEOUT_SECONDS * 1000:d}")
    try:
        connection.begin()
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            tables = ", ".join(sorted({str(row[0]) for row in broken}))
            raise MigrationError(f"Rows in {tables} would refer to rows that are gone; nothing was changed.")
        connection.commit()
    except OperationalError as error:
        raise _in_use(error) from error
    finally:
        connection.rollback()
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS:d}")
        driver.execute("PRAGMA foreign_keys=ON")


def _in_use(error: OperationalError) -> Exception:
    message = str(error.orig)
    if "locked" in message or "lock timeout" in message:
        return MigrationError("The database is in use, perhaps by another upgrade. Nothing was changed; try again.")
    return error


def _limit() -> dict[str, str]:
    return {"limit": f"{LOCK_TIMEOUT_SECONDS}s"}


def folder_of(module: ModuleType) -> Path:
    """The folder that a package is in."""
    paths: Iterable[str] = getattr(module, "__path__", ())
    for path in paths:
        return Path(path)
    # A plugin that is a single module has no folder of its own, so no migrations either.
    return Path(str(module.__file__)).with_suffix("")


def _distribution(name: str) -> str:
    return "plein" if name == CORE else f"plein-{name}"


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
