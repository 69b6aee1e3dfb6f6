"""A site with something in it, served on a free port of this machine, and Chromium to look at it."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import select
from waitress.server import create_server
from webtest import TestApp

from plein.app import build_app, build_site
from plein.content.life.models import Proposal
from plein.content.models import Content
from plein.db import open_session
from plein.db.session import UNGUARDED
from plein.people.models import User
from plein.people.sessions import SessionService
from plein.security.cookies import session_cookie
from plein.spaces.models import Membership, Space
from plein.testing import SECRET

HANDBOOK = Path(__file__).parent / "handbook.md"


@dataclass(frozen=True)
class Served:
    """Where the site is, and the cookie of an administrator who signed in."""

    url: str
    cookie: dict[str, str]


@pytest.fixture(scope="session")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The whole site on SQLite, with people, spaces and pages."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "plein.sqlite")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    site = build_site(
        {
            "plein.database_url": f"sqlite:///{folder / 'plein.sqlite'}",
            "plein.secret": SECRET,
            "plein.base_url": f"http://{host}",
            "plein.files_dir": str(folder / "files"),
            "plein.cache_dir": str(Path(".cache/templates").resolve()),
            "plein.default_locale": "nl",
            "plein.write_limit": "6000",
            "plein.search_limit": "6000",
            "plein.second_factor": "optional",
            # Nobody asks it anything: only its button and its own pages are looked at.
            "oidc.providers": "werk",
            "oidc.werk.title": "Gemeente Weidemeer",
            "oidc.werk.issuer": "https://login.example.nl",
            "oidc.werk.client_id": "plein",
            "oidc.werk.client_secret": "of nobody",
            "oidc.werk.renew": "never",
        }
    )
    app = build_app(site)
    cookie = {"name": session_cookie(app.registry), "value": _people_and_spaces(site.engine)}
    _pages(TestApp(app, extra_environ={"HTTP_HOST": host, "HTTP_ORIGIN": f"http://{host}"}), cookie)
    _proposal(site.engine)
    server = create_server(app, host="127.0.0.1", port=int(host.partition(":")[2]), threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Served(f"http://{host}", cookie)
    # Wakes the loop, so that it sees that its server is gone.
    server.pull_trigger()
    server.close()
    thread.join(timeout=5)
    site.engine.dispose()


def _people_and_spaces(engine: Any) -> str:
    """Store them; the token of a session of the administrator."""
    with open_session(engine, writes=True) as db, db.begin():
        db.info[UNGUARDED] = "a test prepares its data"
        anna = User(uid="u1", login="anna", name="Anna de Vries", email="anna@example.nl", is_admin=True)
        emre = User(uid="u2", login="emre", name="Emre Yılmaz-Şahin")
        spaces = [
            Space(uid="s1", slug="handboek", name="Handboek", purpose="Afspraken over ons werk.", access="open"),
            Space(uid="s2", slug="team", name="Team Communicatie", access="closed"),
            Space(uid="s3", slug="overleg", name="Overleg", access="hidden"),
        ]
        db.add_all([anna, emre, *spaces])
        db.flush()
        db.add_all([Membership(space_id=one.id, user_id=anna.id, role="manager") for one in spaces])
        db.add(Membership(space_id=spaces[0].id, user_id=emre.id, role="editor"))
        db.add(Membership(space_id=spaces[1].id, user_id=emre.id, role="asked"))
        return SessionService(db).start(anna.id, lasts=timedelta(hours=2))


def _pages(browser: TestApp, cookie: dict[str, str]) -> None:
    browser.set_cookie(cookie["name"], cookie["value"])
    base = "/spaces/handboek/wiki"

    def fill(address: str, **fields: str) -> None:
        page = browser.get(address)
        form = next(form for form in page.forms.values() if "body" in form.fields)
        for name, value in fields.items():
            form[name] = value
        assert form.submit().status_int == 303

    fill(f"{base}/-/new", title="Het kader", body=HANDBOOK.read_text("utf-8"), tags="privacy, avg")
    fill(f"{base}/-/new", title="Rollen", body="Wie doet wat.\n\nZie [[Het kader]].")
    fill(
        f"{base}/rollen/edit",
        body="Wie doet wat, en waarom.\n\nZie [[Het kader]].\n\nEen nieuwe regel.",
        note="Helderder",
    )
    fill(f"{base}/-/new", title="Leeg", body="")
    fill(f"{base}/-/new", title="Oud", body="Weg ermee.")
    page = browser.get(f"{base}/oud")
    next(form for form in page.forms.values() if form.action.endswith("/delete")).submit()
    fill(f"{base}/-/new", title="Vroeger", body="Zo was het.")
    ways = [form for form in browser.get(f"{base}/vroeger/life").forms.values() if "act" in form.fields]
    way = next(form for form in ways if form["act"].value == "archive")
    way["reason"] = "Er is een nieuwe"
    way.submit()


def _proposal(engine: Any) -> None:
    """Emre's change of a page waits for approval, so that the page itself says so as well."""
    with open_session(engine, writes=True) as db, db.begin():
        db.info[UNGUARDED] = "a test prepares its data"
        item = db.scalars(select(Content).where(Content.slug == "rollen")).one()
        emre = db.scalars(select(User.id).where(User.login == "emre")).one()
        text = {"title": item.title, "body": f"{item.body}\n\nEn nog een.", "base_version": item.version}
        db.add(Proposal(content_id=item.id, author_id=emre, kind="change", note="Er mist er een", **text))
        item.open_proposals = 1


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the system. It is never downloaded."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("The browser tests need Chromium. Install it with: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Windows:
    """Opens windows on the site, and keeps what they log as an error."""

    def __init__(self, chromium: Browser, served: Served) -> None:
        self.errors: list[str] = []
        self._chromium = chromium
        self._served = served
        self._opened: list[BrowserContext] = []

    def open(self, *, signed_in: bool = True, width: int = 1280, height: int = 800, **options: Any) -> Page:
        """A new window, which remembers nothing."""
        options.setdefault("locale", "nl-NL")
        size: Any = {"width": width, "height": height}
        context = self._chromium.new_context(viewport=size, base_url=self._served.url, **options)
        context.set_default_timeout(15_000)
        if signed_in:
            cookie: Any = {**self._served.cookie, "url": self._served.url}
            context.add_cookies([cookie])
        self._opened.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def _note(self, message: ConsoleMessage) -> None:
        # An answer of 404 is logged by the browser too; that page is looked at on purpose.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.errors.append(message.text)

    def close(self) -> None:
        for context in self._opened:
            context.close()


@pytest.fixture
def look(chromium: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """``look(signed_in=True, width=1280, …)``: a new window. What it logs as an error fails the test."""
    windows = Windows(chromium, served)
    yield windows.open
    windows.close()
    assert windows.errors == []


@pytest.fixture(scope="module")
def shared_windows(chromium: Browser, served: Served) -> Iterator[tuple[Windows, dict[Any, Page]]]:
    """Windows in which tests read page after page, one for each way of looking."""
    windows = Windows(chromium, served)
    yield windows, {}
    windows.close()


@pytest.fixture
def walk(shared_windows: tuple[Windows, dict[Any, Page]]) -> Iterator[Callable[..., Page]]:
    """``walk("/people", locale="nl", …)``: the page there, light, in a window that other tests go on with.

    A new window costs more than all that is looked at in it: only for tests that change nothing.
    """
    windows, opened = shared_windows
    windows.errors.clear()

    def go(path: str, **look: Any) -> Page:
        key = tuple(sorted(look.items()))
        if key not in opened:
            opened[key] = windows.open(**look, reduced_motion="reduce")
        page = opened[key]
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="light")
        answer = page.goto(path)
        assert answer is not None and answer.status < 500
        return page

    yield go
    assert windows.errors == []
