"""Why somebody sees an item or a space, or does not: account, state, plugin, space, role, audience, one after another.

The answer is the guard's own, asked as that person; the steps say in words what the guard's expression asks. A test
compares the two for every combination.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.content.models import Content, ContentAudience
from plein.content.visibility import APPROVER_ROLES, READERS, UNPUBLISHED, WRITERS
from plein.db import open_session, utcnow
from plein.people.models import Group, GroupPerson, User
from plein.people.standing import is_active, viewer_for
from plein.plugins import Plugins
from plein.spaces.belonging import RANKS, rank
from plein.spaces.models import ROLES, BrokenGlass, GroupMembership, Membership, Space
from plein.spaces.words import ROLE_NAMES
from plein.web.i18n import _


@dataclass(frozen=True, slots=True)
class Step:
    """One question on the way.

    :param name: ``account``, ``inspection``, ``state``, ``plugin``, ``space``, ``role`` or ``audience``.
    :param ok: whether it lets the person through; ``None`` where it only tells.
    """

    name: str
    ok: bool | None
    sentence: TranslationString

    def text(self, translate: Callable[[Any], str]) -> str:
        """The sentence by *translate*, and so what stands inside it: the name of a role."""
        mapping = self.sentence.mapping or {}
        inside = {key: translate(one) if isinstance(one, TranslationString) else one for key, one in mapping.items()}
        return translate(TranslationString(self.sentence, mapping=inside))


@dataclass(frozen=True, slots=True)
class Explanation:
    """The steps, and what comes of them.

    :param reads: whether the person can open it; what the guard says.
    """

    reads: bool
    steps: tuple[Step, ...]

    @property
    def follows(self) -> bool:
        """What the steps come to; the same as *reads*, or one of the two is wrong."""
        account, *others = self.steps
        inspects = any(step.name == "inspection" for step in others)
        plugin = all(step.ok for step in others if step.name == "plugin")
        return bool(account.ok) and plugin and (inspects or all(step.ok is not False for step in others))


STEP_NAMES = {
    "account": _("Account"),
    "inspection": _("Looking in"),
    "state": _("State"),
    "plugin": _("Plugin"),
    "space": _("Space"),
    "permission": _("Permission"),
    "role": _("Role"),
    "audience": _("Audience"),
}

_STATES = {
    "published": _("It is published."),
    "archived": _("It is archived, and still to be read."),
    "draft": _("It is a draft."),
    "scheduled": _("It is to be published later."),
    "trashed": _("It is deleted."),
}


def explain_item(engine: Engine, plugins: Plugins, db: Session, person: User, item: Content) -> Explanation:
    """Why *person* can open *item*, or not.

    :param db: a session that sees the item, whoever the person is.
    """
    with open_session(engine, viewer=viewer_for(db, person.id)) as theirs:
        sees = theirs.scalar(select(Content.id).where(Content.id == item.id)) is not None
    belonging = _Belonging(db, person, item.space)
    own = person.id in (item.author_id, item.owner_id)
    steps = [account_step(db, person), *belonging.inspection()]
    is_loaded = item.type in plugins.content_types
    plugin = item.type.partition(".")[0]
    loaded = _("The plugin ${name} is there.", mapping={"name": plugin})
    missing = _("The plugin ${name} is not installed or not loaded, so this has no page.", mapping={"name": plugin})
    steps += [
        _state(db, person, item, own=own, role=belonging.role),
        Step("plugin", is_loaded, loaded if is_loaded else missing),
        belonging.access(),
        belonging.how(),
        _audience(db, person, item, own=own),
    ]
    return Explanation(sees and is_loaded, tuple(steps))


def explain_space(engine: Engine, db: Session, person: User, space: Space) -> Explanation:
    """Why *person* can know of *space*, or not; the step ``space`` says whether they can read what is in it."""
    with open_session(engine, viewer=viewer_for(db, person.id)) as theirs:
        knows = theirs.scalar(select(Space.id).where(Space.id == space.id)) is not None
    belonging = _Belonging(db, person, space)
    return Explanation(knows, (account_step(db, person), *belonging.inspection(), belonging.access(), belonging.how()))


def account_step(db: Session, person: User) -> Step:
    """Whether the account of *person* works."""
    works = db.scalar(select(User.id).where(User.id == person.id, is_active(User))) is not None
    if not works:
        return Step("account", False, _("The account does not work: it is suspended, ended or not yet in use."))
    if person.kind == "guest":
        return Step("account", True, _("A guest: sees only spaces that they were invited to themselves."))
    return Step("account", True, _("A colleague whose account works."))


def _state(db: Session, person: User, item: Content, *, own: bool, role: str | None) -> Step:
    sentence = _STATES[item.state]
    if item.state in ("published", "archived"):
        return Step("state", True, sentence)
    if item.state == "trashed":
        who = _("It is deleted: managers and editors of the space see it.")
        return Step("state", role in ("manager", "editor"), who)
    if own:
        return Step("state", True, _("It is not published yet, and this is its author or owner."))
    themselves, group = _named(db, person, item, WRITERS)
    if themselves:
        return Step("state", True, _("It is not published yet, and this person writes it too."))
    if group is not None:
        names = {"group": group}
        return Step("state", True, _("It is not published yet, and the group ${group} writes it too.", mapping=names))
    if item.open_proposals and role in APPROVER_ROLES:
        return Step("state", True, _("It is not published yet, and waits for somebody with this role to approve it."))
    return Step("state", False, _("It is not published yet: only its author, its owner and who writes it too see it."))


def _audience(db: Session, person: User, item: Content, *, own: bool) -> Step:
    if item.state in UNPUBLISHED and (not item.restricted or own or _is_named(db, person, item, (*READERS, *WRITERS))):
        return Step("audience", None, _("For whom it is counts from when it is published."))
    if not item.restricted:
        return Step("audience", True, _("It is for everybody who can read in this space."))
    if own:
        return Step("audience", True, _("It is for some people only, and this is its author or owner."))
    themselves, group = _named(db, person, item, READERS)
    if themselves:
        return Step("audience", True, _("It is for some people only, and this person is named."))
    if group is not None:
        return Step(
            "audience",
            True,
            _("It is for some people only, and the group ${group} is named.", mapping={"group": group}),
        )
    return Step("audience", False, _("It is for some people only, and this person is not named."))


def _is_named(db: Session, person: User, item: Content, levels: tuple[str, ...]) -> bool:
    themselves, group = _named(db, person, item, levels)
    return themselves or group is not None


def _named(db: Session, person: User, item: Content, levels: tuple[str, ...]) -> tuple[bool, str | None]:
    """Whether the audience names *person* with one of *levels*, and the first group of theirs that it names."""
    here = (ContentAudience.content_id == item.id, ContentAudience.level.in_(levels))
    found = select(ContentAudience.id).where(*here, ContentAudience.user_id == person.id).limit(1)
    if db.scalar(found) is not None:
        return True, None
    if person.kind != "person":
        return False, None
    return False, db.scalar(
        select(Group.name)
        .join(ContentAudience, ContentAudience.group_id == Group.id)
        .join(GroupPerson, GroupPerson.group_id == Group.id)
        .where(*here, GroupPerson.user_id == person.id)
        .order_by(Group.id)
        .limit(1)
    )


class _Belonging:
    """What somebody is in a space, and by what."""

    def __init__(self, db: Session, person: User, space: Space) -> None:
        self.person = person
        self.space = space
        found = db.scalar(
            select(Membership.role).where(Membership.space_id == space.id, Membership.user_id == person.id)
        )
        self.asked = found == "asked"
        self.role: str | None = found if found in ROLES else None
        self.group: str | None = None
        if person.kind == "person":
            self._look_for_groups(db)
        glass = select(func.max(BrokenGlass.ends_at)).where(
            BrokenGlass.space_id == space.id, BrokenGlass.user_id == person.id, BrokenGlass.ends_at > utcnow()
        )
        self.looks_until = db.scalar(glass) if person.is_admin else None

    def _look_for_groups(self, db: Session) -> None:
        best = db.execute(
            select(GroupMembership.role, Group.name)
            .join(GroupPerson, GroupPerson.group_id == GroupMembership.group_id)
            .join(Group, Group.id == GroupMembership.group_id)
            .where(GroupMembership.space_id == self.space.id, GroupPerson.user_id == self.person.id)
            .order_by(rank(GroupMembership.role), Group.id)
            .limit(1)
        ).first()
        if best is not None and (self.role is None or RANKS[best[0]] < RANKS[self.role]):
            self.role, self.group = best

    def inspection(self) -> list[Step]:
        if self.looks_until is None:
            return []
        return [Step("inspection", True, _("This administrator looks into the space for a reason, for an hour."))]

    def access(self) -> Step:
        """What the space asks, and whether the person meets it."""
        if self.space.access == "open":
            guest = self.person.kind == "guest" and self.role is None
            sentence = _("The space is open: every colleague reads what is in it.")
            return Step("space", not guest, sentence)
        names = {
            "closed": _("The space is closed: its members read what is in it."),
            "hidden": _("The space is hidden: only its members know of it."),
        }
        return Step("space", self.role is not None, names[self.space.access])

    def how(self) -> Step:
        """The person's role, and where it comes from."""
        names: dict[str, Any] = {"role": ROLE_NAMES[self.role]} if self.role else {}
        if self.group is not None:
            names["group"] = self.group
            return Step("role", True, _("Has the role ${role} by the group ${group}.", mapping=names))
        if self.role is not None:
            return Step("role", True, _("Has the role ${role}.", mapping=names))
        if self.asked:
            return Step("role", None, _("Asked to join, and is not let in yet."))
        return Step("role", None, _("Is not a member."))
