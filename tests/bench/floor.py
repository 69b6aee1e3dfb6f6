"""The floor: the least that an application on Pyramid, waitress, SQLAlchemy and Chameleon can do for a wiki page.

A signed cookie is checked, four statements of SQLAlchemy Core fetch person, space, page and links, and two templates
of Chameleon are filled. No rights, no languages, no protection: what Plein costs beyond this, Plein is answerable for.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nh3
from markdown_it import MarkdownIt
from pyramid.authentication import AuthTktCookieHelper
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    update,
)

metadata = MetaData()
_user = Table("user", metadata, Column("id", Integer, primary_key=True), Column("name", String))
_space = Table(
    "space",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String, unique=True),
    Column("name", String),
)
_page = Table(
    "page",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("space_id", ForeignKey("space.id"), index=True),
    Column("slug", String, unique=True),
    Column("title", String),
    Column("html", String),
    Column("version", Integer),
)
_link = Table(
    "link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("page_id", ForeignKey("page.id"), index=True),
    Column("title", String),
    Column("slug", String),
)
_revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("page_id", ForeignKey("page.id"), index=True),
    Column("html", String),
    Column("created_at", DateTime),
)
ROW_KINDS = {"user": _user, "space": _space, "page": _page, "link": _link}

_find_user = select(_user.c.id, _user.c.name).where(_user.c.id == bindparam("id"))
_find_space = select(_space.c.id, _space.c.name).where(_space.c.slug == bindparam("slug"))
_find_page = select(_page).where(_page.c.space_id == bindparam("space_id"), _page.c.slug == bindparam("slug"))
_find_links = select(_link.c.title, _link.c.slug).where(_link.c.page_id == bindparam("page_id"))
_save_page = (
    update(_page)
    .where(_page.c.slug == bindparam("slug_"))
    .values(html=bindparam("html_"), version=_page.c.version + 1)
    .returning(_page.c.id)
)
_TEMPLATES = Path(__file__).parent / "templates"

SECRET = "only for measuring"
_cookies = AuthTktCookieHelper(SECRET, hashalg="sha512")


def show(request: Request) -> dict[str, Any]:
    """A page as it is read."""
    signed = _cookies.identify(request)
    if signed is None:
        raise HTTPForbidden()
    with request.registry["engine"].connect() as db:
        user = db.execute(_find_user, {"id": int(signed["userid"])}).one_or_none()
        space = db.execute(_find_space, {"slug": request.matchdict["space"]}).one_or_none()
        if user is None or space is None:
            raise HTTPNotFound()
        page = db.execute(_find_page, {"space_id": space.id, "slug": request.matchdict["slug"]}).one_or_none()
        if page is None:
            raise HTTPNotFound()
        links = db.execute(_find_links, {"page_id": page.id}).all()
    return {"user": user, "space": space, "page": page, "links": links}


_markdown = MarkdownIt("commonmark").enable("table")


def save(request: Request) -> HTTPSeeOther:
    """One UPDATE and one INSERT in a transaction; with ``render``, of the text made into safe HTML."""
    if _cookies.identify(request) is None:
        raise HTTPForbidden()
    slug, body = request.matchdict["slug"], request.POST["body"]
    if "render" in request.POST:
        body = nh3.clean(_markdown.render(body))
    with request.registry["writer"].begin() as db:
        page_id = db.execute(_save_page, {"slug_": slug, "html_": body}).scalar_one()
        now = datetime.now(UTC).replace(tzinfo=None)
        db.execute(insert(_revision), {"page_id": page_id, "html": body, "created_at": now})
    return HTTPSeeOther(request.route_path("show", **request.matchdict))


def open_database(path: str) -> Engine:
    """SQLite with the same promises about durability as Plein's."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


def make_app(database: str) -> Any:
    """The WSGI application on the SQLite file *database*."""
    config = Configurator(settings={"pyramid.reload_templates": "false"})
    config.include("pyramid_chameleon")
    engine = open_database(database)
    config.registry["engine"] = engine
    config.registry["writer"] = engine.execution_options(writes=True)
    config.add_route("show", "/spaces/{space}/{slug}")
    config.add_view(show, route_name="show", request_method="GET", renderer=str(_TEMPLATES / "page.pt"))
    config.add_view(save, route_name="show", request_method="POST")
    return config.make_wsgi_app()


def cookie(host: str) -> str:
    """The signed cookie of person 1, as the header ``Cookie`` carries it."""
    headers = _cookies.remember(Request.blank("/", base_url=f"http://{host}"), "1")
    return str(headers[0][1]).partition(";")[0]
