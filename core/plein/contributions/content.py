"""A type of item, and what happens to an item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from translationstring import TranslationStringFactory

from plein.contributions.checks import NAME, PATH, check_icon, check_template, check_title, require
from plein.contributions.fields import Field
from plein.contributions.permissions import SPACE_ROLES, Permission

_ = TranslationStringFactory("plein")

#: Templates of a content type that a plugin may replace.
TEMPLATE_KEYS = ("show", "list", "card", "form", "print", "embed")

#: How a list of items can look.
View = Literal["list", "table", "cards"]

ChangeAction = Literal[
    # the text
    "created", "saved", "renamed", "rendered", "files", "tagged",
    # the place
    "moved", "copied",
    # the state
    "published", "scheduled", "expiring", "unpublished", "archived", "unarchived", "trashed", "untrashed", "deleted",
    # who may, and who looks after it
    "audience", "locked", "unlocked", "owner", "reviewed",
    # a change that waits for somebody's approval
    "proposed", "approved", "rejected",
]  # fmt: skip


_EVERYBODY = SPACE_ROLES
_WRITERS = ("manager", "editor", "member")
_EDITORS = ("manager", "editor")

#: What may be done with an item of any type, and who may by default.
_TYPE_PERMISSIONS = (
    ("view", _("View"), _EVERYBODY),
    ("create", _("Create"), _WRITERS),
    ("edit", _("Edit"), _WRITERS),
    ("delete", _("Delete"), _EDITORS),
    ("move", _("Move"), _EDITORS),
)


@dataclass(frozen=True, slots=True)
class ContentType:
    """A kind of item. Core gives it pages, versions, permissions, attachments, search and links.

    :param name: ``wiki.page``: the plugin's name, a dot, a word. Also the ``polymorphic_identity`` of the model.
    :param title: one of them, for people: "Page".
    :param plural: more of them: "Pages".
    :param path: its part of an address: ``wiki`` gives ``/spaces/{space}/wiki``.
    :param model: the mapped class; inherits :class:`plein.api.Content`.
    :param icon: a name from the icon set.
    :param service: a subclass of :class:`plein.api.ContentService`, or ``None`` for the common rules.
    :param fields: what its items have beside title, text and tags, each a column of *model*.
    :param templates: own templates for show, list, form or print, such as ``plein_wiki:templates/page.pt``; ``embed``
        is how an item looks inside another one.
    :param view: how its list looks until somebody chooses: ``"list"``, ``"table"`` or ``"cards"``.
    """

    name: str
    title: str
    plural: str
    path: str
    model: Any
    icon: str = "file-text"
    service: Any = None
    fields: tuple[Field, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    view: View = "list"

    def __post_init__(self) -> None:
        require(
            isinstance(self.name, str) and bool(NAME.fullmatch(self.name)),
            f"content type {self.name!r} needs a name of the form 'plugin.word', such as 'wiki.page'",
        )
        owner = f"content type {self.name}"
        check_title(owner, self.title)
        check_title(owner, self.plural)
        require(
            isinstance(self.path, str) and bool(PATH.fullmatch(self.path)),
            f"{owner} has the path {self.path!r}; use lower-case letters, digits and '-', such as 'wiki'",
        )
        require(isinstance(self.model, type), f"{owner} has the model {self.model!r}; give the mapped class itself")
        check_icon(owner, self.icon)
        require(self.view in get_args(View), f"{owner} has the view {self.view!r}; use {', '.join(get_args(View))}")
        require(
            self.service is None or isinstance(self.service, type),
            f"{owner} has the service {self.service!r}; give the class itself, or leave it out",
        )
        for key, template in self.templates.items():
            require(key in TEMPLATE_KEYS, f"{owner} has a template for {key!r}; known are {', '.join(TEMPLATE_KEYS)}")
            check_template(owner, template)
        object.__setattr__(self, "fields", tuple(self.fields))
        for one in self.fields:
            _require_column(owner, self.model, one)
        object.__setattr__(self, "templates", MappingProxyType(dict(self.templates)))

    def permissions(self) -> tuple[Permission, ...]:
        """The permissions that core makes for this type: ``wiki.page.view``, create, edit, delete and move."""
        return tuple(
            Permission(f"{self.name}.{word}", title, roles, effect="read" if word == "view" else "write")
            for word, title, roles in _TYPE_PERMISSIONS
        )


def _require_column(owner: str, model: type, one: Field) -> None:
    require(isinstance(one, Field), f"{owner} has {one!r} among its fields; give a Field")
    require(hasattr(model, one.name), f"{owner} has the field {one.name!r}, and {model.__name__} no such column")
    inherited = getattr(getattr(model, "__mapper__", None), "inherits", None)
    require(
        inherited is None or one.name not in inherited.attrs,
        f"{owner} has the field {one.name!r}, which is a column of every item; give it another name",
    )


@dataclass(frozen=True, slots=True)
class ContentChange:
    """What happened to an item. Core makes it and hands it to ``on_content_changed``.

    :param item: the item, as it is after the change (before it, where the action is ``deleted``).
    :param action: one of :data:`ChangeAction`; ``rendered`` where its HTML was made anew and the text is the same.
    :param actor: the Viewer who did it.
    :param reason: why, in the words of who did it; empty where nothing was said.
    :param minor: the writer says that nobody needs to hear of it.
    :param before: what was the case before, where the action changes it: ``{"state": "draft"}``, ``{"space_id": 4}``.
    """

    item: Any
    action: ChangeAction
    actor: Any
    reason: str = ""
    minor: bool = False
    before: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = get_args(ChangeAction)
        require(self.action in known, f"content change {self.action!r} is unknown; known are {', '.join(known)}")
        object.__setattr__(self, "before", MappingProxyType(dict(self.before)))
