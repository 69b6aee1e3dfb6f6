"""Tests lend an application from each other: whatever one of them did with it, the next finds it as if just made."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from plein_oidc.site import flows
from pyramid.events import NewRequest
from pyramid.request import Request
from webtest import TestApp

from plein.app import Site, build_site
from plein.content.contexts import TYPE_PAGES
from plein.contributions import SignInMethod
from plein.people.methods import methods
from plein.plugins.failures import FAILURES_ALLOWED
from plein.security.models import PermissionGrant
from plein.security.rights import bump
from plein.testing import HOST, SECRET, all_seeing, migrated_database
from plein.testing.applications import Applications


@pytest.fixture
def make_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """``make_site("one", **{"plein.site_name": "One"})``: a site with a database and files of its own."""
    with ExitStack() as stack:

        def make(name: str, **values: str) -> Site:
            folder = tmp_path / name
            folder.mkdir()
            where = {
                "plein.database_url": stack.enter_context(migrated_database(request, "sqlite", folder)),
                "plein.files_dir": str(folder / "files"),
                "plein.cache_dir": str(Path(".cache/templates").resolve()),
            }
            common = {"plein.secret": SECRET, "plein.base_url": f"http://{HOST}", "plein.reset_limit": "2"}
            provider = {
                "oidc.providers": "work",
                "oidc.work.issuer": "https://id.example.nl",
                "oidc.work.client_id": "x",
            }
            client = {"oidc.work.client_id": "x", "oidc.work.client_secret": "y"}
            site = build_site({**common, **provider, **client, **where, **values})
            stack.callback(site.engine.dispose)
            return site

        yield make


@pytest.fixture
def applications() -> Applications:
    """Lenders of this test alone."""
    return Applications()


def browse(router: Any) -> TestApp:
    return TestApp(router, extra_environ={"HTTP_HOST": HOST, "HTTP_ORIGIN": f"http://{HOST}"})


def refused(router: Any) -> list[bool]:
    """Of three tries of a day, which are refused."""
    return [router.registry["plein.limiter"].hit("reset", "anna") > 0 for _try in range(3)]


def use(site: Site, router: Any) -> None:
    """Do everything that a process remembers, and what tests do to an application."""
    registry = router.registry
    with all_seeing(site.engine) as db:
        db.add(PermissionGrant(space_id=None, permission="space.create", role="person", allowed=False))
        bump(db)
        db.commit()
    assert browse(router).get("/sign-in/local")
    assert refused(router) == [False, False, True]
    assert registry["plein.rights"].changes(1)
    for _time in range(FAILURES_ALLOWED):
        site.plugins._failures.add("wiki", "page_items", RuntimeError("broken"))
    assert site.plugins.failures_are_stored() and registry["plein.plugins"].paused() == ("wiki",)
    assert registry["plein.reads"].count(1, 1)
    registry["plein.shells"].keep("key", [["kept"]])
    registry["plein.plugins"].permissions.clear()
    registry["plein.limiter"].limits.clear()
    registry["plein.settings"] = {**registry["plein.settings"], "plein.site_name": "Another"}
    registry["of.a.test"] = registry.settings["of.a.test"] = site
    methods(registry)["b"] = SignInMethod("b", "By B", "login", "sign_in.local")
    registry[TYPE_PAGES].add("of a test")


def test_next_test_finds_nothing_of_the_one_before(applications: Applications, make_site: Callable[..., Site]) -> None:
    one, two = make_site("one"), make_site("two")
    with applications.lend(one) as router:
        use(one, router)
        remembered = {name: router.registry[name] for name in router.registry["plein.memories"]}
        names = set(methods(router.registry)) - {"b"}

    with applications.lend(two) as again:
        assert again is router
        registry = router.registry
        assert registry["plein.engine"] is two.engine and registry["plein.blobs"] is two.blobs
        assert registry["plein.settings"] is two.settings and registry["plein.plugins"] is two.plugins
        assert len(remembered) >= 7
        assert [name for name, before in remembered.items() if registry[name] is before] == []
        assert registry["plein.rights"].changes(0) == {}
        assert registry["plein.plugins"].paused() == () and not registry["plein.plugins"].failures
        assert registry["plein.reads"].count(1, 1)
        assert registry["plein.shells"].get("key") is None
        assert "of.a.test" not in registry and "of.a.test" not in registry.settings
        assert set(methods(registry)) == names
        assert "of a test" not in registry[TYPE_PAGES]
        assert "Another" not in browse(router).get("/sign-in/local")
        assert refused(router) == [False, False, True]


def test_nothing_leads_from_the_application_to_what_it_served_before(
    applications: Applications, make_site: Callable[..., Site]
) -> None:
    one, two = make_site("one"), make_site("two")
    with applications.lend(one) as router:
        use(one, router)
        assert {"engine", "blobs", "plugins", "ladders"} <= reached(router, one)
    del router
    with applications.lend(two) as router:
        assert browse(router).get("/sign-in/local")
        assert reached(router, two) == {"engine", "blobs", "plugins", "ladders"}
        assert reached(router, one) == set()


def reached(start: Any, site: Site) -> set[str]:
    """Which parts of *site* can be reached from *start*: through closures, caches, wherever."""
    parts = {id(getattr(site, name)): name for name in ("engine", "blobs", "plugins", "ladders")}
    found, seen, todo = set(), {id(start)}, [start]
    while todo:
        one = todo.pop()
        if id(one) in parts:
            found.add(parts[id(one)])
        for other in _holds(one):
            if id(other) not in seen and not isinstance(other, type | ModuleType | FrameType):
                seen.add(id(other))
                todo.append(other)
    return found


def _holds(one: Any) -> list[Any]:
    if isinstance(one, FunctionType):
        # Not the names of its module, which lead everywhere.
        return [*(cell for cell in one.__closure__ or ()), *(one.__defaults__ or ()), one.__kwdefaults__, one.__dict__]
    return gc.get_referents(one)


def test_providers_are_asked_again_what_they_publish(
    applications: Applications, make_site: Callable[..., Site]
) -> None:
    request = Request.blank("/")
    with applications.lend(make_site("one")) as router:
        request.registry = router.registry
        before = flows(request)["work"].verifier.published
    with applications.lend(make_site("two")) as router:
        assert flows(request)["work"].verifier.published is not before


def test_other_settings_get_an_application_of_their_own(
    applications: Applications, make_site: Callable[..., Site]
) -> None:
    with applications.lend(make_site("one")) as one:
        pass
    with applications.lend(make_site("two", **{"plein.site_name": "Two"})) as two:
        assert two is not one
        assert "Two" in browse(two).get("/sign-in/local").html.title.get_text()


def test_application_is_lent_once_at_a_time(applications: Applications, make_site: Callable[..., Site]) -> None:
    with applications.lend(make_site("one")) as one, applications.lend(make_site("two")) as two:
        assert one is not two
        assert one.registry["plein.engine"] is not two.registry["plein.engine"]


def test_application_that_something_was_added_to_is_not_lent_again(
    applications: Applications, make_site: Callable[..., Site]
) -> None:
    with applications.lend(make_site("one")) as one:
        one.registry.registerHandler(lambda event: None, (NewRequest,))
    with applications.lend(make_site("two")) as two:
        assert two is not one
