"""What is told when a change is stored: in a job, as who did it, and never of what rolled back or is gone by then."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from webtest import TestApp

from plein.hookspecs import hookimpl
from plein.jobs.models import QueuedJob
from plein.plugins import Candidate, discovery, registry

#: What the plugin heard: action, title, and who did it.
Heard = list[tuple[str, str, str]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """A plugin that reacts, beside those that are installed."""
    told: Heard = []
    module = ModuleType("plein_ape")
    module.__file__ = "/plein_ape/__init__.py"

    def after_content_changed(db: Any, change: Any) -> None:
        told.append((change.action, change.item.title, change.actor.name))
        if change.item.title == "Poison":
            raise ValueError("no")

    module.after_content_changed = hookimpl(after_content_changed)  # type: ignore[attr-defined]
    ape = Candidate("ape", "plein_ape", "plein-ape", "1.0", ("plein>=1,<2",), lambda: module)
    monkeypatch.setattr(registry, "discover", lambda: [*discovery.discover(), ape])
    return told


@pytest.fixture
def browser(heard: Heard, make_user: Callable, make_space: Callable, as_user: Callable) -> TestApp:
    anna = make_user("anna")
    make_space("handbook", members={anna: "manager"})
    return as_user(anna)


def write(browser: TestApp, title: str, *, status: int = 303) -> str:
    page = browser.get("/spaces/handbook/wiki/-/new")
    form = next(form for form in page.forms.values() if "body" in form.fields)
    form["title"], form["body"] = title, "Oak"
    answer = form.submit(expect_errors=True)
    assert answer.status_int == status
    return str(answer.location or "")


def test_plugin_hears_of_a_change_when_it_is_stored(browser: TestApp, heard: Heard, run_jobs: Callable) -> None:
    write(browser, "Tree")
    assert heard == []
    run_jobs()
    assert ("created", "Tree", "Anna") in heard
    heard.clear()
    run_jobs()
    assert heard == []


def test_what_is_not_saved_is_not_told(browser: TestApp, heard: Heard, run_jobs: Callable) -> None:
    write(browser, "", status=422)
    run_jobs()
    assert heard == []


def test_what_the_person_sees_no_more_is_not_told(browser: TestApp, heard: Heard, db, run_jobs: Callable) -> None:
    write(browser, "Tree")
    db.execute(sa.text("delete from membership"))
    db.execute(sa.text("update space set access = 'hidden'"))
    db.commit()
    run_jobs()
    assert heard == []


def test_plugin_that_fails_to_react_fails_no_job(browser: TestApp, heard: Heard, db, run_jobs: Callable) -> None:
    write(browser, "Poison")
    with capture_logs():
        run_jobs()
    assert heard
    states = db.scalars(sa.select(QueuedJob.state).where(QueuedJob.name == "content.after"))
    assert set(states) == {"done"}


def test_nothing_is_asked_for_where_nobody_reacts(as_user: Callable, make_user, make_space, db) -> None:
    anna = make_user("anna")
    make_space("handbook", members={anna: "manager"})
    browser = as_user(anna)
    plugins = browser.app.registry["plein.plugins"]
    write(browser, "Tree")
    asked = db.scalar(sa.select(sa.func.count()).where(QueuedJob.name == "content.after"))
    assert bool(asked) is plugins.adds_to("after_content_changed")
