"""Two real ``plein worker`` processes on one database: what is planned appears once, also when one is killed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from plein.content.models import Content, Transition
from plein.db import utcnow
from plein.events import Event
from plein.jobs.models import QueuedJob

PLEIN = str(Path(sys.executable).with_name("plein"))
PLANNED = 200


@pytest.fixture
def start_worker(settings_values: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """``start_worker()``: a worker of the site in a process of its own, killed at the end at the latest."""
    config, started = tmp_path / "plein.ini", []
    lines = [f"{name} = {value.replace('%', '%%')}" for name, value in settings_values.items()]
    config.write_text("\n".join(["[app:main]", "use = egg:plein", *lines]), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEIN_")}

    def start() -> subprocess.Popen[bytes]:
        command = [PLEIN, "-c", str(config), "worker"]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def planned(db: Session, make_user: Callable, make_space: Callable) -> None:
    """Items that are due a moment ago."""
    writer = make_user("anna")
    space = make_space("handbook", members={writer: "editor"})
    many = {"type": "wiki.page", "space_id": space.id, "author_id": writer.id, "state": "scheduled"}
    moment = utcnow() - timedelta(seconds=1)
    rows = [
        many | {"title": f"Plan {n}", "sort_title": f"plan {n}", "slug": f"plan-{n}", "publish_at": moment}
        for n in range(PLANNED)
    ]
    own = Content.__mapper__.polymorphic_map["wiki.page"].local_table
    ids = db.execute(insert(Content).returning(Content.id), rows).scalars().all()
    db.execute(insert(own), [{"id": one, "position": 0} for one in ids])
    db.commit()


def seen(db: Session, condition: Callable[[Session], bool], seconds: float = 60.0) -> bool:
    """Wait until *condition* holds; each look is a transaction of its own."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition(db)
        db.rollback()
        if found:
            return True
        time.sleep(0.05)
    return False


def appeared(db: Session) -> Counter[int]:
    return Counter(db.scalars(select(Transition.content_id).where(Transition.action == "published")))


@pytest.mark.slow
def test_what_is_planned_appears_once_though_one_of_two_workers_is_killed_halfway(
    db: Session, planned: None, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    workers = [start_worker(), start_worker()]
    assert seen(db, lambda db: len(appeared(db)) >= PLANNED // 10)
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait()
    running = QueuedJob.state == "running"
    # As if two minutes went by. What the dead one had in hand the other one takes over; where the other one had it, it
    # now does it twice at once, and that must do no harm either.
    db.execute(update(QueuedJob).where(running).values(lease_until=utcnow() - timedelta(1), handed_at=None))
    db.commit()
    assert seen(db, lambda db: len(appeared(db)) == PLANNED)
    assert seen(db, lambda db: db.scalar(select(QueuedJob.id).where(running, QueuedJob.name == "life.due")) is None)
    assert set(appeared(db).values()) == {1}
    told = Counter(db.scalars(select(Event.content_id).where(Event.kind == "content.published")))
    assert len(told) == PLANNED and set(told.values()) == {1}
