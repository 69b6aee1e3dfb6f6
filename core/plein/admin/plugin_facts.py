"""What there is to know about a plugin: of its distribution, of what it declares, and of what it keeps here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyramid.request import Request
from sqlalchemy import Engine, Select, column, func, inspect, literal, select, table, union_all
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.contributions import ContentType, Job, Permission, PersonalData
from plein.db import Base, db_unguarded, migrate
from plein.hookspecs import HOOKS
from plein.jobs.models import JobSchedule, QueuedJob
from plein.plugins import PluginInfo, Plugins
from plein.plugins.distributions import distribution
from plein.plugins.known import KnownPlugin
from plein.web.html import Html
from plein.web.markup import LinkContext, MarkupError, MarkupLimits, render

#: Rows are counted up to here: beyond it nobody needs to know how many, and counting takes long.
COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much a table holds.

    :param rows: how many, at most :data:`COUNTED`; of PostgreSQL's own estimate where *is_estimate*.
    :param size: in bytes; ``None`` where the database does not say.
    """

    table: str
    rows: int
    is_estimate: bool = False
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """A plugin that is not loaded and left something."""

    name: str
    distribution: str
    version: str
    items: int
    tables: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class JobState:
    """A job with when it is due, when it was done last, and how often it was given up."""

    job: Job
    next_at: datetime | None = None
    last_at: datetime | None = None
    failed: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What a plugin's distribution says of it."""

    licence: str = ""
    readme: Html = field(default_factory=lambda: Html(""))


def about(info: PluginInfo) -> About:
    """What the distribution says; empty where there is none, as for a plugin of a test."""
    said = distribution(info.distribution)
    # The name of the plugin is the heading of the page already.
    lines = said.readme.lstrip().splitlines()
    body = "\n".join(lines[1:] if lines and lines[0].startswith("# ") else lines)
    try:
        html = render(body, links=LinkContext("", "", "en", lambda _name: None, {}), limits=MarkupLimits()).html
    except MarkupError:
        html = ""
    return About(said.licence, Html(html))


def of_plugin(names: Iterable[str], plugin: str) -> list[str]:
    """Those of *names* that bear the plugin's word."""
    return [name for name in names if name.partition(".")[0] == plugin]


def types(plugins: Plugins, plugin: str) -> list[ContentType]:
    return [plugins.content_types[name] for name in of_plugin(plugins.content_types, plugin)]


def permissions(plugins: Plugins, plugin: str) -> list[Permission]:
    return [plugins.permissions[name] for name in of_plugin(plugins.permissions, plugin)]


def personal_data(plugins: Plugins, plugin: str) -> list[PersonalData]:
    return [data for owner, data in plugins.personal_data if owner == plugin]


def hooks(plugins: Plugins, plugin: str) -> list[str]:
    """The hooks that it implements, in the order of the contract."""
    return [name for name in HOOKS if plugin in plugins.implementing(name)]


def routes(request: Request, plugin: str) -> list[tuple[str, str, str]]:
    """Its addresses, each with the methods and the permission of its views, by address."""
    introspector = request.registry.introspector
    patterns = {
        one["introspectable"]["name"]: one["introspectable"]["pattern"]
        for one in introspector.get_category("routes", default=())
    }
    found: set[tuple[str, str, str]] = set()
    for one in introspector.get_category("views", default=()):
        route = one["introspectable"].get("route_name") or ""
        if route.partition(".")[0] != plugin:
            continue
        asked = one["introspectable"].get("request_methods") or ("GET",)
        methods = " ".join(sorted({*([asked] if isinstance(asked, str) else asked)} - {"HEAD"}))
        permission = next((str(r["value"]) for r in one["related"] if r.category_name == "permissions"), "")
        found.add((patterns[route], methods, permission))
    return sorted(found)


def jobs(db: Session, plugins: Plugins, plugin: str) -> list[JobState]:
    """Its jobs. Two statements, and none where it has no job."""
    names = of_plugin(plugins.jobs, plugin)
    if not names:
        return []
    due = {
        row.name: row.next_at for row in db.execute(select(JobSchedule).where(JobSchedule.name.in_(names))).scalars()
    }
    done = {
        row.name: row
        for row in db.execute(
            select(
                QueuedJob.name,
                func.max(QueuedJob.finished_at).label("last_at"),
                func.count(QueuedJob.id).filter(QueuedJob.state == "failed").label("failed"),
            )
            .where(QueuedJob.name.in_(names))
            .group_by(QueuedJob.name)
        )
    }
    return [
        JobState(plugins.jobs[name], due.get(name), *((done[name].last_at, done[name].failed) if name in done else ()))
        for name in names
    ]


def migration(engine: Engine, plugins: Plugins, plugin: str) -> migrate.HistoryState | None:
    """Where its tables stand; ``None`` where it has none of its own."""
    return next((one for one in migrate.state(engine, plugins) if one.name == plugin), None)


def counts(engine: Engine) -> Mapping[str, int]:
    """How many items there are of each type, whoever may see them. One statement."""
    with db_unguarded(engine, reason="administration counts the items of plugins") as db:
        rows = db.execute(select(Content.type, func.count(Content.id)).group_by(Content.type)).all()
    return {row[0]: row[1] for row in rows}


def sizes(engine: Engine, tables: Iterable[str]) -> list[Size]:
    """How much each of *tables* holds. Two statements at most."""
    names = [name for name in tables if name in Base.metadata.tables]
    if not names:
        return []
    with db_unguarded(engine, reason="administration looks how much plugins keep") as db:
        if engine.dialect.name == "postgresql":
            return _estimated(db, names)
        counted = [_counted(name) for name in names]
        return [Size(row[0], row[1]) for row in db.execute(union_all(*counted) if len(counted) > 1 else counted[0])]


def _counted(name: str) -> Select[str, int]:
    some = select(literal(1)).select_from(Base.metadata.tables[name]).limit(COUNTED).subquery()
    return select(literal(name), func.count()).select_from(some)


def _estimated(db: Session, names: list[str]) -> list[Size]:
    """As PostgreSQL itself estimates; a small table, which it may not have looked at yet, is counted."""
    catalogue: Any = table("pg_class", *(column(one) for one in ("relname", "reltuples", "oid", "relkind")))
    size = func.pg_total_relation_size(catalogue.c.oid)
    rows = db.execute(
        select(catalogue.c.relname, catalogue.c.reltuples, size).where(
            catalogue.c.relname.in_(names), catalogue.c.relkind == "r", func.pg_table_is_visible(catalogue.c.oid)
        )
    ).all()
    known = {row[0]: Size(row[0], int(row[1]), True, row[2]) for row in rows}
    small = [name for name, one in known.items() if one.rows < COUNTED]
    if small:
        counted = [_counted(name) for name in small]
        for name, count in db.execute(union_all(*counted) if len(counted) > 1 else counted[0]):
            known[name] = Size(name, count, False, known[name].size)
    return [known[name] for name in names if name in known]


def leftovers(engine: Engine, db: Session, plugins: Plugins, items: Mapping[str, int]) -> list[Leftover]:
    """Plugins that this site has had and that are not installed now, and what is left of them."""
    there = {info.name for info in plugins.plugins} | set(plugins.off)
    gone = [row for row in db.scalars(select(KnownPlugin).order_by(KnownPlugin.name)) if row.name not in there]
    standing = set(inspect(engine).get_table_names()) if gone else set()
    return [
        Leftover(
            row.name,
            row.distribution,
            row.version,
            sum(items.get(one["name"], 0) for one in row.types),
            sum(one in standing for one in row.tables),
            row.seen_at,
        )
        for row in gone
    ]
