"""Fixtures for tests of the core and of plugins: ``pytest -p plein.testing``.

Each test that touches data runs on SQLite and on a real PostgreSQL, with databases of its own that are copies of one
migrated once. A missing PostgreSQL is a failure that says what to install: nothing is skipped in silence.
"""

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from chameleon.loader import ModuleLoader
from chameleon.template import BaseTemplate
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.app import build_site
from plein.authoring.checks import CHECKS, Trial, run
from plein.authoring.counting import Counted, counting
from plein.cli.plugin_check import trial_of
from plein.contributions import Setting
from plein.db import build_engine, migrate, open_session
from plein.db.session import UNGUARDED
from plein.db.types import CLOCK, Clock
from plein.jobs.context import parts_of
from plein.jobs.executor import Executor
from plein.logs import configure_logging
from plein.mail import sending
from plein.people.models import User
from plein.people.sessions import SessionService
from plein.people.standing import viewer_for
from plein.plugins import Plugins, build_plugins
from plein.security.cookies import session_cookie
from plein.security.viewer import Viewer
from plein.settings import Settings, load_settings
from plein.spaces.models import Membership, Space
from plein.testing.applications import Applications
from plein.testing.engines import quick_engine
from plein.testing.postgresql import PostgreSQLServer

DATABASES = ("sqlite", "postgresql")
HOST = "127.0.0.1:6543"
SECRET = "only for tests, and long enough to be one"
_PASSWORD = "a password of nobody"

_names = count(1)


@pytest.fixture
def count_statements() -> Callable[[], AbstractContextManager[Counted]]:
    """``with count_statements() as counted: …; assert counted.total <= 8, str(counted)``."""
    return counting


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """The installed plugins."""
    return build_plugins({}, environ={})


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server for this run."""
    server = PostgreSQLServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, plugins: Plugins) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "plein.sqlite"
    engine = build_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, plugins)
    engine.dispose()
    # What is still in the write-ahead log goes into the file that will be copied.
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQLServer, plugins: Plugins) -> str:
    """The name of a migrated, empty PostgreSQL database to copy."""
    postgresql.execute("CREATE DATABASE plein_template")
    engine = build_engine(postgresql.url("plein_template"))
    migrate.upgrade(engine, plugins)
    engine.dispose()
    return "plein_template"


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on; parametrizes it for both."""
    return str(request.param)


@pytest.fixture
def empty_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    with _database(request.getfixturevalue("postgresql"), "template0") as url:
        yield url


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of this test alone."""
    with migrated_database(request, database_kind, tmp_path) as url:
        yield url


@contextmanager
def migrated_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The address of a migrated, empty database; for a fixture that several tests share, which then only read."""
    if kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "plein.sqlite")
        yield f"sqlite:///{folder / 'plein.sqlite'}"
        return
    template = request.getfixturevalue("postgresql_template")
    with _database(request.getfixturevalue("postgresql"), template) as url:
        yield url


@contextmanager
def _database(server: PostgreSQLServer, template: str) -> Iterator[str]:
    name = f"test_{next(_names)}"
    server.copy(template, name)
    yield server.url(name)
    server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database: SQLite, then PostgreSQL."""
    engine = quick_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session that sees everything, to prepare a test and to look at what it did. Commit what others must see."""
    with all_seeing(engine) as session:
        yield session


@contextmanager
def all_seeing(engine: Engine) -> Iterator[Session]:
    """A session on *engine* without the guard, which commits when it is told to."""
    with open_session(engine, writes=True) as session:
        session.info[UNGUARDED] = "a test prepares its data and looks at what became of it"
        yield session


def viewer(user: User) -> Viewer:
    """The viewer that a signed-in *user* is."""
    kind: Any = "guest" if user.kind == "guest" else "person"
    return Viewer(user_id=user.id, name=user.name, kind=kind, is_admin=user.is_admin, locale=user.locale)


@pytest.fixture
def viewer_of() -> Callable[[User], Viewer]:
    """``viewer_of(user)``: the viewer that a signed-in user is."""
    return viewer


@pytest.fixture
def session_of(engine: Engine) -> Iterator[Callable[..., Session]]:
    """``session_of(user)``: a session that sees what the user sees (``None``: nobody's, which refuses)."""
    opened: list[Session] = []

    def open_as(user: User | Viewer | None, *, writes: bool = True) -> Session:
        who = viewer(user) if isinstance(user, User) else user
        opened.append(open_session(engine, viewer=who, writes=writes))
        return opened[-1]

    yield open_as
    for session in opened:
        session.close()


@pytest.fixture
def make_user(db: Session) -> Callable[..., User]:
    """``make_user("anna", kind="guest", is_admin=True, …)``: a stored person."""
    return partial(add_user, db)


def add_user(db: Session, login: str = "", **values: Any) -> User:
    """A stored person, of no session."""
    number = next(_names)
    login = login or f"person{number}"
    name = values.pop("name", login.title())
    user: User = _stored(db, User(uid=f"user-{number}", login=login, name=name, **values))
    return user


@dataclass(frozen=True, slots=True)
class SpaceWithPeople:
    """A space and who is in it. ``url`` is where it begins: ``f"{space.url}/links"``."""

    id: int
    slug: str
    url: str
    manager: User
    editor: User
    member: User
    reader: User


@pytest.fixture
def space(make_space: Callable[..., Space], make_user: Callable[..., User]) -> SpaceWithPeople:
    """An open space called ``square``, with a person of each role: ``space.member``, ``space.manager``, …"""
    people = {role: make_user(role) for role in ("manager", "editor", "member", "reader")}
    made = make_space("square", members={person: role for role, person in people.items()})
    return SpaceWithPeople(made.id, made.slug, f"/spaces/{made.slug}", **people)


@pytest.fixture
def make_space(db: Session) -> Callable[..., Space]:
    """``make_space("handboek", access="closed", members={anna: "editor"})``: a stored space."""
    return partial(add_space, db)


def add_space(db: Session, slug: str = "", *, members: dict[User, str] | None = None, **values: Any) -> Space:
    """A stored space with its members, of no session."""
    number = next(_names)
    slug = slug or f"space{number}"
    name = values.pop("name", slug.title())
    space: Space = _stored(db, Space(uid=f"space-{number}", slug=slug, name=name, **values))
    for user, role in (members or {}).items():
        _stored(db, Membership(space_id=space.id, user_id=user.id, role=role))
    return space


def _stored(db: Session, row: Any) -> Any:
    """*row*, committed and of no session, so that any other can use it."""
    db.add(row)
    db.commit()
    db.expunge(row)
    return row


@pytest.fixture
def settings_values(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of ``app``; a test may change them before it asks for ``app``."""
    return {
        "plein.database_url": database_url,
        "plein.secret": SECRET,
        "plein.base_url": f"http://{HOST}",
        "plein.files_dir": str(tmp_path / "files"),
        "plein.cache_dir": str(Path(".cache/templates").resolve()),
        "plein.default_locale": "en",
        "plein.second_factor": "optional",
        "plein.new_plugins": "on",
    }


def settings_of(declared: Iterable[Setting], values: Mapping[str, str]) -> Settings:
    """The settings in force where a configuration file holds *values*, and the environment nothing.

    :raises plein.settings.SettingsError: with a sentence for each mistake.
    """
    return load_settings(values, {}, declared)


@pytest.fixture
def app(applications: Applications, engine: Engine, settings_values: dict[str, str]) -> Iterator[TestApp]:
    """The whole site, without anybody signed in."""
    site = build_site(settings_values)
    site.engine.dispose()
    site = replace(site, engine=engine)
    # A process reads the ladder once; what a page costs is counted without that.
    site.ladders.now()
    with applications.lend(site) as application:
        yield TestApp(application, extra_environ={"HTTP_HOST": HOST, "HTTP_ORIGIN": f"http://{HOST}"})
        # A thread stores what went wrong in plugins; it must not come back to a database that is gone.
        application.registry["plein.plugins"].failures_are_stored()


@pytest.fixture(scope="session")
def applications() -> Applications:
    """The applications that tests lend from, one after another."""
    return Applications()


@pytest.fixture
def as_user(app: TestApp, engine: Engine) -> Callable[[User], TestApp]:
    """``as_user(user)``: the site as a browser in which that person is signed in, this moment, with a second factor."""

    def sign_in(user: User) -> TestApp:
        with open_session(engine, writes=True) as session, session.begin():
            token = SessionService(session).start(user.id, lasts=timedelta(hours=1), strong=True)
        browser = TestApp(app.app, extra_environ=app.extra_environ)
        browser.set_cookie(session_cookie(app.app.registry), token)
        return browser

    return sign_in


@pytest.fixture
def run_jobs(app: TestApp) -> Callable[[], int]:
    """``run_jobs()``: do all work that was asked for and is due, as the executor beside the site does."""
    return Executor(parts_of(app.app.registry), viewer_for).run_due


def _trials(request: pytest.FixtureRequest, kind: str) -> Iterator[Callable[[str], Trial]]:
    """The sites on which plugins are tried out, each made once."""
    made: dict[str, Trial] = {}
    with ExitStack() as stack:

        def of(name: str) -> Trial:
            if name not in made:
                folder = Path(tempfile.mkdtemp(prefix=f"plein-trial-{name}-"))
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
                url = stack.enter_context(migrated_database(request, kind, folder))
                made[name] = stack.enter_context(trial_of(name, url, folder))
            return made[name]

        yield of


@pytest.fixture(scope="session")
def sqlite_trials(request: pytest.FixtureRequest, sqlite_template: Path) -> Iterator[Callable[[str], Trial]]:
    """``sqlite_trials("wiki")``: the site on which that plugin is tried out."""
    yield from _trials(request, "sqlite")


@pytest.fixture(scope="session")
def postgresql_trials(request: pytest.FixtureRequest, postgresql_template: str) -> Iterator[Callable[[str], Trial]]:
    """The same on PostgreSQL. It asks for the server, which so is there until the last of these sites is gone."""
    yield from _trials(request, "postgresql")


@pytest.fixture
def plugin_trials(request: pytest.FixtureRequest) -> Callable[[str, str], Trial]:
    """``plugin_trials("wiki", "sqlite")``: the site on which that plugin is tried out, made once for all tests."""

    def of(name: str, kind: str) -> Trial:
        trial: Trial = request.getfixturevalue(f"{kind}_trials")(name)
        return trial

    return of


@pytest.fixture
def jobs(run_jobs: Callable[[], int]) -> Callable[[], int]:
    """``jobs()``: the same as ``run_jobs()``."""
    return run_jobs


@pytest.fixture
def mailbox(settings_values: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """The mail that was sent, oldest first; ask for it before ``app``. It is sent by a job: call ``jobs()`` first."""
    settings_values |= {"plein.smtp_host": "mail.example.nl", "plein.mail_from": "plein@example.nl"}
    sent: list[EmailMessage] = []
    monkeypatch.setattr(sending, "deliver", lambda _settings, message: sent.append(message))
    return sent


@pytest.fixture
def clock() -> Iterator[Clock]:
    """``clock.move(timedelta(weeks=5))``: from here on it is that much later, for the whole application."""
    yield CLOCK
    CLOCK.ahead = timedelta()


def contract_of(name: str) -> Callable[..., None]:
    """A test for each rule that holds for every plugin: ``test_contract = contract_of("wiki")`` in its tests.

    The same as ``plein plugin check wiki``; what is about rows is tried on both databases.
    """
    cases = [(check, kind) for check in CHECKS for kind in (DATABASES if check.on_data else DATABASES[:1])]

    @pytest.mark.parametrize(("check", "kind"), cases, ids=[f"{check.name}-{kind}" for check, kind in cases])
    def test_contract(check: Any, kind: str, plugin_trials: Callable[[str, str], Trial]) -> None:
        result = run(check, plugin_trials(name, kind))
        assert result.state == "kept", result.sentence

    return test_contract


def pytest_configure(config: pytest.Config) -> None:
    """Log as a site does, and keep compiled templates: making those of the layout takes two seconds."""
    configure_logging()
    # Not there with `-p no:cacheprovider`.
    if getattr(config, "cache", None) is not None:
        BaseTemplate.loader = ModuleLoader(str(config.cache.mkdir("templates")))


def pytest_report_header() -> str:
    return f"plein: databases {', '.join(DATABASES)}; Python {sys.version.split()[0]}"
