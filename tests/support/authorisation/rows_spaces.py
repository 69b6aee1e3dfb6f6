"""Who gets in: spaces."""

from authorisation.rules import ALL, MANAGERS, Row, admin, colleague, known, public, roles, signed_in

UNKNOWN = {"uid": "00000000-0000-0000-0000-000000000000"}


def not_theirs(viewer: str, access: str) -> str:
    """An invitation that is somebody else's is no invitation at all."""
    return "sign-in" if viewer == "anonymous" else "none"


SITE = {
    "GET": {
        "invitation": Row(not_theirs, UNKNOWN),
        "invitation.by_mail": Row(public, {"token": "t" * 43}),
        "space.list": Row(signed_in),
        "admin.space_templates": Row(admin),
        "admin.space_template": Row(admin, {"key": "team"}),
        "space.new": Row(colleague),
    },
    "POST": {
        "invitation": Row(not_theirs, UNKNOWN),
        "invitation.by_mail": Row(public, {"token": "t" * 43}),
        "admin.space_template_new": Row(admin),
        "admin.space_template": Row(admin, {"key": "team"}, form={"name": "Team"}),
        "space.new": Row(colleague, form={"name": "New one"}),
    },
}

SPACE = {
    "GET": {
        "space.home": Row(known),
        "space.settings": Row(roles(*MANAGERS)),
        "space.address": Row(roles(*MANAGERS)),
        "space.members": Row(roles(*ALL)),
        "space.welcome": Row(roles(*MANAGERS)),
        "space.archive": Row(roles(*MANAGERS)),
        "space.invitations": Row(roles(*MANAGERS)),
        "space.permissions": Row(roles(*MANAGERS)),
        "space.rules": Row(roles(*MANAGERS)),
    },
    "POST": {
        "space.settings": Row(roles(*MANAGERS)),
        # Empty: the spaces of this world keep their addresses.
        "space.address": Row(roles(*MANAGERS)),
        "space.address_earlier": Row(roles(*MANAGERS), form={"address": "none", "act": "remove"}),
        "space.permissions": Row(roles(*MANAGERS)),
        "space.rules": Row(roles(*MANAGERS)),
        "space.welcome": Row(roles(*MANAGERS), form={"welcome": "Good to have you here"}),
        "space.welcomed": Row(known),
        "space.archive": Row(roles(*MANAGERS)),
        "space.unarchive": Row(roles(*MANAGERS)),
        # Takes two things: managing the space, and making templates.
        "space.make_template": Row(roles()),
        "space.pin": Row(roles(*MANAGERS), form={"item": "none"}),
        "space.join": Row(known),
        "space.leave": Row(known),
        "space.members": Row(roles(*MANAGERS), form={"who": "nobody"}),
        "space.member_role": Row(roles(*MANAGERS), {"user": "{spare}"}, form={"role": "reader"}),
        "space.member_remove": Row(roles(*MANAGERS), {"user": "{spare}"}),
        "space.invitations": Row(roles(*MANAGERS), form={"who": "nobody"}),
        "space.invitation_renew": Row(roles(*MANAGERS), {"invitation": "1"}),
        "space.invitation_revoke": Row(roles(*MANAGERS), {"invitation": "1"}),
        "space.group_role": Row(roles(*MANAGERS), {"group": "1"}, form={"role": "reader"}),
        "space.group_remove": Row(roles(*MANAGERS), {"group": "1"}),
        "space.request_approve": Row(roles(*MANAGERS), {"user": "{asked}"}),
        "space.request_decline": Row(roles(*MANAGERS), {"user": "{asked}"}),
    },
}
