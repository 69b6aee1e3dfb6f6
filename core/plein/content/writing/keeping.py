"""Keeping what is typed and not saved yet: stored every few seconds, given back when its writer returns.

A row is one text of one person. Each form that is open has a word of its own, and knows the revision that it stored or
began with; where another form stored since, in another tab or on another device, nothing is overwritten.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.content.writing.models import Unsaved
from plein.db import utcnow
from plein.db.aside import aside
from plein.jobs import JobContext
from plein.spaces.models import Space
from plein.web.forms import typed
from plein.web.i18n import _
from plein.web.markup import MarkupTooLarge

#: What is thrown away can be taken back for so long.
THROWN_KEPT = timedelta(days=1)
#: Names that are about the form itself.
CONTROLS = frozenset({"draft", "form", "known", "act", "preview"})
#: Beside the longest text: title, note, tags and the fields of the type's own, in bytes.
_MORE_BYTES = 64 * 1024
_PATIENCE_MS = 2_000
_DRAFT = re.compile(r"[0-9a-f]{16,64}")
#: How many of one person's texts a page lists.
LISTED = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Which text of whom: of an item, or of one that is to be made."""

    user_id: int
    space_id: int
    type: str
    draft: str
    content_id: int | None = None


def new_word() -> str:
    """A random word for a form, or for a text that has no item yet."""
    return secrets.token_hex(16)


def draft_of(item: Content | None, given: str) -> str:
    """What the text of *item* is known by; for a new one the word that its form brings, or another."""
    if item is not None:
        return f"item {item.id}"
    return given if _DRAFT.fullmatch(given) else new_word()


def form_fields(data: Any, max_kb: int) -> dict[str, Any]:
    """The fields of a form as they are kept: no secrets, no files, nothing about the form itself.

    :raises MarkupTooLarge: where that is more than an item can hold.
    """
    values = {name: value for name, value in typed(data).items() if name not in CONTROLS}
    size = sum(len(str(name)) + len(str(value).encode()) for name, value in values.items())
    if size > max_kb * 1024 + _MORE_BYTES:
        raise MarkupTooLarge(_("This text is too long to be kept."))
    return values


def keep(engine: Engine, place: Place, *, form: str, known: int, values: Mapping[str, Any]) -> int | None:
    """Store what stands in a form, in a short transaction of its own.

    :param known: the revision that the form stored last or began with; 0 for none.
    :return: the revision that it is now; ``None``, and nothing stored, where another form stored since.
    """
    now = utcnow()
    row = {
        "user_id": place.user_id,
        "content_id": place.content_id,
        "space_id": place.space_id,
        "type": place.type,
        "draft": place.draft,
        "form": form,
        "values": {name: _storable(value) for name, value in values.items()},
        "saved_at": now,
    }
    insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    statement = insert(Unsaved).values(**row, revision=1)
    changed = {name: statement.excluded[name] for name in ("content_id", "space_id", "form", "values", "saved_at")}
    kept = statement.on_conflict_do_update(
        index_elements=["user_id", "draft"],
        set_={**changed, "revision": Unsaved.revision + 1, "thrown_at": None},
        where=or_(Unsaved.form == form, Unsaved.revision == known, Unsaved.thrown_at.is_not(None)),
    ).returning(Unsaved.revision)
    with aside(engine, wait_ms=_PATIENCE_MS) as connection:
        return connection.execute(kept).scalar()


def _storable(value: Any) -> Any:
    # PostgreSQL stores no NUL in JSON.
    return value.replace("\0", "") if isinstance(value, str) else value


def waiting(db: Session, user_id: int | None, draft: str) -> Unsaved | None:
    """The unsaved text that is known by *draft*; none where it was thrown away."""
    return db.scalar(_mine(user_id).where(Unsaved.draft == draft))


def waiting_new(db: Session, user_id: int | None, space: Space, type_name: str) -> Sequence[Unsaved]:
    """Unsaved texts of new items of a type in *space*, newest first; at most three."""
    here = (Unsaved.space_id == space.id, Unsaved.type == type_name, ~Unsaved.draft.startswith("item "))
    return db.scalars(_mine(user_id).where(*here).order_by(Unsaved.saved_at.desc()).limit(3)).all()


def _mine(user_id: int | None) -> Any:
    return select(Unsaved).where(Unsaved.user_id == user_id, Unsaved.thrown_at.is_(None))


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of one's unsaved texts. ``slug`` is of its item, empty without one that the viewer can see."""

    draft: str
    title: str
    type: str
    space: str
    space_name: str
    slug: str
    saved_at: datetime


def all_of(db: Session, user_id: int | None) -> list[Listed]:
    """One's unsaved texts, newest first. One statement."""
    rows = db.execute(
        select(
            Unsaved.draft,
            Unsaved.values["title"].as_string(),
            Unsaved.type,
            Space.slug,
            Space.name,
            Content.slug,
            Unsaved.saved_at,
        )
        .outerjoin(Space, Space.id == Unsaved.space_id)
        .outerjoin(Content, Content.id == Unsaved.content_id)
        .where(Unsaved.user_id == user_id, Unsaved.thrown_at.is_(None))
        .order_by(Unsaved.saved_at.desc(), Unsaved.id.desc())
        .limit(LISTED)
    )
    return [Listed(row[0], row[1] or "", row[2], row[3] or "", row[4] or "", row[5] or "", row[6]) for row in rows]


def forget(db: Session, user_id: int | None, draft: str, *, form: str, known: int) -> None:
    """A text was saved: what was kept of it goes, unless another form stored it since."""
    values = {"of_user": user_id, "of_draft": draft, "of_form": form, "known": known}
    db.execute(_saved(), values, execution_options={"synchronize_session": False})


@cache
def _saved() -> Any:
    # Kept: making a statement takes longer than running it, and every save runs this one.
    mine = (Unsaved.user_id == bindparam("of_user"), Unsaved.draft == bindparam("of_draft"))
    stored = or_(Unsaved.form == bindparam("of_form"), Unsaved.revision == bindparam("known"))
    return delete(Unsaved).where(*mine, stored)


def throw_away(db: Session, user_id: int | None, draft: str, *, back: bool = False) -> bool:
    """Throw a text away, or with *back* take it back; whether there was one."""
    mine = (Unsaved.user_id == user_id, Unsaved.draft == draft)
    done: Any = db.execute(update(Unsaved).where(*mine).values(thrown_at=None if back else utcnow()))
    return bool(done.rowcount)


def clean(context: JobContext) -> None:
    """The job ``writing.clean``: what nobody came back for, and what was thrown away, is forgotten."""
    days = context.site.settings["plein.unsaved_days"]
    now = utcnow()
    with aside(context.site.engine) as connection:
        old = or_(Unsaved.saved_at < now - timedelta(days=days), Unsaved.thrown_at < now - THROWN_KEPT)
        connection.execute(delete(Unsaved).where(old))
