"""Who gets in: who sees what, looking as a role or group, and looking in for a reason."""

from authorisation.rules import ALL, MANAGERS, Row, admin, roles, signed_in

SITE = {
    "GET": {
        "admin.access": Row(admin, query={"what": "/spaces/hidden", "who": "reader"}),
        "admin.inspections": Row(admin),
    },
    "POST": {
        "admin.view_as": Row(admin, form={"group": "nobody"}),
        "admin.inspections": Row(admin, form={"address": "open", "reason": "short"}),
        "admin.inspection_end": Row(admin, form={"space": "1"}),
        "me.view_as_stop": Row(signed_in),
    },
}
SPACE = {
    "GET": {
        "space.access": Row(roles(*ALL)),
        "space.inspections": Row(roles(*MANAGERS)),
    },
    "POST": {
        "space.view_as": Row(roles(*MANAGERS), form={"role": "reader"}),
    },
}
