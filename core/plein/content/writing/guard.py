"""Who reads what writing keeps: an unsaved text only its writer, a template whoever may know of its space."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_

from plein.content.visibility import visible_membership
from plein.content.writing.models import ContentTemplate, Unsaved
from plein.db import protect
from plein.security.viewer import Viewer


def own_text(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Unsaved texts of *viewer*; what somebody types and does not save is nobody else's."""
    owned: ColumnElement[bool] = entity.user_id == viewer.user_id
    return owned if viewer.is_signed_in else false()


def visible_template(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Templates for all spaces, and those of spaces that *viewer* may know of."""
    if not viewer.is_signed_in:
        return false()
    return or_(entity.space_id.is_(None), visible_membership(entity, viewer))


protect(Unsaved, own_text)
protect(ContentTemplate, visible_template)
