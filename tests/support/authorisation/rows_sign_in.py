"""Who gets in: ways to sign in, and proving it again."""

from authorisation.rules import Row, public

SITE = {
    "GET": {
        "sign_in.local": Row(public),
        "sign_in.no_ticket": Row(public),
        "sign_in.sso": Row(public),
    },
    "POST": {},
}
