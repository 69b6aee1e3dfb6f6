"""Links that lead to nothing: asked for only where that is allowed, and told to who may read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content.models import LinkCheck
from plein.content.relations.checking import BATCH, SETTING, check
from plein.db import utcnow
from plein.jobs.context import JobContext, parts_of
from plein.web.outbound import Refused, Unreachable

ANSWERS = {"https://a.example/": 200, "https://a.example/gone": 404, "https://b.example/": 401}


def asked_of(asked: list[str]) -> Callable[[str], int]:
    def ask(url: str) -> int:
        asked.append(url)
        if "inside" in url:
            raise Refused("inside")
        if "nowhere" in url:
            raise Unreachable("no-address")
        return ANSWERS[url]

    return ask


@pytest.fixture
def people(make_user: Callable[..., Any], make_space: Callable[..., Any]) -> dict[str, Any]:
    anna, ben = make_user("anna"), make_user("ben")
    make_space("open", members={anna: "manager"})
    return {"anna": anna, "ben": ben}


@pytest.fixture
def settings_values(settings_values: dict[str, str]) -> dict[str, str]:
    return settings_values | {SETTING: "yes"}


@pytest.fixture
def anna(people: dict[str, Any], as_user: Callable[..., TestApp]) -> TestApp:
    browser = as_user(people["anna"])
    browser.set_cookie("plein-locale", "en")
    return browser


def write(browser: TestApp, title: str, body: str) -> None:
    form = next(f for f in browser.get("/spaces/open/wiki/-/new").forms.values() if "body" in f.fields)
    form["title"], form["body"] = title, body
    form.submit(status=303)


def run(app: TestApp) -> list[str]:
    asked: list[str] = []
    context = JobContext(parts_of(app.app.registry), lambda _db, _id: None, 1, None)  # type: ignore[arg-type, return-value]
    check(context, ask=asked_of(asked), pause=0)
    return asked


def test_what_leads_to_nothing_is_listed_and_can_be_said_to_be_right(
    app: TestApp, anna: TestApp, people: dict[str, Any], as_user: Callable[..., TestApp], db: Session
) -> None:
    links = [*ANSWERS, "http://inside.example/", "https://nowhere.example/x"]
    write(anna, "One", " ".join(f"<{url}>" for url in links))
    write(anna, "Two", "<https://a.example/gone>")
    assert sorted(run(app)) == sorted(links)
    # Within the week nobody is asked again.
    assert run(app) == []
    page = anna.get("/spaces/open/-/broken-links")
    found = [(row.select("td")[0].span.text, row.select("td")[1].text) for row in page.html.select("tbody tr")]
    assert sorted(found) == [
        ("https://a.example/gone", "One"),
        ("https://a.example/gone", "Two"),
        ("https://nowhere.example/x", "One"),
    ]
    assert "There is no site with this name" in page
    assert "3 links lead to nothing" in anna.get("/spaces/open")
    ben = as_user(people["ben"])
    assert ben.get("/spaces/open/-/broken-links").html.select("form.action button.small") == []
    csrf = ben.get("/").html.find("meta", {"name": "csrf-token"})["content"]
    link = page.html.select("input[name=link]")[0]["value"]
    ben.post("/spaces/open/-/broken-links", {"csrf_token": csrf, "link": link, "fine": "1"}, status=403)
    before = len(found)
    done = next(f for f in page.forms.values() if "link" in f.fields).submit().follow()
    assert len(done.html.select("tbody tr")) == before - 1
    undone = next(f for f in done.forms.values() if f.fields.get("fine") and f["fine"].value == "0").submit().follow()
    assert len(undone.html.select("tbody tr")) == before


def test_since_when_stays_until_it_works_again(app: TestApp, anna: TestApp, db: Session) -> None:
    write(anna, "One", "<https://a.example/gone>")
    run(app)
    long_ago = utcnow() - timedelta(days=30)
    db.execute(update(LinkCheck).values(checked_at=long_ago, broken_since=long_ago))
    db.commit()
    assert run(app) == ["https://a.example/gone"]
    assert db.scalars(select(LinkCheck.broken_since)).one() == long_ago
    db.execute(update(LinkCheck).values(checked_at=long_ago))
    db.commit()
    ANSWERS["https://a.example/gone"] = 200
    try:
        run(app)
    finally:
        ANSWERS["https://a.example/gone"] = 404
    assert db.scalars(select(LinkCheck.broken_since)).one() is None


def test_nothing_is_asked_where_that_is_not_allowed(app: TestApp, anna: TestApp) -> None:
    write(anna, "One", "<https://a.example/>")
    registry = app.app.registry
    registry["plein.settings"] = dict(registry["plein.settings"]) | {SETTING: False}
    assert run(app) == []
    assert "Links are not checked" in anna.get("/spaces/open/-/broken-links")


def test_many_links_are_asked_in_rounds(app: TestApp, anna: TestApp) -> None:
    write(anna, "Many", " ".join(f"<https://nowhere.example/{number}>" for number in range(BATCH + 3)))
    assert (len(run(app)), len(run(app))) == (BATCH, 3)
