"""A plugin that breaks in every hook that it has, in every way: each page of the site answers, and what is saved stays.

One plugin implements every hook that runs while the site serves, and does in all of them what the test says.
"""

import asyncio
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from webtest import TestApp

from plein.admin import plugin_pauses
from plein.app import build_app, build_site
from plein.content.models import Content
from plein.contributions import SignInMethod
from plein.db import open_session, utcnow
from plein.hookspecs import HOOKS, hookimpl
from plein.jobs.context import parts_of
from plein.jobs.executor import Executor
from plein.jobs.models import QueuedJob
from plein.people.models import SignInSession, User
from plein.people.sessions import SessionService
from plein.people.standing import viewer_for
from plein.plugins import Candidate, calling, discovery, registry, watching
from plein.privacy.models import DataExport
from plein.security.cookies import session_cookie
from plein.security.limits import Limit
from plein.testing import DATABASES, HOST, SECRET, add_space, add_user, all_seeing, migrated_database

SETTINGS = {
    "plein.secret": SECRET,
    "plein.base_url": f"http://{HOST}",
    "plein.default_locale": "en",
    "plein.second_factor": "optional",
}

#: What runs while the site serves: what is declared is asked for at the start.
HOOKS_OF_REQUESTS = [name for name, hook in HOOKS.items() if hook.kind != "declare"]

#: What sleeps for 3 s in this test stands for 30 s, and is ended as much sooner.
SLEEP_S = 3.0
_numbers = itertools.count()
_new_run = calling.new_run


def impatient(hook: Any, plugin: str, arguments: Any) -> watching.Run:
    run = _new_run(hook, plugin, arguments)
    if plugin == "troll" and hook.kind != "declare":
        run.limit = watching.Limit(0.05, 0.15)
    return run


def session_of(given: dict[str, Any]) -> Any:
    return given["db"] if "db" in given else given["request"].db


def endless(given: dict[str, Any]) -> Any:
    return endless(given)


def busy(_given: dict[str, Any]) -> None:
    while True:
        # As a loop does that goes on whatever happens.
        with suppress(Exception):
            sum(range(1000))


def slow_statement(given: dict[str, Any]) -> None:
    db = session_of(given)
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.text(f"select pg_sleep({SLEEP_S})"))
        return
    db.execute(
        sa.text("with recursive n(i) as (select 1 union all select i + 1 from n where i < 1e9) select count(*) from n")
    )


def raises(error: BaseException) -> Callable[[Any], Any]:
    def deed(_given: Any) -> None:
        raise error

    return deed


def hide_failed_statement(given: dict[str, Any]) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        session_of(given).execute(sa.text("select nothing from nowhere"))


def hide_failed_flush(given: dict[str, Any]) -> None:
    db = session_of(given)
    db.add(User(uid="twice", login="root", name="Root"))
    with pytest.raises((sa.exc.IntegrityError, RuntimeError)):
        db.flush()


def abort(given: dict[str, Any]) -> None:
    if "request" not in given:
        raise ValueError("nothing to abort")
    given["request"].tm.abort()


def doom(given: dict[str, Any]) -> None:
    if "request" not in given:
        raise ValueError("nothing to doom")
    given["request"].tm.doom()


DEEDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "exception": raises(ValueError("no")),
    "endless recursion": endless,
    "no memory": raises(MemoryError()),
    "exit": raises(SystemExit(1)),
    "no exception but raised": raises(asyncio.CancelledError()),
    "another type": lambda given: object(),
    "list of another type": lambda given: [object()],
    "commit": lambda given: session_of(given).commit(),
    "rollback": lambda given: session_of(given).rollback(),
    "closed session": lambda given: session_of(given).close(),
    "hidden failed statement": hide_failed_statement,
    "hidden failed flush": hide_failed_flush,
    "rollback in SQL": lambda given: session_of(given).execute(sa.text("ROLLBACK")),
    "rollback of the transaction": lambda given: session_of(given).get_transaction().rollback(),
    "rollback of the connection": lambda given: session_of(given).connection().rollback(),
    "closed connection": lambda given: session_of(given).connection().close(),
    "request aborted": abort,
    "request doomed": doom,
    "sleep": lambda given: time.sleep(SLEEP_S),
    "busy": busy,
    "slow statement": slow_statement,
}


#: What is no failure, by kind of hook: what is returned where nothing is asked for, and on SQLite a failed statement.
HARMLESS = {
    "react": ("another type", "list of another type", "hidden failed statement"),
    "take part": ("another type", "list of another type", "hidden failed statement"),
    "replace": ("hidden failed statement", "rollback of the transaction"),
    "show": ("hidden failed statement", "rollback of the transaction"),
}


class Troll:
    """The plugin: it does its *deed* in its *hook*, and counts how often."""

    def __init__(self) -> None:
        self.hook = ""
        self.deed: Callable[[dict[str, Any]], Any] = lambda given: None
        self.times = 0
        self.module = ModuleType("plein_troll")
        self.module.__file__ = "/plein_troll/__init__.py"
        for name in HOOKS_OF_REQUESTS:
            setattr(self.module, name, hookimpl(self._implementation(name)))
        # Whoever signs in by it is asked where to sign out.
        method = SignInMethod("troll", "Troll", "login", "home")
        self.module.register_sign_in_methods = hookimpl(self._named("register_sign_in_methods", lambda given: [method]))

    def _implementation(self, name: str) -> Any:
        def act(given: dict[str, Any]) -> Any:
            if name != self.hook:
                return None
            self.times += 1
            return self.deed(given)

        return self._named(name, act)

    @staticmethod
    def _named(name: str, act: Callable[[dict[str, Any]], Any]) -> Any:
        """A function with the arguments of the hook: an implementation is looked at before it is called."""
        arguments = ", ".join(HOOKS[name].arguments)
        made: dict[str, Any] = {"act": act}
        exec(f"def {name}({arguments}): return act(dict({', '.join(f'{a}={a}' for a in HOOKS[name].arguments)}))", made)
        return made[name]


@pytest.fixture(scope="module")
def troll() -> Iterator[Troll]:
    """A fifth plugin beside those that are installed."""
    made = Troll()
    mine = Candidate("troll", "plein_troll", "plein-troll", "1.0", ("plein>=1,<2",), lambda: made.module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "discover", lambda: [*discovery.discover(), mine])
        patch.setattr(calling, "new_run", impatient)
        patch.setattr(watching, "TICK", 0.02)
        patch.setitem(sys.modules, "plein_troll", made.module)
        yield made


@pytest.fixture(scope="module", params=DATABASES)
def site(troll: Troll, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A site with a space, a page of the wiki, and an administrator who opens everything."""
    folder = tmp_path_factory.mktemp("isolation")
    with migrated_database(request, request.param, folder) as url, capture_logs():
        served = build_site({"plein.database_url": url, "plein.files_dir": str(folder / "files"), **SETTINGS})
        with all_seeing(served.engine) as db:
            root = add_user(db, "root", is_admin=True)
            add_space(db, "handbook", members={root: "manager"})
            made = SimpleNamespace(
                app=build_app(served), db=db, engine=served.engine, plugins=served.plugins, root=root
            )
            made.app.registry["plein.limiter"].limits["write"] = Limit(0, 60)
            made.browser = as_user(made, root)
            form = editor(made.browser.get("/spaces/handbook/wiki/-/new"))
            form["title"], form["body"] = "Tree", "Oak"
            form.submit().follow()
            yield made
        served.engine.dispose()


def as_user(site: Any, user: User) -> TestApp:
    with open_session(site.engine, writes=True) as session, session.begin():
        token = SessionService(session).start(user.id, lasts=timedelta(hours=1), strong=True)
    browser = TestApp(site.app, extra_environ={"HTTP_HOST": HOST, "HTTP_ORIGIN": f"http://{HOST}"})
    browser.set_cookie(session_cookie(site.app.registry), token)
    return browser


def editor(page: Any) -> Any:
    return next(form for form in page.forms.values() if "body" in form.fields)


ITEM = "/spaces/handbook/wiki/tree"
#: Pages that ask for each hook that shows something; those with slots have them all.
PAGES = {
    "navigation_items": ("/", ITEM, "/people", "/hello"),
    "page_items": ("/", "/spaces/handbook", ITEM, f"{ITEM}/edit", "/search", "/people/root", "/admin"),
    "content_actions": (ITEM,),
}


def resume(site: Any) -> None:
    """As if an administrator did, so that each page meets the plugin anew."""
    assert site.plugins.failures_are_stored()
    for name in site.plugins.paused():
        assert plugin_pauses.resume(site.db, name, None)
        site.db.commit()
        site.plugins.resumed(name)


def token(page: Any) -> str:
    return str(page.html.find("meta", attrs={"name": "csrf-token"})["content"])


def read(hook: str, site: Any) -> None:
    for address in PAGES[hook]:
        resume(site)
        page = site.browser.get(address)
        assert page.status_int == 200 and page.html.h1 is not None, address


def save(site: Any) -> None:
    """A form that is refused is shown again, and one that is not is saved."""
    text = f"Oak {next(_numbers)}"
    for title, status in (("", 422), ("Tree", 303)):
        form = editor(site.browser.get("/spaces/handbook/wiki/tree/edit"))
        resume(site)
        form["title"], form["body"] = title, text
        assert form.submit(expect_errors=True).status_int == status
    assert site.db.scalar(sa.select(Content.body).where(Content.slug == "tree")) == text
    site.db.commit()


def save_and_react(site: Any) -> None:
    """What is told of afterwards is told in a job."""
    save(site)
    run_jobs(site)
    waits = sa.select(QueuedJob.id).where(QueuedJob.name == "content.after", QueuedJob.state != "done")
    assert site.db.scalars(waits).all() == []
    site.db.commit()


def run_jobs(site: Any) -> None:
    """Twice: where the plugin ended the transaction, the job is tried again without it."""
    jobs = Executor(parts_of(site.app.registry), viewer_for)
    jobs.run_due()
    site.db.execute(sa.update(QueuedJob).where(QueuedJob.state == "waiting").values(run_at=utcnow()))
    site.db.commit()
    jobs.run_due()


def export(site: Any) -> None:
    anna = add_user(site.db)
    browser = as_user(site, anna)
    browser.post("/me/data/export", {"csrf_token": token(browser.get("/me/data"))}, status=303)
    run_jobs(site)
    assert site.db.scalar(sa.select(DataExport.size).where(DataExport.user_id == anna.id))
    site.db.commit()


def erase(site: Any) -> None:
    anna = add_user(site.db)
    address = f"/admin/privacy/people/{anna.login}"
    values = {"csrf_token": token(site.browser.get(address)), "login": anna.login, "reason": "left"}
    site.browser.post(f"{address}/erase", values, status=303)
    assert site.db.scalar(sa.select(User.state).where(User.id == anna.id)) == "left"
    site.db.commit()


def sign_in(site: Any) -> None:
    stranger = TestApp(site.app, extra_environ=site.browser.extra_environ)
    assert stranger.get("/sign-in/sso").location.endswith("/sign-in/local?next=%2F")


def sign_out(site: Any) -> None:
    browser = as_user(site, site.root)
    newest = site.db.scalar(sa.select(sa.func.max(SignInSession.id)))
    site.db.execute(sa.update(SignInSession).where(SignInSession.id == newest).values(provider="troll"))
    site.db.commit()
    assert browser.post("/sign-out", {}).status_int == 303
    assert site.db.scalar(sa.select(sa.func.max(SignInSession.id))) < newest
    site.db.commit()


#: What is done on the site for each hook that the plugin breaks in.
DONE = {
    **{hook: partial(read, hook) for hook in PAGES},
    "on_content_changed": save,
    "after_content_changed": save_and_react,
    "on_user_exported": export,
    "on_user_erased": erase,
    "authenticate": sign_in,
    "sign_out_address": sign_out,
}


@pytest.mark.filterwarnings("ignore:.*transaction already deassociated:sqlalchemy.exc.SAWarning")
# Ended in a destructor, which Python does not let raise: then the watchdog tries again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("hook", HOOKS_OF_REQUESTS)
def test_site_goes_on_whatever_a_plugin_does_in_a_hook(site: Any, troll: Troll, hook: str, deed: str) -> None:
    troll.hook, troll.deed, troll.times = hook, DEEDS[deed], 0
    before = site.plugins.failures.copy()
    with capture_logs():
        try:
            DONE[hook](site)
            resume(site)
        finally:
            site.db.rollback()
    assert troll.times
    # What it returns where nothing is asked for does no harm, and neither does some of the rest.
    assert set(site.plugins.failures - before) <= {"troll"}
    assert site.plugins.failures != before or deed in HARMLESS.get(HOOKS[hook].kind, ())
