"""What a row of the table says, and the rules that rows are made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MEMBERS = ("reader", "member", "editor", "manager")
#: Who holds an office in the site and belongs to no space.
OFFICES = ("moderator", "people_manager")
VIEWERS = ("anonymous", "suspended", "guest", "outsider", *OFFICES, *MEMBERS, "admin")

#: The spaces that are asked about, with their access. The vault is archived.
PLACES = {"open": "open", "closed": "closed", "hidden": "hidden", "vault": "open"}

#: What has become of the item that is asked about. ``restricted``: for the reader and the editor to read, and for the
#: member to write. ``moved``: to a space that none of the viewers knows; asked for at its old address.
CONDITIONS = ("published", "draft", "scheduled", "trashed", "archived", "restricted", "moved")

#: Stands in all texts, so that a search finds them without naming a secret.
COMMON = "gemeenschappelijk"

#: Routes that an office opens, beyond what every colleague may: names, and beginnings of names that end with a dot.
OFFICE_ROUTES: dict[str, tuple[str, ...]] = {
    "moderator": ("admin.home", "admin.spaces"),
    "people_manager": (
        *("admin.home", "admin.users", "admin.users.", "admin.access", "admin.view_as", "groups."),
        *("admin.handover", "people.extend"),
        # Answers and freezes; only an administrator erases.
        *(
            f"admin.privacy{more}"
            for more in ("", ".answer", ".person", ".freeze", ".thaw", ".register", ".register_csv")
        ),
    ),
}


@dataclass(frozen=True)
class Row:
    """What a view answers, and how to ask it.

    :param rule: who gets in, one of the functions below.
    :param parts: of the address; ``space`` and ``slug`` are filled in.
    :param form: what is posted. Where something is wrong with it, being told so counts as getting in.
    """

    rule: Callable[[str, str], str]
    parts: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)


#: Everybody who reads what is published in an open space.
READERS = frozenset({"outsider", *OFFICES, *MEMBERS, "admin"})


def seers(condition: str, place: str) -> frozenset[str]:
    """Those of the viewers who see an item in that condition in that space."""
    there = READERS if PLACES[place] == "open" else frozenset(MEMBERS)
    some = {
        "draft": frozenset(),
        "scheduled": frozenset(),
        "moved": frozenset(),
        "trashed": frozenset({"editor", "manager"}),
        "restricted": frozenset({"reader", "member", "editor"}),
    }
    return some.get(condition, there)


def expected(row: Row, viewer: str, route: str, place: str) -> str:
    """What *viewer* gets, by the rule of the row and the office that they hold."""
    if viewer == "suspended":
        return row.rule("anonymous", PLACES[place])
    if viewer in OFFICES:
        opened = OFFICE_ROUTES[viewer]
        if route in opened or any(one.endswith(".") and route.startswith(one) for one in opened):
            return "in"
    return row.rule(viewer, PLACES[place])


# Rules: from a viewer and the access of the space to what the answer is.
# "in"; "no": 403; "none": 404, as if it did not exist; "sign-in": the way there.


def public(viewer: str, access: str) -> str:
    return "any"


def signed_in(viewer: str, access: str) -> str:
    return "sign-in" if viewer == "anonymous" else "in"


def colleague(viewer: str, access: str) -> str:
    """Everybody of the organisation, not its guests."""
    return "no" if viewer == "guest" else signed_in(viewer, access)


def admin(viewer: str, access: str) -> str:
    return {"anonymous": "sign-in", "admin": "in"}.get(viewer, "no")


def role(viewer: str, access: str) -> str | None:
    """What the viewer is in the space; ``None`` where they only know that it exists."""
    if viewer in MEMBERS:
        return viewer
    return "visitor" if access == "open" else None


def known(viewer: str, access: str) -> str:
    """Whoever may know of the space."""
    if viewer == "anonymous":
        return "sign-in"
    is_unknown = viewer == "guest" or (viewer not in MEMBERS and access == "hidden")
    return "none" if is_unknown else "in"


def roles(*allowed: str) -> Callable[[str, str], str]:
    """Those roles; others who know of the space are refused."""

    def rule(viewer: str, access: str) -> str:
        if known(viewer, access) != "in":
            return known(viewer, access)
        return "in" if role(viewer, access) in allowed else "no"

    return rule


def of_item(*allowed: str, seen_by: tuple[str, ...] = ("visitor", *MEMBERS)) -> Callable[[str, str], str]:
    """Those roles; whoever may not see the item at all is told that there is none."""

    def rule(viewer: str, access: str) -> str:
        if known(viewer, access) == "in" and role(viewer, access) not in seen_by:
            return "none"
        return roles(*allowed)(viewer, access)

    return rule


def download(viewer: str, access: str) -> str:
    """The file of an item: for whoever sees the item; the address says nothing of the space."""
    if viewer == "anonymous":
        return "sign-in"
    return "in" if viewer != "guest" and role(viewer, access) is not None else "none"


ALL = ("visitor", *MEMBERS)
WRITERS = ("member", "editor", "manager")
EDITORS = ("editor", "manager")
MANAGERS = ("manager",)


def office(*holders: str) -> Callable[[str, str], str]:
    """Administrators, and those of the viewers that are named for the office they hold."""

    def rule(viewer: str, access: str) -> str:
        return "in" if viewer in holders else admin(viewer, access)

    return rule
