"""What a job is given: the site, sessions as the person it acts for, and a way to say how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Engine, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from plein.audit import ORIGIN
from plein.db import open_session
from plein.db.aside import aside
from plein.jobs.models import QueuedJob
from plein.plugins import Plugins
from plein.security.viewer import Viewer
from plein.settings import Settings

#: ``viewer_for(db, user_id)``: who a person is at this moment; nobody where the account stopped working.
ViewerFor = Callable[[Session, int | None], Viewer]

#: How long a word on progress waits for a lock: the job's own transaction may be holding it.
_PATIENCE_MS = 50


class SiteParts(Protocol):
    """The site without the web, as ``plein.app.Site`` has it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def plugins(self) -> Plugins: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def blobs(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a site, taken out of an application's registry."""

    settings: Settings
    plugins: Plugins
    engine: Engine
    blobs: Any


def parts_of(registry: Any) -> Parts:
    """The parts of the site that an application with this *registry* serves."""
    return Parts(*(registry[f"plein.{name}"] for name in ("settings", "plugins", "engine", "blobs")))


class JobRefused(Exception):
    """The job cannot be done, and trying again would not help. The text is what administrators read."""


class JobContext:
    """
    :ivar site: settings, plugins, engine and blobs.
    :ivar job_id: the number of the job.
    :ivar user_id: the person it acts for; ``None`` for the system.
    """

    def __init__(self, site: SiteParts, viewer_for: ViewerFor, job_id: int, user_id: int | None) -> None:
        self.site = site
        self.job_id = job_id
        self.user_id = user_id
        self._viewer_for = viewer_for

    def viewer(self) -> Viewer | None:
        """Who the job acts for, with the rights of this moment; ``None`` for the system.

        :raises JobRefused: where the account does not work any more.
        """
        if self.user_id is None:
            return None
        with open_session(self.site.engine) as db:
            found = self._viewer_for(db, self.user_id)
        if not found.is_signed_in:
            raise JobRefused("the account of who asked for it does not work any more")
        return found

    @contextmanager
    def session(self, viewer: Viewer | None = None, *, writes: bool = True) -> Iterator[Session]:
        """A session that commits on leaving and rolls back on an exception.

        :param viewer: for whom; by default whoever the job acts for. A session of the system refuses to read content.
        """
        found = viewer if viewer is not None else self.viewer()
        with open_session(self.site.engine, viewer=found, writes=writes) as db:
            db.info[ORIGIN] = "job"
            with db.begin():
                yield db

    def progress(self, done: int, total: int) -> None:
        """Say how far it is, for whoever waits. May be lost: not while the job itself writes a long transaction."""
        try:
            with aside(self.site.engine, wait_ms=_PATIENCE_MS) as connection:
                connection.execute(
                    update(QueuedJob)
                    .where(QueuedJob.id == self.job_id)
                    .values(progress_done=done, progress_total=total)
                )
        except OperationalError:
            return
