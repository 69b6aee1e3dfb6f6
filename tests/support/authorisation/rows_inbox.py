"""Who gets in: what one follows, one's own inbox, and how one wants to be told."""

from typing import Any

from sqlalchemy.orm import Session

from authorisation.rules import Row, admin, public, signed_in

#: A word that stops no mail: whoever has a real one is let in by that.
_TOKEN = {"token": "x" * 40}

SITE = {
    "GET": {
        "inbox": Row(signed_in),
        # Answers who is not signed in too, with 401: a script asks.
        "inbox.unread": Row(public),
        "inbox.catch_up": Row(signed_in),
        "inbox.following": Row(signed_in),
        "inbox.preferences": Row(signed_in),
        "inbox.unsubscribe": Row(public, _TOKEN),
        "admin.notifications": Row(admin),
    },
    "POST": {
        "inbox.follow": Row(signed_in, form={"kind": "user", "id": "{follows}", "level": ""}),
        "inbox.read": Row(signed_in, {"id": "1"}),
        "inbox.read_all": Row(signed_in),
        "inbox.unread_again": Row(signed_in, form={"at": "2026-01-01T00:00:00+00:00"}),
        "inbox.seen": Row(signed_in, form={"item": "1"}),
        "inbox.preferences": Row(signed_in),
        "inbox.unsubscribe": Row(public, _TOKEN),
        "admin.notifications": Row(admin),
    },
}


def prepare(db: Session, people: dict[str, Any], space: Any) -> dict[str, str]:
    """Somebody to stop following."""
    return {"follows": str(people["spare"].id)}
