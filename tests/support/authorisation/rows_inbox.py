"""Who gets in: what one follows, one's own inbox, and how one wants to be told."""

from typing import Any

from sqlalchemy.orm import Session

from authorisation.rules import Row, signed_in

SITE = {
    "GET": {},
    "POST": {
        # Following nothing at all is told apart from being refused.
        "inbox.follow": Row(
            lambda viewer, _: "sign-in" if viewer == "anonymous" else "in",
            form={"kind": "user", "id": "{follows}", "level": ""},
        ),
    },
}


def prepare(db: Session, people: dict[str, Any], space: Any) -> dict[str, str]:
    """Somebody to stop following."""
    return {"follows": str(people["spare"].id)}
