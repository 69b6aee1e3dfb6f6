"""Whether what is written needs somebody else's approval before others read it: what the organisation decides.

Below the services, which ask here before they change what is published. All else about approval is in ``content.life``.
"""

from sqlalchemy.orm import Session

from plein.content.policies import Policies, Policy, policies
from plein.web.i18n import _

NEEDED = Policy(
    "approval.needed",
    _("What is new or changed needs approval"),
    "yes",
    False,
    hint=_("Somebody else than the writer looks at it before others read it."),
)
BY = Policy(
    "approval.by",
    _("Who approves"),
    "choice",
    "editor",
    choices=(("editor", _("Managers and editors of the space")), ("manager", _("Only managers of the space"))),
)
SUGGESTIONS = Policy(
    "approval.suggestions",
    _("Readers can suggest a change"),
    "yes",
    True,
    hint=_("Who may read but not edit can send a changed text, which waits until somebody approves it."),
)

#: Who approves, by what the policy says.
APPROVERS = {"editor": ("manager", "editor"), "manager": ("manager",)}


class ApprovalNeeded(ValueError):
    """Something was to be published that somebody else has to approve first."""


def approver_roles(decided: Policies) -> tuple[str, ...]:
    """The roles in a space that may approve there."""
    return APPROVERS.get(decided[BY], APPROVERS["manager"])


def require_approved(db: Session, type_name: str, space_id: int) -> None:
    """:raises ApprovalNeeded: where items of this type need approval in this space."""
    if policies(db, type_name, space_id)[NEEDED]:
        raise ApprovalNeeded(f"items of {type_name} need approval in space {space_id}")
