"""Which plugins this site has had, as upgrades of the database wrote it down: one that is gone still has a name.

Written by :func:`plein.db.migrate.upgrade` alone. Start changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from plein.contributions import ContentType
from plein.db.base import Base
from plein.db.migrate import MigrationError
from plein.db.types import utcnow
from plein.plugins.words import said

#: Languages in which names are kept: whoever is gone cannot be asked any more.
LANGUAGES = ("nl", "en")


class KnownPlugin(Base):
    """A plugin as it was when the database was last upgraded with it."""

    __tablename__ = "plugin_known"

    name: Mapped[str] = mapped_column(primary_key=True)
    distribution: Mapped[str]
    version: Mapped[str]
    #: its content types: name, path, and title and plural by language
    types: Mapped[list[Any]]
    #: the tables of its own
    tables: Mapped[list[str]]
    seen_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class DormantType:
    """A content type whose plugin is not there.

    :param titles: by language; ``plurals`` likewise.
    """

    plugin: str
    name: str
    path: str
    titles: Mapping[str, str]
    plurals: Mapping[str, str]
    distribution: str = ""

    def title(self, locale: str) -> str:
        """One of them, in people's words: "Page"."""
        return self.titles.get(locale) or self.titles.get("en") or self.name

    def plural(self, locale: str) -> str:
        """More of them: "Pages"."""
        return self.plurals.get(locale) or self.plurals.get("en") or self.name


def remember(connection: Connection, plugins: Any) -> None:
    """Write down the plugins that are loaded. What is known of others stays as it is.

    :raises MigrationError: for a table of a plugin's models that none of its migrations made.
    """
    rows = [_row(info, plugins.content_types.values()) for info in plugins.plugins]
    _require_tables(connection, rows)
    if not rows:
        return
    connection.execute(delete(KnownPlugin).where(KnownPlugin.name.in_([row["name"] for row in rows])))
    connection.execute(insert(KnownPlugin), rows)


def _require_tables(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    there = set(inspect(connection).get_table_names())
    for row in rows:
        if missing := [table for table in row["tables"] if table not in there]:
            raise MigrationError(
                f"The plugin {row['name']} has models of {', '.join(missing)}, and no migration of it makes that. Its "
                f"migrations belong in migrations/versions in its package; the first is written by: "
                f'plein db revision -p {row["name"]} -m "first"'
            )


def dormant_types(db: Any, loaded: Iterable[str]) -> list[DormantType]:
    """The content types of plugins that are known here and not *loaded*, read from a session or connection."""
    there = set(loaded)
    found = []
    for row in db.execute(select(KnownPlugin.name, KnownPlugin.distribution, KnownPlugin.types)):
        if row.name not in there:
            found += [
                DormantType(row.name, one["name"], one["path"], one["title"], one["plural"], row.distribution)
                for one in row.types
            ]
    return found


def tables_of(name: str) -> list[str]:
    """The tables of the models in the package of the plugin *name*, and those without a class that bear its word."""
    mine: set[str] = set()
    others: set[str] = set()
    for mapper in Base.registry.mappers:
        if isinstance(mapper.local_table, Table):
            is_mine = mapper.class_.__module__.partition(".")[0] == f"plein_{name}"
            (mine if is_mine else others).add(mapper.local_table.name)
    loose = {table for table in Base.metadata.tables if table.startswith(f"{name}_")} - others
    return sorted((mine - others) | loose)


def _row(info: Any, types: Iterable[ContentType]) -> dict[str, Any]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "types": [
            {
                "name": one.name,
                "path": one.path,
                "title": {locale: said(one.title, locale) for locale in LANGUAGES},
                "plural": {locale: said(one.plural, locale) for locale in LANGUAGES},
            }
            for one in types
            if one.name.partition(".")[0] == info.name
        ],
        "tables": tables_of(info.name),
        "seen_at": utcnow(),
    }
