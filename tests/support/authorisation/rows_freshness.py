"""Who gets in: whether pages are still true."""

from typing import Any

from authorisation.rules import ALL, EDITORS, MEMBERS, WRITERS, Row, admin, of_item, roles, signed_in


def of_officer(viewer: str, access: str) -> str:
    """The page of one item for content officers: for those who see it. The address says nothing of the space."""
    sees = viewer in MEMBERS or (access == "open" and viewer != "guest")
    return admin(viewer, access) if sees or viewer == "anonymous" else "none"


SITE: dict[str, Any] = {
    "GET": {
        "admin.freshness": Row(admin),
        "admin.freshness.csv": Row(admin),
        "me.review": Row(signed_in),
    },
    "POST": {
        "admin.freshness": Row(admin, form={"act": "reviewed", "item": "{item_id}"}),
        "me.review": Row(signed_in, form={"act": "reviewed", "item": "{item_id}"}),
    },
}

SPACE = {
    "GET": {
        "space.freshness": Row(roles(*EDITORS)),
        "space.freshness.csv": Row(roles(*EDITORS)),
        "admin.freshness.item": Row(of_officer, {"uid": "{uid}"}),
    },
    "POST": {
        "space.freshness": Row(roles(*EDITORS), form={"act": "owner", "owner": "role:manager", "item": "{item_id}"}),
        "admin.freshness.item": Row(of_officer, {"uid": "{uid}"}, form={"act": "reviewed"}),
    },
}

TYPE = {
    "GET": {
        "care": Row(of_item(*WRITERS)),
        "outdated": Row(of_item(*ALL)),
    },
    "POST": {
        "care": Row(of_item(*WRITERS), form={"act": "owner", "owner": "role:manager"}),
        "reviewed": Row(of_item(*WRITERS)),
        "outdated": Row(of_item(*ALL), form={"reason": "The price"}),
        "outdated_withdraw": Row(of_item(*ALL)),
    },
}
