"""A real PostgreSQL for tests, of which nothing is kept."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL

from plein.db import build_engine

_START_SECONDS = 30
#: A folder in memory, and the bytes that must be free there.
_MEMORY, _ROOM = "/dev/shm", 2 << 30


class PostgreSQLServer:
    """A server of our own on a socket in a folder of its own, stopped and removed at the end.

    :param folder: an empty one; by default in memory, where that has room.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._in_memory = folder is None and _has_room(_MEMORY)
        # A socket's path may have 107 characters at most: not in pytest's own deep folders.
        self.folder = folder or Path(tempfile.mkdtemp(prefix="plein-pg-", dir=_MEMORY if self._in_memory else "/tmp"))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self._user = _server_user()
        self._programs = _programs()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._user:
            shutil.chown(self.folder, self._user)
        self._call("initdb", "-D", self.data, "-U", "plein", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "60",
            # A test's data may be lost with the machine.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        if self._in_memory:
            # What it keeps of changes takes little room.
            settings |= {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "64MB", "min_wal_size": "32MB"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", self.data, *options), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {self.log.read_text(errors='replace')[-2000:]}")

    def _answers(self) -> bool:
        ready = subprocess.run(
            [self._programs / "pg_isready", "-q", "-h", self.folder], check=False, capture_output=True
        )
        return ready.returncode == 0

    def stop(self) -> None:
        if self._process is not None:
            # SIGINT is PostgreSQL's "fast": it ends connections instead of waiting for them.
            self._process.send_signal(2)
            self._process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        query = {"host": str(self.folder)}
        url = URL.create("postgresql+psycopg", username="plein", database=database, query=query)
        return url.render_as_string(hide_password=False)

    def copy(self, template: str, name: str) -> None:
        """Make the database *name* as *template* is."""
        # Each test has one: copied as files in memory that takes a third of the time, and on a disk more.
        strategy = "FILE_COPY" if self._in_memory else "WAL_LOG"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY {strategy}')

    def execute(self, statement: str) -> None:
        engine = build_engine(self.url("postgres"), pool_size=1)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def _call(self, program: str, *arguments: Any) -> None:
        done = subprocess.run(self._command(program, *arguments), check=False, capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")

    def _command(self, program: str, *arguments: Any) -> list[str]:
        command = [str(self._programs / program), *map(str, arguments)]
        # Ends with us, also when we are killed. PostgreSQL refuses to run as root.
        wrap = ["setpriv", "--pdeathsig", "INT"]
        if self._user:
            wrap += ["--reuid", self._user, "--regid", self._user, "--init-groups"]
        return [*wrap, *command] if shutil.which("setpriv") else command


def _has_room(folder: str) -> bool:
    try:
        return shutil.disk_usage(folder).free > _ROOM
    except OSError:
        return False


def _server_user() -> str:
    return "postgres" if os.geteuid() == 0 else ""


def _programs() -> Path:
    """The folder with PostgreSQL's programs, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    pytest.fail(
        "The tests need PostgreSQL 15 or newer. Install it with: apt-get install postgresql "
        "(the server that Debian starts is not used, and may be stopped).",
        pytrace=False,
    )
    raise AssertionError
