"""The tables of permissions: what is changed holds at once, nothing is lost, and nobody locks everybody out."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from plein.audit.chain import verify
from plein.audit.models import AuditEntry
from plein.security.models import PermissionGrant

SITE, SPACE = "/admin/permissions", "/spaces/garden/-/permissions"


@pytest.fixture
def people(make_user: Callable, make_space: Callable, as_user: Callable) -> SimpleNamespace:
    admin, anna, ed = make_user("admin", is_admin=True), make_user("anna"), make_user("ed")
    make_space("garden", members={anna: "manager", ed: "reader"})
    make_space("roof", members={anna: "manager", ed: "reader"})
    return SimpleNamespace(admin=as_user(admin), anna=as_user(anna), ed=as_user(ed), as_ed=lambda: as_user(ed))


def matrix(page: Any) -> Any:
    return next(form for form in page.forms.values() if "was" in form.fields)


def tick(form: Any, cell: str, on: bool = True) -> None:
    next(box for box in form.fields["cell"] if box._value == cell).checked = on


def change(browser: TestApp, address: str, cell: str, on: bool = True) -> Any:
    form = matrix(browser.get(address))
    tick(form, cell, on)
    return form.submit(status=303).follow()


def is_on(page: Any, cell: str) -> bool:
    return page.html.find("input", attrs={"value": cell}).has_attr("checked")


def press(page: Any, name: str, value: str) -> Any:
    form = next(form for form in page.forms.values() if name in form.fields)
    return form.submit(name, value=value, status=303).follow()


def test_change_holds_on_the_next_request(people: SimpleNamespace) -> None:
    people.ed.get("/spaces/garden/wiki/-/new", status=403)
    page = change(people.admin, SITE, "wiki.page.create:reader")
    assert "1 cell changed" in page.text and is_on(page, "wiki.page.create:reader")
    people.ed.get("/spaces/garden/wiki/-/new", status=200)
    change(people.anna, SPACE, "wiki.page.create:reader", on=False)
    people.ed.get("/spaces/garden/wiki/-/new", status=403)
    people.ed.get("/spaces/roof/wiki/-/new", status=200)


def test_changed_cell_is_marked_in_words_and_can_be_reset(people: SimpleNamespace, db: Any) -> None:
    page = change(people.admin, SITE, "wiki.page.create:reader")
    cell = page.html.find("input", attrs={"value": "wiki.page.create:reader"}).find_parent("td")
    assert "changed" in cell.get_text()
    for what in ("wiki.page.create:reader", "wiki.page.create", "*"):
        page = people.admin.get(SITE)
        form = matrix(page)
        tick(form, "wiki.page.create:reader")
        form.submit(status=303)
        page = press(people.admin.get(SITE), "reset", what)
        assert not is_on(page, "wiki.page.create:reader")
    assert db.scalars(select(PermissionGrant)).all() == []


def test_undo_and_history_put_back(people: SimpleNamespace) -> None:
    page = change(people.anna, SPACE, "wiki.page.delete:member")
    undo = next(form for form in page.forms.values() if "undo" in form.fields)
    page = undo.submit(status=303).follow()
    assert not is_on(page, "wiki.page.delete:member")
    history = page.html.find("section", attrs={"aria-labelledby": "history"}).get_text(" ", strip=True)
    assert "Anna" in history and "Pages: Delete, Member: allowed" in history and "as standard" in history
    people.anna.post(SPACE, {"undo": "f" * 32, "csrf_token": undo["csrf_token"].value}, status=303)


def test_two_who_save_at_once_lose_nothing(people: SimpleNamespace) -> None:
    first, second = matrix(people.anna.get(SPACE)), matrix(people.anna.get(SPACE))
    tick(first, "wiki.page.delete:member")
    tick(second, "wiki.page.move:member")
    first.submit(status=303)
    page = second.submit(status=303).follow()
    assert "Both changes are kept" in page.text
    assert is_on(page, "wiki.page.delete:member") and is_on(page, "wiki.page.move:member")


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        (SITE, "space.manage:manager"),
        (SITE, "space.members:manager"),
        (SITE, "permission.change:admin"),
        (SITE, "permission.change:moderator"),
        (SITE, "people.manage:everyone"),
        (SITE, "wiki.page.view:visitor"),
        (SPACE, "space.manage:manager"),
        (SPACE, "space.manage:visitor"),
        (SPACE, "wiki.page.view:reader"),
        (SPACE, "people.manage:analyst"),
        (SPACE, "no.such:thing"),
    ],
)
def test_what_would_lock_out_or_let_in_everybody_cannot_be_changed(
    people: SimpleNamespace, db: Any, place: str, cell: str
) -> None:
    browser = people.admin if place == SITE else people.anna
    page = browser.get(place)
    assert page.html.find("input", attrs={"value": cell}) is None
    token = matrix(page)["csrf_token"].value
    for form in (
        {"was": "", "cell": cell},
        {"was": cell},
        {"was": cell, "reset": cell},
        {"reset": "x:\0"},
    ):
        browser.post(place, {"csrf_token": token, **form}, status=303)
    stored = {f"{one.permission}:{one.role}" for one in db.scalars(select(PermissionGrant))}
    assert cell not in stored


def test_reading_is_shown_as_fixed_with_the_reason(people: SimpleNamespace) -> None:
    assert "Follows from who can see the space" in people.anna.get(SPACE).text


def test_change_is_one_entry_in_the_audit_log(people: SimpleNamespace, db: Any, engine: Any) -> None:
    change(people.admin, SITE, "people.manage:moderator")
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "permission.changed")).one()
    assert (entry.object_type, entry.object_id) == ("permission", "site")
    assert entry.details["cells"] == [["people.manage", "moderator", None, True]]
    assert verify(engine).broken is None


def test_table_takes_few_statements(people: SimpleNamespace, count_statements: Callable) -> None:
    for _turn in range(3):
        form = matrix(people.admin.get(SITE))
        tick(form, "wiki.page.create:reader", on=_turn != 1)
        form.submit(status=303)
    # What is kept for as long as nobody's rights change is read once more.
    people.admin.get(SITE)
    with count_statements() as counted:
        people.admin.get(SITE)
    assert counted.total <= 6, str(counted)


def test_table_is_in_dutch_too(people: SimpleNamespace) -> None:
    people.anna.set_cookie("plein-locale", "nl")
    page = people.anna.get(SPACE)
    assert "Verwijderen" in page.text and not re.search(r"\bDelete\b", page.html.find("main").get_text())
