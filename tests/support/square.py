"""A small organisation for tests of the inbox: anna writes in the closed space, ben belongs to it, cor is outside."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from webtest import TestApp

from plein.content.models import Content
from plein.events import emit
from plein.inbox.models import Notification

ORIGIN = "http://127.0.0.1:6543"


class Square:
    """
    :ivar space: ``team``, closed. :ivar open: ``plein``, for everybody.
    """

    def __init__(self, db: Session, make_user: Any, make_space: Any, as_user: Any, run_jobs: Any) -> None:
        self.db, self.run_jobs = db, run_jobs
        self.people = {name: make_user(name, email=f"{name}@example.nl") for name in ("anna", "ben", "cor")}
        anna, ben = self.people["anna"], self.people["ben"]
        self.space = make_space("team", access="closed", members={anna: "manager", ben: "member"})
        self.open = make_space("plein", access="open", members={anna: "manager"})
        self.browsers = {name: as_user(user) for name, user in self.people.items()}

    def write(self, who: str, space: str, title: str, text: str = "Tekst.", **more: Any) -> Content:
        page = self.browsers[who].get(f"/spaces/{space}/wiki/-/new")
        form = next(form for form in page.forms.values() if "body" in form.fields)
        form["title"], form["body"] = title, text
        for name, value in more.items():
            form[name] = value
        assert form.submit().status_int == 303
        self.run_jobs()
        return self.item(title)

    def change(self, who: str, item: Content, text: str) -> None:
        page = self.browsers[who].get(f"/spaces/{item.space.slug}/wiki/{item.slug}/edit")
        form = next(form for form in page.forms.values() if "body" in form.fields)
        form["body"] = text
        assert form.submit().status_int == 303
        self.run_jobs()

    def emit(self, kind: str, **values: Any) -> None:
        emit(self.db, kind, **values)
        self.db.commit()
        self.run_jobs()

    def item(self, title: str) -> Content:
        self.db.expire_all()
        found = self.db.scalars(select(Content).where(Content.title == title).options(joinedload(Content.space))).one()
        self.db.commit()
        self.db.expunge_all()
        return found

    def post(self, who: str, path: str, status: int = 303, **fields: Any) -> Any:
        browser = self.browsers[who]
        return browser.post(path, {"csrf_token": token_of(browser), **fields}, status=status)

    def follow(self, who: str, kind: str, target: int, level: str = "all", status: int = 303) -> None:
        self.post(who, "/inbox/follow", status, kind=kind, id=str(target), level=level, next="/people")

    def told(self, who: str) -> list[tuple[str, str, int]]:
        """Kind, reason and how often, oldest first."""
        return [(row.kind, row.reason, row.times) for row in self.rows(who)]

    def rows(self, who: str) -> list[Notification]:
        self.db.expire_all()
        rows = select(Notification).where(Notification.user_id == self.people[who].id).order_by(Notification.id)
        found = list(self.db.scalars(rows))
        self.db.commit()
        return found


def token_of(browser: TestApp) -> str:
    return str(browser.get("/me/preferences").html.select_one("meta[name=csrf-token]")["content"])
