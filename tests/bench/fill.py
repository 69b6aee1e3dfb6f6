"""Makes the two databases that are measured: Plein's by bulk inserts of what saving would have stored, and the floor's.

A database is kept in ``var/bench`` and used again as long as neither the texts nor what is made of them changed;
measuring writes in a copy.
"""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import texts
from floor import ROW_KINDS, metadata
from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.orm import Session

from plein.app import Site, build_site
from plein.content.models import Content, ContentLink, Revision
from plein.db import db_unguarded, migrate
from plein.db.aside import aside
from plein.db.engine import WRITES
from plein.people.models import User
from plein.people.sessions import SessionService
from plein.search import engines, vocabulary
from plein.search.models import SearchDocument
from plein.search.text import FORMAT, index_words
from plein.spaces.models import Membership, Space
from plein.web.markup import LinkContext, Rendered, render
from plein.web.slugs import slugify

SPACE = "handboek"
TYPE = "wiki.page"
_BATCH = 500
_START = datetime(2026, 1, 1, 8, tzinfo=UTC)

Say = Callable[[str], None]


def prepare(folder: Path, pages: int, say: Say) -> tuple[Path, Path]:
    """Fresh copies of Plein's and the floor's database with *pages* pages, in *folder*."""
    kept = folder / f"pages-{pages}-{_fingerprint()}"
    if not (kept / "complete").exists():
        for old in folder.glob(f"pages-{pages}-*"):
            shutil.rmtree(old)
        kept.mkdir(parents=True)
        say(f"Making {pages:,} pages; they are kept for the next time.")
        fill_sqlite(kept, pages)
        (kept / "complete").touch()
    work = folder / "work" / str(pages)
    work.mkdir(parents=True, exist_ok=True)
    for name in ("plein.sqlite", "floor.sqlite"):
        for left in work.glob(f"{name}*"):
            left.unlink()
        shutil.copyfile(kept / name, work / name)
    return work / "plein.sqlite", work / "floor.sqlite"


def _fingerprint() -> str:
    """Of what decides the content of the databases."""
    core = Path(migrate.__file__).parent.parent
    sources = [Path(texts.__file__), Path(__file__), Path(__file__).with_name("floor.py")]
    sources += sorted([*core.glob("migrations/versions/*.py"), *core.glob("web/markup*.py"), core / "search/text.py"])
    digest = hashlib.sha256(str(FORMAT).encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def settings(database: Path, port: int) -> dict[str, str]:
    """Plein's settings while it is measured: nobody is slowed down on purpose."""
    return {
        "plein.database_url": f"sqlite:///{database.resolve()}",
        "plein.new_plugins": "on",
        "plein.secret": "only for measuring, and long enough to be one",
        "plein.base_url": f"http://127.0.0.1:{port}",
        "plein.files_dir": str(database.resolve().with_name("files")),
        "plein.cache_dir": str(database.resolve().parent.parent / "templates"),
        "plein.write_limit": "100000",
        "plein.search_limit": "100000",
    }


def fill_sqlite(folder: Path, pages: int) -> None:
    """``plein.sqlite`` and ``floor.sqlite`` with *pages* pages, in *folder*."""
    site = build_site(settings(folder / "plein.sqlite", 1))
    migrate.upgrade(site.engine, site.plugins)
    rows = fill_plein(site, pages)
    site.engine.dispose()
    floor = create_engine(f"sqlite:///{folder / 'floor.sqlite'}")
    fill_floor(floor, rows)
    floor.dispose()
    for engine in (site.engine, floor):
        with engine.connect() as connection:
            # Copied as one file: nothing may be left beside it.
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()


def fill_plein(site: Site, pages: int) -> Iterable[dict[str, Any]]:
    """Store an editor, a space and *pages* pages; gives for each page what the floor needs of it."""
    model = site.plugins.content_types[TYPE].model
    floor_rows = []
    with db_unguarded(site.engine, reason="data to measure with", writes=True) as db:
        user = User(uid="bench", login="bench", name="Bea Meter", kind="person")
        space = Space(uid="bench", slug=SPACE, name="Handboek")
        db.add_all([user, space])
        db.flush()
        db.add(Membership(space_id=space.id, user_id=user.id, role="editor"))
        db.flush()
        numbered = iter(texts.texts(pages))
        while batch := list(islice(numbered, _BATCH)):
            rendered = [
                (one, render(one.body, links=LinkContext(space=SPACE, path="wiki", language="nl"))) for one in batch
            ]
            _store(db, model, rendered, space.id, user.id)
            floor_rows += [
                {"id": one.number + 1, "slug": slugify(one.title), "title": one.title, "html": found.html}
                for one, found in rendered
            ]
    return floor_rows


def sign_in(site: Site) -> str:
    """A new sign-in session of the editor; gives the token for the cookie."""
    with db_unguarded(site.engine, reason="data to measure with", writes=True) as db:
        return SessionService(db).start(1, lasts=timedelta(hours=12))


def _store(db: Session, model: Any, rendered: list[tuple[texts.Text, Rendered]], space_id: int, user_id: int) -> None:
    items = [_item(one, found, space_id, user_id) for one, found in rendered]
    db.execute(insert(Content.__table__), [{k: v for k, v in row.items() if k != "parent_id"} for row in items])
    db.execute(
        insert(model.__table__),
        [{"id": row["id"], "parent_id": row["parent_id"], "position": row["id"]} for row in items],
    )
    db.execute(insert(Revision.__table__), [_revision(row, user_id) for row in items])
    links = [link for one, found in rendered for link in _links(one.number + 1, found)]
    if links:
        db.execute(insert(ContentLink.__table__), links)
    counted: Counter[str] = Counter()
    written: set[str] = set()
    for row in items:
        words = _index(db, row)
        counted.update(words.keys())
        written.update(word for word, is_written in words.items() if is_written)
    vocabulary.count_many(db, counted, Counter(), written, len(items))


def _item(one: texts.Text, found: Rendered, space_id: int, user_id: int) -> dict[str, Any]:
    moment = _START + timedelta(minutes=one.number)
    return {
        "id": one.number + 1,
        "uid": f"page-{one.number}",
        "type": TYPE,
        "space_id": space_id,
        "title": one.title,
        "sort_title": one.title.casefold(),
        "slug": slugify(one.title),
        "body": one.body,
        "html": found.html,
        "text": found.text,
        "outline": found.outline,
        "tags": one.tags,
        "state": "published",
        "author_id": user_id,
        "owner_id": user_id,
        "updated_by_id": user_id,
        "language": "nl",
        "restricted": False,
        "version": 1,
        "created_at": moment,
        "updated_at": moment,
        "parent_id": None if one.parent is None else one.parent + 1,
    }


def _revision(row: dict[str, Any], user_id: int) -> dict[str, Any]:
    kept = {name: row[name] for name in ("version", "title", "body", "tags", "created_at")}
    return {**kept, "content_id": row["id"], "note": "", "kind": "edit", "author_id": user_id}


def _links(content_id: int, found: Rendered) -> list[dict[str, Any]]:
    return [
        {
            "content_id": content_id,
            "target_space": link.space,
            "target_type": TYPE,
            "target_slug": link.slug,
            "target_title": link.title,
        }
        for link in found.links
    ]


def _index(db: Session, row: dict[str, Any]) -> Mapping[str, bool]:
    headings = [heading for _level, _anchor, heading in row["outline"]]
    words = index_words(title=row["title"], tags=row["tags"], headings=headings, text=row["text"], language="nl")
    columns = SearchDocument.__table__.columns.keys()
    values = {name: row[name] for name in columns if name in row}
    made = {"content_id": row["id"], "title_words": words.title_words, "format": FORMAT, "weights": words.weights}
    engines.store(db, values | made, words)
    return words.vocabulary


def fill_floor(engine: Engine, pages: Iterable[dict[str, Any]]) -> None:
    """The same pages in the floor's own tables; each page with twelve links, as many as Plein's tree has a level."""
    metadata.create_all(engine.execution_options(**{WRITES: True}))
    rows = list(pages)
    links = [
        {
            "page_id": row["id"],
            "title": rows[(place + step) % len(rows)]["title"],
            "slug": rows[(place + step) % len(rows)]["slug"],
        }
        for place, row in enumerate(rows)
        for step in range(1, texts.BRANCHES + 1)
    ]
    with aside(engine) as connection:
        connection.execute(insert(ROW_KINDS["user"]), [{"id": 1, "name": "Bea Meter"}])
        connection.execute(insert(ROW_KINDS["space"]), [{"id": 1, "slug": SPACE, "name": "Handboek"}])
        connection.execute(insert(ROW_KINDS["page"]), [{**row, "space_id": 1, "version": 1} for row in rows])
        connection.execute(insert(ROW_KINDS["link"]), links)
