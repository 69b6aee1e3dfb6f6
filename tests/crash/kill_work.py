"""Kills a real server with SIGKILL while it does everything at once, again and again, and looks what became of it.

People save pages and upload files; meanwhile planned items are due, items leave the trash for good, and mail goes to a
real mail server. The moment of a kill is chosen by chance, or by the mail server: when it has a message and did not say
so yet, which is the worst one for sending once. Sometimes one worker dies first, alone.

Afterwards: the database is sound, what was acknowledged is there, each planned item appeared once and is told of once,
each old one is gone and that is written down once, every row has its file, and what has no row is thrown away by
`plein files check --repair`. Of each mail one Message-ID arrived: at least one copy; a second one only where the server
had it when the process died, and a receiver sees by its Message-ID that it is the same.

    PYTHONPATH=tests/support python tests/crash/kill_work.py --kills 20 [--database postgresql+psycopg://…]

A database that is given has to be empty. Exit code 0: all of that held.
"""

import argparse
import json
import os
import random
import secrets
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.client import HTTPException
from pathlib import Path
from typing import Any, Self

from kill_nine import RESTART_SECONDS, SPACE, SQLITE, Browser, Site, Writers, told
from mail_server import MailServer
from work_inside import Feeder, Inside, digest_of

SETTINGS = """
plein.cache_dir = {cache}
plein.smtp_host = 127.0.0.1
plein.smtp_port = {port}
plein.smtp_tls = off
plein.mail_from = plein@example.nl
"""
#: How long all that was given may take when nobody is killed any more.
SETTLE_SECONDS = 600.0


@dataclass
class Outcome:
    kills: Counter[str] = field(default_factory=Counter)
    saves: int = 0
    uploads: int = 0
    unsure: int = 0
    planned: int = 0
    purged: int = 0
    mails: int = 0
    #: copies of a mail that had arrived already, each under the Message-ID of the first
    mails_again: int = 0
    thrown_away: int = 0
    slowest_restart: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        did_all = all((self.saves, self.uploads, self.planned, self.purged, self.mails))
        return did_all and not self.wrong and self.slowest_restart < RESTART_SECONDS

    def as_json(self) -> str:
        return json.dumps(vars(self) | {"slowest_restart": round(self.slowest_restart, 2), "wrong": self.wrong[:20]})


class Receiver(MailServer):
    """A mail server that can have somebody killed when it has a message, before it says so."""

    when_received: Callable[[], None] | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.when_received is not None:
            kill, self.when_received = self.when_received, None
            kill()
        return answer


class Uploaders:
    """Threads that add files to a page of their own until the server is gone."""

    def __init__(self, site: Site, cookies: dict[str, str], round_: int, count: int) -> None:
        self.acknowledged: list[str] = []
        self.unsure = 0
        self.refused: list[str] = []
        self.threads = [
            threading.Thread(target=self._upload, args=(Browser(site.port, cookies), f"Files {round_} {number}"))
            for number in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def _upload(self, browser: Browser, title: str) -> None:
        try:
            _, page, _ = browser.send(f"/spaces/{SPACE}/wiki/-/new", "body", title=title, body="Files below.")
            page = page.removesuffix("/edit")
            fields = browser.form(f"{page}/files", "csrf_token")
        except (OSError, HTTPException) as error:
            self._note(error)
            return
        number = 0
        while True:
            number += 1
            data = f"{title}, {number}. ".encode() + secrets.token_hex(100_000).encode()
            try:
                status, where, _ = browser.ask("POST", f"{page}/files/-/attach", fields, (f"{number}.txt", data))
            except (OSError, HTTPException):
                self.unsure += 1
                return
            if status != 303:
                self.refused.append(f"uploading answers {status}, to {where}")
                return
            self.acknowledged.append(digest_of(data))

    def _note(self, error: Exception) -> None:
        if "answers" in str(error):
            self.refused.append(str(error))


class Run:
    """One run over a site of its own."""

    def __init__(self, folder: Path, *, seed: int, longest: float, database: str, cache: Path | None) -> None:
        self.chance = random.Random(seed)
        self.longest = longest
        self.mail = Receiver(folder, tls="off").start()
        more = SETTINGS.format(port=self.mail.port, cache=cache or folder / "cache")
        self.site = Site(folder, more, database)
        self.outcome = Outcome()
        self.acknowledged: list[str] = []
        self.uploaded: list[str] = []
        self._ended = ExitStack()
        self._ended.callback(self.mail.stop)
        self._ended.callback(self._stop_site)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.close()

    def _stop_site(self) -> None:
        if self.site.process and self.site.process.poll() is None:
            self.site.kill()

    def begin(self) -> None:
        self.site.plein("init")
        # The first start compiles every page; what counts is how soon it is back.
        self.site.start()
        self.browser = self.site.sign_in()
        made, _, _ = self.browser.send("/spaces/-/new", "name", name=SPACE.capitalize(), access="open", language="en")
        if made != 303:
            raise RuntimeError("making a space does not work")
        self.inside = Inside(self.site.config, SPACE)
        self._ended.callback(self.inside.parts.engine.dispose)

    def round(self, number: int, how: str) -> None:
        """Work, kill, look, and start again."""
        over = threading.Event()
        feeder = threading.Thread(target=Feeder(self.inside, str(number), over.is_set))
        saving = Writers(self.site, self.browser.cookies, number, 3)
        uploading = Uploaders(self.site, self.browser.cookies, number, 2)
        feeder.start()
        self._wait_for_work(saving, uploading)
        self._kill(how)
        over.set()
        saving.join()
        for thread in (*uploading.threads, feeder):
            thread.join()
        self.outcome.kills[how] += 1
        self.outcome.unsure += len(saving.unsure) + uploading.unsure
        self.outcome.wrong += saving.refused + uploading.refused
        self.acknowledged += saving.acknowledged
        self.uploaded += uploading.acknowledged
        self._look()
        self.inside.pass_time()
        self.outcome.slowest_restart = max(self.outcome.slowest_restart, self.site.start())

    def _wait_for_work(self, saving: Writers, uploading: Uploaders) -> None:
        """Killing a server that does nothing yet proves nothing."""
        end = time.monotonic() + 30
        while time.monotonic() < end and not (saving.acknowledged and uploading.acknowledged):
            time.sleep(0.02)
        time.sleep(self.chance.uniform(0.1, self.longest))

    def _kill(self, how: str) -> None:
        if how == "in the middle of a mail":
            killed = threading.Event()
            self.mail.when_received = lambda: (self._kill_all(), killed.set())[1]
            if killed.wait(20):
                return
            self.mail.when_received = None
        elif how == "a worker, then all":
            children = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
            os.kill(int(self.chance.choice(children)), signal.SIGKILL)
            time.sleep(self.chance.uniform(0.1, self.longest / 2))
        self._kill_all()

    @property
    def _pid(self) -> int:
        assert self.site.process
        return self.site.process.pid

    def _kill_all(self) -> None:
        self.site.kill()

    def _look(self) -> None:
        if self.site.is_sqlite:
            self.outcome.wrong += self.site.problems()
        texts = self.inside.texts()
        self.outcome.wrong += [f"lost: {text[:60]}" for text in self.acknowledged if text not in texts]
        self.outcome.wrong += self.inside.lost_files(self.uploaded)

    def end(self) -> None:
        """Let all be done, and look at the whole."""
        given, outcome = self.inside.given, self.outcome
        outcome.wrong += [f"not done: {left}" for left in self.inside.settle(SETTLE_SECONDS)]
        outcome.wrong += self.inside.wrongs()
        self._kill_all()
        self._look()
        outcome.saves, outcome.uploads = len(self.acknowledged), len(self.uploaded)
        outcome.planned, outcome.purged = len(given.planned), len(given.thrown)
        self._look_at_mail(given.mails)
        self._repair()
        outcome.wrong += self.inside.broken_audit()

    def _look_at_mail(self, keys: list[str]) -> None:
        arrived: dict[str, list[str]] = {}
        for message in self.mail.received:
            arrived.setdefault(subject_of(message), []).append(str(message["Message-ID"]))
        self.outcome.mails = sum(key in arrived for key in keys)
        self.outcome.mails_again = sum(len(arrived.get(key, [])) - 1 for key in keys if key in arrived)
        self.outcome.wrong += [f"mail {key} did not arrive" for key in keys if key not in arrived]
        self.outcome.wrong += [f"mail {key} has two Message-IDs" for key in keys if len(set(arrived.get(key, []))) > 1]
        # At most what one worker, or all together, had in hand when they died.
        most = self.outcome.kills.total() * IN_HAND
        if self.outcome.mails_again > most:
            self.outcome.wrong.append(f"{self.outcome.mails_again} mails arrived again; at most {most} can")

    def _repair(self) -> None:
        """Files that lost their row, or never had one, go by the rule for them: a day later, by this command."""
        self.inside.age_files()
        report = json.loads(self.site.plein("files", "check", "--deep", "--repair", "--json"))
        self.outcome.thrown_away = report["removed"]
        left = self.inside.lost_files(self.uploaded) + self.inside.half_files()
        if left or report["files"] - report["removed"] != report["rows"]:
            self.outcome.wrong.append(f"after the repair of files: {left}, {report}")


#: Jobs that a server does at the same time: two processes with two threads each.
IN_HAND = 4

HOWS = ("all at once", "in the middle of a mail", "a worker, then all")


def subject_of(message: EmailMessage) -> str:
    return str(message["Subject"])


def run(
    folder: Path,
    *,
    kills: int,
    seed: int = 0,
    longest: float = 2.0,
    database: str = SQLITE,
    cache: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Start, work, kill, look; *kills* times, each way in turn. Gives what was found.

    :param longest: seconds to wait at most, from when all kinds of work go on until the kill.
    :param database: its address, as it stands in a file of settings.
    :param cache: a folder for compiled templates; by default one of this run.
    """
    with Run(folder, seed=seed, longest=longest, database=database, cache=cache) as one:
        one.begin()
        for number in range(1, kills + 1):
            how = HOWS[number % len(HOWS)]
            one.round(number, how)
            say(f"kill {number}, {how}: {len(one.acknowledged)} saves, {len(one.uploaded)} files, {one.outcome.wrong}")
        one.end()
        return one.outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments of killing")
    parser.add_argument("--database", default=SQLITE)
    return told(run, **vars(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
