"""Signing in: what is asked of the provider, who comes in by its answer, and who does not."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session


def test_somebody_new_comes_in_with_what_the_provider_says(site: Any, db: Session) -> None:
    from plein.people.models import SignInSession, User

    answer = site.enter(following="/spaces?q=a")
    assert (answer.status_int, answer.location.partition("6543")[2]) == (303, "/spaces?q=a")
    user, session = db.execute(select(User, SignInSession).join(SignInSession)).one()
    assert (user.login, user.name, user.email, user.kind) == ("anna", "Anna de Vries", "anna@example.nl", "person")
    assert (session.method, session.provider_session, session.strong) == ("work", "session-of-anna", False)
    assert "Anna de Vries" in site.app.get("/")
