"""The life of an item as people lead it: draft, later, archive, lock, copy, moved, thrown away for good."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from life_of_pages import BASE, form_of, post, write
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plein.content.models import Content, Transition
from plein.db import utcnow


def test_a_draft_is_seen_by_its_author_alone_until_it_is_published(handbook: Any) -> None:
    address = write(handbook.member, act="draft").location
    assert "Draft" in handbook.member.get(address).html.find(class_="alert").text
    handbook.editor.get(address, status=404)
    form = form_of(handbook.member.get(f"{address}/edit"))
    assert [button["value"] for button in handbook.member.get(f"{address}/edit").html.select("button[name=act]")] == [
        "publish",
        "draft",
    ]
    form.submit("act", value="publish")
    assert "Some text." in handbook.reader.get(address)


def test_a_moment_is_typed_in_the_zone_of_the_site_and_a_wrong_one_is_explained(handbook: Any, db: Session) -> None:
    past = write(handbook.member, when="2020-01-01T09:00")
    assert past.status_int == 422 and "This moment has passed" in past and "Some text." in past
    assert "does not exist" in write(handbook.member, when="2099-03-29T02:30")
    assert "before it appears" in write(handbook.member, when="2099-02-01T09:00", expires="2099-01-01T09:00")
    typed = {"title": "Agenda", "body": "Some text.", "act": "later", "base_version": "0"}
    assert "Choose when it appears" in post(handbook.member, "/-/new", 422, **typed)
    # A moment that is filled in counts, whichever button is pressed.
    address = write(handbook.member, when="2099-07-01T09:00").location
    item = db.scalars(select(Content)).one()
    assert (item.state, item.publish_at.isoformat()) == ("scheduled", "2099-07-01T07:00:00+00:00")
    db.rollback()
    assert "1 July 2099, 09:00" in handbook.member.get(address)
    form = form_of(handbook.member.get(f"{address}/edit"))
    assert form["when"].value == "2099-07-01T09:00"
    form.submit("act", value="publish")
    assert "Some text." in handbook.reader.get(address)


def test_archived_item_says_since_when_by_whom_and_why_and_is_left_out_of_lists(handbook: Any) -> None:
    address = write(handbook.member).location
    post(handbook.member, "/agenda/life", 422, act="archive")
    done = post(handbook.editor, "/agenda/life", act="archive", reason="there is a new one").follow()
    page = handbook.reader.get(address)
    alert = page.html.find(class_="alert").text
    assert "Archived on" in alert and "Editor" in alert and "there is a new one" in alert and "Some text." in page
    assert "Agenda" not in handbook.reader.get(BASE).html.main.text
    undo = next(form for form in done.forms.values() if form.action.endswith("/life"))
    undo.submit()
    assert "Agenda" in handbook.reader.get(BASE).html.main.text
    history = handbook.reader.get(f"{address}/history")
    assert "Archived" in history and "there is a new one" in history


def test_locked_item_is_changed_only_by_who_may_lock(handbook: Any) -> None:
    address = write(handbook.member).location
    post(handbook.editor, "/agenda/life", act="lock", reason="the law")
    assert "Only who may lock" in handbook.member.get(address) and "the law" in handbook.reader.get(address)
    for page in ("/edit", "/life"):
        handbook.member.get(f"{address}{page}", status=403)
    for page in ("/restore", "/delete", "/audience", "/files/-/attach", "/life"):
        post(handbook.member, f"/agenda{page}", 403, version="1", act="unlock")
    form = form_of(handbook.editor.get(f"{address}/edit"))
    form["body"] = "Changed."
    form.submit().follow()
    post(handbook.editor, "/agenda/life", act="unlock")
    handbook.member.get(f"{address}/edit", status=200)


def test_a_copy_is_a_draft_in_the_chosen_space(handbook: Any, db: Session) -> None:
    write(handbook.member)
    assert handbook.editor.get(f"{BASE}/agenda/copy").html.find("option", value="annex") is not None
    post(handbook.editor, "/agenda/copy", 422, title="", space="annex")
    post(handbook.editor, "/agenda/copy", 422, title="A", space="nowhere")
    post(handbook.reader, "/agenda/copy", 422, title="A", space="handbook")
    made = post(handbook.editor, "/agenda/copy", title="Agenda of the annex", space="annex")
    assert made.location.endswith("/spaces/annex/wiki/agenda-of-the-annex/edit")
    copy = db.scalars(select(Content).where(Content.slug == "agenda-of-the-annex")).one()
    assert (copy.state, copy.body, copy.author_id) == ("draft", "Some text.", handbook.people["editor"].id)


def test_moving_tells_who_can_no_longer_read_it_and_can_be_undone(handbook: Any) -> None:
    address = write(handbook.member).location
    page = handbook.editor.get(f"{address}/move?space=annex")
    text = " ".join(page.html.main.text.split())
    assert "4 people can read it" in text and "1 person can read it" in text
    assert "3 people can no longer read it" in text and "Manager, Member, Reader" in text
    form = next(form for form in page.forms.values() if "reason" in form.fields)
    form["reason"] = "it is only ours"
    there = form.submit().follow()
    handbook.member.get(address, status=404)
    assert "it is only ours" in handbook.editor.get("/spaces/annex/wiki/agenda/history")
    next(form for form in there.forms.values() if form.action.endswith("/move")).submit()
    assert "Some text." in handbook.member.get(address)


def test_only_a_manager_who_types_the_title_deletes_for_good(handbook: Any, db: Session) -> None:
    write(handbook.member)
    handbook.manager.get(f"{BASE}/agenda/purge", status=404)
    post(handbook.editor, "/agenda/delete")
    trash = handbook.manager.get(f"{BASE}/-/trash")
    assert "kept until" in trash and "Delete for good" in trash
    assert "Delete for good" not in handbook.editor.get(f"{BASE}/-/trash")
    handbook.editor.get(f"{BASE}/agenda/purge", status=403)
    assert "This is not its title" in post(handbook.manager, "/agenda/purge", 422, title="agenda")
    post(handbook.manager, "/agenda/purge", title=" Agenda ")
    assert db.scalar(select(Content.id)) is None
    handbook.manager.get(f"{BASE}/agenda", status=404)


def test_taking_back_is_for_the_author_and_owner(handbook: Any) -> None:
    address = write(handbook.member).location
    post(handbook.editor, "/agenda/life", 422, act="unpublish")
    post(handbook.member, "/agenda/life", act="unpublish", reason="too early")
    handbook.editor.get(address, status=404)
    assert "too early" in handbook.member.get(f"{address}/history")


def test_my_writing_lists_my_drafts_and_nobody_elses(handbook: Any) -> None:
    write(handbook.member, "Mine", act="draft")
    write(handbook.editor, "Theirs", act="draft")
    page = handbook.member.get("/me/writing")
    assert "Mine" in page and "Theirs" not in page


def test_a_page_that_is_simply_published_costs_no_statement_more(
    handbook: Any, db: Session, count_statements: Callable
) -> None:
    address = write(handbook.member).location
    handbook.reader.get(address)
    with count_statements() as counted:
        handbook.reader.get(address)
    asked = [one for one in counted.statements if "content_transition" in one or "proposal " in one]
    assert not asked


def test_lists_of_my_writing_cost_the_same_however_long_they_are(
    handbook: Any, db: Session, count_statements: Callable
) -> None:
    write(handbook.member, "First", act="draft")
    handbook.member.get("/me/writing")
    with count_statements() as few:
        handbook.member.get("/me/writing")
    for number in range(4):
        write(handbook.member, f"Draft {number}", act="draft")
    with count_statements() as many:
        handbook.member.get("/me/writing")
    assert many.total == few.total <= 10, str(many)


def test_what_went_through_the_trash_keeps_its_history(handbook: Any, db: Session) -> None:
    write(handbook.member)
    post(handbook.editor, "/agenda/delete")
    db.execute(update(Content).values(trashed_at=utcnow() - timedelta(days=2)))
    db.commit()
    post(handbook.editor, "/agenda/undelete")
    assert db.scalars(select(Transition.action).order_by(Transition.id)).all() == ["trashed", "untrashed"]
    db.rollback()
    assert "Put back" in handbook.reader.get(f"{BASE}/agenda/history")
