"""Pages of groups: what every colleague sees, what people managers keep, and what stays hidden."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from plein.people.groups import GroupService
from plein.people.models import Group, GroupMember, GroupPerson, SiteRole
from plein.people.standing import today
from plein.security.viewer import ANONYMOUS
from plein.spaces.models import GroupMembership


@pytest.fixture
def groups(db):
    return GroupService(db, ANONYMOUS)


@pytest.fixture
def keeper(db, make_user, as_user):
    """A people manager's browser: no administrator."""
    user = make_user("keeper")
    db.add(SiteRole(user_id=user.id, role="people_manager"))
    db.commit()
    return as_user(user)


def press(browser, page, address, **values):
    """Send the form of *page* that posts to *address*."""
    form = next(form for form in page.forms.values() if form.action.endswith(address))
    for name, value in values.items():
        form[name] = value
    return form.submit(status="*")


def undo(page):
    """Press Undo in the notice of a page."""
    address = page.html.select_one(".notice form")["action"]
    form = next(form for form in page.forms.values() if form.action == address and not form.id)
    return form.submit(status=303)


def test_people_manager_makes_fills_changes_and_removes_a_group(keeper, db, make_user):
    make_user("anna", name="Anna de Boer")
    db.commit()
    page = press(keeper, keeper.get("/groups/-/new"), "/new", name="Team Burgerzaken", kind="department").follow()
    assert page.request.path == "/groups/team-burgerzaken"
    page = press(keeper, page, "/people", who="Anna de Boer").follow()
    assert page.html.select_one(".rows .person .name").text == "Anna de Boer"
    assert len(db.execute(select(GroupPerson)).all()) == 1
    db.rollback()
    undo(page)
    assert db.execute(select(GroupPerson)).all() == []
    db.rollback()
    page = keeper.get("/groups/team-burgerzaken/edit")
    page = press(keeper, page, "/edit", name="Burgerzaken", kind="project").follow()
    assert page.html.find("h1").text == "Burgerzaken"
    undo(page)
    assert "Team Burgerzaken" in keeper.get("/groups/team-burgerzaken").text
    page = keeper.get("/groups/team-burgerzaken/delete")
    press(keeper, page, "/delete")
    keeper.get("/groups/team-burgerzaken", status=404)


def test_group_in_a_group_and_out_again(keeper, db, groups):
    outer, inner = groups.create(name="Outer"), groups.create(name="Inner")
    db.commit()
    page = press(keeper, keeper.get("/groups/outer"), "/groups/outer/groups", child="group:inner").follow()
    assert page.html.select_one(".rows a[href$='/groups/inner']") is not None
    refused = press(keeper, keeper.get("/groups/inner"), "/groups/inner/groups", child="Outer")
    assert refused.status_code == 422
    assert refused.html.find(id="field-child-error") is not None
    assert refused.html.find(id="field-child")["value"] == "Outer"
    undo(page)
    assert groups.inside(outer) == groups.around(inner) == []


def test_unknown_person_is_told_at_the_field(keeper, db, groups):
    groups.create(name="Team")
    db.commit()
    answer = press(keeper, keeper.get("/groups/team"), "/people", who="nobody at all")
    assert answer.status_code == 422
    assert "nobody at all" in answer.html.find(id="field-who-error").text


def test_group_of_a_source_says_so_and_has_no_forms(keeper, db):
    db.add(Group(uid="u", slug="kept", name="Kept", sort_name="kept", source="personeel", external_id="1"))
    db.commit()
    page = keeper.get("/groups/kept")
    assert "personeel" in page.html.find(class_="alert").text
    assert not [form for form in page.forms.values() if "/groups/kept" in (form.action or "")]
    token = page.html.find("meta", attrs={"name": "csrf-token"})["content"]
    answer = keeper.post("/groups/kept/people", {"who": "keeper", "csrf_token": token}, status=422)
    assert db.execute(select(GroupMember)).all() == [], answer


def test_colleague_sees_only_spaces_that_they_may_know_of(as_user, db, groups, make_user, make_space):
    team, anna = groups.create(name="Team"), make_user("anna")
    for access in ("open", "closed", "hidden"):
        space = make_space(access, name=f"The {access} one", access=access)
        db.add(GroupMembership(space_id=space.id, group_id=team.id, role="member"))
    db.commit()
    page = as_user(anna).get("/groups/team")
    assert "The open one" in page and "The closed one" in page
    assert "The hidden one" not in page
    groups.add(team, anna.id)
    db.commit()
    assert "The hidden one" in as_user(anna).get("/groups/team"), "now they are a member of it, by the group"


def test_guests_are_marked_and_do_not_count(as_user, db, groups, make_user):
    team, anna = groups.create(name="Team"), make_user("anna")
    guest = make_user("gast", kind="guest", ends_on=today() + timedelta(days=5))
    groups.add(team, anna.id)
    groups.add(team, guest.id)
    db.commit()
    page = as_user(anna).get("/groups/team")
    assert "1 colleague" in page.html.find(class_="page-head").text
    assert "gast" in page.html.find(class_="rows").text.casefold()
    assert page.html.find("p", string=lambda text: text and "do not count" in text) is not None
    as_user(guest).get("/groups", status=403)
    as_user(guest).get("/groups/team", status=403)


def test_list_is_filtered_by_name_and_kind(as_user, db, groups, make_user):
    for name, kind in (("Zorg", "department"), ("Jeugdzorg", "project"), ("Markt", "pilot")):
        groups.create(name=name, kind=kind)
    db.commit()
    browser = as_user(make_user("anna"))
    page = browser.get("/groups", {"q": "zorg"})
    assert [link.text for link in page.html.select(".cards h2 a")] == ["Jeugdzorg", "Zorg"]
    page = browser.get("/groups", {"q": "zorg", "kind": "project"})
    assert [link.text for link in page.html.select(".cards h2 a")] == ["Jeugdzorg"]
    picked = browser.get("/people/-/suggest", {"q": "jeugd", "kinds": "groups"}).json["found"]
    assert [one["value"] for one in picked] == ["group:jeugdzorg"]


@pytest.mark.parametrize("number", [3, 60])
def test_list_and_page_ask_as_much_of_many_as_of_few(as_user, db, groups, make_user, count_statements, number):
    outer = groups.create(name="Outer")
    for place in range(number):
        group = groups.create(name=f"Group {place}")
        groups.nest(outer, group)
        groups.add(group, make_user().id)
    db.commit()
    browser = as_user(make_user("anna"))
    browser.get("/groups")
    for address, budget in (("/groups", 4), ("/groups/outer", 9)):
        with count_statements() as counted:
            browser.get(address)
        assert counted.total <= budget, str(counted)
