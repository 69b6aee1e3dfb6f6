"""What `kill_work.py` does with a site's own parts, in its own process: give it work, and look what became of it."""

import hashlib
import io
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import plaster
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from plein.app import build_site
from plein.audit.chain import verify
from plein.audit.models import AuditEntry
from plein.content.files import keeping
from plein.content.files.receiving import Received
from plein.content.files.services import AttachmentService
from plein.content.life.service import LifeService
from plein.content.models import Attachment, Content, Revision, Transition
from plein.contributions import ContentType
from plein.db import db_unguarded, open_session, utcnow
from plein.events import Event
from plein.jobs.models import JobSchedule, QueuedJob
from plein.mail import send
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.spaces.models import Space

#: Recurring work that is not waited for: it is due each time that something is put in.
NUDGED = ("life.due", "life.purge")


@dataclass
class Given:
    """What was stored, and so has to be done: numbers of items that appear, uids of those that go, keys of mails."""

    planned: list[int] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


class Inside:
    """
    :param config: the site's file of settings.
    :param space: the address of the space in which all happens.
    """

    def __init__(self, config: Path, space: str) -> None:
        values = {"here": str(config.parent), **plaster.get_settings(str(config), "app:main")}
        self.parts = build_site(values)
        self.space = space
        self.given = Given()

    @contextmanager
    def _seen(self) -> Iterator[Session]:
        with db_unguarded(self.parts.engine, reason="a test looks at what became of it") as db:
            yield db

    # -- giving it work ------------------------------------------------------------------------------------------

    def put(self, name: str) -> None:
        """In one transaction: two items that appear in a second, one with a file that lay in the trash too long, and
        two mails. All that recurs is due at once.
        """
        engine = self.parts.engine
        with open_session(engine) as db:
            admin = db.scalars(select(User).where(User.login == "admin")).one()
            viewer = viewer_for(db, admin.id)
        digest, size = self.parts.blobs.put(io.BytesIO(name.encode()))
        with open_session(engine, viewer=viewer, writes=True) as db, db.begin():
            kind: ContentType = self.parts.plugins.content_types["wiki.page"]
            service_class: Any = kind.service
            service = service_class(db=db, viewer=viewer, type=kind, plugins=self.parts.plugins)
            life, space = LifeService(service), db.scalars(select(Space).where(Space.slug == self.space)).one()
            planned = [service.create(space, title=f"Planned {name} {n}", state="draft") for n in range(2)]
            for item in planned:
                life.schedule(item, utcnow() + timedelta(seconds=1))
            thrown = service.create(space, title=f"Thrown {name}")
            received = Received("a.txt", "text/plain", size, digest, None, None, "off", "")
            AttachmentService(db, viewer).add(thrown, received)
            service.trash(thrown)
            thrown.trashed_at = utcnow() - timedelta(days=400)
            mails = [f"{name} {n}" for n in range(2)]
            for mail in mails:
                send(db, to="anna@example.nl", subject=mail, template="plein:templates/mail/test.pt", key=mail)
            db.execute(update(JobSchedule).where(JobSchedule.name.in_(NUDGED)).values(next_at=utcnow()))
            numbers = [item.id for item in planned]
            uid = thrown.uid
        # Only now it is stored.
        self.given.planned += numbers
        self.given.thrown.append(uid)
        self.given.mails += mails

    def pass_time(self) -> None:
        """As if hours went by since all processes died: no lease of theirs holds, and pauses are over."""
        past = utcnow() - timedelta(minutes=1)
        with open_session(self.parts.engine, writes=True) as db, db.begin():
            running, waiting = QueuedJob.state == "running", QueuedJob.state == "waiting"
            db.execute(update(QueuedJob).where(running).values(lease_until=past, handed_at=None))
            db.execute(update(QueuedJob).where(waiting).values(run_at=past, handed_at=None))

    def settle(self, seconds: float) -> list[str]:
        """Wait until all is done that was stored; what is left when that takes too long."""
        end = time.monotonic() + seconds
        while (left := self._left()) and time.monotonic() < end:
            with open_session(self.parts.engine, writes=True) as db, db.begin():
                db.execute(update(JobSchedule).where(JobSchedule.name.in_(NUDGED)).values(next_at=utcnow()))
            time.sleep(0.5)
        return left

    def _left(self) -> list[str]:
        soon = utcnow() + timedelta(seconds=2)
        due = or_(
            and_(Content.state == "scheduled", Content.publish_at < soon),
            and_(Content.state == "trashed", Content.trashed_at < soon - timedelta(days=300)),
        )
        job_due = and_(
            QueuedJob.state.in_(("waiting", "running")), QueuedJob.run_at < soon, QueuedJob.name.not_in(NUDGED)
        )
        with self._seen() as db:
            items = db.scalar(select(func.count(Content.id)).where(due))
            jobs: Sequence[str] = db.scalars(select(QueuedJob.name).where(job_due)).all()
        return ([f"{items} items"] if items else []) + [f"{number} {name}" for name, number in Counter(jobs).items()]

    # -- looking -------------------------------------------------------------------------------------------------

    def texts(self) -> set[str]:
        """Every text that the database holds, of the newest and of earlier versions."""
        with self._seen() as db:
            return set(db.scalars(select(Revision.body)))

    def lost_files(self, digests: Sequence[str]) -> list[str]:
        """Of files that were taken in, those without a row, and all that rows and store disagree about."""
        with self._seen() as db:
            named = set(db.scalars(select(Attachment.digest)))
        report = keeping.check(self.parts.engine, self.parts.blobs, self.parts.plugins, deep=True)
        lost = [f"file without a row: {digest}" for digest in digests if digest not in named]
        lost += [f"row of {table} without a file: {digest}" for digest, table in report.missing]
        return lost + [f"half a file: {digest}" for digest in (*report.wrong, *report.orphans)]

    def wrongs(self) -> list[str]:
        """What of all that was stored was done not at all, or more than once. For when all is settled."""
        planned, thrown = self.given.planned, self.given.thrown
        with self._seen() as db:
            shown = set(db.scalars(select(Content.id).where(Content.state == "published")))
            steps = Counter(db.scalars(select(Transition.content_id).where(Transition.action == "published")))
            told = Counter(db.scalars(select(Event.content_id).where(Event.kind == "content.published")))
            there = set(db.scalars(select(Content.uid)))
            acts = db.scalars(select(AuditEntry.details).where(AuditEntry.action == "content.deleted"))
            deleted = Counter(details["uid"] for details in acts)
            failed = db.execute(select(QueuedJob.name, QueuedJob.error).where(QueuedJob.state == "failed")).all()
        found = [f"planned item {one} did not appear" for one in planned if one not in shown]
        found += [f"item {one} appeared {steps[one]} times" for one in planned if steps[one] != 1]
        found += [f"item {one} was told of {told[one]} times" for one in planned if told[one] != 1]
        found += [f"item {one} is not deleted" for one in thrown if one in there]
        found += [f"item {one} was deleted {deleted[one]} times" for one in thrown if deleted[one] != 1]
        return found + [f"given up: {name}: {error}" for name, error in failed]

    def broken_audit(self) -> list[str]:
        """What is wrong with the chain of the audit log, in which nothing may be missing."""
        problem = verify(self.parts.engine).problem
        return [f"audit log: {problem}"] if problem else []

    def age_files(self) -> None:
        """As if all files were stored two days ago: what nobody names may be thrown away."""
        root = Path(self.parts.settings["plein.files_dir"])
        for path in root.rglob("*"):
            if path.is_file():
                os.utime(path, (time.time() - 2 * 86_400,) * 2)

    def half_files(self) -> list[str]:
        """What a process left that died while it stored a file."""
        return [path.name for path in Path(self.parts.settings["plein.files_dir"]).glob(".new-*")]


class Feeder:
    """Gives the site work until told to stop: what a thread runs."""

    def __init__(self, inside: Inside, name: str, is_over: Callable[[], bool]) -> None:
        self.inside, self.name, self.is_over = inside, name, is_over

    def __call__(self) -> None:
        number = 0
        while not self.is_over():
            number += 1
            self.inside.put(f"{self.name}.{number}")
            time.sleep(0.3)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
