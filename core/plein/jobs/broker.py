"""The broker: tells whichever process is free that there is work, at once. huey's queues, and nothing of huey else.

A message is the number of a row and no more. The row is the truth: it says whether the work is still to be done, and by
whom. So a message may be lost, come late or come twice, and a broker may be away: the sweep of the executor finds what
waits for too long. See ADR 0020.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from huey import Huey
from huey.consumer import Consumer
from huey.serializer import Serializer
from huey.storage import BaseStorage, PostgresStorage, RedisStorage, SqliteStorage
from psycopg import connect
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from plein.contributions import Job
from plein.jobs.context import SiteParts

log = structlog.get_logger(__name__)

#: Where short work and long work wait, so that a thousand pictures keep nobody from being told of anything.
LANES = ("quick", "slow")
#: How long nobody is told after the broker failed, so that a page does not wait for it again and again.
_REST_SECONDS = 10.0
#: How long to wait for a broker that does not answer.
_PATIENCE_SECONDS = 1
#: A worker of SQLite's queue looks again after at most so long; the others are woken.
_LONGEST_LOOK_SECONDS = 0.5


class _Json(Serializer):
    """Messages as JSON: what is read from a queue must never be able to run."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps([data.id, data.name, list(data.args)]).encode()

    def _deserialize(self, data: bytes) -> Any:
        from huey.registry import Message

        number, name, arguments = json.loads(data)
        return Message(number, name, None, 0, 0, None, tuple(arguments), {}, None, None)


class _Consumer(Consumer):
    """huey's threads inside a process that has signals of its own."""

    def _set_signal_handlers(self) -> None:
        """Whoever started it stops it."""


class Broker:
    """The queues of one site.

    :param storages: huey's storage for each of :data:`LANES`.
    :param slow: the names of the jobs that go by the slow lane.
    """

    def __init__(self, storages: Mapping[str, Callable[..., BaseStorage]], slow: frozenset[str]) -> None:
        self._slow = slow
        self._hueys = {
            lane: Huey(f"plein-{lane}", storage_class=storage, serializer=_Json(), results=False, utc=True)
            for lane, storage in storages.items()
        }
        for huey in self._hueys.values():
            # Each thread has connections of its own, and lets go of them when it ends.
            huey.on_shutdown(name="close")(partial(_close, huey.storage))
        self._tasks = {lane: huey.task(name="run")(self._call) for lane, huey in self._hueys.items()}
        self._run: Callable[[int], object] | None = None
        self._rest_until = 0.0

    def _call(self, number: int) -> None:
        if self._run is not None:
            self._run(number)

    def hand_over(self, jobs: Iterable[tuple[int, str]]) -> bool:
        """Tell whoever is free of *jobs*: pairs of a row's number and the job's name.

        :return: whether the broker took them. One that failed is left alone for a while.
        """
        if time.monotonic() < self._rest_until:
            return False
        try:
            for number, name in jobs:
                self._tasks["slow" if name in self._slow else "quick"](number)
        except Exception as error:
            # Whatever the driver raises: the rows are stored, and the sweep will find them.
            self._rest_until = time.monotonic() + _REST_SECONDS
            log.warning("jobs.broker_away", error=f"{type(error).__name__}: {error}"[:300])
            return False
        return True

    def start(self, run: Callable[[int], object], workers: int) -> list[Consumer]:
        """Threads that call *run* with each number: so many for quick work, one for slow."""
        self._run = run
        consumers = [
            _Consumer(
                huey,
                workers=workers if lane == "quick" else 1,
                periodic=False,
                initial_delay=0.05,
                max_delay=_LONGEST_LOOK_SECONDS,
                check_worker_health=False,
            )
            for lane, huey in self._hueys.items()
        ]
        for consumer in consumers:
            consumer.start()
        return consumers

    def waiting(self) -> int:
        """How many messages wait."""
        return sum(huey.storage.queue_size() for huey in self._hueys.values())

    def close(self) -> None:
        """Let go of connections."""
        for huey in self._hueys.values():
            _close(huey.storage)


def _close(storage: BaseStorage) -> None:
    """Let go of the connection, which another thread may have done while this one waited for its turn."""
    with suppress(AttributeError):
        storage.close()


def build_broker(address: str, engine: Engine, jobs: Mapping[str, Job]) -> Broker:
    """The broker that the setting ``plein.jobs_broker`` names: in the site's own database, or in Redis or Valkey.

    :param jobs: those that are declared, by name.

    SQLite's is a file of its own beside the database: waking a worker must not wait for somebody who saves.
    """
    slow = frozenset(name for name, job in jobs.items() if job.lane == "slow")
    if address != "database":
        url = "redis://" + address.removeprefix("valkey://") if address.startswith("valkey://") else address
        url += ("&" if "?" in url else "?") + f"socket_connect_timeout={_PATIENCE_SECONDS}&socket_timeout=5"
        return Broker({lane: _made(RedisStorage, url=url) for lane in LANES}, slow)
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        beside = file.with_name(f"{file.stem}-jobs.sqlite")
        return Broker({lane: _made(SqliteStorage, filename=str(beside), fsync=False) for lane in LANES}, slow)
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Broker(
        {
            lane: _made(
                PostgresStorage,
                connection=lambda: connect(url, connect_timeout=_PATIENCE_SECONDS),
                # made by a migration: the account that serves may not be allowed to
                create_tables=False,
            )
            for lane in LANES
        },
        slow,
    )


def _made(storage: type[BaseStorage], **options: Any) -> Callable[..., BaseStorage]:
    return lambda name, **_more: storage(name, **options)


#: By the address of the database: a session's engine is a copy of the site's, with the same address.
_brokers: dict[URL, Broker] = {}
_lock = threading.Lock()


def attach(site: SiteParts) -> Broker:
    """The broker of *site*: what its sessions store is handed over from now on, when they commit."""
    with _lock:
        broker = _brokers.get(site.engine.url)
        if broker is None:
            broker = build_broker(site.settings["plein.jobs_broker"], site.engine, site.plugins.jobs)
            _brokers[site.engine.url] = broker
        return broker


def broker_of(db: Session) -> Broker | None:
    """The broker of the site that *db* belongs to; none in a command, which leaves its work to the sweep."""
    return _brokers.get(db.get_bind().engine.url)


def forget(engine: Engine) -> None:
    """Let go of the broker of *engine*: before a process is forked, and when a site ends."""
    with _lock:
        broker = _brokers.pop(engine.url, None)
    if broker is not None:
        broker.close()
