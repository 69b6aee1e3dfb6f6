"""Who may open a page of the site, and why: its permission, the roles that have it, and who has the roles."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from plein.content.explain import Explanation, Step, account_step
from plein.contributions import SITE_ROLES, Permission
from plein.people.models import SiteRole, User
from plein.people.offices import SITE_ROLE_NAMES
from plein.people.standing import is_active
from plein.plugins import Plugins
from plein.security.permissions import ADMIN, PUBLIC, SIGNED_IN
from plein.security.rights import Changes, effective
from plein.web.i18n import _

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """What a page asks for.

    :param title: in words.
    :param roles: of :data:`plein.contributions.SITE_ROLES`; empty where it is not a matter of roles.
    """

    permission: str
    title: Any
    roles: tuple[str, ...]


def rule_of(plugins: Plugins, changes: Changes, permission: str) -> Rule:
    """What somebody must have to open a page that declares *permission*."""
    declared: Permission | None = plugins.permissions.get(permission)
    if permission == PUBLIC:
        return Rule(permission, _("For everybody, signed in or not"), ())
    if permission == ADMIN:
        return Rule(permission, _("Administer the site"), ("admin",))
    if declared is None or permission == SIGNED_IN:
        return Rule(permission, _("For whoever has signed in"), ())
    roles = effective(declared, changes)
    return Rule(permission, declared.title, tuple(role for role in SITE_ROLES if role in roles))


def _has_any(roles: tuple[str, ...]) -> Any:
    """The condition on :class:`User` that they have one of *roles* of the site."""
    offices = [role for role in roles if role not in ("everyone", "admin")]
    held = exists(select(SiteRole.user_id).where(SiteRole.user_id == User.id, SiteRole.role.in_(offices)))
    return and_(
        User.kind == "person",
        or_(
            true() if "everyone" in roles else false(),
            User.is_admin if "admin" in roles else false(),
            held if offices else false(),
        ),
    )


def holders(db: Session, rule: Rule) -> list[Any]:
    """Who can open a page for some people only: id, login, name, by name; at most :data:`SHOWN`."""
    if not rule.roles or "everyone" in rule.roles:
        return []
    people = select(User.id, User.login, User.name, User.is_admin).where(is_active(User), _has_any(rule.roles))
    return list(db.execute(people.order_by(func.lower(User.name), User.id).limit(SHOWN)))


def explain_page(db: Session, person: User, rule: Rule) -> Explanation:
    """Why *person* can open a page of the site, or not."""
    account = account_step(db, person)
    asks = Step("permission", None, rule.title)
    if not rule.roles:
        return Explanation(bool(account.ok), (account, asks))
    has = db.scalar(select(User.id).where(User.id == person.id, _has_any(rule.roles))) is not None
    names = {"role": SITE_ROLE_NAMES[rule.roles[0]]}
    sentence = _("Has it.") if has else _("Does not have it. It is for: ${role}.", mapping=names)
    return Explanation(bool(account.ok) and has, (account, asks, Step("role", has, sentence)))
