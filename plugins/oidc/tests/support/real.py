"""A real provider (npm's oidc-provider) and a browser: what the tests of the whole way stand on.

The provider's packages are installed once, by the lock file and without running scripts, into ``.cache/``.
"""

import fcntl
import json
import shutil
import socket
import subprocess
from hashlib import sha256
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from joserfc.jwk import ECKey, RSAKey

SOURCES = Path(__file__).parents[1] / "oidc-provider"
CACHE = Path(".cache").resolve()
_START_S = 30


def installed() -> Path:
    """The folder in which the provider can be started; filled the first time, and when the lock file changes."""
    node = shutil.which("node")
    npm = shutil.which("npm")
    assert node and npm, "The tests of plein-oidc need Node.js. Install it with: apt-get install nodejs npm"
    digest = sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = CACHE / f"oidc-provider-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    # Several workers of one test run want it at the same moment.
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in ("package.json", "package-lock.json", ".npmrc", "server.mjs"):
            shutil.copy(SOURCES / name, folder / name)
        if not (folder / "complete").exists():
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, f"npm ci failed: {done.stderr[-2000:]}"
            (folder / "complete").touch()
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RealProvider:
    """A provider in a process of its own, on loopback. Ends when its standard input does, so also with us."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", **given: Any) -> None:
        self.folder = folder
        self.port = free_port()
        self.issuer = f"http://{host}:{self.port}"
        self.given = {"port": self.port, "issuer": self.issuer, **given}
        self._process: subprocess.Popen[str] | None = None

    def start(self, kid: str) -> Self:
        """Start it, with a signing key of that name."""
        keys = [
            RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}).as_dict(private=True),
            ECKey.generate_key("P-256", {"kid": f"{kid}-ec", "use": "sig"}).as_dict(private=True),
        ]
        file = self.folder / f"{self.port}.json"
        file.write_text(json.dumps({**self.given, "jwks": {"keys": keys}}))
        self._process = subprocess.Popen(
            [shutil.which("node") or "node", "server.mjs", file.name],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the provider did not start"
        return self

    def stop(self) -> None:
        process = self._process
        if process is not None:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            process.wait(timeout=10)
            process.stdout.close()
        (self.folder / f"{self.port}.json").unlink(missing_ok=True)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


class Page(HTMLParser):
    """An answer: where it is, what it says, its first form."""

    def __init__(self, url: str, status: int, headers: Any, text: str) -> None:
        super().__init__()
        self.url, self.status, self.headers, self.text = url, status, headers, text
        self.forms: list[dict[str, Any]] = []
        self.links: list[tuple[str, str]] = []
        self._link: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.forms.append({"action": values.get("action") or self.url, "fields": {}})
        elif tag in ("input", "button") and self.forms and values.get("name"):
            self.forms[-1]["fields"][values["name"]] = values.get("value") or ""
        elif tag == "a":
            self._link = [values.get("href") or "", ""]

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            self._link[1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self.links.append((self._link[0], self._link[1].strip()))
            self._link = None


class Browser:
    """Follows redirects from host to host with cookies, and keeps the way it went in ``way``."""

    def __init__(self) -> None:
        self.cookies = CookieJar()
        self._opener = build_opener(_Stay, HTTPCookieProcessor(self.cookies))
        self.way: list[str] = []

    def get(self, url: str) -> Page:
        return self._go(url, None)

    def submit(self, page: Page, action: str = "", **fields: str) -> Page:
        """Send a form of *page*, the first whose address ends with *action*."""
        form = next(form for form in page.forms if form["action"].endswith(action))
        return self._go(urljoin(page.url, form["action"]), {**form["fields"], **fields}, origin=page.url)

    def click(self, page: Page, words: str) -> Page:
        return self.get(urljoin(page.url, next(href for href, text in page.links if text == words)))

    def _go(self, url: str, form: dict[str, str] | None, origin: str = "") -> Page:
        self.way = []
        for _redirect in range(12):
            self.way.append(url)
            request = Request(url, data=urlencode(form).encode() if form is not None else None)
            if form is not None:
                request.add_header("Origin", "/".join(origin.split("/")[:3]))
            try:
                answer = self._opener.open(request, timeout=30)
            except HTTPError as error:
                answer = error
            with answer:
                if answer.status in (302, 303) and answer.headers["Location"]:
                    url, form = urljoin(url, answer.headers["Location"]), None
                    continue
                return Page(url, answer.status, answer.headers, answer.read().decode())
        raise AssertionError(f"a loop: {self.way}")
