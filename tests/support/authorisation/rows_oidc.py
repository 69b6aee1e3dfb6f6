"""Who gets in: signing in with an OpenID provider. There is none in the tests' settings, so none of it is there.

The way itself is tested by the plugin.
"""

from authorisation.rules import Row, public

_NONE = {"provider": "work"}

SITE = {
    "GET": {
        "oidc.start": Row(public, _NONE),
        "oidc.renew": Row(public, _NONE),
        "oidc.callback": Row(public, _NONE),
        "oidc.front_channel": Row(public, _NONE),
        "oidc.signed_out": Row(public, _NONE),
        "oidc.left": Row(public, _NONE),
    },
    "POST": {
        "oidc.back_channel": Row(public, _NONE),
    },
}
