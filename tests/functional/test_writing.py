"""Writing without losing anything: unsaved texts, co-writers, presence, conflicts and sections."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content.models import Content, ContentAudience, Revision
from plein.content.writing.models import Presence, Unsaved
from plein.db import utcnow
from plein.people.models import User
from plein.spaces.models import Space

BASE = "/spaces/desk/wiki"
AsUser = Callable[[User], TestApp]


@pytest.fixture
def people(make_user: Callable[..., User], make_space: Callable[..., Any]) -> dict[str, User]:
    made = {name: make_user(name) for name in ("anna", "ben", "cas")}
    make_space("desk", access="closed", members={made["anna"]: "editor", made["ben"]: "editor", made["cas"]: "reader"})
    return made


@pytest.fixture
def anna(people: dict[str, User], as_user: AsUser) -> TestApp:
    return as_user(people["anna"])


@pytest.fixture
def ben(people: dict[str, User], as_user: AsUser) -> TestApp:
    return as_user(people["ben"])


def form_of(page: Any) -> Any:
    return next(form for form in page.forms.values() if "body" in form.fields)


def fill(page: Any, **fields: Any) -> Any:
    form = form_of(page)
    for name, value in fields.items():
        form[name.replace("__", "-")] = value
    answer = form.submit(status="*")
    if answer.status_int == 307:
        # A browser sends a form again to where it is told to.
        answer = page.test_app.post(answer.location, form.submit_fields(), status="*")
    return answer


def token(browser: TestApp) -> str:
    return str(browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"])


def write(browser: TestApp, title: str = "Rules", body: str = "one\n\ntwo") -> str:
    return str(fill(browser.get(f"{BASE}/-/new"), title=title, body=body).location)


def keep(browser: TestApp, page: Any, address: str, **fields: Any) -> Any:
    """What the form's script posts while somebody writes."""
    form = form_of(page)
    values = dict(form.submit_fields()) | fields | {"csrf_token": token(browser)}
    return browser.post(address, values, status="*")


def test_what_was_typed_comes_back_on_another_device(people: dict[str, User], as_user: AsUser, db: Session) -> None:
    at_work, at_home = as_user(people["anna"]), as_user(people["anna"])
    address = write(at_work)
    kept = keep(at_work, at_work.get(f"{address}/edit"), f"{address}/keep", body="one\n\nTWO", note="why")
    assert kept.json == {"revision": 1}
    page = at_home.get(f"{address}/edit")
    assert form_of(page)["body"].value.strip() == "one\n\ntwo"
    again = page.click("Go on with it")
    assert form_of(again)["body"].value.strip() == "one\n\nTWO"
    assert form_of(again)["note"].value == "why"
    assert fill(again).status_int == 303
    assert at_home.get(f"{address}/raw").text == "one\n\nTWO"
    assert "Go on with it" not in at_home.get(f"{address}/edit")
    assert db.scalar(select(Unsaved.id)) is None


def test_a_new_page_that_was_not_saved_is_offered_again(anna: TestApp) -> None:
    first = anna.get(f"{BASE}/-/new")
    keep(anna, first, f"{BASE}/-/keep", title="Half", body="a thought")
    again = anna.get(f"{BASE}/-/new").click("Go on with it")
    assert (form_of(again)["title"].value, form_of(again)["body"].value.strip()) == ("Half", "a thought")
    assert fill(again).status_int == 303
    assert "Half" not in anna.get("/me/unsaved")


def test_two_tabs_do_not_overwrite_one_another(anna: TestApp, db: Session) -> None:
    address = write(anna)
    first, second = anna.get(f"{address}/edit"), anna.get(f"{address}/edit")
    keep(anna, first, f"{address}/keep", body="in the first")
    refused = keep(anna, second, f"{address}/keep", body="in the second")
    assert refused.status_int == 409
    assert db.scalar(select(Unsaved.values))["body"] == "in the first"
    db.rollback()
    # Told, its writer chooses to go on in the second.
    taken = keep(anna, second, f"{address}/keep", body="in the second", known=str(refused.json["revision"]))
    assert taken.status_int == 200
    assert keep(anna, first, f"{address}/keep", body="in the first again", known="1").status_int == 409
    # Saving one leaves what the other stored since.
    assert fill(first, body="one\n\ntwo\n\nthree").status_int == 303
    assert "Go on with it" in anna.get(f"{address}/edit")


def test_unsaved_texts_are_read_by_their_writer_only(anna: TestApp, ben: TestApp, db: Session) -> None:
    address = write(anna)
    keep(anna, anna.get(f"{address}/edit"), f"{address}/keep", title="Mine alone", body="secret thought")
    draft = db.scalar(select(Unsaved.draft)) or ""
    db.rollback()
    assert "secret thought" in anna.get(f"/me/unsaved/{draft}")
    ben.get(f"/me/unsaved/{draft}", status=404)
    assert "Mine alone" not in ben.get("/me/unsaved")
    assert "secret" not in ben.get(f"{address}/edit?resume={draft}")
    ben.post("/me/unsaved", {"draft": draft, "csrf_token": token(ben)})
    assert "Mine alone" in anna.get("/me/unsaved")


def test_throwing_an_unsaved_text_away_can_be_undone(anna: TestApp) -> None:
    address = write(anna)
    keep(anna, anna.get(f"{address}/edit"), f"{address}/keep", title="Rules", body="other words")
    page = anna.get("/me/unsaved")
    gone = next(form for form in page.forms.values() if "draft" in form.fields).submit().follow()
    assert "All that you wrote is saved" in gone
    back = next(form for form in gone.forms.values() if "back" in form.fields).submit().follow()
    assert "Rules" in back.html.main.text


def test_the_text_stays_when_its_page_or_its_space_is_gone(anna: TestApp, ben: TestApp, db: Session) -> None:
    address = write(anna)
    page = ben.get(f"{address}/edit")
    keep(ben, page, f"{address}/keep", body="what ben wrote")
    db.execute(update(Space).values(archived_at=utcnow()))
    db.commit()
    assert "what ben adds" in fill(page, body="what ben adds\n\nin two lines")
    db.execute(update(Space).values(access="hidden"))
    db.execute(update(Content).values(state="trashed"))
    db.commit()
    assert "what ben wrote" in ben.get(ben.get("/me/unsaved").html.main.find("a", string="Rules")["href"])


def test_a_text_that_is_too_long_is_not_kept(anna: TestApp) -> None:
    address = write(anna)
    page = anna.get(f"{address}/edit")
    assert keep(anna, page, f"{address}/keep", body="x" * 400_000).status_int == 413


def test_old_and_thrown_texts_are_forgotten(anna: TestApp, db: Session, run_jobs: Callable[[], int]) -> None:
    address = write(anna)
    keep(anna, anna.get(f"{address}/edit"), f"{address}/keep", body="old")
    db.execute(update(Unsaved).values(saved_at=utcnow() - timedelta(days=31)))
    db.commit()
    run_jobs()
    assert db.scalar(select(Unsaved.id)) is None


def test_who_edits_is_told_to_who_sees_the_page_and_to_nobody_else(
    anna: TestApp, ben: TestApp, people: dict[str, User], as_user: AsUser, db: Session, make_user: Callable[..., User]
) -> None:
    address = write(anna)
    assert ben.get(f"{address}/editors").status_int == 204
    assert anna.post(f"{address}/editors/-/here", {"csrf_token": token(anna)}).status_int == 204
    assert "Anna is changing this too" in ben.get(f"{address}/editors")
    assert "Anna" in as_user(people["cas"]).get(f"{address}/editors")
    as_user(make_user("outsider")).get(f"{address}/editors", status=404)
    as_user(people["cas"]).post(f"{address}/editors/-/here", {"csrf_token": token(as_user(people["cas"]))}, status=403)
    db.execute(update(Presence).values(seen_at=utcnow() - timedelta(seconds=61)))
    db.commit()
    assert ben.get(f"{address}/editors").status_int == 204


def test_nobody_is_noted_for_reading_or_after_leaving(anna: TestApp, ben: TestApp, db: Session) -> None:
    address = write(anna)
    anna.get(address)
    anna.get(f"{address}/editors")
    anna.post(f"{address}/editors/-/here", {"csrf_token": token(anna)})
    assert len(db.scalars(select(Presence.user_id)).all()) == 1
    db.rollback()
    anna.post(f"{address}/editors/-/here", {"left": "1", "csrf_token": token(anna)})
    db.rollback()
    assert db.scalar(select(Presence.user_id)) is None


@pytest.mark.parametrize(
    ("choice", "body"),
    [("theirs", "one\n\nTWO\n\nthree"), ("both", "one\n\nTWO\n\n2\n\nthree"), ("own", "one\n\nzwei\n\nthree")],
)
def test_each_clash_becomes_what_its_writer_chooses(anna: TestApp, ben: TestApp, choice: str, body: str) -> None:
    address = write(anna, body="one\n\ntwo\n\nthree")
    mine = ben.get(f"{address}/edit")
    fill(anna.get(f"{address}/edit"), body="one\n\nTWO\n\nthree", title="New rules")
    clash = fill(mine, body="one\n\n2\n\nthree")
    assert clash.status_int == 409
    saved = fill(clash, clash__0=choice, clash__0__own="zwei") if choice == "own" else fill(clash, clash__0=choice)
    assert saved.status_int == 303
    page = ben.get(saved.location).follow() if ben.get(saved.location).status_int == 302 else ben.get(saved.location)
    assert page.html.h1.text == "New rules"
    assert ben.get(f"{BASE}/new-rules/raw").text == body


def test_two_titles_are_a_choice_too(anna: TestApp, ben: TestApp) -> None:
    address = write(anna)
    mine = ben.get(f"{address}/edit")
    fill(anna.get(f"{address}/edit"), title="Annas")
    clash = fill(mine, title="Bens")
    assert clash.status_int == 409 and "Annas" in clash
    saved = fill(clash, clash__title="own", clash__title__own="Ours")
    assert saved.status_int == 303 and saved.location.endswith("/ours")


def test_a_version_that_vanished_brings_the_text_back_beside_the_other(anna: TestApp, db: Session) -> None:
    address = write(anna)
    page = anna.get(f"{address}/edit")
    fill(anna.get(f"{address}/edit"), body="other words")
    db.execute(update(Revision).where(Revision.version == 1).values(version=99))
    db.commit()
    clash = fill(page, body="my words")
    assert clash.status_int == 409
    assert "my words" in clash and "other words" in clash
    assert fill(clash, clash__0="both").status_int == 303
    assert anna.get(f"{address}/raw").text == "other words\n\nmy words"


TEXT = "intro\n\n## Same\n\nfirst\n\n```\n# no heading\n```\n\n## Same\n\nsecond\n\n### Below\n\ndeep\n\n## Last\n\nend"


def test_one_section_is_written_and_put_back(anna: TestApp, ben: TestApp) -> None:
    address = write(anna, body=TEXT)
    anchors = [one["id"] for one in anna.get(address).html.select(".prose h2")]
    page = anna.get(f"{address}/edit?section={anchors[1]}")
    assert form_of(page)["body"].value.strip() == "## Same\n\nsecond\n\n### Below\n\ndeep"
    # Somebody else adds to another section meanwhile.
    fill(ben.get(f"{address}/edit"), body=TEXT.replace("first", "first, and more"))
    saved = fill(page, body="## Same\n\n2")
    assert saved.status_int == 303 and saved.location.endswith(f"#{anchors[1]}")
    expected = TEXT.replace("first", "first, and more").replace("second\n\n### Below\n\ndeep", "2")
    assert anna.get(f"{address}/raw").text == expected
    assert "intro" in form_of(anna.get(f"{address}/edit?section=nowhere"))["body"].value


def test_a_small_change_is_told_in_the_history_and_can_be_left_out(anna: TestApp) -> None:
    address = write(anna)
    fill(anna.get(f"{address}/edit"), body="one\n\nthree", minor=True)
    assert "Small change" in anna.get(f"{address}/history").html.main.text
    assert anna.get(f"{BASE}/-/recent").html.main.find("a", string="Rules")
    assert anna.get(f"{BASE}/-/recent?minor=no").html.main.find("a", string="Rules") is None


def test_co_writers_read_and_change_a_draft_and_are_let_go(
    anna: TestApp, ben: TestApp, people: dict[str, User], as_user: AsUser, db: Session
) -> None:
    address = write(anna)
    db.execute(update(Content).values(state="draft"))
    db.commit()
    ben.get(address, status=404)
    assert fill(anna.get(f"{address}/edit"), co_writers="ben, cas").status_int == 303
    assert fill(ben.get(f"{address}/edit"), body="by ben").status_int == 303
    assert "Ben" in anna.get(f"{address}/access").html.main.text
    # A co-writer reads; changing it takes a role that writes, and naming others its author.
    cas = as_user(people["cas"])
    assert cas.get(address).status_int == 200
    cas.get(f"{address}/edit", status=403)
    assert "co_writers" not in form_of(ben.get(f"{address}/edit")).fields
    assert fill(anna.get(f"{address}/edit"), co_writers="nobody").status_int == 422
    assert len(db.scalars(select(ContentAudience.id).where(ContentAudience.level == "draft")).all()) == 2
