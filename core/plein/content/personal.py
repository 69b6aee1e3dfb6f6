"""What is kept about people in the tables of content, and forgetting a name that others wrote."""

import re
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from plein.content.models import Content, Revision
from plein.contributions import ErasedPerson, PersonalData
from plein.web.i18n import _

_KEPT = _("As long as the text exists; without a name when somebody is erased")

PERSONAL_DATA = [
    PersonalData(
        "content",
        ("author_id", "title", "body", "state", "created_at", "updated_at"),
        _("Who wrote a text"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData("content", ("owner_id", "title"), _("Who looks after a text"), "contract", _KEPT, erased="keep"),
    PersonalData(
        "content",
        ("updated_by_id", "title", "updated_at"),
        _("Who changed a text last"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "content",
        ("reviewed_by_id", "title", "reviewed_at"),
        _("Who said that a text is still true"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "content_transition",
        ("actor_id", "action", "reason", "created_at"),
        _("Who published, moved, archived or deleted a text, and why"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "revision",
        ("author_id", "title", "version", "note", "created_at"),
        _("Who changed a text, when and why"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "content_audience",
        ("user_id", "content_id", "level"),
        _("For whom a text is that is not for everybody"),
        "contract",
        _("As long as the text exists"),
    ),
]


def replace_mentions(db: Session, person: ErasedPerson) -> None:
    """Write the pseudonym where somebody is named with ``@login``, in texts and in their earlier versions."""
    mention = re.compile(rf"(?<![\w@.-])@{re.escape(person.login)}(?![\w@-]|\.\w)", re.IGNORECASE)
    named = f"@{person.pseudonym}"
    escaped = re.sub(r"([%_\\])", r"\\\1", person.login)
    found = f"%@{escaped}%"
    for model, columns in ((Content, ("body", "html", "text")), (Revision, ("body", "note"))):
        for row in db.scalars(select(model).where(_any_like(model, columns, found))):
            for column in columns:
                setattr(row, column, mention.sub(named, getattr(row, column)))
    db.flush()


def _any_like(model: Any, columns: tuple[str, ...], pattern: str) -> ColumnElement[bool]:
    return or_(*(getattr(model, column).ilike(pattern, escape="\\") for column in columns))
