"""Asks a server for pages over a few kept-open connections, and reads what that cost the server's process.

What is judged by is CPU time: unlike requests per second it hardly depends on what else the machine is doing.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, and the status that a right answer has."""

    path: str
    status: int = 200
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(slots=True)
class Round:
    """What a bounded number of requests cost. *seconds* holds the time of each request, as the client saw it."""

    wall: float
    cpu: float
    seconds: list[float]
    size: int

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of the server process, user and system, for one request."""
        return self.cpu / len(self.seconds) * 1000


class WrongAnswer(RuntimeError):
    """A server answered with another status than it should: what was measured means nothing."""


class Server:
    """A server process of our own. ``port`` and ``cookie`` are known when it answers."""

    def __init__(self, kind: str, database: Path, threads: int) -> None:
        command = [sys.executable, str(Path(__file__).with_name("serve.py")), kind, str(database), str(threads)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the {kind} server did not start; its own words are above")
        started = json.loads(line)
        self.port: int = started["port"]
        self.cookie: str = started["cookie"]
        self._usage = psutil.Process(self._process.pid)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory_mb(self) -> float:
        """Resident memory, in megabytes."""
        return float(self._usage.memory_info().rss) / 1e6

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)

    def fetch(self, path: str) -> str:
        """The body of a page, not counted anywhere."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            return _answer(connection, Ask(path), self.cookie).decode()
        finally:
            connection.close()

    def run(self, lanes: Sequence[Sequence[Ask]]) -> Round:
        """Send each lane's requests one after the other over a connection of its own, all lanes at once.

        :raises WrongAnswer: for another status than was asked for.
        """
        times: list[float] = []
        sizes: list[int] = []
        failures: list[Exception] = []
        threads = [threading.Thread(target=self._lane, args=(lane, times, sizes, failures)) for lane in lanes if lane]
        before, start = self._cpu(), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall, cpu = time.perf_counter() - start, self._cpu() - before
        if failures:
            raise failures[0]
        return Round(wall, cpu, times, sum(sizes) // len(sizes))

    def _lane(self, asks: Sequence[Ask], times: list[float], sizes: list[int], failures: list[Exception]) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            for ask in asks:
                start = time.perf_counter()
                body = _answer(connection, ask, self.cookie)
                times.append(time.perf_counter() - start)
                sizes.append(len(body))
        except Exception as error:  # told to the thread that waits
            failures.append(error)
        finally:
            connection.close()

    def _cpu(self) -> float:
        used = self._usage.cpu_times()
        return float(used.user + used.system)


def _answer(connection: HTTPConnection, ask: Ask, cookie: str) -> bytes:
    headers = {"Cookie": cookie, "Accept-Language": "nl", **ask.headers}
    connection.request(ask.method, ask.path, body=ask.body, headers=headers)
    response = connection.getresponse()
    body = response.read()
    if response.status != ask.status:
        raise WrongAnswer(f"{ask.method} {ask.path}: {response.status}, not {ask.status}: {body[-300:]!r}")
    return body


@contextmanager
def servers(wanted: Sequence[tuple[str, Path, int]]) -> Iterator[list[Server]]:
    """Servers of these kinds on these databases, stopped afterwards."""
    started: list[Server] = []
    try:
        for kind, database, threads in wanted:
            started.append(Server(kind, database, threads))
        yield started
    finally:
        for server in started:
            server.stop()
