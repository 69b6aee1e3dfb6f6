"""A site for trying a plugin on: people of each kind, an open and a hidden space, and an item of each of its types."""

import html
import importlib
import importlib.util
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from pyramid.events import NewRequest
from sqlalchemy import select
from webob import Request

from plein.content.models import Content
from plein.contributions import ContentType
from plein.db import db_unguarded, migrate
from plein.people.models import User
from plein.people.sessions import SessionService
from plein.plugins import PluginError, PluginInfo
from plein.plugins.errors import did_you_mean
from plein.security.cookies import session_cookie
from plein.spaces.models import Membership, Space

MEMBERS = ("reader", "member", "editor", "manager")
PEOPLE = ("guest", "outsider", *MEMBERS, "admin")
#: Everybody who is asked about; whoever is not signed in first.
VIEWERS = ("anonymous", *PEOPLE)
#: The spaces, by their access, which is also their address.
PLACES = ("open", "hidden")

_TOKEN = re.compile(r'name="csrf-token" content="([^"]*)"')
_REASON = "a plugin is tried out on a site made for that"
#: What fills a field of a content type.
_VALUES = {"line": "Something", "text": "Something", "url": "https://example.nl/", "number": "1", "date": "2026-01-31"}
_LIMITS = ("write", "search", "upload", "sign_in")


@dataclass
class Trial:
    """The site, and how to ask it. Everything in it is thrown away.

    :ivar declared: the plugin's module ``checks``, where it has one: SETTINGS, MATRIX and PARTS.
    :ivar items: for each content type and place the slug of its item, and the item's id.
    :ivar asleep: starts the same site without the plugin, in a process of its own, and gives the status of each path.
    """

    info: PluginInfo
    app: Any
    values: dict[str, str]
    host: str
    declared: ModuleType | None
    asleep: Callable[["Trial", list[str]], dict[str, int]]
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    items: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    #: Whether what is asked has effect; otherwise each request's transaction is undone.
    has_effect: bool = True

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def engine(self) -> Any:
        return self.app.registry["plein.engine"]

    @property
    def plugins(self) -> Any:
        return self.app.registry["plein.plugins"]

    @property
    def folder(self) -> Path:
        """Where the plugin's code is."""
        return Path(self.info.module.__file__).parent

    @property
    def types(self) -> list[ContentType]:
        return [one for name, one in self.plugins.content_types.items() if name.startswith(f"{self.name}.")]

    def says(self, word: str) -> dict[str, Any]:
        """What the plugin itself declares for its checks."""
        return dict(getattr(self.declared, word, {}))

    def ask(self, who: str, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        """The answer to *who*, from a browser that remembers nothing else."""
        request = Request.blank(path, method=method, base_url=f"http://{self.host}")
        request.headers["Origin"] = f"http://{self.host}"
        if who in self.cookies:
            request.headers["Cookie"] = self.cookies[who]
        if method == "POST":
            request.content_type = "application/x-www-form-urlencoded"
            request.body = urlencode({"csrf_token": self.tokens[who], **(form or {})}).encode()
        return request.get_response(self.app)

    @contextmanager
    def without_effect(self) -> Iterator[None]:
        """Whatever is asked inside is answered as if it happened, and did not."""
        self.has_effect = False
        try:
            yield
        finally:
            self.has_effect = True

    def write_item(self, kind: ContentType, place: str) -> None:
        """An item of *kind*, written by an editor with the form."""
        path = f"/spaces/{place}/{kind.path}"
        form = {"title": f"Tried {kind.path}", "body": "Words to **find**.", "act": "publish"}
        for one in kind.fields:
            form[one.name] = one.choices[0][0] if one.choices else _VALUES.get(one.kind, "")
        answer = self.ask("manager", "POST", f"{path}/-/new", form)
        if answer.status_code != 303:
            raise PluginError(f"{self.name}: an item of {kind.name} could not be written ({answer.status}).")
        slug = answer.location.partition("?")[0].rstrip("/").rpartition("/")[2]
        with db_unguarded(self.engine, reason=_REASON) as db:
            found = db.execute(
                select(Content.id, Content.slug).where(Content.type == kind.name, Content.slug == slug)
            ).all()
        self.items[kind.name, place] = (slug, max(row.id for row in found))


@contextmanager
def make_trial(
    name: str,
    url: str,
    folder: Path,
    cache: Path,
    *,
    build: Callable[[dict[str, str]], Any],
    asleep: Callable[[Trial, list[str]], dict[str, int]],
) -> Iterator[Trial]:
    """The site for trying the plugin *name* on, in the database *url*, which is brought up to date.

    :param cache: of compiled templates, which may be kept.
    :param build: makes the site and its application of settings; gives both.
    :raises PluginError: where there is no such plugin, or it breaks a rule of the start.
    """
    declared = _declared(name)
    host = _free_address()
    values = _values(url, folder, cache, host) | dict(getattr(declared, "SETTINGS", {}))
    site, app = build(values)
    try:
        info = site.plugins.info(name)
        if info is None:
            known = did_you_mean(name, [one.name for one in site.plugins.plugins])
            raise PluginError(f"There is no plugin called {name} installed; {known}")
        trial = Trial(info, app, values, host, declared, asleep)
        app.registry.registerHandler(lambda event: trial.has_effect or event.request.tm.doom(), (NewRequest,))
        _fill(trial)
        yield trial
    finally:
        site.engine.dispose()


def _declared(name: str) -> ModuleType | None:
    package = f"plein_{name}"
    if importlib.util.find_spec(package) is None or importlib.util.find_spec(f"{package}.checks") is None:
        return None
    return importlib.import_module(f"{package}.checks")


def _values(url: str, folder: Path, cache: Path, host: str) -> dict[str, str]:
    return {
        "plein.database_url": url,
        "plein.secret": secrets.token_urlsafe(32),
        "plein.base_url": f"http://{host}",
        "plein.files_dir": str(folder / "files"),
        "plein.cache_dir": str(cache),
        "plein.default_locale": "en",
        "plein.second_factor": "optional",
        "plein.new_plugins": "on",
        **{f"plein.{limit}_limit": "10000" for limit in _LIMITS},
    }


def _free_address() -> str:
    """An address of this machine that nothing listens to; a browser looks at the site there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def prepare(site: Any) -> None:
    """Bring the database of *site* up to date, before its application is made."""
    migrate.upgrade(site.engine, site.plugins)


def _fill(trial: Trial) -> None:
    with db_unguarded(trial.engine, reason=_REASON, writes=True) as db:
        for name in PEOPLE:
            trial.ids[name], token = add_person(db, name)
            trial.cookies[name] = f"{session_cookie(trial.app.registry)}={token}"
        for place in PLACES:
            space = Space(uid=f"space-{place}", slug=place, name=f"The {place} space", access=place)
            db.add(space)
            db.flush()
            trial.ids[place] = space.id
            db.add_all(Membership(space_id=space.id, user_id=trial.ids[name], role=name) for name in MEMBERS)
    for who in VIEWERS:
        page = trial.ask(who, "GET", "/accessibility")
        found = _TOKEN.search(page.text)
        trial.tokens[who] = html.unescape(found[1]) if found else ""
        if who == "anonymous":
            trial.cookies[who] = "; ".join(one.partition(";")[0] for one in page.headers.getall("Set-Cookie"))
    for kind in trial.types:
        for place in PLACES:
            trial.write_item(kind, place)


def add_person(db: Any, name: str) -> tuple[int, str]:
    """A person called *name*, signed in: their id, and the token of the session."""
    user = User(
        uid=f"trial-{name}", login=name, name=name.title(), is_admin=name == "admin",
        kind="guest" if name == "guest" else "person",
    )  # fmt: skip
    db.add(user)
    db.flush()
    return user.id, SessionService(db).start(user.id, lasts=timedelta(hours=2), strong=True)
