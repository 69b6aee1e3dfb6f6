"""Who gets in: administration."""

from authorisation.rules import Row, admin

SITE = {
    "GET": {
        "admin.home": Row(admin),
        "admin.plugins": Row(admin),
        "admin.settings": Row(admin),
        "admin.spaces": Row(admin),
    },
    "POST": {
        "admin.spaces": Row(admin),
    },
}
