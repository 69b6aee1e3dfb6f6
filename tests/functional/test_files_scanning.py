"""Files and viruses, with ClamAV itself: what is infected is opened by nobody, and administrators decide."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from file_servers import EICAR, clam_server
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, Upload

from plein.audit.models import AuditEntry
from plein.content.models import Attachment

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
PAGE = "/spaces/handbook/wiki/plan"


@pytest.fixture(scope="module")
def clamav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with clam_server(tmp_path_factory.mktemp("clam")) as address:
        yield address


@pytest.fixture
def settings_values(settings_values: dict[str, str], clamav: str) -> dict[str, str]:
    return settings_values | {"plein.clamav_socket": clamav, "plein.write_limit": "10000"}


@pytest.fixture
def people(make_user: Callable, make_space: Callable) -> dict[str, Any]:
    people = {"member": make_user("member"), "admin": make_user("admin", is_admin=True)}
    make_space("handbook", access="hidden", members={people["member"]: "manager"})
    return people


@pytest.fixture
def browser(people: dict[str, Any], as_user: Callable) -> TestApp:
    browser: TestApp = as_user(people["member"])
    post(browser, "/spaces/handbook/wiki/-/new", 303, title="Plan", body="Text")
    return browser


def token(browser: TestApp) -> str:
    return str(browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"])


def post(browser: TestApp, address: str, status: int, **fields: Any) -> Any:
    return browser.post(address, {"csrf_token": token(browser), **fields}, status=status)


def attach(browser: TestApp, name: str, content: bytes) -> Any:
    return post(browser, f"{PAGE}/files/-/attach", 303, file=Upload(name, content)).follow()


def files(db: Session) -> dict[str, Any]:
    found = {row.name: row for row in db.scalars(select(Attachment))}
    db.expunge_all()
    db.rollback()
    return found


def test_an_infected_file_is_opened_by_nobody_until_an_administrator_decides(
    browser: TestApp, people: dict[str, Any], as_user: Callable, db: Session
) -> None:
    attach(browser, "notes.txt", b"harmless")
    assert "contains a virus" in attach(browser, "notes.txt", EICAR).text
    found = files(db)
    assert {name: row.scan_state for name, row in found.items()} == {"notes.txt": "clean", "notes (2).txt": "infected"}
    bad = found["notes (2).txt"]
    address = f"/files/{bad.uid}/notes%20(2).txt"
    browser.get(address, status=403)
    browser.get(f"/files/{bad.uid}/320/notes%20(2).txt", status=403)
    assert "notes (2).txt" not in browser.get(PAGE).text and "Virus found" in browser.get(f"{PAGE}/files").text
    admin = as_user(people["admin"])
    listed = admin.get("/admin/files")
    assert "Eicar-Test" in listed.text and "handbook" not in listed.text
    post(admin, f"/admin/files/{bad.uid}", 422, act="release", reason=" ")
    post(admin, f"/admin/files/{bad.uid}", 303, act="release", reason="A test, says security")
    assert browser.get(address).body == EICAR
    post(admin, f"/admin/files/{bad.uid}", 404, act="delete", reason="Again")
    attach(browser, "worse.txt", EICAR)
    worse = files(db)["worse.txt"]
    post(admin, f"/admin/files/{worse.uid}", 303, act="delete", reason="A virus")
    assert "worse.txt" not in files(db)
    acts = list(db.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("file."))))
    db.rollback()
    assert sorted(acts) == ["file.destroyed", "file.quarantined", "file.quarantined", "file.released"]


def test_without_a_scanner_files_are_marked_and_searched_later(
    browser: TestApp, app: TestApp, db: Session, clamav: str, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable
) -> None:
    settings = dict(app.app.registry["plein.settings"])
    monkeypatch.setitem(app.app.registry, "plein.settings", settings)
    settings["plein.clamav_socket"] = "127.0.0.1:9"
    attach(browser, "late.txt", EICAR)
    assert files(db)["late.txt"].scan_state == "waiting"
    assert "Not searched for viruses yet" in browser.get(f"{PAGE}/files").text
    settings["plein.clamav_socket"] = clamav
    run_jobs()
    assert files(db)["late.txt"].scan_state == "infected"


def test_where_searching_is_required_nothing_comes_in_without_it(
    browser: TestApp, app: TestApp, db: Session, clamav: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dict(app.app.registry["plein.settings"])
    monkeypatch.setitem(app.app.registry, "plein.settings", settings)
    settings |= {"plein.clamav_socket": "/no/such/socket", "plein.clamav_required": True}
    assert "the virus scanner does not answer" in attach(browser, "a.txt", b"harmless").text
    settings["plein.clamav_socket"] = clamav
    # More than ClamAV takes is not searched either.
    assert "the virus scanner does not answer" in attach(browser, "big.bin", bytes(6 << 20)).text
    assert files(db) == {}
