"""Templates: what a new item can begin with, with a few words filled in, and headings that must stay.

A fixed list of words is filled in and nothing else: people write text here, never programs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.audit import record
from plein.content.models import Content
from plein.content.titles import clean_tags, clean_title
from plein.content.writing.models import ContentTemplate, FromTemplate
from plein.content.writing.sections import sections_of
from plein.db import utcnow
from plein.spaces.models import Space
from plein.web.i18n import _
from plein.web.markup import MarkupLimits

#: What can be filled in.
PLACEHOLDERS = ("date", "author", "space", "title")
MAX_NAME = 80
MAX_REQUIRED = 20
#: So many of a type are offered in a space.
MOST = 50
_BRACES = re.compile(r"\{\{([^{}\n]{0,200})\}\}")


class TemplateError(ValueError):
    """A template that cannot be stored: ``field`` and ``sentence`` say what is wrong with it."""

    def __init__(self, field: str, sentence: TranslationString) -> None:
        super().__init__(sentence.interpolate())
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Written:
    """A template as somebody writes it."""

    type: str
    name: str
    description: str = ""
    title: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    position: int = 0
    is_default: bool = False


def fill(text: str, values: Mapping[str, str]) -> str:
    """*text* with the placeholders that *values* knows filled in. Others stay as they stand: nothing gets lost."""

    def put(match: re.Match[str]) -> str:
        return values.get(match[1].strip().casefold(), match[0])

    return _BRACES.sub(put, text)


def check_placeholders(field: str, text: str) -> None:
    """:raises TemplateError: for a placeholder that is unknown or not closed. ``{{type:name}}`` is an embed."""
    for found in _BRACES.finditer(text):
        name = found[1].strip()
        if ":" not in name and name.casefold() not in PLACEHOLDERS:
            known = ", ".join(f"{{{{{one}}}}}" for one in PLACEHOLDERS)
            raise TemplateError(
                field,
                _(
                    "“${name}” is no word that can be filled in. These are: ${known}.",
                    mapping={"name": found[0], "known": known},
                ),
            )
    rest = _BRACES.sub("", text)
    if "{{" in rest:
        line = rest[: rest.index("{{")].count("\n") + 1
        raise TemplateError(field, _("In line ${line} the braces {{ are not closed with }}.", mapping={"line": line}))


def offered(db: Session, space: Space, type_name: str) -> Sequence[ContentTemplate]:
    """The templates for new items of a type in *space*: its own and those for all spaces. One statement."""
    here = or_(ContentTemplate.space_id == space.id, ContentTemplate.space_id.is_(None))
    rows = select(ContentTemplate).where(ContentTemplate.type == type_name, here)
    return db.scalars(_ordered(rows).limit(MOST)).all()


def of_place(db: Session, space_id: int | None) -> Sequence[ContentTemplate]:
    """The templates of a space, or with ``None`` those for all spaces. One statement."""
    return db.scalars(_ordered(select(ContentTemplate).where(_in(space_id))).limit(10 * MOST)).all()


def _ordered(rows: Any) -> Any:
    return rows.order_by(ContentTemplate.type, ContentTemplate.position, ContentTemplate.name, ContentTemplate.id)


def _in(space_id: int | None) -> Any:
    return ContentTemplate.space_id.is_(None) if space_id is None else ContentTemplate.space_id == space_id


def get(db: Session, space_id: int | None, number: int) -> ContentTemplate | None:
    """The template *number* of a space, or of those for all."""
    return db.scalar(select(ContentTemplate).where(ContentTemplate.id == number, _in(space_id)))


def chosen(rows: Sequence[ContentTemplate], number: str) -> ContentTemplate | None:
    """The one of *rows* that the address asks for; where it asks for none, the one that a new item begins with."""
    if number:
        return next((row for row in rows if str(row.id) == number), None)
    return next((row for row in rows if row.is_default), None)


def save(db: Session, space: Space | None, written: Written, row: ContentTemplate | None = None) -> ContentTemplate:
    """Store a template, new or changed.

    :raises TemplateError: for a placeholder that is unknown or broken, or a required heading that is not in it.
    """
    space_id = space.id if space is not None else None
    check_placeholders("title", written.title)
    check_placeholders("body", written.body)
    headings = {one.title.casefold() for one in sections_of(written.body, MarkupLimits())}
    for heading in written.required:
        if heading.casefold() not in headings:
            raise TemplateError("required", _("The text has no heading “${heading}”.", mapping={"heading": heading}))
    if written.is_default:
        others = (ContentTemplate.type == written.type, _in(space_id))
        db.execute(update(ContentTemplate).where(*others).values(is_default=False))
    if row is None:
        row = ContentTemplate(type=written.type, space_id=space_id, language=space.language if space else "nl")
        db.add(row)
    row.name, row.description, row.title = clean_title(written.name), written.description, clean_title(written.title)
    row.body, row.tags, row.required = written.body, clean_tags(written.tags), list(written.required)
    row.position, row.is_default, row.updated_at = written.position, written.is_default, utcnow()
    db.flush()
    record(db, "template.saved", "content_template", row.id, type=row.type, space=space_id)
    return row


def remove(db: Session, row: ContentTemplate) -> None:
    """Remove a template. Items that were made from it stay; nothing is asked of them any more."""
    record(db, "template.removed", "content_template", row.id, type=row.type, space=row.space_id)
    db.execute(delete(ContentTemplate).where(ContentTemplate.id == row.id))


# -- what an item was made from ------------------------------------------------------------------------------------


def came_from(db: Session, item: Content) -> ContentTemplate | None:
    """The template that *item* was made from, where there is one still. One statement."""
    return db.scalar(_of_item(), {"item_id": item.id})


@cache
def _of_item() -> Select[Any]:
    # Kept: making a statement takes longer than running it, and every save runs this one.
    return (
        select(ContentTemplate)
        .join(FromTemplate, FromTemplate.template_id == ContentTemplate.id)
        .where(FromTemplate.content_id == bindparam("item_id"))
    )


def comes_from(db: Session, item: Content, template_id: int) -> None:
    """Remember that *item* was made from a template."""
    db.add(FromTemplate(content_id=item.id, template_id=template_id))
    db.flush()


def not_filled_in(template: ContentTemplate, body: str, limits: MarkupLimits) -> tuple[str, bool] | None:
    """The first required heading of *template* that *body* lacks (``False``), or has nothing of one's own below
    (``True``)."""
    found = {one.title.casefold(): one.inside(body) for one in sections_of(body, limits)}
    hints = {one.title.casefold(): one.inside(template.body) for one in sections_of(template.body, limits)}
    for heading in template.required:
        key = heading.casefold()
        if key not in found:
            return heading, False
        if not found[key] or found[key] == hints.get(key):
            return heading, True
    return None
