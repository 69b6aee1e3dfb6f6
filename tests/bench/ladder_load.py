"""Changes on the ladder while people read: no page may fail, and every process must know a change within two seconds.

    python tests/bench/ladder_load.py --changes 1000

Serves a site of its own in two processes, lets readers ask for a page all the time, and switches the wiki off and on.
Prints how many pages were read, how many answers were neither the page nor 404, and how long after a change was
committed the slower process answered as it says. Exit code 0: nothing failed, and all within two seconds.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import fill  # noqa: E402

from plein.db import build_engine, open_session  # noqa: E402
from plein.ladder.changing import Decision, decide  # noqa: E402

PATIENCE_S = 2.0
READERS = 2


@dataclass
class Process:
    """A server of the site."""

    port: int
    cookie: str

    def asks(self, connection: HTTPConnection, path: str) -> int:
        connection.request("GET", path, headers={"Cookie": self.cookie, "Host": f"127.0.0.1:{self.port}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=30)


@dataclass
class Outcome:
    changes: int = 0
    read: int = 0
    failed: list[int] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    late: int = 0

    def as_json(self) -> str:
        ms = sorted(1000 * lag for lag in self.lags)
        shown = {"p50_ms": round(statistics.median(ms), 1), "worst_ms": round(ms[-1], 1)}
        return json.dumps(
            {"changes": self.changes, "read": self.read, "failed": len(self.failed), "late": self.late, **shown}
        )


@contextmanager
def served(database: Path) -> Any:
    program = [sys.executable, str(Path(__file__).with_name("serve.py")), "plein", str(database), "4"]
    running = [
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _each in range(2)
    ]
    try:
        yield [Process(**json.loads(one.stdout.readline())) for one in running]
    finally:
        for one in running:
            one.stdin.close()
            one.wait(30)


def run(folder: Path, changes: int) -> Outcome:
    fill.fill_sqlite(folder, 20)
    database = folder / "plein.sqlite"
    outcome, over = Outcome(), threading.Event()
    with served(database) as processes:
        path = f"/spaces/{fill.SPACE}/wiki"
        readers = [
            threading.Thread(target=_read, args=(processes[number % 2], path, outcome, over))
            for number in range(READERS)
        ]
        for one in readers:
            one.start()
        engine = build_engine(f"sqlite:///{database.resolve()}")
        try:
            asking = [(one, one.connect()) for one in processes]
            for number in range(changes):
                stage: Any = "on" if number % 2 else "off"
                with open_session(engine, writes=True) as db, db.begin():
                    decide(db, "wiki", Decision(stage))
                _follow(asking, path, 200 if stage == "on" else 404, outcome)
        finally:
            over.set()
            for one in readers:
                one.join()
    return outcome


def _follow(asking: list[tuple[Process, HTTPConnection]], path: str, wanted: int, outcome: Outcome) -> None:
    began = time.monotonic()
    for process, connection in asking:
        while (status := process.asks(connection, path)) != wanted and time.monotonic() - began < PATIENCE_S:
            if status not in (200, 404):
                outcome.failed.append(status)
        outcome.late += status != wanted
    outcome.lags.append(time.monotonic() - began)
    outcome.changes += 1


def _read(process: Process, path: str, outcome: Outcome, over: threading.Event) -> None:
    connection = process.connect()
    while not over.is_set():
        status = process.asks(connection, path)
        outcome.read += 1
        if status not in (200, 404):
            outcome.failed.append(status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1000)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), parser.parse_args().changes)
    print(outcome.as_json())
    return int(bool(outcome.failed or outcome.late))


if __name__ == "__main__":
    sys.exit(main())
