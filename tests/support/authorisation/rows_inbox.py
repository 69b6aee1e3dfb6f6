"""Who gets in: what one follows, one's own inbox, and how one wants to be told."""

from typing import Any

from sqlalchemy.orm import Session

from authorisation.rules import Row, signed_in

SITE = {
    "GET": {},
    "POST": {
        "inbox.follow": Row(signed_in, form={"kind": "user", "id": "{follows}", "level": ""}),
    },
}


def prepare(db: Session, people: dict[str, Any], space: Any) -> dict[str, str]:
    """Somebody to stop following."""
    return {"follows": str(people["spare"].id)}
