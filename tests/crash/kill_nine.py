"""Kills a real server with SIGKILL while people write, again and again, and counts saves that were lost.

A save counts as acknowledged when the browser got its redirect. After every kill the server must be back within ten
seconds, the database must pass its integrity check, and every acknowledged text must be in it.

    python tests/crash/kill_nine.py --kills 50

Prints a line per kill and one of JSON at the end. Exit code 0: nothing was lost. Needs an installed Plein with the
wiki, and a free port; makes a site of its own in a temporary folder.
"""

import argparse
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup

PLEIN = str(Path(sys.executable).with_name("plein"))
SPACE = "crash"
RESTART_SECONDS = 10.0
#: The first start compiles every page, on a machine that may be busy.
START_SECONDS = 120.0

SETTINGS = """
[app:main]
use = egg:plein
plein.base_url = http://127.0.0.1:{port}
plein.database_url = {database}
plein.files_dir = %(here)s/files
plein.secret_file = %(here)s/secret
plein.write_limit = 100000
plein.upload_limit = 100000
plein.default_locale = en
"""

SQLITE = "sqlite:///%(here)s/plein.sqlite"

#: Between the parts of a form with a file; long enough to be in none.
BOUNDARY = "a-boundary-that-is-in-no-file-of-these-tests"


class Browser:
    """As much of a browser as signing in and filling in a form takes."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies = dict(cookies or {})

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, file: tuple[str, bytes] | None = None
    ) -> tuple[int, str, str]:
        """Status, place of a redirect, and text. Raises OSError or HTTPException when the server is not there.

        :param file: name and bytes of what is sent with the *fields*.
        """
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            body = urlencode(fields or {}).encode()
            if method == "POST":
                headers |= {
                    "Origin": f"http://127.0.0.1:{self.port}",
                    "Content-Type": "application/x-www-form-urlencoded",
                }
            if file:
                headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
                body = multipart(fields or {}, *file)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for header in answer.headers.get_all("Set-Cookie", []):
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
            return answer.status, urlsplit(answer.getheader("Location", "")).path, text
        finally:
            connection.close()

    def form(self, path: str, having: str) -> dict[str, str]:
        """The fields of the form at *path* that has a field *having*, as they are."""
        status, _, text = self.ask("GET", path)
        if status != 200:
            raise HTTPException(f"{path} answers {status}")
        for form in BeautifulSoup(text, "html.parser").find_all("form"):
            fields: dict[str, str] = {}
            for tag in form.find_all(["input", "textarea", "select"]):
                if not tag.get("name") or tag.get("type") in ("submit", "checkbox", "radio", "file"):
                    continue
                fields[tag["name"]] = tag.text.removeprefix("\n") if tag.name == "textarea" else tag.get("value", "")
            if having in fields:
                return fields
        raise HTTPException(f"{path} has no form with {having}")

    def send(self, path: str, having: str, **typed: str) -> tuple[int, str, str]:
        """Fill in the form at *path* and send it to the same address."""
        return self.ask("POST", path, self.form(path, having) | typed)


def multipart(fields: dict[str, str], name: str, data: bytes) -> bytes:
    """A form with a field ``file``, as a browser sends it."""
    parts = [f'name="{field}"\r\n\r\n{value}\r\n'.encode() for field, value in fields.items()]
    parts.append(f'name="file"; filename="{name}"\r\n\r\n'.encode() + data + b"\r\n")
    before = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    return before + before.join(parts) + f"--{BOUNDARY}--\r\n".encode()


class Site:
    """A site in a folder of its own, and the server that can be killed.

    :param more: lines of settings beside those that every such site has.
    :param database: its address, as it stands in a file of settings.
    """

    def __init__(self, folder: Path, more: str = "", database: str = SQLITE) -> None:
        self.folder = folder
        self.is_sqlite = database.startswith("sqlite")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.config = folder / "plein.ini"
        self.config.write_text(SETTINGS.format(port=self.port, database=database) + more, encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def plein(self, *arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEIN_")}
        command = [PLEIN, "-c", str(self.config), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    def start(self) -> float:
        """Start the server and wait until it answers. Gives the seconds that took."""
        began = time.monotonic()
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [PLEIN, "-c", str(self.config), "serve", "--port", str(self.port), "--workers", "2"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while time.monotonic() - began < START_SECONDS:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "server.log").read_text(encoding="utf-8")[-2000:])
            try:
                if Browser(self.port).ask("GET", "/-/health")[0] == 200:
                    return time.monotonic() - began
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise RuntimeError("the server did not answer")

    def kill(self) -> None:
        """SIGKILL for the parent and all workers at once, as when the power goes."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def sign_in(self) -> Browser:
        address = self.plein("user", "link", "admin").strip()
        browser = Browser(self.port)
        status, _, _ = browser.send(urlsplit(address).path, "csrf_token")
        if status != 303:
            raise RuntimeError(f"signing in answers {status}")
        return browser

    def problems(self) -> list[str]:
        """What the database's own checks find wrong."""
        with sqlite3.connect(self.folder / "plein.sqlite") as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        connection.close()
        return found

    def texts(self) -> set[str]:
        """Every text that the database holds, of the newest and of earlier versions."""
        with sqlite3.connect(self.folder / "plein.sqlite") as connection:
            found = {row[0] for row in connection.execute("SELECT body FROM revision")}
        connection.close()
        return found


@dataclass
class Outcome:
    kills: int = 0
    acknowledged: int = 0
    unsure: int = 0
    lost: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    slowest_restart: float = 0.0

    @property
    def ok(self) -> bool:
        fine = not (self.lost or self.damage or self.refused)
        return fine and self.acknowledged > 0 and self.slowest_restart < RESTART_SECONDS

    def as_json(self) -> str:
        figures = {
            "kills": self.kills,
            "acknowledged_saves": self.acknowledged,
            "unsure_saves": self.unsure,
            "lost_saves": len(self.lost),
            "integrity": "ok" if not self.damage else self.damage,
            "refused": self.refused[:5],
            "slowest_restart_s": round(self.slowest_restart, 2),
        }
        return json.dumps(figures)


class Writers:
    """Threads that write pages until the server is gone: each makes one, and saves it again and again."""

    def __init__(self, site: Site, cookies: dict[str, str], round_: int, count: int) -> None:
        self.acknowledged: list[str] = []
        self.unsure: list[str] = []
        self.refused: list[str] = []
        self.threads = [
            threading.Thread(target=self._write, args=(Browser(site.port, cookies), f"Page {round_} of writer {n}"))
            for n in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def wait_for_first(self, seconds: float = 30.0) -> None:
        """Until something was saved: killing a server that is still compiling its pages proves nothing."""
        end = time.monotonic() + seconds
        while not self.acknowledged and not self.refused and time.monotonic() < end:
            time.sleep(0.02)

    def join(self) -> None:
        for thread in self.threads:
            thread.join()

    def _write(self, browser: Browser, title: str) -> None:
        where, number = f"/spaces/{SPACE}/wiki/-/new", 0
        while True:
            number += 1
            text = f"{title}, version {number}. " + "Words that take some room. " * 40
            try:
                fields = browser.form(where, "body") | {"title": title, "body": text.strip()}
            except (OSError, HTTPException) as error:
                if "answers" in str(error):
                    self.refused.append(str(error))
                return
            try:
                status, page, answer = browser.ask("POST", where, fields)
            except (OSError, HTTPException):
                # Killed while it saved: the browser saw no answer, so the text may be there or not.
                self.unsure.append(text.strip())
                return
            if status != 303:
                self.refused.append(f"saving answers {status}: {BeautifulSoup(answer, 'html.parser').text[:200]}")
                return
            self.acknowledged.append(text.strip())
            where = f"{page.removesuffix('/edit')}/edit"


def run(
    folder: Path, *, kills: int, writers: int = 6, seed: int = 0, say: Callable[[str], None] = lambda line: None
) -> Outcome:
    """Start, write, kill, check; *kills* times. Gives what was found."""
    chance = random.Random(seed)
    site, outcome = Site(folder), Outcome()
    site.plein("init")
    site.start()
    acknowledged: list[str] = []
    try:
        browser = site.sign_in()
        if browser.send("/spaces/-/new", "name", name=SPACE.capitalize(), access="open", language="en")[0] != 303:
            raise RuntimeError("making a space does not work")
        for number in range(1, kills + 1):
            working = Writers(site, browser.cookies, number, writers)
            working.wait_for_first()
            time.sleep(chance.uniform(0.1, 2.0))
            site.kill()
            working.join()
            outcome.kills += 1
            outcome.unsure += len(working.unsure)
            outcome.refused += working.refused
            acknowledged += working.acknowledged
            outcome.damage += site.problems()
            texts = site.texts()
            outcome.lost = [text[:60] for text in acknowledged if text not in texts]
            restart = site.start()
            outcome.slowest_restart = max(outcome.slowest_restart, restart)
            say(f"kill {number}: {len(acknowledged)} saves, {len(outcome.lost)} lost, back in {restart:.1f} s")
        outcome.acknowledged = len(acknowledged)
        outcome.lost += unreadable(site, browser)
        return outcome
    finally:
        if site.process and site.process.poll() is None:
            site.kill()


def unreadable(site: Site, browser: Browser) -> list[str]:
    """Pages that the database holds and the site does not show: a lost search row or a half-written page."""
    with sqlite3.connect(site.folder / "plein.sqlite") as connection:
        slugs = [row[0] for row in connection.execute("SELECT slug FROM content WHERE state = 'published'")]
    connection.close()
    sample = slugs[:: max(1, len(slugs) // 20)]
    return [f"page {slug}" for slug in sample if browser.ask("GET", f"/spaces/{SPACE}/wiki/{slug}")[0] != 200]


def told(run: Callable[..., Any], **options: Any) -> int:
    """Run it in a folder of its own, say what happens, and give the exit code: 0 where all held."""
    print(f"seed {options['seed']}", flush=True)
    with tempfile.TemporaryDirectory(prefix="plein-crash-") as folder:
        outcome = run(Path(folder), say=lambda line: print(line, flush=True), **options)
    print(outcome.as_json())
    return 0 if outcome.ok else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments of killing")
    return told(run, **vars(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
