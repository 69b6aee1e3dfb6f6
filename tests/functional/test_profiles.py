"""Profiles: changing one's own, who sees which part of it, photos, and fields that administrators declare."""

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from webtest import TestApp, Upload

from plein.audit.models import AuditEntry
from plein.people.models import SiteRole, User
from plein.people.profile_models import PersonField, PersonValue, Photo, UserFacet, UserWord
from plein.people.words import index_people


def read(db: Any, statement: Any) -> list[Any]:
    """The rows, and the end of the transaction: it holds SQLite's one write lock."""
    rows = db.execute(statement).all()
    db.rollback()
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


#: Stands in a part that not everybody may see; no page of whoever may not holds it.
PLANTED = "Zwaluwnest"


@pytest.fixture
def anna(make_user) -> User:
    return make_user("anna", name="Anna de Vries")


@pytest.fixture
def admin(make_user, as_user) -> TestApp:
    return as_user(make_user("root", name="Root", is_admin=True))


def form_of(browser: TestApp, address: str, action: str | None = None) -> Any:
    return next(form for form in browser.get(address).forms.values() if form.action == (action or address))


def picture(size: tuple[int, int] = (600, 400), kind: str = "JPEG", **more: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **more)
    return file.getvalue()


def send_photo(browser: TestApp, data: bytes, name: str = "me.jpg", status: int = 303) -> Any:
    form = form_of(browser, "/me/profile", "/me/photo")
    form["file"] = Upload(name, data)
    return form.submit(status=status)


def test_own_profile_is_changed_and_shown(as_user, anna: User, make_user, db, count_statements) -> None:
    make_user("boss", name="Bas Baas")
    browser = as_user(anna)
    form = form_of(browser, "/me/profile")
    for name, value in {
        "function": "Adviseur",
        "department": "Zorg",
        "location": "Raadhuis",
        "phone": "+31 (0)6 1234 5678",
        "pronouns": "zij/haar",
        "manager": "Bas Baas",
        "expertise": "Wet open overheid, Jeugdzorg; jeugdzorg",
        "about": "Ik werk **hier**. <script>alert(1)</script>",
    }.items():
        form[name] = value
    form.submit(status=303)
    with count_statements() as counted:
        page = browser.get("/people/anna")
    assert counted.total <= 10, str(counted)
    assert "Adviseur · Zorg" in page and "Raadhuis" in page and "+31 (0)6 1234 5678" in page and "zij/haar" in page
    assert "<strong>hier</strong>" in page and "<script>alert" not in page
    tags = [tag["href"] for tag in page.html.select(".tags a")]
    assert tags == ["/people?expertise=Wet+open+overheid", "/people?expertise=Jeugdzorg"]
    assert page.html.find("a", href="/people/boss") is not None
    assert as_user(anna).get("/people/boss").html.find("a", href="/people/anna") is not None
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "profile.changed")).one()
    assert "phone" in entry.details["fields"] and "1234" not in str(entry.details)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "bel me", "This is not a telephone number"),
        ("manager", "niemand", "There is nobody here called niemand"),
        ("manager", "anna", "Nobody is their own manager"),
        ("expertise", ", ".join(f"x{n}" for n in range(30)), "These are too many"),
        ("function", "x" * 121, "too long"),
    ],
)
def test_mistakes_come_back_with_what_was_typed(as_user, anna: User, field, value, sentence, db) -> None:
    form = form_of(as_user(anna), "/me/profile")
    form["function"], form["department"] = "Adviseur", "Zorg"
    form[field] = value
    page = form.submit(status=422)
    assert sentence in page.html.find(class_="error-summary").get_text()
    assert page.form_values["department"] == "Zorg" if hasattr(page, "form_values") else "Zorg" in page
    assert read(db, select(User.department).where(User.login == "anna"))[0] == ""


def test_profile_reaches_no_other_column(as_user, anna: User, db) -> None:
    form = form_of(as_user(anna), "/me/profile")
    fields = {"csrf_token": form["csrf_token"].value, "function": "Baas"}
    fields |= {"is_admin": "1", "kind": "guest", "login": "root", "state": "left", "photo": "0" * 16, "name": "X"}
    form.response.test_app.post("/me/profile", fields, status=303)
    row = db.execute(select(User.login, User.is_admin, User.kind, User.state, User.photo, User.name, User.function))
    assert tuple(row.one()) == ("anna", False, "person", "active", "", "Anna de Vries", "Baas")


def test_parts_that_a_directory_fills_stay(settings_values, request, make_user, db) -> None:
    settings_values["plein.directory_fields"] = "function department"
    anna = make_user("anna", function="Adviseur")
    browser = request.getfixturevalue("as_user")(anna)
    form = form_of(browser, "/me/profile")
    assert "function" not in form.fields
    token = form["csrf_token"].value
    browser.post("/me/profile", {"csrf_token": token, "function": "Baas", "phone": "0201234567"}, status=303)
    assert tuple(db.execute(select(User.function, User.phone)).one()) == ("Adviseur", "0201234567")


READERS = ("self", "manager", "people_manager", "colleague", "sharer", "guest", "stranger_guest")
SEES = {
    "colleagues": {"self", "manager", "people_manager", "colleague", "sharer"},
    "shared": {"self", "manager", "people_manager", "sharer", "guest"},
    "managers": {"self", "manager", "people_manager"},
}


@pytest.fixture
def readers(make_user, make_space, db, as_user) -> dict[str, TestApp]:
    """A browser for each kind of reader of the profile of ``anna``, who manages nothing and works for ``manager``."""
    people = {name: make_user(name.replace("_", "")) for name in READERS if name != "self"}
    people["guest"] = make_user("gast", kind="guest")
    people["stranger_guest"] = make_user("vreemde", kind="guest")
    people["self"] = make_user("anna", manager_id=people["manager"].id)
    db.add(SiteRole(user_id=people["people_manager"].id, role="people_manager"))
    db.commit()
    members = {people[name]: "member" for name in ("self", "sharer", "guest")}
    make_space("team", access="hidden", members=members)
    return {name: as_user(person) for name, person in people.items()}


def everything_shown(browser: TestApp) -> str:
    """All that this browser gets to see of people by any path that reads profiles."""
    paths = [
        "/people/anna",
        "/people",
        "/people?show=table",
        f"/people?q={PLANTED}",
        f"/people?location={PLANTED}",
        f"/people?expertise={PLANTED}",
        f"/people/-/suggest?q={PLANTED}&kinds=people+groups",
        "/people/-/suggest?q=anna",
    ]
    seen = []
    for path in paths:
        answer = browser.get(path, status="*")
        # The question itself comes back in its field, in the links that go on with it, and in nothing else.
        body = answer.html if "html" in answer.content_type else None
        for part in body.select("form, nav.pager, .list-head, script, meta, .shell > header, footer") if body else ():
            part.decompose()
        seen.append(f"{answer.headers.get('ETag', '')}{body if body else answer.text}")
    return "\n".join(seen)


@pytest.mark.parametrize("level", ["colleagues", "shared", "managers"])
@pytest.mark.parametrize("part", ["pronouns", "location", "phone", "about"])
def test_part_is_seen_by_whom_the_person_chose(readers, db, part: str, level: str) -> None:
    anna = db.execute(select(User).where(User.login == "anna")).scalar_one()
    setattr(anna, part, PLANTED)
    anna.shown_to = {part: level}
    db.commit()
    for reader, browser in readers.items():
        assert (PLANTED in everything_shown(browser)) == (reader in SEES[level]), reader
    if level != "colleagues":
        assert not [word for word in db.scalars(select(UserWord.word)) if word in PLANTED.casefold()]
        assert not read(db, select(UserFacet.key).where(UserFacet.label == PLANTED))


@pytest.mark.parametrize("level", ["colleagues", "shared", "managers"])
@pytest.mark.parametrize("chosen", [True, False])
def test_declared_field_is_seen_by_whom_it_says(readers, db, level: str, chosen: bool) -> None:
    anna = read(db, select(User.id).where(User.login == "anna"))[0]
    kept = {"title": "Nest", "may_choose": chosen, "level": "colleagues" if chosen else level, "name": "nest"}
    field = PersonField(**kept, in_filter=level == "colleagues")
    db.add(field)
    db.flush()
    db.add(PersonValue(user_id=anna, field_id=field.id, value=PLANTED, level=level if chosen else "colleagues"))
    db.commit()
    index_people(db, [anna])
    db.commit()
    for reader, browser in readers.items():
        assert (PLANTED in everything_shown(browser)) == (reader in SEES[level]), reader
    words = set(db.scalars(select(UserWord.word).where(UserWord.user_id == anna)))
    assert (PLANTED.casefold() in words) == (level == "colleagues")


# -- photos --------------------------------------------------------------------------------------------------------


def test_photo_is_made_anew_without_what_was_in_it(as_user, anna: User, make_user, db) -> None:
    exif = Image.Exif()
    exif[0x010E] = "GeheimePlaats"
    browser = as_user(anna)
    send_photo(browser, picture(exif=exif.tobytes()))
    page = as_user(make_user("ben")).get("/people/anna")
    address = page.html.find("img", class_="portrait")["src"]
    answer = as_user(make_user("chris")).get(address)
    assert answer.content_type == "image/webp" and b"GeheimePlaats" not in answer.body
    image = Image.open(io.BytesIO(answer.body))
    assert image.size == (384, 384) and not image.getexif()
    assert answer.headers["Cache-Control"] == "private, max-age=3600" and "Cookie" in answer.headers["Vary"]
    assert (
        answer.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer.headers["Content-Security-Policy"]
    )
    again = browser.get(address, headers={"If-None-Match": answer.headers["ETag"]}, status=304)
    assert not again.body
    assert db.execute(select(Photo.size)).scalars().all() == [64, 128, 384]


def test_photo_stands_beside_the_name_on_the_next_page_and_costs_nothing(
    as_user, anna: User, make_user, count_statements
) -> None:
    other = as_user(make_user("ben"))
    other.get("/people")
    with count_statements() as before:
        assert other.get("/people").html.find("img") is None
    send_photo(as_user(anna), picture(kind="PNG"))
    assert other.get("/people").html.select_one(".person-card .avatar img")["src"].startswith("/people/-/photos/")
    with count_statements() as after:
        other.get("/people")
    assert after.total == before.total
    form_of(as_user(anna), "/me/profile", "/me/photo/remove").submit(status=303)
    assert other.get("/people").html.find("img") is None


def test_photo_is_sent_to_whoever_may_meet_the_person_and_nobody_else(
    app, as_user, anna: User, make_user, make_space, db
) -> None:
    send_photo(as_user(anna), picture())
    guest, stranger = make_user("gast", kind="guest"), make_user("vreemde", kind="guest")
    make_space("team", members={anna: "member", guest: "member"})
    address = as_user(anna).get("/people/anna").html.find("img", class_="portrait")["src"]
    as_user(guest).get(address, status=200)
    as_user(stranger).get(address, status=404)
    assert app.get(address, status="*").status_code in (303, 403)
    colleague = as_user(make_user("ben"))
    db.execute(select(User).where(User.login == "anna")).scalar_one().state = "suspended"
    db.commit()
    colleague.get(address, status=404)
    as_user(guest).get(address, status=404)


def bomb() -> bytes:
    return picture((9000, 9000), "PNG")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"\xff\xd8\xff broken", "not a picture"),
        (b"", "not a picture"),
        (bomb(), "million pixels"),
    ],
    ids=["svg", "broken", "empty", "bomb"],
)
def test_what_is_no_usable_picture_is_refused(as_user, anna: User, data: bytes, sentence: str, db) -> None:
    page = send_photo(as_user(anna), data, status=422)
    assert sentence in page.html.find(class_="error-summary").get_text()
    assert read(db, select(User.photo))[0] == ""


def test_people_manager_removes_a_photo_but_not_an_administrators(readers, as_user, db, make_user) -> None:
    send_photo(readers["self"], picture())
    keeper = readers["people_manager"]
    form_of(keeper, "/admin/users/anna/profile", "/admin/users/anna/photo/remove").submit(status=303)
    assert read(db, select(User.photo).where(User.login == "anna"))[0] == ""
    root = make_user("root", is_admin=True)
    send_photo(as_user(root), picture())
    form = form_of(keeper, "/admin/users/root/profile")
    token = form["csrf_token"].value
    keeper.post("/admin/users/root/photo/remove", {"csrf_token": token}, status=403)
    keeper.post("/admin/users/root/profile", {"csrf_token": token, "function": "x"}, status=403)


# -- declared fields -----------------------------------------------------------------------------------------------


def declare(admin: TestApp, **values: Any) -> Any:
    form = form_of(admin, "/admin/person-fields/-/new")
    for name, value in values.items():
        form[name] = value
    return form.submit(status="*")


def test_field_is_declared_filled_filtered_and_removed(admin: TestApp, as_user, anna: User, db) -> None:
    assert declare(admin, title="BHV", kind="choice", choices="Ja\nNee", in_filter=True).status_code == 303
    assert declare(admin, title="Werkt sinds", kind="date").status_code == 303
    bhv = read(db, select(PersonField.id).where(PersonField.name == "bhv"))[0]
    since = read(db, select(PersonField.id).where(PersonField.name == "werkt-sinds"))[0]
    browser = as_user(anna)
    form = form_of(browser, "/me/profile")
    form[f"field-{bhv}"], form[f"field-{since}"] = "Ja", "2020-03-01"
    form.submit(status=303)
    facts = browser.get("/people/anna").html.find("dl", class_="facts").get_text(" ", strip=True)
    assert "BHV Ja" in facts and "1 March 2020" in facts
    assert browser.get(f"/people?field{bhv}=Ja").html.find("main").find(class_="count").get_text() == "1 person"
    assert browser.get(f"/people?field{bhv}=Nee").html.find("main").find(class_="count").get_text() == "0 people"
    form_of(admin, "/admin/person-fields", "/admin/person-fields/werkt-sinds/move").submit(status=303)
    assert read(db, select(PersonField.name).order_by(PersonField.position)) == ["werkt-sinds", "bhv"]
    page = admin.get("/admin/person-fields/bhv/delete")
    assert "1 person has filled it in" in page
    form_of(admin, "/admin/person-fields/bhv/delete").submit(status=303)
    assert read(db, select(PersonValue.value)) == ["2020-03-01"]
    assert not read(db, select(UserFacet.key))


@pytest.mark.parametrize(
    ("kind", "value"),
    [("link", "javascript:alert(1)"), ("link", "//x"), ("choice", "C"), ("date", "31-12-2020"), ("text", "x" * 201)],
)
def test_wrong_value_of_a_field_is_told_at_it(admin: TestApp, as_user, anna: User, db, kind, value) -> None:
    declare(admin, title="Veld", kind=kind, choices="A\nB")
    field = read(db, select(PersonField.id))[0]
    form = form_of(as_user(anna), "/me/profile")
    token = form["csrf_token"].value
    page = form.response.test_app.post("/me/profile", {"csrf_token": token, f"field-{field}": value}, status=422)
    assert page.html.find(id=f"field-field-{field}-error") is not None
    assert not read(db, select(PersonValue.value))


def test_field_of_the_directory_is_filled_by_people_managers_only(readers, admin: TestApp, db) -> None:
    declare(admin, title="Nummer", filled_by="directory")
    field = read(db, select(PersonField.id))[0]
    form = form_of(readers["self"], "/me/profile")
    assert f"field-{field}" not in form.fields
    readers["self"].post("/me/profile", {"csrf_token": form["csrf_token"].value, f"field-{field}": "1"}, status=303)
    assert not read(db, select(PersonValue.value))
    kept = form_of(readers["people_manager"], "/admin/users/anna/profile")
    kept[f"field-{field}"] = "7"
    kept.submit(status=303)
    assert read(db, select(PersonValue.value)) == ["7"]


def test_level_that_may_not_be_chosen_is_not_kept(admin: TestApp, as_user, anna: User, db) -> None:
    declare(admin, title="Veld", level="managers")
    field = read(db, select(PersonField.id))[0]
    form = form_of(as_user(anna), "/me/profile")
    values = {"csrf_token": form["csrf_token"].value, f"field-{field}": PLANTED, f"level-{field}": "colleagues"}
    form.response.test_app.post("/me/profile", values, status=303)
    assert db.execute(select(PersonValue.value, PersonValue.level)).one() == (PLANTED, "")


def test_field_that_fewer_people_see_leaves_the_words_at_once(admin: TestApp, as_user, anna: User, db) -> None:
    declare(admin, title="Veld")
    field = read(db, select(PersonField.id))[0]
    form = form_of(as_user(anna), "/me/profile")
    form[f"field-{field}"] = PLANTED
    form.submit(status=303)
    assert PLANTED.casefold() in read(db, select(UserWord.word))
    edit = form_of(admin, "/admin/person-fields/veld")
    edit["level"] = "managers"
    edit.submit(status=303)
    db.rollback()
    assert PLANTED.casefold() not in read(db, select(UserWord.word))


@pytest.mark.parametrize(
    "values",
    [{"title": " "}, {"kind": "choice"}, {"in_filter": True, "level": "shared"}, {"in_filter": True, "kind": "date"}],
)
def test_field_that_makes_no_sense_is_refused(admin: TestApp, values, db) -> None:
    assert declare(admin, **{"title": "Veld", **values}).status_code == 422
    assert not read(db, select(PersonField.id))
