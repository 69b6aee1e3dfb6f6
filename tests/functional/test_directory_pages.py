"""Bringing in a file from the pages: columns, what would happen, doing it, and what stays a people manager's own."""

import pytest
from sqlalchemy import func, select

from plein.people.directory_sync.models import DirectoryRun, DirectoryUpload
from plein.people.models import SiteRole, User

PEOPLE = "Inlognaam;Naam;E-mail;Groepen;Kamer\nanna;Anna de Boer;anna@example.nl;Zorg|Markt;1.12\nbram;=1+1;;Zorg;\n"


@pytest.fixture
def keeper_user(db, make_user):
    user = make_user("keeper")
    db.add(SiteRole(user_id=user.id, role="people_manager"))
    db.commit()
    return user


@pytest.fixture
def keeper(as_user, keeper_user):
    return as_user(keeper_user)


def form_to(page, address):
    return next(form for form in page.forms.values() if form.action.endswith(address))


def send(browser, text, kind="people", status=303):
    page = browser.get("/admin/directory")
    form = form_to(page, "/admin/directory")
    form["kind"] = kind
    data = {"csrf_token": form["csrf_token"].value, "kind": kind}
    sent = text if isinstance(text, bytes) else text.encode()
    return browser.post("/admin/directory", data, upload_files=[("file", "staff.csv", sent)], status=status)


def people(db):
    found = set(db.scalars(select(User.login)))
    db.rollback()
    return found


def test_file_is_looked_at_first_and_then_brought_in(keeper, db):
    page = send(keeper, PEOPLE).follow()
    assert "UTF-8" in page and "Not used: Kamer." in page
    assert page.html.find(id="field-column-login").find("option", selected=True)["value"] == "Inlognaam"
    page = form_to(page, page.request.path).submit(status=303).follow()
    assert people(db) == {"keeper"}, "a dry run"
    assert "Anna de Boer" in page and "Markt" in page
    page = form_to(page, page.request.path).submit(status=303).follow()
    assert people(db) == {"keeper", "anna", "bram"}
    assert db.scalar(select(func.count(DirectoryUpload.id))) == 0, "the file is thrown away"
    report = keeper.get(f"{page.request.path}/report.csv")
    assert b"'=1+1" in report.body and report.body[:3] == b"\xef\xbb\xbf"
    assert report.headers["Content-Disposition"].startswith("attachment")


def test_missing_column_is_chosen_by_hand(keeper, db):
    page = send(keeper, "Wie;Naam\nanna;Anna\n").follow()
    form = form_to(page, page.request.path)
    refused = form.submit(status=422)
    assert refused.html.find(id="field-column-login-error") is not None
    form = form_to(refused, page.request.path)
    form["column-login"] = "Wie"
    page = form.submit(status=303).follow()
    form_to(page, page.request.path).submit(status=303)
    assert people(db) == {"keeper", "anna"}


def test_column_chosen_twice_is_refused(keeper):
    page = send(keeper, "login;naam\nanna;Anna\n").follow()
    form = form_to(page, page.request.path)
    form["column-email"] = "naam"
    assert "field-column-" in form.submit(status=422).text


@pytest.mark.parametrize("text", [b"", b"PK\x03\x04\x00", b'a;"b'], ids=["empty", "zip", "quote"])
def test_file_that_is_no_table_is_refused_at_the_field(keeper, text):
    assert send(keeper, text, status=422).html.find(id="field-file-error") is not None


def test_no_file_is_told_at_the_field(keeper):
    page = form_to(keeper.get("/admin/directory"), "/admin/directory").submit(status=422)
    assert page.html.find(id="field-file-error") is not None


def test_file_of_one_keeper_is_nobody_elses(keeper, as_user, db, make_user):
    address = send(keeper, PEOPLE).location
    other = make_user("other", is_admin=True)
    db.commit()
    as_user(other).get(address, status=404)
    keeper.get(address, status=200)


def test_too_many_closed_stop_until_the_number_is_allowed(keeper, db):
    def bring(text):
        page = send(keeper, text).follow()
        form = form_to(page, page.request.path)
        form["is_all"] = True
        return form.submit(status=303).follow()

    rows = "".join(f"p{number};Person {number}\n" for number in range(10))
    page = bring("login;naam\n" + rows)
    form_to(page, page.request.path).submit(status=303)
    page = bring("login;naam\n" + "".join(rows.splitlines(keepends=True)[3:]))
    form = form_to(page, page.request.path)
    form["allowed"] = "2"
    page = form.submit(status=303).follow()
    assert db.scalar(select(func.count(User.id)).where(User.state == "left")) == 0
    db.rollback()
    form = form_to(page, page.request.path)
    form["allowed"] = "3"
    form.submit(status=303)
    assert db.scalar(select(func.count(User.id)).where(User.state == "left")) == 3


def test_mistakes_are_listed_with_their_lines(keeper, db):
    page = send(keeper, "login;naam;mail\nanna;Anna;x\nanna;Anna;\n!;B;\n").follow()
    page = form_to(page, page.request.path).submit(status=303).follow()
    remarks = page.html.select_one("[aria-labelledby=remarks-title]").text
    assert "2" in remarks and "4" in remarks
    assert people(db) == {"keeper"}
    assert not [form for form in page.forms.values() if form.action == page.request.path], (
        "there is nothing to go on with"
    )


def test_sources_can_be_tried_and_read(settings_values, request, db, tmp_path, make_user):
    path = tmp_path / "staff.csv"
    path.write_text("login;naam\nanna;Anna\n", encoding="utf-8")
    settings_values["plein.directory_csv"] = str(path)
    admin = make_user("chief", is_admin=True)
    db.commit()
    browser = request.getfixturevalue("as_user")(admin)
    page = browser.get("/admin/directory")
    buttons = [form for form in page.forms.values() if form.action.endswith("/sources/csv_file")]
    tried = buttons[0].submit(status=303).follow()
    assert "Anna" in tried
    assert db.scalar(select(DirectoryRun.state)) == "tried"
    db.rollback()
    buttons[1].submit(status=303)
    assert people(db) == {"chief"}, "the job does it"


def test_run_asks_as_much_of_many_as_of_few(keeper, count_statements):
    totals = []
    for number in (3, 80):
        page = send(keeper, "login;naam\n" + "".join(f"x{one};X {one}\n" for one in range(number))).follow()
        page = form_to(page, page.request.path).submit(status=303).follow()
        with count_statements() as counted:
            keeper.get(page.request.path)
        totals.append(counted.total)
    assert totals[0] == totals[1] <= 8
