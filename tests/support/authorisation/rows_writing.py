"""Who gets in: unsaved texts, which are one's own."""

from collections.abc import Callable

from authorisation.rules import MANAGERS, Row, admin, roles, signed_in


def nobody(viewer: str, access: str) -> str:
    """A text that is not there."""
    return "sign-in" if viewer == "anonymous" else "none"


def no_template(rule: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """As *rule*, of a template that is not there."""

    def none(viewer: str, access: str) -> str:
        answer = rule(viewer, access)
        return "none" if answer == "in" else answer

    return none


_NONE = {"id": "999999"}
_MANAGERS = roles(*MANAGERS)

SPACE = {
    "GET": {
        "space.item_templates": Row(_MANAGERS),
        "space.item_templates.new": Row(_MANAGERS),
        "space.item_templates.change": Row(no_template(_MANAGERS), _NONE),
    },
    "POST": {
        "space.item_templates.shipped": Row(_MANAGERS),
        "space.item_templates.new": Row(_MANAGERS),
        "space.item_templates.change": Row(no_template(_MANAGERS), _NONE),
        "space.item_templates.remove": Row(no_template(_MANAGERS), _NONE),
    },
}
SITE = {
    "GET": {
        "me.unsaved": Row(signed_in),
        "admin.item_templates": Row(admin),
        "admin.item_templates.new": Row(admin),
        "admin.item_templates.change": Row(no_template(admin), _NONE),
        "me.unsaved_text": Row(nobody, {"draft": "0123456789abcdef"}),
    },
    "POST": {
        "admin.item_templates.shipped": Row(admin),
        "admin.item_templates.new": Row(admin),
        "admin.item_templates.change": Row(no_template(admin), _NONE),
        "admin.item_templates.remove": Row(no_template(admin), _NONE),
        "me.unsaved": Row(signed_in, form={"draft": "0123456789abcdef"}),
    },
}
