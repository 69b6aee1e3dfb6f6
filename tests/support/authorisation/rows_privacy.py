"""Who gets in: one's own data, and the pages of whoever answers for it."""

from typing import Any

from sqlalchemy.orm import Session

from authorisation.rules import Row, admin, signed_in
from plein.privacy.models import PrivacyRequest

SITE = {
    "GET": {
        "me.data": Row(signed_in),
        "me.data.download": Row(lambda viewer, _: "sign-in" if viewer == "anonymous" else "none", {"uid": "0" * 36}),
        "admin.privacy": Row(admin),
        "admin.privacy.person": Row(admin, {"login": "spare"}),
        "admin.privacy.register": Row(admin),
        "admin.privacy.register_csv": Row(admin),
    },
    "POST": {
        "me.data.export": Row(signed_in),
        "me.data.ask": Row(signed_in, form={"kind": "other", "text": "Why?"}),
        "admin.privacy.answer": Row(admin, {"id": "{request}"}, form={"answer": "Done"}),
        "admin.privacy.freeze": Row(admin, {"login": "spare"}, form={"reason": "Asked"}),
        "admin.privacy.thaw": Row(admin, {"login": "spare"}),
        # In a transaction of its own, which would be stored: asked without what it needs.
        "admin.privacy.erase": Row(admin, {"login": "spare"}),
    },
}


def prepare(db: Session, people: dict[str, Any], space: Any) -> dict[str, str]:
    """A request that waits for an answer."""
    asked = PrivacyRequest(user_id=people["spare"].id, kind="other", text="Why?")
    db.add(asked)
    db.flush()
    return {"request": str(asked.id)}
