"""Who gets in: unsaved texts, which are one's own."""

from authorisation.rules import Row, signed_in


def nobody(viewer: str, access: str) -> str:
    """A text that is not there."""
    return "sign-in" if viewer == "anonymous" else "none"


SITE = {
    "GET": {
        "me.unsaved": Row(signed_in),
        "me.unsaved_text": Row(nobody, {"draft": "0123456789abcdef"}),
    },
    "POST": {
        "me.unsaved": Row(signed_in, form={"draft": "0123456789abcdef"}),
    },
}
