"""Signing in without signing in, for real: a Kerberos realm, Apache with our own example, and ``plein serve``.

``curl --anyauth`` waits to be asked for a ticket, as browsers do; ``curl --negotiate`` shows it at once.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kerberos import PROXY, REALM, Realm, free_port
from sqlalchemy import select

from plein.audit.models import AuditEntry
from plein.db import build_engine
from plein.people.models import User, UserIdentity
from plein.testing import add_user, all_seeing

SETTINGS = """
[app:main]
use = egg:plein
plein.base_url = http://localhost:{realm.port}
plein.database_url = sqlite:///{folder}/plein.sqlite
plein.files_dir = {folder}/files
plein.cache_dir = {cache}
plein.secret = only for tests, and long enough to be one
plein.default_locale = en
plein.trusted_proxies = {proxy}
plein.remote_user_header = X-Remote-User
plein.remote_user_proxies = {proxy}
plein.remote_user_realms = {name}
"""


@dataclass
class World:
    """Plein, the realm in front of it, and a database to look into."""

    realm: Realm
    port: int
    folder: Path

    def audit(self) -> list[tuple[str, str, str]]:
        engine = build_engine(f"sqlite:///{self.folder}/plein.sqlite")
        with all_seeing(engine) as db:
            rows = db.execute(
                select(AuditEntry.action, AuditEntry.result, AuditEntry.details).order_by(AuditEntry.number)
            ).all()
        engine.dispose()
        return [(row.action, row.result, row.details.get("reason", "")) for row in rows]


@pytest.fixture(scope="module")
def world(sqlite_template: Path, pytestconfig: pytest.Config) -> Iterator[World]:
    # Not in pytest's own folders: those are for us alone, and the two servers are run by somebody else.
    folder = Path(tempfile.mkdtemp(prefix="plein-krb-", dir="/tmp"))
    home = Path(tempfile.mkdtemp(prefix="plein-krb-", dir="/tmp"))
    port = free_port()
    realm = Realm(folder, port)
    served = None
    try:
        realm.start()
        served = _serve(realm, home, port, sqlite_template, pytestconfig)
        yield World(realm, port, home)
    finally:
        if served is not None:
            served.terminate()
            served.wait(timeout=30)
            served.stdout.close()
        realm.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def _serve(realm: Realm, folder: Path, port: int, template: Path, config: pytest.Config) -> subprocess.Popen[str]:
    shutil.copyfile(template, folder / "plein.sqlite")
    engine = build_engine(f"sqlite:///{folder}/plein.sqlite")
    with all_seeing(engine) as db:
        add_user(db, "anna", name="Anna de Vries")
        add_user(db, "admin", name="Break Glass", is_admin=True)
    engine.dispose()
    cache = config.cache.mkdir("templates") if config.cache else folder / "cache"
    ini = folder / "plein.ini"
    ini.write_text(SETTINGS.format(realm=realm, folder=folder, cache=cache, name=REALM, proxy=PROXY), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEIN_")}
    command = [Path(sys.executable).parent / "plein", "-c", ini, "serve", "--port", str(port), "--workers", "1"]
    served = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert served.stdout is not None
    assert "serves" in served.stdout.readline()
    return served


@pytest.mark.parametrize("option", ["--negotiate", "--anyauth"])
def test_computer_with_a_ticket_opens_the_start_page_signed_in(world: World, option: str) -> None:
    page = world.realm.curl("/", option, "--user", ":", env=world.realm.ticket("anna"))
    assert page.status == 200, world.realm.said()
    assert page.url == f"http://localhost:{world.realm.port}/"
    assert page.shows("Anna de Vries")
    assert ("session.started", "done", "") in world.audit()


def test_somebody_with_a_ticket_lands_where_they_were_going(world: World) -> None:
    page = world.realm.curl("/people?q=a", "--negotiate", "--user", ":", env=world.realm.ticket("anna"))
    assert (page.status, page.url) == (200, f"http://localhost:{world.realm.port}/people?q=a")


def test_without_a_ticket_the_form_comes_with_the_way_back(world: World) -> None:
    page = world.realm.curl("/people?q=a", "--negotiate", "--user", ":")
    assert page.status == 401 and page.is_form
    assert page.redirects == 2
    assert page.shows('name="next" value="/people?q=a"')


def test_browser_that_knows_no_kerberos_gets_the_form(world: World) -> None:
    page = world.realm.curl("/sign-in/sso", "--include")
    assert page.status == 401 and page.is_form
    # Without this line a browser would not look for its ticket.
    assert page.shows("WWW-Authenticate: Negotiate")


def test_header_of_a_client_is_overwritten_by_apache(world: World) -> None:
    for forged in ("X-Remote-User: admin", "X_Remote_User: admin", "x-remote-user: admin"):
        page = world.realm.curl("/", "--negotiate", "--user", ":", "--header", forged, env=world.realm.ticket("anna"))
        assert page.status == 200 and page.shows("Anna de Vries") and not page.shows("Break Glass")
        assert world.realm.curl("/sign-in/sso", "--header", forged).is_form


def test_header_said_to_plein_itself_is_ignored_and_told(world: World) -> None:
    host = ("--header", f"Host: localhost:{world.realm.port}")
    answer = world.realm.curl("/sign-in/sso", *host, "--header", "X-Remote-User: anna", port=world.port, follow=False)
    assert answer.status == 303 and answer.goes_to.endswith("/sign-in/local?next=%2F")
    assert ("session.refused", "refused", "forged_header") in world.audit()


def test_word_of_the_proxy_in_two_spellings_is_nobody(world: World) -> None:
    from_proxy = ("--interface", PROXY, "--header", f"Host: localhost:{world.realm.port}")
    for said in (["X_Remote_User: anna"], ["X-Remote-User: anna", "X-Remote-User: admin"], ["X-Remote-User: a b"]):
        headers = [part for header in said for part in ("--header", header)]
        answer = world.realm.curl("/sign-in/sso", *from_proxy, *headers, port=world.port, follow=False)
        assert answer.status == 303 and answer.goes_to.endswith("/sign-in/local?next=%2F")
    assert world.realm.curl(
        "/sign-in/sso", *from_proxy, "--header", "X-Remote-User: anna", port=world.port, follow=False
    ).goes_to.endswith(f"localhost:{world.realm.port}/")


def test_local_account_is_not_taken_by_somebody_of_the_same_name_in_the_realm(world: World) -> None:
    world.realm.add("admin", "admin.keytab")
    page = world.realm.curl("/", "--negotiate", "--user", ":", env=world.realm.ticket("admin"))
    assert page.status == 403
    assert page.shows("This account signs in with its password only.")


def test_somebody_whom_plein_does_not_know_is_told_whom_to_ask(world: World) -> None:
    world.realm.add("bob", "bob.keytab")
    page = world.realm.curl("/", "--negotiate", "--user", ":", env=world.realm.ticket("bob"))
    assert page.status == 403
    assert page.shows("There is no account for you here yet.")
    assert ("session.refused", "refused", "unknown") in world.audit()


def test_account_is_tied_to_the_name_without_the_realm(world: World) -> None:
    world.realm.curl("/", "--negotiate", "--user", ":", env=world.realm.ticket("anna"))
    engine = build_engine(f"sqlite:///{world.folder}/plein.sqlite")
    with all_seeing(engine) as db:
        found = db.execute(select(UserIdentity.subject, User.login).join(User, User.id == UserIdentity.user_id)).all()
    engine.dispose()
    assert ("anna", "anna") in [tuple(row) for row in found]
