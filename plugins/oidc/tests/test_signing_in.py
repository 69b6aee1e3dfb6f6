"""Signing in: what is asked of the provider, who comes in by its answer, and who does not."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.api import Base

USER, SESSION = (Base.metadata.tables[name].c for name in ("user", "sign_in_session"))


def test_somebody_new_comes_in_with_what_the_provider_says(site: Any, db: Session) -> None:
    answer = site.enter(following="/spaces?q=a")
    assert (answer.status_int, answer.location.partition("6543")[2]) == (303, "/spaces?q=a")
    user = db.execute(select(USER.login, USER.name, USER.email, USER.kind)).one()
    assert tuple(user) == ("anna", "Anna de Vries", "anna@example.nl", "person")
    session = db.execute(select(SESSION.method, SESSION.provider_session, SESSION.strong)).one()
    assert tuple(session) == ("work", "session-of-anna", False)
    assert "Anna de Vries" in site.app.get("/")


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(("form", "page"), [("folded", "/sign-in?"), ("shown", "/sign-in/local?")])
def test_renewing_that_does_not_work_out_ends_at_the_page_to_sign_in(
    oidc_settings: dict[str, str], request: pytest.FixtureRequest, form: str, page: str
) -> None:
    """As the site shows it: with the form, or with buttons first. It stays there."""
    oidc_settings |= {"plein.sign_in_form": form, "oidc.work.renew": "everybody"}
    site = request.getfixturevalue("site")
    assert "/oidc/work/renew" in site.app.get("/sign-in?next=/people", status=303).follow(status=303).location
    state = site.begin("renew", following="/people")["state"]
    ended = site.back(state, code=None, error="login_required")
    assert page in ended.location and "next=%2Fpeople" in ended.location
    assert "Sign in with Municipality" in ended.follow(status=200)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(("renew", "comes_back"), [("never", False), ("returning", True), ("everybody", True)])
def test_who_came_by_a_provider_before_is_sent_there_when_that_is_wanted(
    oidc_settings: dict[str, str], request: pytest.FixtureRequest, renew: str, comes_back: bool
) -> None:
    oidc_settings["oidc.work.renew"] = renew
    site = request.getfixturevalue("site")
    site.enter()
    site.app.set_cookie("plein", "gone")
    sent = "/oidc/work/renew" in site.app.get("/sign-in/sso?next=/", status=303).location
    assert sent == comes_back


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_account_of_the_same_name_is_not_given_away(site: Any, make_user: Any, db: Session, audited: Any) -> None:
    make_user("anna")
    answer = site.enter()
    assert answer.status_int == 403 and audited() == ["taken"]
    assert db.scalars(select(SESSION.id)).all() == []
