"""Who gets in: the life of items."""

from authorisation.rules import ALL, EDITORS, MANAGERS, WRITERS, Row, of_item, signed_in


def nobody(viewer: str, access: str) -> str:
    """There is no such proposal: those that there are have tests of their own."""
    return "sign-in" if viewer == "anonymous" else "none"


SITE = {"GET": {"me.writing": Row(signed_in)}}

#: The pages that every type of content has, below ``{type}.``.
TYPE = {
    "GET": {
        "life": Row(of_item(*WRITERS)),
        "copy": Row(of_item(*ALL)),
        "purge": Row(of_item(*MANAGERS, seen_by=EDITORS), {"slug": "trashed"}),
        # Whoever may edit is sent to the form for that.
        "suggest": Row(of_item(*ALL)),
        "proposals": Row(of_item(*ALL)),
        "proposal": Row(nobody, {"number": "1"}),
    },
    "POST": {
        "life": Row(of_item(*WRITERS), form={"act": "lock"}),
        "copy": Row(of_item(*ALL), form={"title": "A", "space": "open"}),
        "purge": Row(of_item(*MANAGERS, seen_by=EDITORS), {"slug": "trashed"}),
        "suggest": Row(of_item(*ALL), form={"title": "A", "body": "B"}),
        "proposal": Row(nobody, {"number": "1"}, form={"act": "approve"}),
    },
}
