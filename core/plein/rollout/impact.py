"""What a step would change, before it is taken: people, spaces, items, messages, links, work, other plugins.

Numbers only, of hidden spaces too; so all is counted in a session that sees everything, and nothing of it is named.
"""

from dataclasses import asdict, dataclass
from typing import Any

from packaging.utils import canonicalize_name
from sqlalchemy import Engine, and_, case, func, or_, select

from plein.content.models import Content, ContentLink
from plein.db import db_unguarded
from plein.inbox.models import Notification
from plein.jobs.models import QueuedJob
from plein.ladder import Rung
from plein.ladder.changing import Decision
from plein.ladder.keeping import read_rungs, types_of
from plein.plugins import Plugins
from plein.plugins.distributions import applies, distribution, requirements
from plein.rollout.reaching import count_move, of_types, rung_of, shows_items
from plein.spaces.models import Space


@dataclass(frozen=True, slots=True)
class Impact:
    """What goes from where to where.

    :param people: who have it now; *people_after* then; *gain* who get it, *lose* who lose it.
    :param spaces: in how many spaces everybody there has it.
    :param items: that somebody can find.
    :param kept: items of its types in all; what nobody finds is kept.
    :param notifications: unread ones about it.
    :param links: from items of other kinds to items of its own; *embeds* those that show them.
    :param waiting: work that waits; *recurring* work that it does by itself.
    :param dependents: plugins that need it.
    """

    people: int
    people_after: int
    gain: int
    lose: int
    spaces: int
    spaces_after: int
    items: int
    items_after: int
    kept: int
    notifications: int
    links: int
    embeds: int
    waiting: int
    recurring: int
    dependents: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "dependents": list(self.dependents)}


def impact(engine: Engine, plugins: Plugins, new_plugins: str, plugin: str, wanted: Decision) -> Impact:
    """What putting *plugin* where *wanted* says would change. Nine statements, however much there is."""
    types = types_of(plugins).get(plugin, ())
    with db_unguarded(engine, reason="administration counts what a step with a function changes") as db:
        before = read_rungs(db, plugins, new_plugins)[plugin]
        after = rung_of(wanted, before)
        people = count_move(db, before, after)
        spaces = db.scalar(select(func.count(Space.id)).where(Space.archived_at.is_(None))) or 0
        items = _items(db, types, before, after)
        links = _links(db, types)
        return Impact(
            *people,
            _spaces(before, spaces),
            _spaces(after, spaces),
            *items,
            notifications=_notifications(db, plugin, types),
            links=links.get("link", 0) + links.get("also", 0),
            embeds=links.get("embed", 0),
            waiting=_waiting(db, plugin),
            recurring=sum(name.partition(".")[0] == plugin and job.recurs for name, job in plugins.jobs.items()),
            dependents=dependents(plugins, plugin),
        )


def _spaces(rung: Rung, all_of_them: int) -> int:
    if rung.covers == "required":
        return all_of_them
    if rung.covers == "on":
        return max(all_of_them - len(rung.declined), 0)
    return len(rung.spaces)


def _items(db: Any, types: tuple[str, ...], before: Rung, after: Rung) -> tuple[int, int, int]:
    found = [func.coalesce(func.sum(case((shows_items(rung), 1), else_=0)), 0) for rung in (before, after)]
    published = and_(of_types(types), Content.state.in_(("published", "archived")))
    row = db.execute(select(*found, func.count(Content.id)).where(published)).one()
    return int(row[0]), int(row[1]), int(row[2])


def _links(db: Any, types: tuple[str, ...]) -> dict[str, int]:
    """How many ways lead from items of other kinds to those of *types*, by the kind of way."""
    target = select(Content.id).where(of_types(types))
    ways = (
        select(ContentLink.kind, func.count(ContentLink.id))
        .join(Content, Content.id == ContentLink.content_id)
        .where(
            Content.type.not_in(sorted(types)),
            Content.state.in_(("published", "archived")),
            or_(ContentLink.target_type.in_(sorted(types)), ContentLink.target_id.in_(target)),
        )
        .group_by(ContentLink.kind)
    )
    return {kind: int(number) for kind, number in db.execute(ways)}


def _notifications(db: Any, plugin: str, types: tuple[str, ...]) -> int:
    about = select(Content.id).where(of_types(types))
    unread = select(func.count(Notification.id)).where(
        Notification.read_at.is_(None),
        or_(Notification.kind.startswith(f"{plugin}.", autoescape=True), Notification.content_id.in_(about)),
    )
    return int(db.scalar(unread) or 0)


def _waiting(db: Any, plugin: str) -> int:
    waiting = select(func.count(QueuedJob.id)).where(
        QueuedJob.state == "waiting", QueuedJob.name.startswith(f"{plugin}.", autoescape=True)
    )
    return int(db.scalar(waiting) or 0)


def dependents(plugins: Plugins, plugin: str) -> tuple[str, ...]:
    """The installed plugins whose packages require that of *plugin*."""
    info = plugins.info(plugin)
    if info is None:
        return ()
    wanted = canonicalize_name(info.distribution)
    return tuple(one.name for one in plugins.plugins if wanted in _required(one.distribution))


def _required(name: str) -> set[str]:
    return {canonicalize_name(one.name) for one in requirements(distribution(name).requires) if applies(one)}
