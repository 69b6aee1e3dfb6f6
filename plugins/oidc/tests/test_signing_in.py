"""Signing in: what is asked of the provider, who comes in by its answer, and who does not."""

from typing import Any

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
