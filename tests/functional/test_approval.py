"""Four eyes: what is new or changed is read by others when somebody else agreed, and by nobody before."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from life_of_pages import form_of, post, write
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content.approving import BY, NEEDED, SUGGESTIONS
from plein.content.life.models import Proposal, ProposalComment
from plein.content.models import Content, PolicyValue, Revision, Transition
from plein.events import Event
from plein.people.models import User
from plein.spaces.models import Membership


@pytest.fixture
def rule(db: Session) -> Callable[[Any, Any], None]:
    """``rule(NEEDED, True)``: what the organisation decides for pages."""

    def decide(policy: Any, value: Any) -> None:
        db.execute(delete(PolicyValue).where(PolicyValue.name == policy.name))
        db.add(PolicyValue(name=policy.name, type="wiki.page", space_id=None, value=value))
        db.commit()

    return decide


@pytest.fixture
def agenda(handbook: Any, rule: Callable) -> Iterator[str]:
    """The address of a page that is read, in a place where changes need approval."""
    address = write(handbook.editor).location
    rule(NEEDED, True)
    yield address


def change(browser: TestApp, address: str, body: str, **fields: str) -> Any:
    form = form_of(browser.get(f"{address}/edit"))
    form["body"] = body
    for name, value in fields.items():
        form[name] = value
    return form.submit()


def one(db: Session, what: Any = Proposal) -> Any:
    db.rollback()
    found = db.scalars(select(what).order_by(what.id.desc())).first()
    db.expunge_all()
    db.rollback()
    return found


def decide(browser: TestApp, address: str, number: int, act: str, reason: str = "") -> Any:
    form = next(form for form in browser.get(f"{address}/proposals/{number}").forms.values() if "reason" in form.fields)
    form["reason"] = reason
    return form.submit("act", value=act, expect_errors=True)


def kinds(db: Session) -> list[tuple[str, list[int]]]:
    db.rollback()
    rows = db.execute(select(Event.kind, Event.addressed).where(Event.kind.like("approval.%")).order_by(Event.id)).all()
    return [(row.kind, row.addressed) for row in rows]


def test_a_new_page_waits_as_a_draft_that_approvers_see(handbook: Any, rule: Callable, db: Session) -> None:
    rule(NEEDED, True)
    address = write(handbook.member).location
    assert one(db, Content).state == "draft"
    handbook.reader.get(address, status=404)
    assert "waits for approval" in handbook.editor.get(address)
    assert "Agenda" in handbook.editor.get("/").html.main.text
    assert "Agenda" not in handbook.reader.get("/").html.main.text
    decide(handbook.editor, address, one(db).id, "approve", "well done")
    assert "Some text." in handbook.reader.get(address)
    assert db.scalar(select(Revision.author_id)) == handbook.people["member"].id
    history = handbook.reader.get(f"{address}/history")
    assert "Approved" in history and "well done" in history
    manager, editor, member = (handbook.people[name].id for name in ("manager", "editor", "member"))
    told = kinds(db)
    assert told == [("approval.asked", sorted([manager, editor])), ("approval.approved", [member])]


def test_a_change_waits_beside_what_is_read(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A better text.")
    assert "Some text." in handbook.reader.get(agenda) and one(db, Content).open_proposals == 1
    assert "1 change of this waits for approval" in handbook.editor.get(agenda)
    assert "waits for approval" not in handbook.reader.get(agenda)
    # The writer goes on where they were.
    assert form_of(handbook.member.get(f"{agenda}/edit"))["body"].value == "A better text."
    change(handbook.member, agenda, "The best text.")
    proposal = one(db)
    assert (proposal.round, proposal.body, one(db, Content).open_proposals) == (2, "The best text.", 1)
    page = handbook.editor.get(f"{agenda}/proposals/{proposal.id}")
    assert (page.html.find("del").text, page.html.find("ins").text) == ("Some", "The best")
    decide(handbook.editor, agenda, proposal.id, "approve")
    assert "The best text." in handbook.reader.get(agenda)
    stored = one(db, Content)
    assert (stored.version, stored.open_proposals, stored.updated_by_id) == (2, 0, handbook.people["member"].id)


def test_nobody_approves_what_they_wrote(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.manager, agenda, "A better text.")
    number = one(db).id
    assert "Somebody else has to look at it" in handbook.manager.get(f"{agenda}/proposals/{number}")
    refused = post(handbook.manager, f"/agenda/proposals/{number}", 409, act="approve", round="1", version="1")
    assert "Somebody else has to look at it" in refused and "Some text." in handbook.reader.get(agenda)


def test_who_changed_a_draft_after_it_was_sent_does_not_approve_it(handbook: Any, rule: Callable, db: Session) -> None:
    rule(NEEDED, True)
    address = write(handbook.member).location
    number = one(db).id
    form = form_of(handbook.editor.get(f"{address}/edit"))
    form["body"] = "Other words."
    form.submit("act", value="draft")
    assert "Somebody else has to look at it" in handbook.editor.get(f"{address}/proposals/{number}")
    post(handbook.editor, f"/agenda/proposals/{number}", 409, act="approve", round="1", version="2")
    decide(handbook.manager, address, number, "approve")
    assert "Other words." in handbook.reader.get(address)


def test_approval_of_something_else_than_was_looked_at_is_refused(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A better text.")
    number = one(db).id
    form = next(f for f in handbook.editor.get(f"{agenda}/proposals/{number}").forms.values() if "reason" in f.fields)
    change(handbook.member, agenda, "Something quite different.")
    refused = form.submit("act", value="approve", expect_errors=True)
    assert refused.status_int == 409 and "Look at it again" in refused


def test_of_two_who_decide_at_once_the_second_hears_so(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A better text.")
    number = one(db).id
    forms = [
        next(f for f in browser.get(f"{agenda}/proposals/{number}").forms.values() if "reason" in f.fields)
        for browser in (handbook.editor, handbook.manager)
    ]
    forms[0].submit("act", value="approve")
    forms[1]["reason"] = "no"
    refused = forms[1].submit("act", value="reject", expect_errors=True)
    assert refused.status_int == 409 and "Somebody else decided this" in refused
    assert one(db).state == "approved"


def test_whoever_lost_the_role_meanwhile_is_refused_with_a_sentence(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A better text.", reviewer=str(handbook.people["manager"].id))
    number = one(db).id
    form = next(f for f in handbook.manager.get(f"{agenda}/proposals/{number}").forms.values() if "reason" in f.fields)
    db.execute(update(Membership).where(Membership.user_id == handbook.people["manager"].id).values(role="reader"))
    db.commit()
    refused = form.submit("act", value="approve", expect_errors=True)
    assert refused.status_int == 409 and "You may not approve here any more" in refused
    db.execute(update(User).where(User.id == handbook.people["manager"].id).values(state="suspended"))
    db.commit()
    assert form.submit("act", value="approve", expect_errors=True).status_int in (303, 403)
    assert "Some text." in handbook.reader.get(agenda) and one(db).state == "open"


def test_what_waits_for_somebody_who_left_is_answered_by_whoever_has_the_role(
    handbook: Any, agenda: str, db: Session
) -> None:
    gone = handbook.people["manager"].id
    change(handbook.member, agenda, "A better text.", reviewer=str(gone))
    number = one(db).id
    db.execute(update(User).where(User.id == gone).values(state="suspended"))
    db.execute(delete(Membership).where(Membership.user_id == gone))
    db.commit()
    # Neither the writer nor who answers has to know who it was for.
    assert "waits for approval" in handbook.editor.get(agenda)
    decide(handbook.editor, agenda, number, "approve")
    assert "A better text." in handbook.reader.get(agenda)
    assert one(db).decided_by_id == handbook.people["editor"].id


def test_a_change_is_merged_with_what_was_saved_since_or_a_clash_is_told(
    handbook: Any, agenda: str, rule: Callable, db: Session
) -> None:
    rule(NEEDED, False)
    change(handbook.editor, agenda, "one\n\ntwo\n\nthree")
    rule(NEEDED, True)
    change(handbook.member, agenda, "ONE\n\ntwo\n\nthree")
    first = one(db).id
    rule(NEEDED, False)
    change(handbook.editor, agenda, "one\n\ntwo\n\nTHREE")
    rule(NEEDED, True)
    decide(handbook.manager, agenda, first, "approve")
    assert handbook.reader.get(f"{agenda}/raw").text == "ONE\n\ntwo\n\nTHREE"
    change(handbook.member, agenda, "mine\n\ntwo\n\nTHREE")
    second = one(db).id
    rule(NEEDED, False)
    change(handbook.editor, agenda, "theirs\n\ntwo\n\nTHREE")
    rule(NEEDED, True)
    page = handbook.manager.get(f"{agenda}/proposals/{second}")
    assert "The same lines were changed since" in page
    refused = decide(handbook.manager, agenda, second, "approve")
    assert refused.status_int == 409 and "Ask the author" in refused
    assert handbook.reader.get(f"{agenda}/raw").text == "theirs\n\ntwo\n\nTHREE" and one(db).state == "open"


def test_rejecting_needs_a_reason_that_the_writer_hears(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A worse text.")
    number = one(db).id
    assert "Say why" in decide(handbook.editor, agenda, number, "reject")
    decide(handbook.editor, agenda, number, "reject", "this is not so")
    assert "this is not so" in handbook.member.get(f"{agenda}/proposals/{number}")
    assert "this is not so" in handbook.member.get("/me/writing")
    assert (one(db).state, one(db, Content).open_proposals) == ("rejected", 0)
    assert kinds(db)[-1] == ("approval.rejected", [handbook.people["member"].id])


def test_who_rejects_a_draft_or_approves_it_for_later_is_not_led_to_what_they_do_not_see(
    handbook: Any, rule: Callable, db: Session
) -> None:
    rule(NEEDED, True)
    address = write(handbook.member).location
    assert decide(handbook.editor, address, one(db).id, "reject", "not yet").follow().status_int == 200
    handbook.editor.get(address, status=404)
    form = form_of(handbook.member.get(f"{address}/edit"))
    form["when"] = "2099-01-01T09:00"
    form.submit("act", value="propose")
    assert decide(handbook.editor, address, one(db).id, "approve").follow().status_int == 200
    assert one(db, Content).state == "scheduled"


def test_no_statement_gives_proposals_to_who_has_nothing_to_do_with_them(
    handbook: Any, agenda: str, db: Session, session_of: Callable
) -> None:
    change(handbook.member, agenda, "A better text.")
    number = one(db).id
    post(handbook.member, f"/agenda/proposals/{number}", act="comment", text="Look.")
    for name, sees in (("reader", 0), ("member", 1), ("editor", 1), ("manager", 1)):
        session = session_of(handbook.people[name], writes=False)
        assert len(session.scalars(select(Proposal)).all()) == sees, name
        assert len(session.scalars(select(ProposalComment.text)).all()) == sees, name
        assert len(session.scalars(select(Content.id).join(Proposal, Proposal.content_id == Content.id)).all()) == sees
        session.rollback()


def test_only_the_writer_withdraws(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A better text.")
    number = one(db).id
    post(handbook.editor, f"/agenda/proposals/{number}", 409, act="withdraw")
    post(handbook.member, f"/agenda/proposals/{number}", act="withdraw")
    assert (one(db).state, one(db, Content).open_proposals) == ("withdrawn", 0)


def test_comments_reach_the_writer_and_who_spoke(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A better text.")
    number = one(db).id
    post(handbook.editor, f"/agenda/proposals/{number}", act="comment", text="Why <b>this</b>?")
    post(handbook.member, f"/agenda/proposals/{number}", act="comment", text="Because.")
    page = handbook.manager.get(f"{agenda}/proposals/{number}")
    assert "Why &lt;b&gt;this&lt;/b&gt;?" in page and "Because." in page
    member, editor = handbook.people["member"].id, handbook.people["editor"].id
    assert [told for kind, told in kinds(db) if kind == "approval.commented"] == [[member], [editor]]


def test_readers_suggest_and_see_their_own_alone(
    handbook: Any, agenda: str, rule: Callable, db: Session, make_user: Callable, as_user: Callable
) -> None:
    rule(NEEDED, False)
    assert "Suggest a change" in handbook.reader.get(agenda)
    form = form_of(handbook.reader.get(f"{agenda}/suggest"))
    form["body"], form["note"] = "A reader's text.", "a mistake"
    assert form.submit().status_int == 303
    number = one(db).id
    assert "a mistake" in handbook.reader.get(f"{agenda}/proposals/{number}")
    outsider = as_user(make_user("outsider"))
    outsider.get(f"{agenda}/proposals/{number}", status=404)
    assert "a mistake" not in outsider.get(f"{agenda}/proposals")
    decide(handbook.editor, agenda, number, "approve")
    assert "A reader" in handbook.reader.get(agenda)
    rule(SUGGESTIONS, False)
    assert "only who may edit" in handbook.reader.get(f"{agenda}/suggest", status=409)


def test_only_managers_approve_where_the_rule_says_so(handbook: Any, agenda: str, rule: Callable, db: Session) -> None:
    rule(BY, "manager")
    change(handbook.member, agenda, "A better text.")
    number = one(db).id
    assert "Agenda" not in handbook.editor.get("/me/writing").html.main.text
    post(handbook.editor, f"/agenda/proposals/{number}", 409, act="approve", round="1", version="1")
    assert kinds(db) == [("approval.asked", [handbook.people["manager"].id])]
    assert "Agenda" in handbook.manager.get("/me/writing").html.main.text


def test_no_way_of_writing_goes_past_approval(handbook: Any, agenda: str, rule: Callable, db: Session) -> None:
    rule(NEEDED, False)
    change(handbook.editor, agenda, "Second.")
    rule(NEEDED, True)
    post(handbook.manager, "/agenda/restore", version="1")
    assert "Second." in handbook.reader.get(agenda) and one(db).body == "Some text."
    # Not by way of the archive or the trash either.
    post(handbook.editor, "/agenda/life", act="archive")
    change(handbook.editor, agenda, "Past everybody.")
    post(handbook.editor, "/agenda/life", act="unarchive")
    assert "Second." in handbook.reader.get(agenda)
    post(handbook.editor, "/agenda/life", act="unpublish")
    change(handbook.editor, agenda, "Past everybody.")
    assert one(db, Content).state == "draft"
    post(handbook.editor, "/agenda/life", 422, act="publish")
    assert one(db, Content).state == "draft"


def test_what_waits_costs_the_start_page_two_statements_at_most(
    handbook: Any, agenda: str, db: Session, count_statements: Callable
) -> None:
    handbook.editor.get("/")
    with count_statements() as before:
        handbook.editor.get("/")
    change(handbook.member, agenda, "A better text.")
    with count_statements() as after:
        handbook.editor.get("/")
    assert after.total <= before.total + 1 and before.total <= 12, str(after)


def test_every_decision_is_a_step_with_who_and_why(handbook: Any, agenda: str, db: Session) -> None:
    change(handbook.member, agenda, "A better text.")
    decide(handbook.editor, agenda, one(db).id, "approve", "good")
    step = one(db, Transition)
    assert (step.action, step.actor_id, step.reason) == ("approved", handbook.people["editor"].id, "good")
