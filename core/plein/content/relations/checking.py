"""Looking whether pages elsewhere are still there: each week, where an administrator lets the site ask.

Each address is asked once, whoever links to it; a host is never asked twice in a second. What cannot be asked (an
address inside, a port of its own) is nobody's mistake and is left alone: the answer would tell of the network here.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from plein.content.models import Content, ExternalLink, LinkCheck
from plein.contributions import Job
from plein.db import db_unguarded, utcnow
from plein.jobs import JobContext, enqueue
from plein.web.i18n import _
from plein.web.outbound import Outbound, Refused, Unreachable

SETTING = "plein.check_links"
JOB = "relations.check"
EVERY = timedelta(days=7)
#: Of one round of the job, which then asks for the next.
BATCH = 50
#: Seconds between two questions to one host.
PAUSE = 1.0
#: What says that a page is not there. Whoever asks for a password or is busy has it.
_GONE = (404, 410, 451)


def check(context: JobContext, *, ask: Callable[[str], int] | None = None, pause: float = PAUSE) -> None:
    """Ask the addresses that nobody asked for a week, a batch, and then the next batch as a job of its own."""
    settings = context.site.settings
    if not settings[SETTING]:
        return
    agent = f"Plein link check (+{settings['plein.base_url'] or settings['plein.site_name']})"
    ask = ask or Outbound(agent).status
    with db_unguarded(context.site.engine, reason="addresses elsewhere that are due to be checked") as db:
        rows = db.execute(_due(utcnow() - EVERY + timedelta(hours=1))).all()
    asked: dict[str, float] = {}
    for done, row in enumerate(rows, 1):
        wait = asked.get(row.host, 0.0) + pause - time.monotonic()
        if row.host in asked and wait > 0:
            time.sleep(wait)
        problem = problem_of(ask, row.url)
        asked[row.host] = time.monotonic()
        with db_unguarded(context.site.engine, reason="what became of asking an address elsewhere", writes=True) as db:
            note(db, row.url, problem)
        context.progress(done, len(rows))
    with db_unguarded(context.site.engine, reason="addresses elsewhere that nobody links to", writes=True) as db:
        db.execute(delete(LinkCheck).where(~exists(select(1).where(ExternalLink.url == LinkCheck.url))))
        if len(rows) == BATCH:
            enqueue(db, JOB, {}, key=JOB, user_id=None)


def _due(before: datetime) -> Any:
    return (
        select(ExternalLink.url, ExternalLink.host)
        .join(Content, Content.id == ExternalLink.content_id)
        .outerjoin(LinkCheck, LinkCheck.url == ExternalLink.url)
        .where(
            Content.state != "trashed",
            ExternalLink.is_fine.is_(False),
            or_(LinkCheck.id.is_(None), LinkCheck.checked_at < before),
        )
        .distinct()
        .order_by(ExternalLink.url)
        .limit(BATCH)
    )


def problem_of(ask: Callable[[str], int], url: str) -> str:
    """What is wrong at *url*; empty where nothing is, or nothing can be said."""
    try:
        status = ask(url)
    except Refused:
        return ""
    except Unreachable as error:
        return str(error)
    return str(status) if status in _GONE or status >= 500 else ""


def note(db: Session, url: str, problem: str) -> None:
    """Write down what became of asking *url*; since when it is broken stays while it is."""
    known = db.scalar(select(LinkCheck).where(LinkCheck.url == url).with_for_update())
    if known is None:
        known = LinkCheck(url=url)
        db.add(known)
    known.checked_at, known.problem = utcnow(), problem
    known.broken_since = (known.broken_since or utcnow()) if problem else None


def broken_in(db: Session, space_id: int, *, limit: int = 200) -> Sequence[Any]:
    """Links of items in a space that lead to nothing, the longest broken first. One statement."""
    return db.execute(
        select(
            ExternalLink.id,
            ExternalLink.url,
            ExternalLink.host,
            LinkCheck.problem,
            LinkCheck.broken_since,
            Content.title,
            Content.type,
            Content.slug,
        )
        .join(LinkCheck, LinkCheck.url == ExternalLink.url)
        .join(Content, Content.id == ExternalLink.content_id)
        .where(
            Content.space_id == space_id,
            Content.state.not_in(("trashed", "archived")),
            LinkCheck.broken_since.is_not(None),
            ExternalLink.is_fine.is_(False),
        )
        .order_by(LinkCheck.broken_since, ExternalLink.id)
        .limit(limit)
    ).all()


JOBS = [Job(JOB, check, _("Look whether pages elsewhere are still there"), every=EVERY)]
