"""Who gets in: ways to sign in, and proving it again."""

from authorisation.rules import Row, public, signed_in

SITE = {
    "GET": {
        "me.confirm": Row(signed_in),
        "sign_in.forgotten": Row(public),
        "sign_in.local": Row(public),
        "sign_in.no_ticket": Row(public),
        "sign_in.sso": Row(public),
    },
    "POST": {
        "sign_in.forgotten": Row(public, form={"login": "spare"}),
        "me.confirm": Row(signed_in, form={"password": "x"}),
    },
}
