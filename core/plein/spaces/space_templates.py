"""Templates of spaces: purpose, access, words of welcome, starter pages, groups and changed permissions.

A template is looked at once, when a space starts: what changes in it later changes no space. Its package of functions,
and the plugins that a space begins with, are kept by name: giving them is ``plein.rollout``'s.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.people.models import Group
from plein.security.matrix import Matrix, MatrixError
from plein.spaces.errors import SpaceError
from plein.spaces.models import ACCESS, ROLES, GroupMembership, Space, SpaceTemplate
from plein.spaces.services import MAX_NAME, MAX_PURPOSE
from plein.spaces.shipped_templates import PAGE_TYPE, SHIPPED
from plein.web.i18n import _
from plein.web.slugs import slugify

MAX_PAGES = 20


@dataclass(frozen=True, slots=True)
class StarterPage:
    """A page that a new space begins with. ``type`` is the name of a content type."""

    type: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Template:
    """What a new space starts from.

    :param package: the package of functions that its managers choose from; empty for all that may be chosen.
    :param plugins: the functions that are chosen from the start, as far as they may be.
    :param groups: pairs of a group's slug and the role that it gets.
    :param permissions: changed cells: permission, role, allowed.
    :param is_shipped: Plein brings it, and nobody changed it here.
    """

    key: str
    name: str
    description: str = ""
    purpose: str = ""
    access: str = "open"
    welcome: str = ""
    package: str = ""
    plugins: tuple[str, ...] = ()
    pages: tuple[StarterPage, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()
    permissions: tuple[tuple[str, str, bool], ...] = ()
    is_offered: bool = True
    is_shipped: bool = field(default=False, compare=False)

    def values(self) -> dict[str, Any]:
        """All that is stored in one column."""
        columns = ("key", "name", "description", "is_offered", "is_shipped")
        return {name: value for name, value in asdict(self).items() if name not in columns}


class SpaceTemplates:
    """The templates there are. Who may change them the views say (``space.templates``).

    :param language: in which the templates are that Plein brings: ``nl`` or ``en``.
    """

    def __init__(self, db: Session, language: str = "nl") -> None:
        self.db = db
        self.language = language if language in ("nl", "en") else "nl"

    def all(self, *, offered: bool = True) -> list[Template]:
        """By name; in one statement.

        :param offered: only those that people can choose.
        """
        found = {key: _shipped(key, self.language) for key in SHIPPED}
        found |= {row.key: _of_row(row) for row in self.db.scalars(select(SpaceTemplate))}
        chosen = [one for one in found.values() if one.is_offered or not offered]
        return sorted(chosen, key=lambda one: one.name.casefold())

    def get(self, key: str) -> Template | None:
        """The template called *key*, offered or not."""
        return next((one for one in self.all(offered=False) if one.key == key), None)

    def save(self, template: Template) -> Template:
        """Store a template, new or changed; one with the key of a shipped one takes its place.

        :raises SpaceError: for what a space could not start from.
        """
        _check(template)
        row = self.db.scalar(select(SpaceTemplate).where(SpaceTemplate.key == template.key))
        if row is None:
            row = SpaceTemplate(key=template.key)
            self.db.add(row)
        row.name, row.description, row.is_offered = template.name, template.description, template.is_offered
        row.values = template.values()
        self.db.flush()
        record(self.db, "space.template_saved", "space_template", row.id, template=row.key, offered=row.is_offered)
        return template

    def free_key(self, name: str) -> str:
        """A key for a new template, made of its name."""
        taken = {one.key for one in self.all(offered=False)}
        base = slugify(name)[:40].strip("-") or "template"
        return next(key for key in (base, *(f"{base}-{number}" for number in range(2, 1000))) if key not in taken)

    def apply(
        self, template: Template, space: Space, permissions: Any, write_page: Callable[[StarterPage], None]
    ) -> None:
        """Give a space that was made a moment ago what *template* says beyond its name, purpose and access.

        Groups, permissions and types of pages that are not there any more are left out.

        :param permissions: all that are registered, by name.
        :param write_page: writes a starter page as whoever starts the space; content is above this floor.
        """
        space.welcome = template.welcome
        roles = dict(template.groups)
        for group_id, slug in self.db.execute(select(Group.id, Group.slug).where(Group.slug.in_(list(roles)))):
            self.db.add(GroupMembership(space_id=space.id, group_id=group_id, role=roles[slug]))
            record(self.db, "space.group_added", "space", space.id, group=group_id, role=roles[slug])
        self.db.flush()
        matrix = Matrix(self.db, permissions, space.id)
        for permission, role, allowed in template.permissions:
            try:
                matrix.change({(permission, role): allowed})
            except MatrixError:
                # Of a plugin that is gone.
                continue
        for page in template.pages:
            write_page(page)


def of_space(db: Session, space: Space, permissions: Any, pages: list[StarterPage], key: str) -> Template:
    """A template like *space*, not offered yet: somebody looks at it first."""
    groups = db.execute(
        select(Group.slug, GroupMembership.role)
        .join(GroupMembership, GroupMembership.group_id == Group.id)
        .where(GroupMembership.space_id == space.id)
        .order_by(Group.slug)
    )
    changed = Matrix(db, permissions, space.id).changed
    return Template(
        key=key,
        name=space.name,
        purpose=space.purpose,
        access=space.access,
        welcome=space.welcome,
        pages=tuple(pages[:MAX_PAGES]),
        groups=tuple((slug, role) for slug, role in groups),
        permissions=tuple((permission, role, allowed) for (permission, role), allowed in sorted(changed.items())),
        is_offered=False,
    )


def _of_row(row: SpaceTemplate) -> Template:
    values = row.values
    return Template(
        key=row.key,
        name=row.name,
        description=row.description,
        purpose=values.get("purpose", ""),
        access=values.get("access", "open"),
        welcome=values.get("welcome", ""),
        package=values.get("package", ""),
        plugins=tuple(values.get("plugins", ())),
        pages=tuple(StarterPage(**page) for page in values.get("pages", ())),
        groups=tuple((slug, role) for slug, role in values.get("groups", ())),
        permissions=tuple((name, role, allowed) for name, role, allowed in values.get("permissions", ())),
        is_offered=row.is_offered,
    )


def _shipped(key: str, language: str) -> Template:
    values = dict(SHIPPED[key][language])
    pages = tuple(StarterPage(PAGE_TYPE, title, body) for title, body in values.pop("pages"))
    return Template(key=key, pages=pages, plugins=("wiki",), is_shipped=True, **values)


def _check(template: Template) -> None:
    if not template.name or len(template.name) > MAX_NAME:
        raise SpaceError(_("Give the template a name."), "name")
    if len(template.purpose) > MAX_PURPOSE:
        raise SpaceError(
            _("Keep the purpose under ${count} characters.", mapping={"count": MAX_PURPOSE + 1}), "purpose"
        )
    if template.access not in ACCESS:
        raise SpaceError(_("Choose who can see the space."), "access")
    if len(template.pages) > MAX_PAGES or any(not page.title.strip() for page in template.pages):
        raise SpaceError(_("Give each page a title."), "page_title")
    if any(role not in ROLES for _slug, role in template.groups):
        raise SpaceError(_("Choose a role."), "group_role")
