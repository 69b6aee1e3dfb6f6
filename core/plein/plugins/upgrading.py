"""Looking before an upgrade: what of the installed plugins, of this database and of the disk stands in its way.

Nothing of what is looked at is imported or run: wheels and migrations are read as text.
"""

import ast
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import Parser
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from sqlalchemy import Connection, Engine, func, inspect, literal, select, table, union_all

from plein import __version__
from plein.db import migrate
from plein.hookspecs import HOOKS
from plein.plugins.discovery import ENTRY_POINTS, Candidate, discover
from plein.plugins.looking import hooks_in, hookspecs_in, sources
from plein.plugins.rules import requirement_on_core

#: Rows are counted up to here; more is "a lot".
COUNTED = 100_000


class WheelError(Exception):
    """A folder or a version that cannot be read, in a sentence."""

    # Known by its public address to the command line.
    __module__ = "plein.plugins"


@dataclass(frozen=True, slots=True)
class Wheel:
    """What a wheel says: its metadata, and its Python files by their path in it."""

    distribution: str
    version: str
    requires: tuple[str, ...]
    plugin: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A migration that waits.

    :param reversible: whether it says how to take it back.
    :param rows: how many rows there are in the tables it names, by table; at most :data:`COUNTED`.
    """

    history: str
    revision: str
    reversible: bool
    rows: dict[str, int]


@dataclass(slots=True)
class Report:
    """What was found: what blocks and what is to be known, a sentence each; the migrations; room in bytes."""

    core: str
    blocks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    database_size: int | None = None
    free: int | None = None

    def lines(self) -> Iterator[str]:
        """For people."""
        for one in self.steps:
            rows = ", ".join(f"{name} {'over ' if n >= COUNTED else ''}{n:,} rows" for name, n in one.rows.items())
            back = "can be taken back" if one.reversible else "cannot be taken back"
            yield f"{one.history} {one.revision}: waits, {back}{f'; touches {rows}' if rows else ''}"
        if self.database_size is not None:
            yield f"The database is {self.database_size / 1e6:,.0f} MB."
        if self.free is not None:
            yield f"Free on the disk: {self.free / 1e6:,.0f} MB."
        yield from self.notes
        yield from (f"In the way: {one}" for one in self.blocks)
        if not self.blocks:
            yield f"Nothing stands in the way of Plein {self.core}. Make a backup first."


def wheels_in(folder: Path) -> dict[str, Wheel]:
    """The wheels in *folder*, by their distribution, the newest of each.

    :raises WheelError: for a folder without any, and for a file that is no wheel.
    """
    found: dict[str, Wheel] = {}
    for path in sorted(folder.glob("*.whl")):
        wheel = _read(path)
        known = found.get(wheel.distribution)
        if known is None or Version(known.version) < Version(wheel.version):
            found[wheel.distribution] = wheel
    if not found:
        raise WheelError(f"There is no wheel in {folder}; name the folder that holds plein-….whl.")
    return found


def _read(path: Path) -> Wheel:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            folder = next(name for name in names if name.endswith(".dist-info/METADATA")).rpartition("/")[0]
            said: Any = Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
            points = f"{folder}/entry_points.txt"
            plugin = _plugin_in(archive.read(points).decode()) if points in names else ""
            files = {name: archive.read(name).decode(errors="replace") for name in names if name.endswith(".py")}
        Version(said["Version"])
    except (zipfile.BadZipFile, StopIteration, KeyError, UnicodeDecodeError, InvalidVersion, TypeError) as error:
        raise WheelError(f"{path.name} is no wheel that can be read; download it again.") from error
    requires = tuple(said.get_all("Requires-Dist") or ())
    return Wheel(canonicalize_name(said["Name"]), said["Version"], requires, plugin, files)


def _plugin_in(entry_points: str) -> str:
    _before, _mark, rest = entry_points.partition(f"[{ENTRY_POINTS}]")
    line = next((one for one in rest.partition("\n[")[0].splitlines() if "=" in one), "")
    return line.partition("=")[0].strip()


def report(engine: Engine, plugins: Any, folder: Path, *, to_core: str = "", wheels: Mapping[str, Wheel]) -> Report:
    """Compare what is installed, and *wheels* that will be, with Plein *to_core* (that of the wheels, or this one).

    :param folder: where files are kept; its disk is looked at.
    :raises WheelError: for a version that is none.
    """
    core = wheels.get("plein")
    version = to_core or (core.version if core else __version__)
    try:
        Version(version)
    except InvalidVersion as error:
        raise WheelError(f"{version} is no version; write one such as 2.0.0.") from error
    found = Report(version)
    specs = core.files.get("plein/hookspecs.py") if core else None
    hooks = set(HOOKS) if specs is None else hookspecs_in(specs)
    for candidate in discover():
        _compare(found, candidate, wheels.get(canonicalize_name(candidate.distribution)), version, hooks)
    with engine.connect() as connection:
        for history in migrate.histories(plugins):
            distribution = "plein" if history.name == migrate.CORE else f"plein-{history.name}"
            _migrations(found, connection, history, wheels.get(distribution))
        found.database_size = _size(connection)
    found.free = shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.is_dir())).free
    if found.steps and engine.dialect.name == "sqlite" and found.free < (found.database_size or 0):
        found.blocks.append("There is less room on the disk than the database takes; an upgrade may need as much.")
    return found


def _compare(found: Report, candidate: Candidate, wheel: Wheel | None, version: str, hooks: set[str]) -> None:
    name, own = candidate.name, wheel.version if wheel else candidate.version
    wanted = requirement_on_core(wheel.requires if wheel else candidate.requires)
    if wanted is not None and not wanted.specifier.contains(version, prereleases=True):
        found.blocks.append(
            f"{name} {own} needs plein{wanted.specifier}; get a version that fits {version}, "
            "or go on without it: Plein leaves it out."
        )
    texts = wheel.files.values() if wheel else (_text(path) for path in sources(candidate.package))
    gone = sorted(hooks_in(texts) - hooks)
    if gone:
        found.blocks.append(f"{name} {own} implements {', '.join(gone)}, and Plein {version} has no such hook.")
    if wheel is not None and wheel.version != candidate.version:
        found.notes.append(f"{name} goes from {candidate.version} to {wheel.version}.")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _migrations(found: Report, connection: Connection, history: migrate.History, wheel: Wheel | None) -> None:
    state = migrate.state_of(connection, history)
    texts = _revisions_in(wheel) if wheel else [_text(path) for path in sorted(history.versions.glob("[!_.]*.py"))]
    revisions = {one.revision: one for one in map(_Revision.of, texts) if one.revision}
    if state.current is not None and state.current not in revisions:
        found.blocks.append(
            f"{history.name} is at {state.current} in this database, which the version to come does not know."
        )
        return
    waiting, at = [], state.current
    followers = {one.follows: one for one in revisions.values()}
    while (following := followers.get(at)) is not None:
        waiting.append(following)
        at = following.revision
    there = set(inspect(connection).get_table_names()) if waiting else set()
    rows = _count(connection, {name for one in waiting for name in one.words & there})
    found.steps += [
        Step(history.name, one.revision, one.reversible, {name: rows[name] for name in sorted(one.words & there)})
        for one in waiting
    ]


def _revisions_in(wheel: Wheel) -> list[str]:
    return [
        text
        for name, text in sorted(wheel.files.items())
        if PurePosixPath(name).parent.parts[-2:] == ("migrations", "versions")
    ]


@dataclass(frozen=True, slots=True)
class _Revision:
    """A migration, as its source says. *words* are all texts in it: the names of tables are among them."""

    revision: str
    follows: str | None
    reversible: bool
    words: frozenset[str]

    @classmethod
    def of(cls, source: str) -> "_Revision":
        try:
            tree = ast.parse(source)
        except SyntaxError:
            return cls("", None, False, frozenset())
        said: dict[str, Any] = {}
        reversible = False
        for node in tree.body:
            said |= dict(_assigned(node))
            if isinstance(node, ast.FunctionDef) and node.name == "downgrade":
                reversible = not any(isinstance(one, ast.Raise) for one in node.body)
        words = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        return cls(str(said.get("revision") or ""), said.get("down_revision"), reversible, frozenset(words))


def _assigned(node: ast.stmt) -> Iterator[tuple[str, Any]]:
    """The names to which a line of a module gives a constant, however it is written."""
    if isinstance(node, ast.AnnAssign):
        pairs: list[tuple[ast.expr, ast.expr | None]] = [(node.target, node.value)]
    elif isinstance(node, ast.Assign):
        pairs = [(target, node.value) for target in node.targets]
    else:
        return
    for target, value in pairs:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs += zip(target.elts, value.elts, strict=False)
        elif isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            yield target.id, value.value


def _count(connection: Connection, names: set[str]) -> dict[str, int]:
    counted = [
        select(literal(name), func.count()).select_from(
            select(literal(1)).select_from(table(name)).limit(COUNTED).subquery()
        )
        for name in sorted(names)
    ]
    return {row[0]: row[1] for row in connection.execute(union_all(*counted))} if counted else {}


def _size(connection: Connection) -> int | None:
    if connection.dialect.name == "postgresql":
        return connection.scalar(select(func.pg_database_size(func.current_database())))
    path = connection.engine.url.database
    return Path(path).stat().st_size if path and Path(path).is_file() else None
