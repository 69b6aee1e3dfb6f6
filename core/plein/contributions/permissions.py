"""A permission, the roles that may have it, and what it does."""

from dataclasses import dataclass
from typing import Literal

from plein.contributions.checks import PERMISSION_NAME, check_title, require

#: Roles in a space, from most to least. A visitor is a signed-in person in an open space without membership.
SPACE_ROLES = ("manager", "editor", "member", "reader", "visitor")
#: Who a permission for the whole site can be given to: every colleague, administrators, and those who have one of the
#: smaller offices, so that nobody needs to be all-powerful.
SITE_ROLES = ("everyone", "admin", "people_manager", "moderator", "analyst", "content_officer")
#: What a permission does. ``read`` follows from who sees the space and the item, and cannot be given otherwise.
#: ``write`` is refused in archived spaces and to whom an item's audience only lets read. ``manage`` is about the space
#: itself and stays in archived spaces.
EFFECTS = ("read", "write", "manage")


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
        require(
            bool(PERMISSION_NAME.fullmatch(self.name)),
            f"permission {self.name!r} needs a name of the form 'plugin.word' or 'plugin.thing.word'",
        )
        check_title(f"permission {self.name}", self.title)
        require(
            self.scope in ("space", "site"),
            f"permission {self.name} has the scope {self.scope!r}; use space or site",
        )
        require(
            self.effect in EFFECTS,
            f"permission {self.name} has the effect {self.effect!r}; use {', '.join(EFFECTS)}",
        )
        require(
            not isinstance(self.roles, str),
            f"permission {self.name} has one text as roles; give a tuple, such as ('manager', 'editor')",
        )
        object.__setattr__(self, "roles", tuple(self.roles))
        known = SPACE_ROLES if self.scope == "space" else SITE_ROLES
        for role in self.roles:
            require(
                role in known,
                f"permission {self.name} names the role {role!r}; scope {self.scope} knows {', '.join(known)}",
            )
