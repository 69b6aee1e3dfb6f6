"""Who gets in: functions, and who has which. Their pages are for whoever decides; one also for who answers for it."""

from typing import Any

from sqlalchemy.orm import Session

from authorisation.rules import MANAGERS, Row, admin, roles, signed_in
from plein.ladder.changing import Decision
from plein.ladder.models import RolloutStep

_OF_ONE = {"name": "wiki"}
_STEP = _OF_ONE | {"step": "{rollout_step}"}


def not_asked(viewer: str, access: str) -> str:
    """Nobody tries the wiki, so nobody is asked about it."""
    return "none" if signed_in(viewer, access) == "in" else signed_in(viewer, access)


def not_retired(viewer: str, access: str) -> str:
    """Managers; but the wiki is not being retired, so there is nothing to take along."""
    found = roles(*MANAGERS)(viewer, access)
    return "none" if found == "in" else found


SITE = {
    "GET": {
        "rollout.answer": Row(not_asked, _OF_ONE),
        "admin.functions": Row(admin),
        "admin.functions.show": Row(admin, _OF_ONE),
        "admin.functions.step": Row(admin, _OF_ONE),
        "admin.functions.history": Row(admin, _OF_ONE),
        "admin.functions.why": Row(admin, _OF_ONE, query={"user": "reader", "space": "hidden"}),
        "space.suggest": Row(signed_in, query={"q": "ruimte"}),
    },
    "POST": {
        "admin.functions.step": Row(admin, _OF_ONE, form={"stage": "pilot"}),
        "admin.functions.end": Row(admin, _OF_ONE, form={"verdict": "on"}),
        "rollout.answer": Row(not_asked, _OF_ONE, form={"act": "no"}),
        "admin.functions.undo": Row(admin, _STEP),
        "admin.functions.cancel": Row(admin, _STEP),
    },
}

SPACE = {"GET": {"rollout.pack": Row(not_retired, _OF_ONE)}}


def prepare(db: Session, people: dict[str, Any], space: Any) -> dict[str, str]:
    """A step in the history of the wiki, which changes nothing."""
    now = Decision("on").as_json()
    step = RolloutStep(plugin="wiki", before=now, after=now, reason="")
    db.add(step)
    db.flush()
    return {"rollout_step": str(step.id)}
