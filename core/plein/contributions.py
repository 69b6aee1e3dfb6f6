"""What plugins give to Plein: frozen dataclasses that hooks return, never live objects of the core.

Each checks itself when it is made, so that a mistake is a sentence at the line that wrote it. Knows no feature.
"""

import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from translationstring import TranslationStringFactory

_ = TranslationStringFactory("plein")

#: Roles in a space, from most to least. A visitor is a signed-in person in an open space without membership.
SPACE_ROLES = ("manager", "editor", "member", "reader", "visitor")
#: Who a permission for the whole site can be given to: every colleague, administrators, and those who have one of the
#: smaller offices, so that nobody needs to be all-powerful.
SITE_ROLES = ("everyone", "admin", "people_manager", "moderator", "analyst", "content_officer")
#: What a permission does. ``read`` follows from who sees the space and the item, and cannot be given otherwise.
#: ``write`` is refused in archived spaces and to whom an item's audience only lets read. ``manage`` is about the space
#: itself and stays in archived spaces.
EFFECTS = ("read", "write", "manage")

#: Templates of a content type that a plugin may replace.
TEMPLATE_KEYS = ("show", "list", "form", "print")

SettingType = type[str] | type[int] | type[bool] | type[float] | type[Path] | type[list[str]]
ChangeAction = Literal[
    "created", "saved", "renamed", "moved", "trashed", "untrashed", "audience", "deleted", "rendered"
]

_WORD = r"[a-z][a-z0-9]*"
_NAME = re.compile(rf"{_WORD}\.{_WORD}(_[a-z0-9]+)*")
_FAMILY_NAME = re.compile(rf"{_WORD}\.\*\.{_WORD}(_[a-z0-9]+)*")
_PERMISSION_NAME = re.compile(rf"{_WORD}(\.{_WORD}(_[a-z0-9]+)*){{1,3}}")
_PATH = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)


def _check_title(owner: str, title: object) -> None:
    _require(isinstance(title, str) and bool(title.strip()), f"{owner} needs a title that is not empty")


def _check_link(owner: str, title: str, url: str, icon: str, weight: int) -> None:
    _check_title(owner, title)
    owner = f"{owner} {str(title)!r}"
    local = isinstance(url, str) and url.startswith("/") and not url.startswith(("//", "/\\"))
    _require(
        local or (isinstance(url, str) and url.startswith(("https://", "http://"))),
        f"{owner} has the address {url!r}; give a path such as '/wiki', or a full https:// address",
    )
    if icon != "":
        _check_icon(owner, icon)
    _check_weight(owner, weight)


def _check_icon(owner: str, icon: object) -> None:
    _require(
        isinstance(icon, str) and bool(_ICON.fullmatch(icon)),
        f"{owner} has the icon {icon!r}; give a name such as 'file-text'",
    )


def _check_weight(owner: str, weight: object) -> None:
    _require(type(weight) is int, f"{owner} has the weight {weight!r}; give a whole number, lower comes first")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that a configuration file or the environment may hold.

    :param name: ``plein.site_name``, or ``wiki.something`` for a plugin; in the environment ``PLEIN_SITE_NAME``
        and ``PLEIN_WIKI_SOMETHING``. With *each* ``oidc.*.issuer``: ``*`` stands for each word.
    :param type: ``str``, ``int``, ``bool``, ``float``, ``Path`` or ``list`` (words, given as a tuple).
    :param default: the value where nothing is set; of that type (a list as a tuple).
    :param help: one line of plain text: what it does, and its unit.
    :param secret: never shown, and may be read from a file (``plein.secret_file``).
    :param choices: the only values allowed; empty for any.
    :param minimum: the least value of a number, the least length of a text; ``None`` for no limit.
    :param maximum: likewise the greatest.
    :param check: a further check of the value, which raises ValueError with text that follows the name: "must …".
    :param each: the name of a setting of type list; there is one of these for each word in it.
    """

    name: str
    type: SettingType
    default: Any
    help: str
    secret: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    check: Callable[[Any], None] | None = None
    each: str = ""

    def __post_init__(self) -> None:
        pattern, form = (_FAMILY_NAME, "plugin.*.some_word") if self.each else (_NAME, "plugin.some_word")
        _require(bool(pattern.fullmatch(self.name)), f"setting {self.name!r} needs a name of the form '{form}'")
        _require(
            self.type in (str, int, bool, float, Path, list),
            f"setting {self.name} has the type {self.type!r}; use str, int, bool, float, Path or list",
        )
        _require(bool(self.help.strip()), f"setting {self.name} needs a line of help")
        kind = tuple if self.type is list else self.type
        _require(
            type(self.default) is kind or (kind is Path and isinstance(self.default, Path)),
            f"setting {self.name} has the default {self.default!r}, which is no {kind.__name__}",
        )

    def of(self, word: str) -> "Setting":
        """This setting for one *word* of the list it is for: ``oidc.work.issuer`` of ``oidc.*.issuer``."""
        made = copy(self)
        object.__setattr__(made, "name", self.name.replace("*", word))
        return made


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that may be allowed or refused, and the roles that may do it until somebody changes that.

    :param name: ``wiki.page.edit``: starts with the plugin's name.
    :param title: what an administrator reads in the table of permissions.
    :param roles: who has it by default. Scope space: any of manager, editor, member, reader, visitor.
        Scope site: everyone, admin, people_manager, moderator, analyst, content_officer.
    :param scope: ``space`` is asked in a space, ``site`` elsewhere.
    :param effect: ``read``, ``write`` or ``manage``, see :data:`EFFECTS`.
    """

    name: str
    title: str
    roles: tuple[str, ...]
    scope: Literal["space", "site"] = "space"
    effect: Literal["read", "write", "manage"] = "write"

    def __post_init__(self) -> None:
        _require(
            bool(_PERMISSION_NAME.fullmatch(self.name)),
            f"permission {self.name!r} needs a name of the form 'plugin.word' or 'plugin.thing.word'",
        )
        _check_title(f"permission {self.name}", self.title)
        _require(
            self.scope in ("space", "site"),
            f"permission {self.name} has the scope {self.scope!r}; use space or site",
        )
        _require(
            self.effect in EFFECTS,
            f"permission {self.name} has the effect {self.effect!r}; use {', '.join(EFFECTS)}",
        )
        _require(
            not isinstance(self.roles, str),
            f"permission {self.name} has one text as roles; give a tuple, such as ('manager', 'editor')",
        )
        object.__setattr__(self, "roles", tuple(self.roles))
        known = SPACE_ROLES if self.scope == "space" else SITE_ROLES
        for role in self.roles:
            _require(
                role in known,
                f"permission {self.name} names the role {role!r}; scope {self.scope} knows {', '.join(known)}",
            )


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
    :param templates: own templates for show, list, form or print, such as ``plein_wiki:templates/page.pt``.
    """

    name: str
    title: str
    plural: str
    path: str
    model: Any
    icon: str = "file-text"
    service: Any = None
    templates: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(
            isinstance(self.name, str) and bool(_NAME.fullmatch(self.name)),
            f"content type {self.name!r} needs a name of the form 'plugin.word', such as 'wiki.page'",
        )
        owner = f"content type {self.name}"
        _check_title(owner, self.title)
        _check_title(owner, self.plural)
        _require(
            isinstance(self.path, str) and bool(_PATH.fullmatch(self.path)),
            f"{owner} has the path {self.path!r}; use lower-case letters, digits and '-', such as 'wiki'",
        )
        _require(isinstance(self.model, type), f"{owner} has the model {self.model!r}; give the mapped class itself")
        _check_icon(owner, self.icon)
        _require(
            self.service is None or isinstance(self.service, type),
            f"{owner} has the service {self.service!r}; give the class itself, or leave it out",
        )
        for key, template in self.templates.items():
            _require(key in TEMPLATE_KEYS, f"{owner} has a template for {key!r}; known are {', '.join(TEMPLATE_KEYS)}")
            _check_template(owner, template)
        object.__setattr__(self, "templates", MappingProxyType(dict(self.templates)))

    def permissions(self) -> tuple[Permission, ...]:
        """The permissions that core makes for this type: ``wiki.page.view``, create, edit, delete and move."""
        return tuple(
            Permission(f"{self.name}.{word}", title, roles, effect="read" if word == "view" else "write")
            for word, title, roles in _TYPE_PERMISSIONS
        )


def _check_template(owner: str, template: object) -> None:
    _require(
        isinstance(template, str) and bool(re.fullmatch(r"[a-z][a-z0-9_]*:[\w/.-]+\.pt", template)),
        f"{owner} has the template {template!r}; give package:path, such as 'plein_wiki:templates/page.pt'",
    )


@dataclass(frozen=True, slots=True)
class SignInMethod:
    """A way to sign in, as a button on the page to sign in, and the rules for whoever comes by it.

    :param name: one word, ``work``: the ``provider`` of the identities that come by it. Never give it to another one.
    :param title: what stands on the button: "Sign in with your work account".
    :param icon: a name from the icon set.
    :param route: of the page where it begins; asked with ``next`` in the query.
    :param weight: lower comes first.
    :param parts: of the route's address, ``{"provider": "work"}``.
    :param creates: make an account for whom it does not know yet; otherwise they are refused.
    :param kind: of the accounts that it makes, ``person`` or ``guest``.
    :param links_logins: somebody new by this way gets the account that has the same login already. Only for a provider
        that gives out names as carefully as administrators do. Never done by e-mail address.
    :param updates: take over name and e-mail address at each entry.
    :param renews: it signs in again without asking anything, so its sessions may last longer.
    :param confirms: asked with ``confirm=1`` in the query, it has the person prove anew who they are, and gives an
        identity that is ``confirmed``: then acts of administration may send people there.
    """

    name: str
    title: str
    icon: str
    route: str
    weight: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)
    creates: bool = False
    kind: Literal["person", "guest"] = "person"
    links_logins: bool = False
    updates: bool = True
    renews: bool = False
    confirms: bool = False

    def __post_init__(self) -> None:
        _require(
            isinstance(self.name, str) and bool(_PATH.fullmatch(self.name)),
            f"sign-in method {self.name!r} needs a name of lower-case letters, digits and '-', such as 'work'",
        )
        owner = f"sign-in method {self.name}"
        _require(self.name not in ("password", "link"), f"{owner} has a name that the core uses itself")
        _check_title(owner, self.title)
        _check_icon(owner, self.icon)
        _check_weight(owner, self.weight)
        _require(self.kind in ("person", "guest"), f"{owner} has the kind {self.kind!r}; use person or guest")
        object.__setattr__(self, "parts", MappingProxyType(dict(self.parts)))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is according to a provider, when everything about that has been checked.

    :param provider: the name of the :class:`SignInMethod`.
    :param subject: what the provider calls the person, always the same and never given to another.
    :param login: the name to sign in with; an account that is made gets it.
    :param name: as colleagues know them.
    :param email: their address, for mail; never for finding an account.
    :param email_verified: whether the provider vouches for the address; one that it does not vouch for is not kept.
    :param strong: whether the provider vouches for a second factor.
    :param groups: what it says about groups, in its own words.
    :param fields: what it says about the profile, by field.
    :param session: what the provider calls this session, for when it ends it.
    :param confirmed: the person was asked just now to prove who they are, and did; being known is not enough.
    """

    provider: str
    subject: str
    login: str
    name: str
    email: str = ""
    email_verified: bool = False
    strong: bool = False
    groups: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    session: str = ""
    confirmed: bool = False

    def __post_init__(self) -> None:
        _require(bool(self.provider), "an identity needs a provider")
        _require(
            isinstance(self.subject, str) and 0 < len(self.subject) <= 255,
            f"an identity of {self.provider} needs a subject of 1 to 255 characters",
        )
        object.__setattr__(self, "groups", tuple(self.groups))
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))


@dataclass(frozen=True, slots=True)
class Job:
    """Work for later: a function that the executor calls in a process of its own choosing, with what was asked for.

    It runs once, and again where it failed or its process died halfway: make it so that a second time does no harm.

    :param name: ``wiki.make_index``: the plugin's name, a dot, words.
    :param run: ``run(context, **arguments)``; context is a :class:`plein.jobs.JobContext`.
    :param title: what it does, as administrators read it: "Send mail".
    :param every: how often it runs by itself, without arguments; ``None`` for only when asked.
    :param attempts: how often it is tried before it is given up, with growing pauses of at most an hour.
    """

    name: str
    run: Callable[..., None]
    title: str
    every: timedelta | None = None
    attempts: int = 8

    def __post_init__(self) -> None:
        _require(bool(_NAME.fullmatch(self.name)), f"job {self.name!r} needs a name of the form 'plugin.some_word'")
        owner = f"job {self.name}"
        _check_title(owner, self.title)
        _require(callable(self.run), f"{owner} has {self.run!r} to run; give a function")
        _require(
            self.every is None or (isinstance(self.every, timedelta) and self.every >= timedelta(minutes=1)),
            f"{owner} runs every {self.every!r}; give a timedelta of at least a minute",
        )
        _require(
            type(self.attempts) is int and self.attempts >= 1,
            f"{owner} has {self.attempts!r} attempts; give a whole number from 1",
        )


#: Why personal data may be kept (AVG, article 6).
BASES = ("contract", "legal", "public", "interest", "consent")


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a table keeps about people: a line of the register, of what a person is given, and of what erasing does.

    :param table: ``wiki_vote``. A table may be declared more than once, where several columns name a person.
    :param columns: the first one names the person (it refers to a user); the others are about that person.
    :param purpose: what it is for, in a sentence without jargon.
    :param basis: one of :data:`BASES`.
    :param kept_for: how long, in words.
    :param erased: what happens when a person is erased: ``delete`` the rows, ``unlink`` them (the first column becomes
        empty), or ``keep`` them, under the name that is left.
    :param withheld: columns that are not handed out to the person: keys and hashes.
    """

    table: str
    columns: tuple[str, ...]
    purpose: str
    basis: Literal["contract", "legal", "public", "interest", "consent"]
    kept_for: str
    erased: Literal["delete", "unlink", "keep"] = "delete"
    withheld: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        owner = f"personal data in {self.table}"
        _require(bool(self.columns) and not isinstance(self.columns, str), f"{owner} needs a tuple of columns")
        for text in (self.purpose, self.kept_for):
            _check_title(owner, text)
        _require(self.basis in BASES, f"{owner} has the basis {self.basis!r}; known are {', '.join(BASES)}")
        known = ("delete", "unlink", "keep")
        _require(self.erased in known, f"{owner} is erased as {self.erased!r}; known are {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """Whoever is being erased. Core makes it and hands it to ``on_user_erased``, while the account still has its name.

    :param login: what is about to be forgotten; ``pseudonym`` is what takes its place.
    """

    user_id: int
    login: str
    name: str
    email: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """An entry of the main navigation.

    :param title: what people read.
    :param url: where it leads: a path on this site, or a full https address.
    :param icon: a name from the icon set; empty for none.
    :param weight: lower comes first; equal weights go by the plugin's name.
    """

    title: str
    url: str
    icon: str = ""
    weight: int = 0

    def __post_init__(self) -> None:
        _check_link("navigation item", self.title, self.url, self.icon, self.weight)


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with the item on the page: a link, or a button that posts.

    :param title: a verb: "Print", "Add a question".
    :param url: where it leads or posts to.
    :param icon: a name from the icon set; empty for none.
    :param method: ``GET`` for a link; ``POST`` for whatever changes something (a form with its CSRF token).
    :param weight: lower comes first.
    """

    title: str
    url: str
    icon: str = ""
    method: Literal["GET", "POST"] = "GET"
    weight: int = 0

    def __post_init__(self) -> None:
        _check_link("action", self.title, self.url, self.icon, self.weight)
        _require(
            self.method in ("GET", "POST"),
            f"action {str(self.title)!r} has the method {self.method!r}; use GET or POST",
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page, shown in a slot under its own heading.

    :param title: the heading.
    :param renderer: a template of the plugin: ``plein_wiki:templates/recent.pt``.
    :param values: what the template is given.
    :param weight: lower comes first.
    """

    title: str
    renderer: str
    values: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 0

    def __post_init__(self) -> None:
        _check_title("block", self.title)
        owner = f"block {str(self.title)!r}"
        _check_template(owner, self.renderer)
        _require(isinstance(self.values, Mapping), f"{owner} has {self.values!r} as values; give a dictionary")
        _check_weight(owner, self.weight)


@dataclass(frozen=True, slots=True)
class ContentChange:
    """What happened to an item. Core makes it and hands it to ``on_content_changed``.

    :param item: the item, as it is after the change (before it, where the action is ``deleted``).
    :param action: created, saved, renamed, moved, trashed, untrashed, deleted, or rendered (its HTML was made
        anew, the text is the same).
    :param actor: the Viewer who did it.
    """

    item: Any
    action: ChangeAction
    actor: Any

    def __post_init__(self) -> None:
        known = get_args(ChangeAction)
        _require(self.action in known, f"content change {self.action!r} is unknown; known are {', '.join(known)}")
