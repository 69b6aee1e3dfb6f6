"""Who gets in: second factors."""

from authorisation.rules import Row, office, public, signed_in


def of_others(viewer: str, access: str) -> str:
    """What the viewer does not have: somebody else's passkey, or an app where there is none."""
    return "sign-in" if viewer == "anonymous" else "none"


SITE = {
    "GET": {
        "sign_in.second": Row(public),
        "sign_in.passkey": Row(public),
        "me.security": Row(signed_in),
        "me.security.app": Row(signed_in),
        "me.security.passkey": Row(signed_in),
        "me.security.recovery": Row(signed_in),
        "me.confirm.factor": Row(signed_in),
    },
    "POST": {
        "sign_in.second": Row(public),
        "sign_in.second.options": Row(public),
        "sign_in.passkey": Row(public),
        "sign_in.passkey.options": Row(public),
        "me.confirm.factor": Row(signed_in),
        "me.confirm.factor.options": Row(signed_in),
        "me.security.begin": Row(signed_in),
        "me.security.prove": Row(signed_in),
        "me.security.app": Row(signed_in),
        "me.security.app.remove": Row(of_others),
        "me.security.passkey": Row(signed_in),
        "me.security.passkey.options": Row(signed_in),
        "me.security.passkey.remove": Row(of_others, {"id": "1"}),
        "me.security.recovery": Row(signed_in),
        "me.security.recovery.keep": Row(signed_in),
        "admin.users.reset_factors": Row(office("people_manager"), {"login": "spare"}),
    },
}
