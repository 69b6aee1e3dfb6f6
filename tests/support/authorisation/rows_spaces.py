"""Who gets in: spaces."""

from authorisation.rules import ALL, MANAGERS, Row, colleague, known, roles, signed_in

SITE = {
    "GET": {
        "space.list": Row(signed_in),
        "space.new": Row(colleague),
    },
    "POST": {
        "space.new": Row(colleague, form={"name": "New one"}),
    },
}

SPACE = {
    "GET": {
        "space.home": Row(known),
        "space.settings": Row(roles(*MANAGERS)),
        "space.members": Row(roles(*ALL)),
        "space.welcome": Row(roles(*MANAGERS)),
        "space.archive": Row(roles(*MANAGERS)),
        "space.permissions": Row(roles(*MANAGERS)),
    },
    "POST": {
        "space.settings": Row(roles(*MANAGERS)),
        "space.permissions": Row(roles(*MANAGERS)),
        "space.welcome": Row(roles(*MANAGERS), form={"welcome": "Good to have you here"}),
        "space.welcomed": Row(known),
        "space.archive": Row(roles(*MANAGERS)),
        "space.unarchive": Row(roles(*MANAGERS)),
        "space.pin": Row(roles(*MANAGERS), form={"item": "none"}),
        "space.join": Row(known),
        "space.leave": Row(known),
        "space.members": Row(roles(*MANAGERS), form={"who": "nobody"}),
        "space.member_role": Row(roles(*MANAGERS), {"user": "{spare}"}, form={"role": "reader"}),
        "space.member_remove": Row(roles(*MANAGERS), {"user": "{spare}"}),
        "space.group_role": Row(roles(*MANAGERS), {"group": "1"}, form={"role": "reader"}),
        "space.group_remove": Row(roles(*MANAGERS), {"group": "1"}),
        "space.request_approve": Row(roles(*MANAGERS), {"user": "{asked}"}),
        "space.request_decline": Row(roles(*MANAGERS), {"user": "{asked}"}),
    },
}
