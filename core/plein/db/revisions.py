"""``plein db revision``: the next revision of a package, from what its models have and the database has not."""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.operations import ops
from alembic.script import Script
from sqlalchemy import Column, DefaultClause, Engine, text
from sqlalchemy.types import TypeDecorator

from plein.db.engine import WRITES
from plein.db.migrate import DatabaseStateError, History, MigrationError, folder_of, history_of, state_of


def write_revision(engine: Engine, plugins: Any = None, *, name: str, message: str) -> Path:
    """Write the next revision file of the package *name*, with its way back.

    :raises MigrationError: when there is no such package, its models and the database say the same, or the database is
        not up to date.
    """
    history = _history_to_be(name, plugins)
    there_was = history.versions.is_dir()
    config, scripts = history.config(), history.scripts()
    # Alembic tells what it writes; here that is told once, by the command.
    config.cmd_opts = argparse.Namespace(quiet=True)
    number = sum(1 for _ in scripts.walk_revisions()) + 1 if there_was else 1
    # Alembic makes the table of the package's version where there is none yet.
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        entry = state_of(connection, history)
        if entry.kind != "equal":
            raise DatabaseStateError(entry.sentence)
        config.attributes.update(connection=connection, history=history, directives=_adapt, render=render_item)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        history.versions.mkdir(parents=True, exist_ok=True)
        script = command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
    if not isinstance(script, Script):
        _forget_empty(history.versions)
        raise MigrationError(f"There is nothing to write: the tables of {name} are what its models say.")
    path = Path(script.path)
    _lay_out(path)
    return path


def _forget_empty(versions: Path) -> None:
    for folder in (versions, versions.parent):
        if not any(folder.iterdir()):
            folder.rmdir()


def _history_to_be(name: str, plugins: Any) -> History:
    """The history *name*, also of a plugin that has no revision yet."""
    for plugin in plugins.plugins if plugins else ():
        if plugin.name == name:
            return History(name, plugin.module.__name__, folder_of(plugin.module) / "migrations" / "versions")
    return history_of(name, plugins)


def _adapt(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Alembic's hook: write nothing where nothing differs, and let new columns fit tables that have rows."""
    if directives[0].upgrade_ops.is_empty():
        directives.clear()
        return
    for operation in _walk(directives[0].upgrade_ops):
        if isinstance(operation, ops.AddColumnOp):
            _give_default(operation.column)


def render_item(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Alembic's hook: a type of Plein's own is written as what the database knows; a revision imports nothing."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def _walk(container: Any) -> Any:
    for operation in container.ops:
        if hasattr(operation, "ops"):
            yield from _walk(operation)
        else:
            yield operation


def _give_default(column: Column[Any]) -> None:
    """What rows get that are there already: the model's own default."""
    default = getattr(column.default, "arg", None)
    if column.nullable or column.server_default is not None or not isinstance(default, str | int | float):
        return
    # A truth value is a word on both databases; a text alone is to be quoted.
    value: Any = default if isinstance(default, str) else text(str(default).lower())
    column.server_default = DefaultClause(value)


def _lay_out(path: Path) -> None:
    """The file as the rest of the code is laid out; line lengths only where ruff is installed."""
    source = re.sub(r"\n? *# ###.*", "", path.read_text(encoding="utf-8"))
    source = re.sub(r"(?<!\")'([^'\"\n]*)'(?!\")", r'"\1"', source)
    # The last one: inside a variant Alembic forgets where the type comes from.
    known = {", schema=None": "", "batch_op": "table", "astext_type=Text()": "astext_type=sa.Text()"}
    for written, better in known.items():
        source = source.replace(written, better)
    source = re.sub(r"\n\n\n\n+", "\n\n\n", source).rstrip() + "\n"
    path.write_text(source, encoding="utf-8")
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff:
        subprocess.run([ruff, "format", "--quiet", "--line-length", "120", path], check=False)  # noqa: S603
