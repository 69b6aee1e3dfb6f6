"""Who can see this: on pages of items and spaces, for administrators, looking as somebody else, and looking in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.content.models import Content, ContentAudience
from plein.jobs.models import QueuedJob
from plein.people.models import Group, GroupPerson, SignInSession, User
from plein.spaces.models import BrokenGlass, GroupMembership, Membership

SECRET = "zwaluwstaart"


@pytest.fixture
def people(make_user: Callable[..., User]) -> dict[str, User]:
    names = {name: make_user(name) for name in ("mia", "ed", "mo", "ray", "out")}
    names["gast"] = make_user("gast", kind="guest")
    names["admin"] = make_user("admin", is_admin=True)
    return names


@pytest.fixture
def team(people: dict[str, User], make_space: Callable[..., Any]) -> Any:
    roles = {"mia": "manager", "ed": "editor", "mo": "member", "ray": "reader", "gast": "reader"}
    return make_space("team", access="closed", members={people[name]: role for name, role in roles.items()})


@pytest.fixture
def as_(people: dict[str, User], team: Any, as_user: Callable[[User], TestApp]) -> Callable[[str], TestApp]:
    kept: dict[str, TestApp] = {}

    def browser(name: str) -> TestApp:
        if name not in kept:
            kept[name] = as_user(people[name])
        return kept[name]

    return browser


def post(browser: TestApp, address: str, status: int = 303, /, **values: str) -> Any:
    token = browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"]
    return browser.post(address, {"csrf_token": token, **values}, status=status)


def write(browser: TestApp, title: str = "Plan", **more: str) -> str:
    answer = post(browser, "/spaces/team/wiki/-/new", title=title, body=f"text {SECRET}", **more)
    return str(answer.location).partition("127.0.0.1:6543")[2] or str(answer.location)


# -- who can see this ----------------------------------------------------------------------------------------------


def test_page_of_an_item_names_its_readers_with_the_rule(as_: Callable[[str], TestApp]) -> None:
    page = as_("mo").get(write(as_("mo")) + "/access")
    assert "Visible to 4 colleagues and 1 guest" in page.html.main.text
    rows = {row.find(class_="name").text: row.text for row in page.html.select(".readers li")}
    assert "wrote it" in rows["Mo"] and "as manager" in rows["Mia"] and "Guest" in rows["Gast"]
    assert "Out" not in rows and "Admin" not in rows


def test_guest_is_told_how_many_but_not_who(as_: Callable[[str], TestApp]) -> None:
    page = as_("gast").get(write(as_("mo")) + "/access")
    assert "Visible to 4 colleagues and 1 guest" in page.html.main.text
    assert not page.html.select(".readers li")


def test_form_tells_beforehand_how_many_will_see_it(as_: Callable[[str], TestApp]) -> None:
    assert "Visible to 4 colleagues and 1 guest" in as_("mo").get("/spaces/team/wiki/-/new").text
    page = post(as_("mo"), "/spaces/team/wiki/-/new", 200, title="A", body="b", readers="ed", preview="1")
    assert "Visible to 2 colleagues" in page.text and page.html.find(id="field-readers")["value"] == "ed"


def test_page_of_a_space_says_who_reads_in_it(as_: Callable[[str], TestApp]) -> None:
    assert "Visible to 4 colleagues and 1 guest" in as_("ray").get("/spaces/team/-/access").text
    as_("out").get("/spaces/team/-/access", status=403)


# -- for some people only ------------------------------------------------------------------------------------------


def test_new_item_for_some_people_is_for_them_from_its_first_moment(
    as_: Callable[[str], TestApp], run_jobs: Callable[[], int]
) -> None:
    address = write(as_("mo"), readers="ed, Ray")
    run_jobs()
    for name in ("mo", "ed", "ray"):
        as_(name).get(address, status=200)
    for name in ("mia", "gast"):
        as_(name).get(address, status=404)
        found = as_(name).get("/search?q=text")
        assert SECRET not in found.text and "1 result" not in found.html.main.text
    assert "1 result" in as_("ray").get("/search?q=text").html.main.text


def test_unknown_name_stores_nothing_and_gives_back_what_was_typed(as_: Callable[[str], TestApp], db: Session) -> None:
    page = post(as_("mo"), "/spaces/team/wiki/-/new", 422, title="Plan", body="text", readers="ed, nobody")
    assert "There is nobody here called nobody" in page.text
    assert page.html.find(id="field-readers")["value"] == "ed, nobody"
    assert page.html.find(id="field-body").text.strip() == "text"
    assert db.scalar(select(func.count()).select_from(Content)) == 0


def test_group_in_an_audience_lets_its_colleagues_in_and_no_guest(
    as_: Callable[[str], TestApp], db: Session, people: dict[str, User]
) -> None:
    group = Group(uid="g", slug="board", name="Board", sort_name="board")
    db.add(group)
    db.flush()
    db.add_all(GroupPerson(group_id=group.id, user_id=people[name].id) for name in ("ray", "gast", "out"))
    db.commit()
    address = write(as_("mo"), readers="group:board")
    as_("ray").get(address, status=200)
    # Named, but not in the space; in the space, but a guest.
    as_("out").get(address, status=404)
    as_("gast").get(address, status=404)


def test_whoever_may_only_read_by_the_audience_cannot_write(as_: Callable[[str], TestApp]) -> None:
    address = write(as_("mo"), readers="ed")
    as_("ed").get(f"{address}/edit", status=403)
    post(as_("ed"), f"{address}/audience", 403, act="open")
    row = {"act": "level", "kind": "user", "id": _id_in(as_("mo").get(f"{address}/access"), "ed"), "level": "write"}
    post(as_("mo"), f"{address}/audience", **row)
    as_("ed").get(f"{address}/edit", status=200)


def _id_in(page: Any, _login: str) -> str:
    form = page.html.find("form", action=re.compile("/audience$"))
    return str(form.find("input", attrs={"name": "id"})["value"])


def test_who_is_taken_out_of_an_audience_is_out_on_the_next_request(
    as_: Callable[[str], TestApp], people: dict[str, User]
) -> None:
    address = write(as_("mo"), readers="ed")
    as_("ed").get(address, status=200)
    post(as_("mo"), f"{address}/audience", act="take_out", kind="user", id=str(people["ed"].id))
    as_("ed").get(address, status=404)


def test_opening_up_can_be_undone(as_: Callable[[str], TestApp], db: Session) -> None:
    address = write(as_("mo"), readers="ed")
    post(as_("mo"), f"{address}/audience", act="open")
    as_("ray").get(address, status=200)
    page = as_("mo").get(f"{address}/access")
    undo = page.html.select_one(".notice form")
    post(
        as_("mo"),
        undo["action"],
        **{one["name"]: one["value"] for one in undo.select("input") if one["name"] != "csrf_token"},
    )
    as_("ray").get(address, status=404)
    assert db.scalar(select(func.count()).select_from(ContentAudience)) == 1


def test_unknown_act_is_refused_and_changes_nothing(as_: Callable[[str], TestApp]) -> None:
    address = write(as_("mo"))
    post(as_("mo"), f"{address}/audience", 422, act="delete")
    post(as_("mo"), f"{address}/audience", 422, act="name", who="")
    as_("ray").get(address, status=200)


# -- looking as somebody else --------------------------------------------------------------------------------------


def test_manager_looks_as_a_reader_and_only_looks(as_: Callable[[str], TestApp]) -> None:
    address = write(as_("mo"))
    post(as_("mia"), "/spaces/team/-/view-as", role="reader", next=address)
    page = as_("mia").get(address)
    assert "with the role Reader" in page.text and f'{address}/edit"' not in page.html.main.decode()
    as_("mia").get(f"{address}/edit", status=403)
    as_("mia").get("/spaces/team/-/settings", status=403)
    refused = post(as_("mia"), "/spaces/-/new", 403, name="Mine")
    assert "change nothing meanwhile" in refused.text
    post(as_("mia"), "/me/view-as/stop")
    as_("mia").get(f"{address}/edit", status=200)


def test_manager_who_looks_as_somebody_from_outside_sees_a_closed_door(as_: Callable[[str], TestApp]) -> None:
    address = write(as_("mo"))
    post(as_("mia"), "/spaces/team/-/view-as", role="visitor")
    as_("mia").get(address, status=404)
    assert SECRET not in as_("mia").get("/search?q=text").text


def test_own_drafts_are_not_shown_while_looking_as_somebody_else(as_: Callable[[str], TestApp], db: Session) -> None:
    address = write(as_("mia"))
    db.execute(update(Content).values(state="draft"))
    db.commit()
    as_("mia").get(address, status=200)
    post(as_("mia"), "/spaces/team/-/view-as", role="editor")
    as_("mia").get(address, status=404)


def test_administrator_sees_nothing_more_by_looking_as_a_group(
    as_: Callable[[str], TestApp], db: Session, people: dict[str, User], team: Any
) -> None:
    group = Group(uid="g", slug="board", name="Board", sort_name="board")
    db.add(group)
    db.flush()
    db.add(GroupMembership(space_id=team.id, group_id=group.id, role="manager"))
    db.commit()
    address = write(as_("mo"))
    post(as_("admin"), "/admin/access/-/view-as", group="group:board")
    assert "as the group" in as_("admin").get("/").text
    as_("admin").get(address, status=404)
    as_("admin").get("/spaces/team/-/settings", status=403)
    as_("admin").get("/admin", status=403)


def test_only_managers_look_as_a_role(as_: Callable[[str], TestApp]) -> None:
    post(as_("ed"), "/spaces/team/-/view-as", 403, role="reader")
    post(as_("mia"), "/spaces/team/-/view-as", role="manager")
    assert "with the role" not in as_("mia").get("/").text


# -- looking in for a reason ---------------------------------------------------------------------------------------

REASON = "A report about this page came in."


def test_administrator_reads_nothing_without_a_reason_and_everything_with_one(
    as_: Callable[[str], TestApp], db: Session, run_jobs: Callable[[], int]
) -> None:
    address = write(as_("mo"), readers="ed")
    run_jobs()
    as_("admin").get(address, status=404)
    post(as_("admin"), "/admin/inspections", 422, address=address, reason="because")
    as_("admin").get(address, status=404)
    answer = post(as_("admin"), "/admin/inspections", address=address, reason=REASON)
    assert answer.location.endswith("/spaces/team")
    page = as_("admin").get(address)
    assert SECRET in page.text and "You look into this space for a reason" in page.text
    assert SECRET in as_("admin").get("/search?q=text").text


def test_whoever_looks_in_changes_nothing(as_: Callable[[str], TestApp]) -> None:
    address = write(as_("mo"))
    post(as_("admin"), "/admin/inspections", address="team", reason=REASON)
    for page in ("edit", "move"):
        as_("admin").get(f"{address}/{page}", status=403)
    for act, values in (
        ("edit", {"title": "x"}),
        ("delete", {}),
        ("restore", {"version": "1"}),
        ("audience", {"act": "open"}),
    ):
        post(as_("admin"), f"{address}/{act}", 403, **values)
    as_("admin").get("/spaces/team/-/settings", status=403)


def test_managers_are_told_who_looked_in_and_why(as_: Callable[[str], TestApp], db: Session) -> None:
    post(as_("admin"), "/admin/inspections", address="team", reason=REASON)
    for page in ("/spaces/team", "/spaces/team/-/inspections"):
        text = as_("mia").get(page).text
        assert "Admin" in text and REASON in text
    assert REASON not in as_("mo").get("/spaces/team").text
    as_("mo").get("/spaces/team/-/inspections", status=403)
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "space.inspected")).one()
    assert entry.details["reason"] == REASON and entry.actor_id is not None


def test_managers_are_told_by_mail_where_there_is_a_mail_server(
    settings_values: dict[str, str], db: Session, request: pytest.FixtureRequest
) -> None:
    settings_values |= {"plein.smtp_host": "127.0.0.1", "plein.mail_from": "plein@example.nl", "plein.smtp_tls": "off"}
    as_, people = request.getfixturevalue("as_"), request.getfixturevalue("people")
    for name in ("mia", "mo"):
        db.execute(update(User).where(User.id == people[name].id).values(email=f"{name}@example.nl"))
    db.commit()
    post(as_("admin"), "/admin/inspections", address="team", reason=REASON)
    sent = [job.arguments for job in db.scalars(select(QueuedJob))]
    assert [mail["to"] for mail in sent] == ["mia@example.nl"] and sent[0]["values"]["reason"] == REASON


def test_the_hour_ends(as_: Callable[[str], TestApp], db: Session, people: dict[str, User]) -> None:
    address = write(as_("mo"))
    post(as_("admin"), "/admin/inspections", address="team", reason=REASON)
    ends = db.scalar(select(BrokenGlass.ends_at)) - db.scalar(select(BrokenGlass.created_at))
    assert 59 * 60 < ends.total_seconds() <= 60 * 60
    db.execute(update(BrokenGlass).values(ends_at=BrokenGlass.created_at))
    db.commit()
    as_("admin").get(address, status=404)


def test_it_can_be_ended_before(as_: Callable[[str], TestApp], team: Any) -> None:
    address = write(as_("mo"))
    post(as_("admin"), "/admin/inspections", address="team", reason=REASON)
    post(as_("admin"), "/admin/inspections/-/end", space=str(team.id))
    as_("admin").get(address, status=404)


def test_a_person_who_is_no_longer_administrator_does_not_look_on(
    as_: Callable[[str], TestApp], db: Session, people: dict[str, User]
) -> None:
    address = write(as_("mo"))
    post(as_("admin"), "/admin/inspections", address="team", reason=REASON)
    db.execute(update(User).where(User.id == people["admin"].id).values(is_admin=False))
    db.commit()
    as_("admin").get(address, status=404)


# -- why -----------------------------------------------------------------------------------------------------------


def test_why_page_prints_the_chain(as_: Callable[[str], TestApp]) -> None:
    address = write(as_("mo"), readers="ed")
    page = as_("admin").get("/admin/access", {"what": f"http://127.0.0.1:6543{address}", "who": "ray"})
    chain = [row.text for row in page.html.select(".chain li")]
    assert "Ray does not see this" in " ".join(page.html.main.text.split())
    assert len(chain) == 6 and "this person is not named" in chain[-1]
    assert SECRET not in page.text and "Plan" not in page.html.main.text


def test_why_page_does_not_tell_the_name_of_a_hidden_space(
    as_: Callable[[str], TestApp], make_space: Callable[..., Any], people: dict[str, User]
) -> None:
    make_space("burcht", name="Burchtzwaluw", access="hidden", members={people["mo"]: "manager"})
    page = as_("admin").get("/admin/access", {"what": "/spaces/burcht", "who": "mo"})
    assert "Mo sees this" in " ".join(page.html.main.text.split()) and "Burchtzwaluw" not in page.text


def test_why_page_explains_pages_of_the_site(as_: Callable[[str], TestApp]) -> None:
    page = as_("admin").get("/admin/access", {"what": "/admin/users", "who": "mo"})
    assert "Mo does not see this" in " ".join(page.html.main.text.split()) and "people.manage" in page.text


@pytest.mark.parametrize("values", [{"what": "/nowhere"}, {"what": "/spaces/team", "who": "nobody"}])
def test_why_page_says_what_it_did_not_find(as_: Callable[[str], TestApp], values: dict[str, str]) -> None:
    page = as_("admin").get("/admin/access", values, status=422)
    assert page.html.select(".error-summary") and page.html.find(id="field-what")["value"] == values["what"]


# -- what is gone is gone ------------------------------------------------------------------------------------------


def test_membership_by_a_group_ends_with_the_group_on_the_next_request(
    as_: Callable[[str], TestApp], db: Session, people: dict[str, User], team: Any
) -> None:
    address = write(as_("mo"))
    group = Group(uid="g", slug="board", name="Board", sort_name="board")
    db.add(group)
    db.flush()
    db.add_all(
        [
            GroupPerson(group_id=group.id, user_id=people["out"].id),
            GroupMembership(space_id=team.id, group_id=group.id, role="editor"),
        ]
    )
    db.commit()
    as_("out").get(f"{address}/edit", status=200)
    db.delete(db.get(GroupPerson, (people["out"].id, group.id)))
    db.commit()
    as_("out").get(address, status=404)
    as_("out").get(f"{address}/edit", status=404)


def test_looking_costs_no_statement_for_those_who_do_not_look(
    as_: Callable[[str], TestApp], count_statements: Callable[[], Any], db: Session
) -> None:
    address = write(as_("mo"))
    as_("mo").get(address)
    with count_statements() as counted:
        as_("mo").get(address)
    assert counted.total <= 8, str(counted)
    assert db.scalar(select(func.count()).select_from(SignInSession).where(SignInSession.view_as.is_not(None))) == 0
    assert db.scalar(select(func.count()).select_from(Membership)) == 5
