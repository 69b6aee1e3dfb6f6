"""Who gets in: administration."""

from authorisation.rules import Row, admin

SITE = {
    "GET": {
        "admin.home": Row(admin),
        "admin.plugins": Row(admin),
        "admin.plugins.failures": Row(admin, {"name": "wiki"}),
        "admin.plugins.plugin": Row(admin, {"name": "wiki"}),
        "admin.audit": Row(admin),
        "admin.offices": Row(admin),
        "admin.permissions": Row(admin),
        "admin.rules": Row(admin),
        "admin.settings": Row(admin),
        "admin.spaces": Row(admin),
    },
    "POST": {
        "admin.plugins.resume": Row(admin, {"name": "wiki"}),
        "admin.audit.export": Row(admin),
        "admin.offices": Row(admin, form={"who": "nobody", "office": "analyst"}),
        "admin.permissions": Row(admin),
        "admin.plugins.plugin": Row(admin, {"name": "wiki"}),
        "admin.rules": Row(admin),
        "admin.settings": Row(admin),
        "admin.spaces": Row(admin),
    },
}
