"""How often items are read, and never by whom.

A read is counted when its page was sent: kept in memory, and written a few seconds later in a transaction of its own,
so that reading costs no statement and waits for no lock. Counted is one read of an item per session and hour; that a
session read it is kept in memory only, as a hash with a salt that is thrown away with the hour. Who wrote the item,
looks after it or changed it last is not a reader of it, and neither is a program.

Numbers about few people say something of somebody. So a number of reads is shown to those who look after items only
(managers and editors of the space, content officers), in words that begin at "fewer than 10" and count by tens; see
:func:`shown`. The exact number is for sorting, and stands on no page.
"""

import re
import secrets
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

import structlog
from pyramid.events import NewResponse
from pyramid.request import Request
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from translationstring import TranslationString

from plein.content.contexts import ContentContext
from plein.content.freshness.models import ContentReads
from plein.content.models import Content
from plein.db import db_unguarded, utcnow
from plein.db.aside import aside
from plein.jobs.context import JobContext
from plein.people.statistics import FEWEST
from plein.web.i18n import _

log = structlog.get_logger(__name__)

#: How far back reads count, in days; older ones are thrown away.
KEPT_DAYS = 90
#: Between two times of writing, in seconds; and how long to wait for a lock, in milliseconds. What could not be
#: written is written the next time.
FLUSH_SECONDS = 5.0
_PATIENCE_MS = 1_000
#: More sessions and items than this in an hour are not told apart any more, and not counted.
_MOST_SEEN = 200_000
_BATCH = 500
#: Rows that are written at once; a database does not take any number of parameters.
_MOST_ROWS = 5_000

_PROGRAM = re.compile(r"bot\b|crawl|spider|slurp|curl|wget|python|httpclient|monitor|preview", re.IGNORECASE)


class ReadCounter:
    """Reads that are not written yet. One per process, used by all its threads."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utcnow) -> None:
        self.engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[tuple[int, date], int] = {}
        self._hour: datetime | None = None
        self._salt = b""
        self._seen: set[bytes] = set()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, content_id: int, session_id: int | None) -> bool:
        """Count a read, unless this session read the item in this hour.

        :return: whether it was counted.
        """
        now = self._clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            if hour != self._hour:
                self._hour, self._salt = hour, secrets.token_bytes(16)
                self._seen.clear()
            mark = blake2b(f"{session_id} {content_id}".encode(), key=self._salt, digest_size=8).digest()
            if mark in self._seen or len(self._seen) >= _MOST_SEEN:
                return False
            self._seen.add(mark)
            key = (content_id, now.date())
            self._waiting[key] = self._waiting.get(key, 0) + 1
            return True

    def flush(self) -> int:
        """Write what was counted; what cannot be written now is kept.

        :return: how many rows were written.
        """
        with self._lock:
            taken = {key: self._waiting.pop(key) for key in list(self._waiting)[:_MOST_ROWS]}
        if not taken:
            return 0
        try:
            with aside(self.engine, wait_ms=_PATIENCE_MS) as connection:
                # Items that are gone are passed over, and rows are taken in one order by all processes.
                numbers = sorted({content_id for content_id, _day in taken})
                there = set(connection.scalars(select(Content.id).where(Content.id.in_(numbers))))
                rows = [
                    {"content_id": content_id, "day": day, "count": number}
                    for (content_id, day), number in sorted(taken.items())
                    if content_id in there
                ]
                if rows:
                    connection.execute(self._upsert(), rows)
            return len(rows)
        except DBAPIError as error:
            log.warning("reads.not_written", error=str(error.orig)[:200])
            with self._lock:
                for key, number in taken.items():
                    self._waiting[key] = self._waiting.get(key, 0) + number
            return 0

    def _upsert(self) -> Any:
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(ContentReads)
        return statement.on_conflict_do_update(
            index_elements=["content_id", "day"], set_={"count": ContentReads.count + statement.excluded.count}
        )

    def start(self) -> None:
        """Write every few seconds, in a thread, until :meth:`stop`."""
        self._thread = threading.Thread(target=self._run, name="reads", daemon=True)
        self._thread.start()

    def stop(self, wait_seconds: float | None) -> None:
        """Write what is left, and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(wait_seconds)

    def _run(self) -> None:
        while not self._stopping.wait(FLUSH_SECONDS):
            self.flush()
        self.flush()


def note_read(event: NewResponse) -> None:
    """Subscriber: count the answer to a request, where it is the page of an item and a person asked to read it."""
    request = event.request
    route = getattr(request, "matched_route", None)
    if route is None or not route.name.endswith(".show") or request.method != "GET":
        return
    context = getattr(request, "context", None)
    if event.response.status_int == 200 and isinstance(context, ContentContext) and is_reader(request, context.item):
        request.registry["plein.reads"].count(context.item.id, request.viewer.session_id)


def is_reader(request: Request, item: Content) -> bool:
    """Whether who asks is a reader of *item*: no program, no browser that loads ahead, nobody who writes it."""
    viewer = request.viewer
    if item.state not in ("published", "archived") or viewer.view_as is not None:
        return False
    if viewer.user_id in (item.author_id, item.owner_id, item.updated_by_id):
        return False
    ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or request.headers.get("X-Moz") or ""
    agent = request.user_agent or ""
    return not ("prefetch" in ahead or "preview" in ahead or _PROGRAM.search(agent))


def shown(reads: int) -> TranslationString:
    """A number of reads as it may be read: none below ten, and by tens above."""
    if reads < FEWEST:
        return _("fewer than ${count}", mapping={"count": FEWEST})
    return _("at least ${count}", mapping={"count": reads // 10 * 10})


def sum_up(context: JobContext) -> None:
    """The job ``freshness.popularity``: ``Content.popularity`` is made of the last 90 days, and older days go.

    A batch of items at a time, so that nobody who saves waits long. Each batch is one statement, which reads and writes
    only what differs: two workers, or a second time, do no harm.
    """
    first = utcnow().date() - timedelta(days=KEPT_DAYS)
    reads = (
        select(func.coalesce(func.sum(ContentReads.count), 0))
        .where(ContentReads.content_id == Content.id, ContentReads.day > first)
        .correlate(Content)
        .scalar_subquery()
    )
    done, last = 0, None
    while last is None or done < last:
        with db_unguarded(context.site.engine, reason="reads of all items are summed up", writes=True) as db:
            last = db.scalar(select(func.max(Content.id))) or 0
            db.execute(
                update(Content)
                .where(Content.id > done, Content.id <= done + _BATCH, Content.popularity != reads)
                .values(popularity=reads),
                execution_options={"synchronize_session": False},
            )
            done += _BATCH
            if done >= last:
                db.execute(delete(ContentReads).where(ContentReads.day <= first))
