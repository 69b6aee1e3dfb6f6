"""``plein serve`` and ``pserve`` with the whole site behind them. The server by itself is in test_serving.py."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAMS = Path(sys.executable).parent

SETTINGS = """
[app:main]
use = egg:plein
plein.base_url = http://127.0.0.1:{port}
plein.database_url = sqlite:///%(here)s/plein.sqlite
plein.files_dir = %(here)s/files
plein.cache_dir = {cache}
plein.secret_file = %(here)s/secret
plein.max_body_mb = 1
plein.max_upload_mb = 1

[server:main]
use = egg:waitress
listen = 127.0.0.1:{port}
"""


class Site:
    """A site in a folder, with a port that was free a moment ago."""

    def __init__(self, folder: Path, cache: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.config = folder / "plein.ini"
        self.config.write_text(SETTINGS.format(port=self.port, cache=cache), encoding="utf-8")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEIN_")}

    def plein(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [PROGRAMS / "plein", "-c", self.config, *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(PROGRAMS / command[0]), *command[1:]],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def status(self, path: str = "/-/health", *, announcing: int = 0, sending: int = 0) -> int:
        """The status of a GET, or of a POST that announces a body of so many bytes, and waits for leave to send it; or
        of one that sends it.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Content-Length": str(announcing), "Expect": "100-continue"} if announcing else {}
            connection.request("POST" if announcing or sending else "GET", path, b"x" * sending or None, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def answers(self, seconds: float = 40) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return self.status() == 200
            except OSError:
                time.sleep(0.1)
        return False


@pytest.fixture
def site(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Site]:
    # Compiling every page takes seconds; the other tests keep what comes of it here, too.
    site = Site(tmp_path, pytestconfig.cache.mkdir("templates") if pytestconfig.cache else tmp_path / "cache")
    assert site.plein("init").returncode == 0
    yield site


def stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Ask to leave. Gives the exit code and what it printed."""
    process.send_signal(signal.SIGTERM)
    try:
        printed, _ = process.communicate(timeout=40)
    finally:
        process.kill()
    return process.returncode, printed


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """What *process* prints up to and including the line with *text*; all that it printed if that never comes."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if text in line:
            break
    return printed


def test_the_site_is_served_until_it_is_told_to_stop(site: Site) -> None:
    process = site.start(
        "plein", "-c", str(site.config), "serve", "--port", str(site.port), "--workers", "2", "--sign-in-as", "admin"
    )
    try:
        assert site.answers()
        assert site.status("/sign-in") == 200
        # An address that takes files takes one of plein.max_upload_mb in a form, and no other takes more than
        # plein.max_body_mb: said by what is announced, before anything of it is read.
        assert site.status("/sign-in", announcing=1_100_000) == 413
        assert site.status("/spaces/a/wiki/b/files/-/attach", announcing=2_200_000) == 413
        assert site.status("/spaces/a/wiki/b/files/-/attach", sending=1_100_000) == 403
        # It is printed when all workers are ready; one of them may answer before.
        printed = read_until(process, "/sign-in/link/")
    finally:
        code, _rest = stop(process)
    assert code == 0
    assert f"Plein serves http://127.0.0.1:{site.port} (2 × 2 requests" in printed
    assert re.search(rf"http://127\.0\.0\.1:{site.port}/sign-in/link/\S+", printed)


@pytest.mark.parametrize("beside", [True, False], ids=["serve", "worker"])
def test_work_for_later_is_done_beside_the_pages_or_by_a_worker(site: Site, beside: bool) -> None:
    site.environment["PLEIN_JOBS_IN_SERVE"] = str(beside).lower()
    assert "Job " in site.plein("jobs", "run", "jobs.clean").stdout
    command = ["serve", "--port", str(site.port), "--workers", "1"] if beside else ["worker"]
    process = site.start("plein", "-c", str(site.config), *command)
    try:
        assert site.answers() if beside else "does work for later" in read_until(process, "does work for later")
        end = time.monotonic() + 20
        while "jobs.clean" not in site.plein("jobs", "list", "--state", "done").stdout and time.monotonic() < end:
            time.sleep(0.1)
        assert "jobs.clean" in site.plein("jobs", "list", "--state", "done").stdout
    finally:
        code, _ = stop(process)
    assert code == 0


def test_pserve_serves_the_site_too(site: Site) -> None:
    process = site.start("pserve", str(site.config))
    try:
        assert site.answers()
        assert site.status("/sign-in") == 200
    finally:
        stop(process)


def test_a_port_in_use_is_one_sentence(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.port)):
        result = site.plein("serve", "--port", str(site.port))
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        f"Error: Port {site.port} on 127.0.0.1 is in use by another program; "
        "stop that one, or choose another with --port."
    ]


def test_check_starts_nothing(site: Site) -> None:
    assert site.plein("serve", "--check").returncode == 0
    with site.config.open("a", encoding="utf-8") as file:
        file.write("\n[app:main]\n")
    broken = site.plein("serve", "--check")
    assert broken.returncode == 1 and "cannot be read" in broken.stderr
