"""Where failures and pauses of plugins are kept for all processes, and how a pause ends."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.audit import record
from plein.contributions import NotificationType, PersonalData
from plein.db import open_session, utcnow
from plein.events import emit
from plein.people.models import User
from plein.people.standing import is_active
from plein.plugins.failures import FAILURE_WINDOW_S, FAILURES_ALLOWED, Failure
from plein.plugins.models import PluginFailure, PluginPause
from plein.security.rights import bump, current_stamp
from plein.web.i18n import _

#: So many failures of each plugin can be looked at.
KEPT = 100

PAUSED = NotificationType(
    "plugin.paused",
    _("A plugin paused itself"),
    _("The plugin ${plugin} is paused for everybody, because it kept failing"),
    icon="puzzle",
    default="mail",
    why=_("You administer this site"),
)

PERSONAL_DATA = (
    PersonalData(
        "plugin_pause",
        ("ended_by", "plugin", "ended_at"),
        _("Which plugins you had take part again after they failed"),
        "interest",
        _("As long as the site keeps its history"),
        erased="unlink",
    ),
)


class PauseStore:
    """Keeps them in the database, each time with a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def paused(self) -> tuple[int, frozenset[str]]:
        """The number of the last change, and the plugins that are paused. Two statements."""
        with self._engine.connect() as connection:
            # The number first: what changes in between is then read again.
            number = connection.execute(current_stamp()).scalar() or 0
            going_on = select(PluginPause.plugin).where(PluginPause.ended_at.is_(None))
            return number, frozenset(connection.execute(going_on).scalars())

    def keep(self, failures: Sequence[Failure]) -> None:
        """Store *failures*, and pause the plugins that fail too often, whatever process it is in."""
        with open_session(self._engine, writes=True) as db, db.begin():
            for one in failures:
                db.add(
                    PluginFailure(
                        plugin=one.plugin,
                        hook=one.hook,
                        error=one.error,
                        path=one.path,
                        milliseconds=one.milliseconds,
                        counts=one.counts,
                        at=one.at,
                    )
                )
            db.flush()
            last = {one.plugin: one for one in failures if one.counts}
            by_itself = {one.plugin for one in failures if one.pauses}
            for plugin, failure in last.items():
                if plugin in by_itself or _fails_too_often(db, plugin):
                    _pause(db, failure)
            for plugin in {one.plugin for one in failures}:
                _forget_old(db, plugin)


def _fails_too_often(db: Session, plugin: str) -> bool:
    resumed = select(func.max(PluginPause.ended_at)).where(PluginPause.plugin == plugin).scalar_subquery()
    found = select(func.count(PluginFailure.id)).where(
        PluginFailure.plugin == plugin,
        PluginFailure.counts,
        PluginFailure.at > utcnow() - timedelta(seconds=FAILURE_WINDOW_S),
        or_(resumed.is_(None), PluginFailure.at > resumed),
    )
    return (db.scalar(found) or 0) >= FAILURES_ALLOWED


def _pause(db: Session, failure: Failure) -> None:
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"plugin": failure.plugin, "hook": failure.hook, "error": failure.error, "began_at": utcnow()}
    began = db.execute(
        insert(PluginPause)
        .values(values)
        .on_conflict_do_nothing(index_elements=[PluginPause.plugin], index_where=PluginPause.ended_at.is_(None))
        .returning(PluginPause.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if began is None:
        return
    bump(db)
    admins = db.scalars(select(User.id).where(User.is_admin.is_(True), is_active(User))).all()
    details = {"plugin": failure.plugin, "path": f"/admin/plugins/{failure.plugin}/failures"}
    emit(db, PAUSED.name, addressed=admins, details=details, key=f"plugin.paused {began}")


def _forget_old(db: Session, plugin: str) -> None:
    mine = select(PluginFailure.id).where(PluginFailure.plugin == plugin)
    kept = mine.order_by(PluginFailure.id.desc()).limit(KEPT)
    db.execute(
        delete(PluginFailure).where(PluginFailure.plugin == plugin, PluginFailure.id.not_in(kept)),
        execution_options={"synchronize_session": False},
    )


def resume(db: Session, plugin: str, user_id: int | None) -> bool:
    """Let *plugin* take part again, in every process from its next request on; ``False`` where it was not paused.

    :param user_id: who says so; ``None`` for the command line.
    """
    ended = db.execute(
        update(PluginPause)
        .where(PluginPause.plugin == plugin, PluginPause.ended_at.is_(None))
        .values(ended_at=utcnow(), ended_by=user_id)
        .returning(PluginPause.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if ended is None:
        return False
    bump(db)
    record(db, "plugin.resumed", "plugin", plugin)
    return True


def failures_of(db: Session, plugin: str) -> Sequence[Any]:
    """The last failures, newest first; at most :data:`KEPT`."""
    of_plugin = select(PluginFailure).where(PluginFailure.plugin == plugin)
    return db.scalars(of_plugin.order_by(PluginFailure.id.desc()).limit(KEPT)).all()


def pause_of(db: Session, plugin: str) -> PluginPause | None:
    """The pause that goes on, if any."""
    return db.scalar(select(PluginPause).where(PluginPause.plugin == plugin, PluginPause.ended_at.is_(None)))
