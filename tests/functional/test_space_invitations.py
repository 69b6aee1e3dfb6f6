"""Invitations into a space: colleagues and guests, and that each works once, for whom it is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from webtest import TestApp

from plein.db import utcnow
from plein.people.models import User
from plein.people.sessions import hash_token
from plein.people.standing import today
from plein.spaces.models import Membership, SpaceInvitation


@pytest.fixture
def mona(make_user) -> Any:
    return make_user("mona", name="Mona Bakker")


@pytest.fixture
def anna(make_user) -> Any:
    return make_user("anna", name="Anna de Wit")


@pytest.fixture
def secret(make_space, mona) -> Any:
    return make_space("secret", name="Secret plan", purpose="We move", access="hidden", members={mona: "manager"})


def invite(browser: TestApp, who: str, role: str = "member", **more: str) -> Any:
    page = browser.get("/spaces/secret/-/invitations")
    form = next(one for one in page.forms.values() if "who" in one.fields)
    form["who"], form["role"] = who, role
    for name, value in more.items():
        form[name] = value
    answer = form.submit(status="*")
    return answer.follow() if answer.status_int == 303 else answer


def press(page: Any, label: str, status: Any = None) -> Any:
    return next(one for one in page.forms.values() if label in one.text).submit(status=status)


def mailed_link(page: Any) -> str:
    found = re.search(r"/invitations/by-mail/[\w-]+", page.text)
    assert found is not None
    return found[0]


def role_of(db: Any, space: Any, user_id: int) -> str | None:
    db.rollback()
    role = db.scalar(select(Membership.role).where(Membership.space_id == space.id, Membership.user_id == user_id))
    db.rollback()
    return role


def test_a_colleague_sees_name_and_purpose_only_on_the_invitation_and_accepts(as_user, mona, anna, secret, db) -> None:
    assert "Anna de Wit" in invite(as_user(mona), "anna", "editor", note="We need you").text
    browser = as_user(anna)
    start = browser.get("/")
    assert "Mona Bakker invites you to a space." in start and "Secret plan" not in start
    browser.get("/spaces/secret", status=404)
    page = start.click("Open the invitation")
    assert all(words in page for words in ("Secret plan", "We move", "We need you"))
    assert role_of(db, secret, anna.id) is None
    assert "You are now a member of Secret plan." in press(page, "Accept").follow()
    assert role_of(db, secret, anna.id) == "editor"
    browser.get(page.request.path, status=404)
    assert "Nobody is invited" in as_user(mona).get("/spaces/secret/-/invitations")


def test_an_invitation_is_for_one_person_alone(as_user, mona, anna, secret, make_user, db) -> None:
    invite(as_user(mona), "anna")
    uid = db.scalar(select(SpaceInvitation.uid))
    db.rollback()
    other = as_user(make_user("other"))
    other.get(f"/invitations/{uid}", status=404)
    token = other.get("/").html.find("meta", attrs={"name": "csrf-token"})["content"]
    other.post(f"/invitations/{uid}", {"answer": "accept", "csrf_token": token}, status=404)


def test_a_guest_comes_in_by_a_link_that_works_once(app, as_user, mona, secret, db) -> None:
    link = mailed_link(invite(as_user(mona), "ext@example.org", "reader"))
    guest = db.scalars(select(User).where(User.kind == "guest")).one()
    assert (guest.state, guest.sponsor_id, guest.ends_on) == ("invited", mona.id, today() + timedelta(days=90))
    stored = db.scalar(select(SpaceInvitation.token_hash))
    assert stored == hash_token(link.rpartition("/")[2])
    user_id = guest.id
    # Opened by a mail scanner, twice: nothing happens.
    for _time in range(2):
        page = app.get(link)
        assert "Secret plan" in page
    assert role_of(db, secret, user_id) is None
    home = press(page, "Accept").follow()
    assert home.request.path == "/spaces/secret" and "We move" in home
    assert role_of(db, secret, user_id) == "reader"
    app.get("/spaces", status=200)
    TestApp(app.app, extra_environ=app.extra_environ).get(link, status=410)


def test_declining_closes_the_link(app, as_user, mona, secret, db) -> None:
    page = app.get(mailed_link(invite(as_user(mona), "ext@example.org")))
    press(page, "Decline")
    app.get(page.request.path, status=410)
    assert db.scalar(select(SpaceInvitation.state)) == "declined"


@pytest.mark.parametrize("ended", ["expired", "revoked", "renewed", "archived", "inviter left", "account ended"])
def test_what_ended_does_not_let_in(app, as_user, mona, secret, db, ended) -> None:
    browser = as_user(mona)
    made = invite(browser, "ext@example.org")
    page = app.get(mailed_link(made))
    manage = browser.get("/spaces/secret/-/invitations")
    if ended == "expired":
        db.execute(update(SpaceInvitation).values(expires_at=utcnow() - timedelta(seconds=1)))
    elif ended == "inviter left":
        db.execute(update(User).where(User.id == mona.id).values(state="left"))
    elif ended == "account ended":
        db.execute(update(User).where(User.kind == "guest").values(ends_on=today() - timedelta(days=1)))
    elif ended == "archived":
        press(browser.get("/spaces/secret/-/archive"), "Archive this space")
    else:
        press(manage, "Take back" if ended == "revoked" else "Send again")
    db.commit()
    press(page, "Accept", status=410)
    app.get(page.request.path, status=410)
    assert db.scalars(select(Membership.user_id)).all() == [mona.id]


def test_whoever_has_an_account_is_invited_by_address_and_signs_in_themselves(
    app, as_user, mona, secret, make_user, db
) -> None:
    known = make_user("known", kind="guest", email="Known@example.org")
    assert "by-mail" not in invite(as_user(mona), "known@example.org").text
    assert db.scalar(select(SpaceInvitation.user_id)) == known.id
    assert db.scalar(select(SpaceInvitation.token_hash)) is None


def test_where_guests_may_not_be_invited_an_unknown_address_is_refused(settings_values, request, mona, secret) -> None:
    settings_values["plein.guest_invitations"] = "false"
    as_user = request.getfixturevalue("as_user")
    assert "guests cannot be invited here" in invite(as_user(mona), "ext@example.org")


@pytest.mark.parametrize("who", ["nobody at all", "not@an address", "@", "a@b\r\nBcc: c@example.org"])
def test_nonsense_is_refused_in_a_sentence(as_user, mona, secret, db, who) -> None:
    page = invite(as_user(mona), who)
    assert page.status_int == 422 and page.html.find(class_="error-summary") is not None
    assert db.scalar(select(User.id).where(User.kind == "guest")) is None


def test_nobody_is_invited_twice_or_as_a_guest_who_manages(as_user, mona, anna, secret) -> None:
    browser = as_user(mona)
    assert "cannot manage a space" in invite(browser, "ext@example.org", "manager")
    invite(browser, "anna")
    assert "is invited already" in invite(browser, "anna")
    assert "is already a member" in invite(browser, "mona")


def test_invitations_are_limited(settings_values, request, mona, secret) -> None:
    settings_values["plein.invitation_limit"] = "1"
    browser = request.getfixturevalue("as_user")(mona)
    invite(browser, "ext@example.org")
    assert invite(browser, "more@example.org").status_int == 429


def test_managers_are_told_on_start_who_asks_and_see_what_they_say(as_user, mona, anna, make_space) -> None:
    make_space("club", name="Club", access="closed", members={mona: "manager"})
    home = as_user(anna).get("/spaces/club")
    form = next(one for one in home.forms.values() if "note" in one.fields)
    form["note"] = "I am the new librarian"
    assert "Your request waits until" in form.submit().follow()
    start = as_user(mona).get("/")
    assert "1 person asks to join Club." in start
    assert "I am the new librarian" in start.click("Answer", index=0)
    assert "asks to join" not in as_user(anna).get("/")


def test_a_request_that_nobody_answered_in_time_may_be_made_again(as_user, mona, anna, make_space, db) -> None:
    make_space("club", access="closed", members={mona: "manager"})
    press(as_user(anna).get("/spaces/club"), "Ask to join")
    db.execute(update(Membership).where(Membership.role == "asked").values(expires_at=utcnow() - timedelta(days=1)))
    db.commit()
    assert "They ask to join" not in as_user(mona).get("/spaces/club/-/members")
    page = as_user(anna).get("/spaces/club")
    assert "Nobody answered your request in time" in page
    assert "You asked to join" in press(page, "Ask to join").follow()
