"""What tests of the second factor do again and again: sign in, give a code, look at what was stored."""

from datetime import timedelta
from typing import Any

from known_password import PASSWORD
from sqlalchemy import select, update
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.db import utcnow
from plein.people.models import SignInSession, User
from plein.people.second_factor.recovery import RecoveryCodes

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOME = "http://127.0.0.1:6543"


def form_to(page: Any, action: str) -> Any:
    return next(form for form in page.forms.values() if form.action.partition("?")[0] == action)


def give_password(browser: TestApp, login: str = "anna", following: str = "") -> Any:
    form = form_to(browser.get("/sign-in", {"next": following} if following else {}), "/sign-in")
    form["login"], form["password"] = login, PASSWORD
    return form.submit(status=303)


def give_code(browser: TestApp, code: str, *, by: str = "app", status: int = 303) -> Any:
    form = form_to(browser.get("/sign-in/second", {"by": by}), "/sign-in/second")
    form["code"] = code
    return form.submit(status=status)


def is_in(browser: TestApp) -> bool:
    return browser.get("/me/preferences", status="*").status_int == 200


def another(app: TestApp) -> TestApp:
    return TestApp(app.app, extra_environ=app.extra_environ)


def ask(db: Any, statement: Any) -> Any:
    """What the database says now; holds no lock afterwards."""
    db.rollback()
    found = db.scalars(statement).all()
    db.rollback()
    return found


def actions(db: Any) -> list[tuple[str, str]]:
    rows = db.execute(select(AuditEntry.action, AuditEntry.result).order_by(AuditEntry.number)).all()
    db.rollback()
    return [tuple(row) for row in rows]


def recovery_codes(db: Any, user: User) -> list[str]:
    service = RecoveryCodes(db, user.id)
    made, batch = service.make()
    assert service.keep(batch)
    db.commit()
    return made


def set_up_app(browser: TestApp, clock: Any) -> tuple[Any, str]:
    page = browser.get("/me/security/app")
    key = page.html.find("code", class_="copyable").get_text().replace(" ", "")
    form = form_to(page, "/me/security/app")
    form["code"] = clock.code(key=key)
    return form.submit(status=303), key


def grow_stale(db: Any) -> None:
    db.rollback()
    db.execute(update(SignInSession).values(confirmed_at=utcnow() - timedelta(minutes=16)))
    db.commit()
