"""The site that the table is asked of: people of each kind, a space of each access, items in each state.

It is made once for a database. Whatever is asked afterwards changes nothing: each request's transaction is doomed when
it begins, so its answer is that of a success, and nothing of it stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pyramid.events import NewRequest
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from authorisation import PREPARE
from authorisation.rows_dormant import leave_behind
from authorisation.rules import COMMON, CONDITIONS, MEMBERS, OFFICES, PLACES, READERS, Row, seers
from plein.app import build_app, build_site
from plein.content.files.models import AttachmentVersion
from plein.content.models import Attachment, Content
from plein.db import open_session, utcnow
from plein.people.models import SignInSession, SiteRole, User
from plein.people.sessions import SessionService
from plein.search.index import index as index_item
from plein.security.cookies import session_cookie
from plein.spaces.models import Space
from plein.testing import HOST, add_space, add_user, all_seeing

#: Nothing of what is asked may be refused because it is asked often.
_LIMITS = ("write", "search", "upload", "sign_in")


@dataclass(frozen=True)
class Secret:
    """A word that stands in an item or a space, and those of the viewers who may read it anywhere."""

    word: str
    allowed: frozenset[str]


@dataclass
class World:
    """The site, its people as browsers, and the words that must not be told."""

    app: TestApp
    database: str
    browsers: dict[str, dict[str, str]]
    tokens: dict[str, str]
    #: place and condition → what is filled into addresses and forms
    names: dict[tuple[str, str], dict[str, str]]
    secrets: list[Secret]

    def ask(
        self, viewer: str, method: str, route: str, row: Row, place: str, condition: str = "published", **headers: str
    ) -> Any:
        """The answer to *viewer*, from a browser that remembers nothing else; afterwards nothing has changed."""
        browser = self.browser(viewer)
        names = self.names[place, condition] | {"session": self.names["sessions", viewer]["id"]}
        slug = {"slug": condition if condition != "published" else "subject"}
        parts = {"space": place} | slug | {key: filled(value, names) for key, value in row.parts.items()}
        request = Request.blank("/")
        request.registry = self.app.app.registry
        query = {key: filled(value, names) for key, value in row.query.items()}
        address = request.route_path(route, **parts, _query=query or None)
        if method == "GET":
            return browser.get(address, headers=headers, status="*")
        form = {key: filled(value, names) for key, value in row.form.items()} | {"csrf_token": self.tokens[viewer]}
        return browser.post(address, form, headers=headers, status="*")

    def browser(self, viewer: str) -> TestApp:
        browser = TestApp(self.app.app, extra_environ=self.app.extra_environ)
        for name, value in self.browsers[viewer].items():
            browser.set_cookie(name, value)
        return browser

    def effect(self, method: str, route: str) -> str:
        """What the permission of a view does: read, write or manage; empty where nobody registered it."""
        permission = views_of(self.app.app)[method, route]
        declared = self.app.app.registry["plein.plugins"].permissions.get(permission)
        return declared.effect if declared is not None else ""

    def told(self, answer: Any, viewer: str) -> list[str]:
        """The secret words in *answer* that are not for *viewer*."""
        everything = f"{answer.headers} {answer.body.decode('utf-8', 'replace')}".casefold()
        return [one.word for one in self.secrets if viewer not in one.allowed and one.word.casefold() in everything]


def filled(value: Any, names: dict[str, str]) -> Any:
    return value.format(**names) if isinstance(value, str) else value


@contextmanager
def make_world(url: str, folder: Path) -> Iterator[World]:
    """The world in the migrated, empty database *url*."""
    values = {
        "plein.database_url": url,
        "plein.secret": "only for tests, and long enough to be one",
        "plein.base_url": f"http://{HOST}",
        "plein.files_dir": str(folder / "files"),
        "plein.cache_dir": str(folder / "cache"),
        "plein.default_locale": "en",
        # The table says who gets in with their rights; what they need to have them has tests of its own.
        "plein.second_factor": "optional",
        **{f"plein.{limit}_limit": "10000" for limit in _LIMITS},
    }
    site = build_site(values)
    app = TestApp(build_app(site), extra_environ={"HTTP_HOST": HOST, "HTTP_ORIGIN": f"http://{HOST}"})
    with all_seeing(site.engine) as db:
        world = _Maker(app, db, url).make()
    app.app.registry.registerHandler(_doom, (NewRequest,))
    yield world
    site.engine.dispose()


def _doom(event: Any) -> None:
    event.request.tm.doom()


class _Maker:
    """Fills a world: people, then spaces, then items as their author writes them."""

    def __init__(self, app: TestApp, db: Session, url: str) -> None:
        self.app = app
        self.db = db
        self.world = World(app, url, {}, {}, {}, [])
        self.people: dict[str, User] = {}

    def make(self) -> World:
        names = ("outsider", *MEMBERS, *OFFICES, "suspended", "author", "spare", "asked")
        self.people = {name: add_user(self.db, name) for name in names}
        self.people["admin"] = add_user(self.db, "admin", is_admin=True)
        self.people["guest"] = add_user(self.db, "guest", kind="guest")
        self.db.add_all(SiteRole(user_id=self.people[name].id, role=name) for name in OFFICES)
        self.db.commit()
        for viewer in ("anonymous", *self.people):
            self._sign_in(viewer)
        spaces = {place: self._space(place) for place in PLACES}
        cellar = add_space(self.db, "cellar", access="hidden", members={self.people["author"]: "manager"})
        for place in PLACES:
            shared = {
                "spare": str(self.people["spare"].id),
                "asked": str(self.people["asked"].id),
                "space_id": str(spaces[place].id),
            }
            for prepare in PREPARE:
                shared |= prepare(self.db, self.people, spaces[place]) or {}
            self.db.commit()
            for condition in CONDITIONS:
                self.world.names[place, condition] = shared | self._item(place, condition)
        self._change_states(cellar)
        leave_behind(self.db)
        self.people["suspended"] = self.db.merge(self.people["suspended"])
        self.people["suspended"].state = "suspended"
        self.db.execute(update(Space).where(Space.slug == "vault").values(archived_at=utcnow()))
        self.db.commit()
        return self.world

    def _sign_in(self, viewer: str) -> None:
        browser = TestApp(self.app.app, extra_environ=self.app.extra_environ)
        if viewer in self.people:
            engine = self.app.app.registry["plein.engine"]
            with open_session(engine, writes=True) as session, session.begin():
                token = SessionService(session).start(self.people[viewer].id, lasts=timedelta(hours=5), strong=True)
            browser.set_cookie(session_cookie(self.app.app.registry), token)
        page = browser.get("/accessibility")
        self.world.tokens[viewer] = page.html.find("meta", attrs={"name": "csrf-token"})["content"]
        # WebTest quotes a value when it is set, and gives it back with the quotes.
        self.world.browsers[viewer] = {name: value.strip('"') for name, value in browser.cookies.items()}
        user_id = self.people[viewer].id if viewer in self.people else None
        found = self.db.scalar(select(SignInSession.id).where(SignInSession.user_id == user_id))
        self.db.rollback()
        self.world.names["sessions", viewer] = {"id": str(found or 1)}

    def _space(self, place: str) -> Space:
        access = PLACES[place]
        word = self._secret(f"ruimte{place}", MEMBERS) if access == "hidden" else ""
        members = {self.people[name]: name for name in MEMBERS} | {
            self.people["spare"]: "manager",
            self.people["author"]: "manager",
            self.people["asked"]: "asked",
        }
        names = {"name": f"{place} {word}", "purpose": f"For {word}"}
        return add_space(self.db, place, access=access, members=members, **names)

    def _secret(self, about: str, allowed: Any) -> str:
        word = f"geheim{about.replace(' ', '')}qx"
        self.world.secrets.append(Secret(word, frozenset(allowed) | {"author", "spare"}))
        return word

    def _item(self, place: str, condition: str) -> dict[str, str]:
        """A page with two versions and a file, whose title tells the secret and whose address does not."""
        author = self.world.browser("author")
        readers = seers(condition, place)
        word = self._secret(f"{place}{condition}", readers) if readers != READERS else COMMON
        slug = condition if condition != "published" else "subject"
        base = f"/spaces/{place}/wiki"
        _write(author, f"{base}/-/new", slug, f"{COMMON} {word}", word)
        _write(author, f"{base}/{slug}/edit", slug, f"{COMMON} [[Missing {word}]] [[subject]] {word}", word)
        page = author.get(f"{base}/{slug}/files")
        form = next(form for form in page.forms.values() if form.action.endswith("/attach"))
        token = form["csrf_token"].value
        upload = [("file", "note.txt", f"{COMMON} {word}".encode())]
        author.post(form.action, {"csrf_token": token}, upload_files=upload, status=303)
        if condition == "restricted":
            for who, level in (("reader, editor", "read"), ("member", "write")):
                named = {"csrf_token": token, "act": "name", "who": who, "level": level}
                author.post(f"{base}/{slug}/audience", named, status=303)
        item = self.db.scalars(
            select(Content).join(Space, Space.id == Content.space_id).where(Space.slug == place, Content.slug == slug)
        ).one()
        item.title = f"A page {word}"
        index_item(self.db, item)
        file = self.db.scalars(select(Attachment).where(Attachment.content_id == item.id)).one()
        self.db.add(earlier_version(file))
        uid = file.uid
        names = {"file": str(uid), "item_id": str(item.id), "uid": item.uid}
        self.db.commit()
        return names

    def _change_states(self, cellar: Space) -> None:
        """Put each item in the state that its address says. Moving is done as its author does it."""
        author = self.world.browser("author")
        for place in PLACES:
            token = self.world.tokens["author"]
            base = f"/spaces/{place}/wiki"
            author.post(f"{base}/trashed/delete", {"csrf_token": token}, status=303)
            author.post(f"{base}/moved/move", {"csrf_token": token, "space": cellar.slug}, status=303)
        for state in ("draft", "scheduled", "archived"):
            for item in self.db.scalars(select(Content).where(Content.slug == state)):
                item.state = state
                index_item(self.db, item)
        self.db.commit()


def earlier_version(file: Attachment) -> AttachmentVersion:
    """A version before what *file* is: the same bytes."""
    columns = ("content_id", "uid", "name", "media_type", "size", "digest", "scan_state", "created_at")
    file.version = 2
    return AttachmentVersion(version=1, kind="replaced", **{name: getattr(file, name) for name in columns})


def _write(browser: TestApp, address: str, title: str, body: str, secret: str) -> None:
    page = browser.get(address)
    form = next(form for form in page.forms.values() if "body" in form.fields)
    form["title"], form["body"], form["tags"] = title, body, secret
    if "note" in form.fields:
        form["note"] = secret
    form.submit(status=303)


def routes_of(app: Any) -> dict[str, str]:
    """Every route's pattern by name."""
    mapper = app.registry.getUtility(IRoutesMapper)
    return {route.name: route.pattern for route in mapper.get_routes(include_static=True)}


def views_of(app: Any) -> dict[tuple[str, str], str]:
    """All (method, route) that the application answers to, with the permission of the view."""
    found: dict[tuple[str, str], str] = {}
    introspector = app.registry.introspector
    for entry in introspector.get_category("views"):
        view, route = entry["introspectable"], entry["introspectable"].get("route_name")
        if route is None:
            continue
        methods = view.get("request_methods") or introspector.get("routes", route)["request_methods"] or ("GET",)
        permission = next((str(one["value"]) for one in entry["related"] if one.category_name == "permissions"), "")
        for method in [methods] if isinstance(methods, str) else methods:
            if method not in ("HEAD", "OPTIONS"):
                found[method, route] = permission
    return found
