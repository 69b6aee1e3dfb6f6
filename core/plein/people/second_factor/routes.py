"""Addresses of the second factor."""

from pyramid.config import Configurator

from plein.people.second_factor.acts import ACTS

_ROUTES = (
    ("sign_in.second", "/sign-in/second"),
    ("sign_in.second.options", "/sign-in/second/options"),
    ("sign_in.passkey", "/sign-in/passkey"),
    ("sign_in.passkey.options", "/sign-in/passkey/options"),
    ("me.security", "/me/security"),
    ("me.security.prove", "/me/security/prove"),
    ("me.security.app", "/me/security/app"),
    ("me.security.app.remove", "/me/security/app/remove"),
    ("me.security.passkey", "/me/security/passkey"),
    ("me.security.passkey.options", "/me/security/passkey/options"),
    ("me.security.passkey.remove", r"/me/security/passkey/{id:\d{1,18}}/remove"),
    ("me.security.recovery", "/me/security/recovery"),
    ("me.security.recovery.keep", "/me/security/recovery/keep"),
    ("me.security.begin", "/me/security/begin"),
    ("me.confirm.factor", "/me/confirm/factor"),
    ("me.confirm.factor.options", "/me/confirm/factor/options"),
    ("admin.users.reset_factors", "/admin/users/{login}/reset-factors"),
)


def includeme(config: Configurator) -> None:
    config.include("plein.people.second_factor.duty")
    config.add_audit_acts(ACTS)
    for name, address in _ROUTES:
        config.add_route(name, address)
    for module in ("step", "by_passkey", "confirm", "own", "own_passkeys", "resetting"):
        config.scan(f"plein.people.second_factor.{module}")
