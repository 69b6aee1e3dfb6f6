"""Runs: doing one, keeping what it did, and showing it again."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.db import utcnow
from plein.db.session import VIEWER
from plein.directories import DirectorySource
from plein.people.directory_sync.batches import batches
from plein.people.directory_sync.engine import Plan, bring_in
from plein.people.directory_sync.models import DirectoryChange, DirectoryRun
from plein.people.directory_sync.report import ACTIONS, REASONS, Report
from plein.people.group_rows import UNSYNCHRONIZED
from plein.people.models import User
from plein.settings import Settings
from plein.web.i18n import _

log = structlog.get_logger(__name__)

#: Runs of one source that are kept; they hold names.
KEPT = 50
PAGE_SIZE = 100
RUNS = 20


def plan_of(source: DirectorySource, settings: Settings, allowed: int | None = None) -> Plan:
    """What is brought in from *source*, within the bounds that the settings say."""
    return Plan(
        source=source.name,
        read=source.read,
        settings=settings,
        people=source.people,
        groups=source.groups,
        limit_percent=settings["plein.deactivation_limit_percent"],
        allowed=allowed,
        local_only=frozenset(login.casefold() for login in settings["plein.local_only_logins"]),
    )


def run(
    db: Session, plan: Plan, *, dry_run: bool, upload_id: int | None = None, notes: Iterable[Any] = ()
) -> DirectoryRun:
    """Bring in what *plan* says, and keep what became of it. Never commits, and never leaves half of it done.

    :param notes: sentences to keep with it: how a file was read.
    """
    started = utcnow()
    try:
        report = bring_in(db, plan, dry_run=dry_run)
    except Exception as error:
        # A directory that does not answer is told like any other failure; where it happened stands in the log.
        log.exception("directory.failed", source=plan.source)
        report = Report(plan.source, state="failed")
        report.remark(_("The source could not be read (${error}). The log says more.",
                        mapping={"error": type(error).__name__}))  # fmt: skip
    for note in notes:
        report.remark(note)
    return keep(db, report, started, upload_id)


def keep(db: Session, report: Report, started: datetime, upload_id: int | None = None) -> DirectoryRun:
    """Store a report, and throw the oldest of its source away."""
    found = DirectoryRun(
        source=report.source,
        state=report.state,
        started_at=started,
        finished_at=utcnow(),
        actor_id=getattr(db.info.get(VIEWER), "user_id", None),
        counts=dict(report.counts),
        remarks=report.remarks,
        upload_id=upload_id,
    )
    db.add(found)
    db.flush()
    order = {action: place for place, action in enumerate(ACTIONS)}
    changes = sorted(report.changes, key=lambda one: (order[one.action], one.object, one.name.casefold()))
    rows = (
        {
            "run_id": found.id, "number": number, "object": one.object, "action": one.action, "subject": one.subject,
            "name": one.name, "reason": one.reason, "fields": list(one.fields),
        }
        for number, one in enumerate(changes, 1)
    )  # fmt: skip
    for some in batches(rows):
        db.execute(insert(DirectoryChange), some)
    old = select(DirectoryRun.id).where(DirectoryRun.source == report.source).order_by(DirectoryRun.id.desc())
    db.execute(
        delete(DirectoryRun).where(DirectoryRun.id.in_(old.offset(KEPT).limit(KEPT))), execution_options=UNSYNCHRONIZED
    )
    record(db, f"directory.{report.state}", "directory", report.source, result=_RESULTS[report.state], run=found.id)
    return found


_RESULTS = {"done": "done", "tried": "done", "stopped": "refused", "refused": "refused", "failed": "failed"}


def read_last(db: Session) -> dict[str, datetime]:
    """When each source was last read in earnest, by its name."""
    rows = select(DirectoryRun.source, func.max(DirectoryRun.started_at)).where(DirectoryRun.state != "tried")
    return {row[0]: row[1] for row in db.execute(rows.group_by(DirectoryRun.source))}


def latest(db: Session, *, before: int | None = None) -> list[Row[Any]]:
    """Runs, the newest first, one more than a page shows: id, source, state, started_at, counts, actor (a name)."""
    rows = (
        select(DirectoryRun.id, DirectoryRun.source, DirectoryRun.state, DirectoryRun.started_at, DirectoryRun.counts)
        .add_columns(User.name.label("actor"))
        .outerjoin(User, User.id == DirectoryRun.actor_id)
        .order_by(DirectoryRun.id.desc())
        .limit(RUNS + 1)
    )
    return list(db.execute(rows if before is None else rows.where(DirectoryRun.id < before)))


def changes_of(
    db: Session, run_id: int, *, after: int = 0, action: str = "", size: int | None = PAGE_SIZE
) -> list[Any]:
    """What a run did, in its order, after the change with number *after*; all of it where *size* is ``None``."""
    rows = select(DirectoryChange).where(DirectoryChange.run_id == run_id, DirectoryChange.number > after)
    if action in ACTIONS:
        rows = rows.where(DirectoryChange.action == action)
    return list(db.scalars(rows.order_by(DirectoryChange.number).limit(size)))


def report_rows(changes: Iterable[DirectoryChange], translate: Callable[[Any], str]) -> Iterator[list[str]]:
    """The report of a run as a table, with its head."""
    yield [translate(title) for title in REPORT_HEAD]
    kinds = {"person": translate(_("Person")), "group": translate(_("Group"))}
    for one in changes:
        reason = translate(REASONS[one.reason]) if one.reason else ""
        yield [kinds[one.object], translate(ACTIONS[one.action]), one.subject, one.name, reason, ", ".join(one.fields)]


REPORT_HEAD = (_("What it is"), _("What happens"), _("Known as"), _("Name"), _("Why"), _("What changes"))


def write_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """A table as spreadsheet programs open it: UTF-8 with a mark, semicolons, and no cell that is a formula."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return written.getvalue().encode("utf-8-sig")


def safe_cell(text: str) -> str:
    """*text*, with an apostrophe before what a spreadsheet program would take for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
