"""Who gets in: pages that belong to no feature."""

from authorisation.rules import Row, public, signed_in

SITE = {
    "GET": {
        "static": Row(public, {"version": "0", "path": ("css", "plein.css")}),
        "health": Row(public),
        "security_txt": Row(public),
        "change_password": Row(public),
        "accessibility": Row(public),
        "home": Row(signed_in),
    },
}
