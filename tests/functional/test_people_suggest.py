"""What pickers are told while somebody types."""

from plein.people.models import Group


def test_picker_is_told_of_people_and_groups_in_two_statements(as_user, make_user, db, count_statements) -> None:
    anna = make_user("anna", name="Anna de Vries", function="Adviseur")
    make_user("annelies", name="Annelies", kind="guest")
    db.add(Group(uid="g", slug="annex", name="Annex", sort_name="annex"))
    db.commit()
    browser = as_user(anna)
    browser.get("/people/-/suggest?q=an")
    with count_statements() as counted:
        answer = browser.get("/people/-/suggest", {"q": "ann", "kinds": "people groups"})
    found = answer.json["found"]
    assert [one["value"] for one in found] == ["anna", "annelies", "group:annex"]
    assert found[0] == {
        "value": "anna", "label": "Anna de Vries", "hint": "Adviseur", "guest": False, "group": False,
        "url": "/people/anna",
    }  # fmt: skip
    assert [one["guest"] for one in found] == [False, True, False]
    asked = [one for one in counted.statements if "user_word" in one or '"group"' in one]
    assert len(asked) <= 2, str(counted)
    assert "no-store" in answer.headers["Cache-Control"]


def test_guest_is_told_of_nobody_outside_their_spaces(as_user, make_user, make_space) -> None:
    guest, ben = make_user("guest", kind="guest"), make_user("ben")
    make_user("bea")
    make_space("team", members={guest: "member", ben: "member"})
    answer = as_user(guest).get("/people/-/suggest", {"q": "be", "kinds": "people groups"})
    assert [one["value"] for one in answer.json["found"]] == ["ben"]


def test_asking_too_often_is_refused(settings_values, request, make_user) -> None:
    settings_values["plein.search_limit"] = "1"
    browser = request.getfixturevalue("as_user")(make_user("anna"))
    answers = [browser.get("/people/-/suggest?q=a", status="*").status_code for _each in range(6)]
    assert answers == [200] * 5 + [429]


def test_nasty_questions_find_nobody(as_user, make_user) -> None:
    browser = as_user(make_user("anna"))
    for text in ("%", "_", "\\", "(", "a" * 5000, "😀", "'; drop table"):
        assert browser.get("/people/-/suggest", {"q": text}).status_code == 200
