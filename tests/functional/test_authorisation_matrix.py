"""Who gets in where: every route × every kind of viewer × every access of a space, from one table.

A view without a row fails, so that a new page cannot be forgotten. And whoever does not get in never sees a word of
what is inside, on any page at all.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from authorisation import SITE, SPACE
from authorisation.rows_content import TYPE
from authorisation.rules import COMMON, MEMBERS, SECRET, VIEWERS, Row, signed_in
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from sqlalchemy import select, update
from webtest import TestApp

from plein.content.models import Attachment, Content
from plein.people.models import Group, SignInSession
from plein.security.cookies import session_cookie
from plein.spaces.models import ACCESS, Space

# The guard's SQL is tested on both databases by its own tests.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@dataclass
class World:
    """The site with a space of each access, each with a page, a thrown away page, a file and people."""

    app: TestApp
    people: dict[str, Any]
    names: dict[str, dict[str, str]]
    browsers: dict[str, dict[str, str]]
    tokens: dict[str, str]
    snapshot: sqlite3.Connection
    database: str

    def ask(self, viewer: str, method: str, route: str, row: Row, access: str) -> Any:
        """The answer to *viewer*, from a browser that remembers nothing else; afterwards nothing has changed."""
        browser = TestApp(self.app.app, extra_environ=self.app.extra_environ)
        for name, value in self.browsers[viewer].items():
            browser.set_cookie(name, value)
        names = self.names[access] | {"session": self.names["sessions"][viewer]}
        parts = {"space": access, "slug": "subject"} | {key: _filled(value, names) for key, value in row.parts.items()}
        request = Request.blank("/")
        request.registry = self.app.app.registry
        address = request.route_path(route, **parts, _query=row.query or None)
        if method == "GET":
            return browser.get(address, status="*")
        form = {key: _filled(value, names) for key, value in row.form.items()} | {"csrf_token": self.tokens[viewer]}
        answer = browser.post(address, form, status="*")
        with sqlite3.connect(self.database) as live:
            self.snapshot.backup(live)
        live.close()
        return answer


def _filled(value: Any, names: dict[str, str]) -> Any:
    return value.format(**names) if isinstance(value, str) else value


@pytest.fixture
def world(settings_values, request, make_user, make_space, db, engine, tmp_path) -> Iterator[World]:
    limits = ("plein.write_limit", "plein.search_limit", "plein.upload_limit", "plein.sign_in_limit")
    settings_values |= dict.fromkeys(limits, "10000")
    app = request.getfixturevalue("app")
    as_user = request.getfixturevalue("as_user")
    people = {name: make_user(name) for name in ("outsider", *MEMBERS, "spare", "asked")}
    people["admin"] = make_user("admin", is_admin=True)
    people["guest"] = make_user("guest", kind="guest")
    members = {people[name]: name for name in MEMBERS} | {people["spare"]: "manager", people["asked"]: "asked"}
    for slug in ("a-group", "another"):
        db.add(Group(uid=slug, slug=slug, name=slug, sort_name=slug))
    db.commit()
    browsers, tokens, sessions = {}, {}, {}
    for viewer in VIEWERS:
        browser = as_user(people[viewer]) if viewer in people else app
        tokens[viewer] = browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"]
        # WebTest quotes a value when it is set, and gives it back with the quotes.
        browsers[viewer] = {name: value.strip('"') for name, value in browser.cookies.items()}
        user_id = people[viewer].id if viewer in people else None
        sessions[viewer] = str(db.scalar(select(SignInSession.id).where(SignInSession.user_id == user_id)) or 1)
        db.rollback()
    manager = TestApp(app.app, extra_environ=app.extra_environ)
    cookie = session_cookie(app.app.registry)
    manager.set_cookie(cookie, browsers["manager"][cookie])
    names: dict[str, dict[str, str]] = {"sessions": sessions}
    for access in ACCESS:
        hidden = SECRET[access] if access == "hidden" else ""
        make_space(access, name=f"{access} {hidden}", purpose=f"For {hidden}", access=access, members=members)
        names[access] = _fill(manager, db, access) | {
            "spare": str(people["spare"].id),
            "asked": str(people["asked"].id),
        }
    snapshot = sqlite3.connect(":memory:", check_same_thread=False)
    path = str(engine.url.database)
    live = sqlite3.connect(path)
    live.backup(snapshot)
    live.close()
    yield World(app, people, names, browsers, tokens, snapshot, path)
    snapshot.close()


def _fill(manager: TestApp, db: Any, access: str) -> dict[str, str]:
    """A page with two versions and a file, and one thrown away, written as a manager does. Gives the file's uid."""
    secret, base = SECRET[access], f"/spaces/{access}/wiki"
    for slug in ("thrown", "subject"):
        _write(manager, f"{base}/-/new", slug, f"{COMMON} {secret}", secret)
        _write(manager, f"{base}/{slug}/edit", slug, f"{COMMON} [[Missing {secret}]] {secret}", secret)
    page = manager.get(f"/spaces/{access}/wiki/subject/files")
    form = next(form for form in page.forms.values() if form.action.endswith("/attach"))
    manager.post(
        form.action,
        {"csrf_token": form["csrf_token"].value},
        upload_files=[("file", "note.txt", f"{COMMON} {secret}".encode())],
        status=303,
    )
    manager.post(f"/spaces/{access}/wiki/thrown/delete", {"csrf_token": form["csrf_token"].value}, status=303)
    # The title tells too; the address stays what the table knows.
    space_id = db.scalar(select(Space.id).where(Space.slug == access))
    db.execute(update(Content).where(Content.space_id == space_id).values(title=f"A page {secret}"))
    db.commit()
    here = select(Attachment.uid).join(Content, Content.id == Attachment.content_id).where(Content.space_id == space_id)
    uid = db.scalar(here)
    db.rollback()
    return {"file": uid}


def _write(manager: TestApp, address: str, title: str, body: str, secret: str) -> None:
    page = manager.get(address)
    form = next(form for form in page.forms.values() if "body" in form.fields)
    form["title"], form["body"], form["tags"] = title, body, secret
    if "note" in form.fields:
        form["note"] = secret
    form.submit(status=303)


def answered(answer: Any) -> str:
    """What kind of answer this is, in the words of the rules."""
    to_sign_in = answer.status_code == 303 and "/sign-in" in answer.location
    if to_sign_in or (answer.status_code == 403 and "/sign-in" in answer.text):
        return "sign-in"
    if answer.status_code in (403, 404):
        return "no" if answer.status_code == 403 else "none"
    # Being told what is wrong with the form, is being inside.
    return "in" if answer.status_code < 400 or answer.status_code in (400, 409, 422) else str(answer.status_code)


def rows_of(app: Any) -> dict[tuple[str, str], Row]:
    """The table for this application: (method, route) → row, with the pages of each type of content."""
    parts = [*SITE.items(), *SPACE.items()]
    table = {(method, route): row for method, rows in parts for route, row in rows.items()}
    for kind in app.registry["plein.plugins"].content_types:
        table |= {(method, f"{kind}.{page}"): row for method, rows in TYPE.items() for page, row in rows.items()}
    return table


def views_of(app: Any) -> set[tuple[str, str]]:
    """All (method, route) that the application answers to."""
    found = set()
    routes = {route.name: route for route in app.registry.getUtility(IRoutesMapper).get_routes(include_static=True)}
    introspector = app.registry.introspector
    for entry in introspector.get_category("views"):
        route, methods = entry["introspectable"].get("route_name"), entry["introspectable"].get("request_methods")
        if route is None:
            continue
        assert route in routes
        if methods is None:
            methods = introspector.get("routes", route)["request_methods"] or ("GET",)
        found |= {(method, route) for method in ([methods] if isinstance(methods, str) else methods)}
    return {(method, route) for method, route in found if method not in ("HEAD", "OPTIONS")}


def _is_in_a_space(route: str) -> bool:
    return any(route in rows for rows in SPACE.values()) or route.rpartition(".")[2] in {*TYPE["GET"], *TYPE["POST"]}


def cases(app: Any, method: str) -> Iterator[tuple[str, Row, str]]:
    """(route, row, access) of each view that answers to *method*."""
    table, site = rows_of(app), {*SITE["GET"], *SITE["POST"]}
    for asked, route in sorted(views_of(app)):
        if asked == method:
            for access in ("open",) if route in site else ACCESS:
                yield route, table[method, route], access


def test_every_view_has_a_row(app: TestApp) -> None:
    missing = views_of(app.app) - set(rows_of(app.app))
    assert not missing, f"say in this file who gets in: {sorted(missing)}"


def test_every_row_has_a_view(app: TestApp) -> None:
    # The example plugin is not installed everywhere.
    superfluous = set(rows_of(app.app)) - views_of(app.app) - {("GET", "hello.page")}
    assert not superfluous


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_who_gets_in_where(world: World, viewer: str, method: str) -> None:
    wrong = []
    for route, row, access in cases(world.app.app, method):
        answer = world.ask(viewer, method, route, row, access)
        expected, found = row.rule(viewer, access), answered(answer)
        if expected == "any":
            is_right = answer.status_code < 500 and answer.status_code not in (401, 403)
        else:
            is_right = found == expected
        if not is_right:
            wrong.append(f"{method} {route}, {access}: {found} ({answer.status_code}) instead of {expected}")
        wrong += [f"{method} {route}, {access}: tells {word}" for word in told(answer, viewer)]
    assert not wrong, "\n".join(wrong)


def told(answer: Any, viewer: str) -> list[str]:
    """The secret words in *answer* that are not for *viewer*."""
    if viewer in MEMBERS:
        return []
    everything = f"{answer.headers} {answer.body.decode('utf-8', 'replace')}".casefold()
    return [word for word in SECRET.values() if word and word.casefold() in everything]


def test_members_do_find_the_secrets(world: World) -> None:
    """What the matrix looks for is really there: in the page, its list, its file, and what search finds."""
    for route in ("wiki.page.show", "wiki.page.list", "wiki.page.history", "attachment"):
        row = rows_of(world.app.app)["GET", route]
        for access in ("closed", "hidden"):
            assert SECRET[access] in world.ask("reader", "GET", route, row, access).text, (route, access)
    start = world.ask("reader", "GET", "home", Row(signed_in), "open").text
    assert all(word in start for word in SECRET.values())


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_no_address_answers_to_another_method(world: World, method: str) -> None:
    browser = TestApp(world.app.app, extra_environ=world.app.extra_environ)
    for name, value in world.browsers["manager"].items():
        browser.set_cookie(name, value)
    for route, row, access in [*cases(world.app.app, "GET"), *cases(world.app.app, "POST")]:
        names = world.names[access] | {"session": "1"}
        parts = {"space": access, "slug": "subject"} | {key: _filled(value, names) for key, value in row.parts.items()}
        request = Request.blank("/")
        request.registry = world.app.app.registry
        headers = {"X-CSRF-Token": world.tokens["manager"]}
        answer = browser.request(request.route_path(route, **parts), method=method, headers=headers, status="*")
        assert answer.status_code in (400, 403, 404, 405), (method, route, answer.status)
