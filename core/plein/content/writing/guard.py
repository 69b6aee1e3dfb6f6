"""Who reads what writing keeps: an unsaved text only its writer, a template whoever may know of its space."""

from typing import Any

from sqlalchemy import ColumnElement, exists, false, literal_column, or_, select

from plein.content.visibility import visible_space
from plein.content.writing.models import ContentTemplate, Unsaved
from plein.db import protect
from plein.security.viewer import Viewer
from plein.spaces.models import Space

_space = Space.__table__.alias("guard_space_of_template")


def own_text(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Unsaved texts of *viewer*; what somebody types and does not save is nobody else's."""
    return entity.user_id == viewer.user_id if viewer.is_signed_in else false()


def visible_template(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Templates for all spaces, and those of spaces that *viewer* may know of."""
    if not viewer.is_signed_in:
        return false()
    known: Any = select(literal_column("1")).where(_space.c.id == entity.space_id, visible_space(_space.c, viewer))
    return or_(entity.space_id.is_(None), exists(known))


protect(Unsaved, own_text)
protect(ContentTemplate, visible_template)
