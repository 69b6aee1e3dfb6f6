"""Where an import goes: space, type and limits; and whether the viewer may, by the same rules as on the site."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

import plein.content.visibility  # noqa: F401 - puts the guard in force, whoever calls
from plein.blobs import BlobStore
from plein.content.files.scanning import Scanner
from plein.content.services import ContentService
from plein.contributions import SPACE_ROLES, ContentType
from plein.plugins import Plugins
from plein.security.policy import permits_in_space
from plein.security.rights import effective, read_changes
from plein.security.viewer import Viewer
from plein.spaces.contexts import standings
from plein.spaces.models import Space
from plein.web.markup import MarkupLimits


class ImportRefused(ValueError):
    """An import that cannot be done at all, in one sentence."""


@dataclass(slots=True)
class Into:
    """Where an import goes, and by whom.

    :param db: carries *viewer*; whoever opened it commits.
    """

    db: Session
    viewer: Viewer
    space: Space
    type: ContentType
    plugins: Plugins
    blobs: BlobStore
    limits: MarkupLimits = field(default_factory=MarkupLimits)
    max_megapixels: int = 40
    max_file_mb: int = 100
    scanner: Scanner = field(default_factory=lambda: Scanner(""))

    @property
    def address(self) -> str:
        return f"/spaces/{self.space.slug}/{self.type.path}"

    def service(self) -> ContentService:
        """The rules of the type's items."""
        service_class = self.type.service or ContentService
        service: ContentService = service_class(self.db, self.viewer, self.type, self.plugins, self.limits)
        return service

    def require(self, *words: str) -> None:
        """Refuse a viewer without the permissions ``{type}.{word}``.

        :raises ImportRefused: in a sentence.
        """
        (standing,) = standings(self.db, self.viewer, Space.id == self.space.id)
        changes = read_changes(self.db)
        for word in words:
            permission = self.plugins.permissions[f"{self.type.name}.{word}"]
            if not permits_in_space(standing, permission, changes):
                roles = [role for role in SPACE_ROLES if role in effective(permission, changes, self.space.id)]
                why = f"that takes one of the roles {', '.join(roles)}."
                if standing.space.archived_at is not None:
                    why = "it is archived, and only read."
                raise ImportRefused(f"{self.viewer.name} may not {word} pages in the space {self.space.slug}; {why}")


def space_called(db: Session, slug: str) -> Space:
    """The space *slug*, as far as the session's viewer may know of it.

    :raises ImportRefused: where there is none.
    """
    space = db.scalars(select(Space).where(Space.slug == slug)).one_or_none()
    if space is None:
        known = db.scalars(select(Space.slug).order_by(Space.slug).limit(8)).all()
        also = f"; there is {', '.join(known)}" if known else ""
        raise ImportRefused(f"There is no space {slug} that this person may see{also}.")
    return space


def type_called(plugins: Plugins, name: str) -> ContentType:
    """The content type *name*.

    :raises ImportRefused: where no plugin brings it.
    """
    found = plugins.content_types.get(name)
    if found is None:
        known = ", ".join(sorted(plugins.content_types)) or "none"
        raise ImportRefused(f"No plugin that is on brings the content type {name}; known: {known}.")
    return found
