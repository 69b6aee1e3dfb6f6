"""From what a provider says to who somebody is here: the identity, its groups and the fields of its profile."""

from collections.abc import Mapping
from typing import Any

import structlog

from plein.api import Identity
from plein_oidc.errors import SignInFailed
from plein_oidc.settings import Provider

log = structlog.get_logger(__name__)

#: More groups than this, or longer texts, are no information about a person.
_MOST_GROUPS = 500
_LONGEST = 500


def is_strong(provider: Provider, id_claims: Mapping[str, Any]) -> bool:
    """Whether the provider vouches for a second factor, by what is signed: ``acr``, or one of ``amr``."""
    amr = id_claims.get("amr")
    methods = {one for one in amr if isinstance(one, str)} if isinstance(amr, list) else set()
    acr = id_claims.get("acr")
    return (isinstance(acr, str) and acr in provider.strong_acr) or bool(methods & provider.strong_amr)


def identity(provider: Provider, id_claims: Mapping[str, Any], more: Mapping[str, Any], *, confirmed: bool) -> Identity:
    """Who somebody is.

    :param id_claims: of the checked token; what they say goes first.
    :param more: of the userinfo endpoint, about the same subject.
    :param confirmed: the person was asked just now, and is not only known there.
    :raises SignInFailed: where there is no name to sign in with.
    """
    claims = {**more, **id_claims}
    login = _text(claims, provider.login_claim)
    if not login:
        raise SignInFailed("no_login", provider.login_claim)
    session = id_claims.get("sid")
    return Identity(
        provider=provider.name,
        subject=id_claims["sub"],
        login=login,
        name=_text(claims, provider.name_claim) or login,
        email=_text(claims, provider.email_claim),
        email_verified=claims.get("email_verified", provider.trust_email) is True,
        strong=is_strong(provider, id_claims),
        groups=_groups(provider, claims),
        fields={name: _text(claims, claim) for name, claim in provider.fields.items()},
        session=session if isinstance(session, str) and len(session) <= 255 and session.isprintable() else "",
        confirmed=confirmed,
    )


def _found(claims: Mapping[str, Any], name: str) -> Any:
    """The claim *name*; where there is none of that name, along its dots: ``realm_access.roles`` of Keycloak."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = _found(claims, name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _clean(value)[:_LONGEST] if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Without what no database takes (NUL, half characters) and no eye sees; lines become one."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def _groups(provider: Provider, claims: Mapping[str, Any]) -> tuple[str, ...]:
    if not provider.groups_claim:
        return ()
    value = _found(claims, provider.groups_claim)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        # Entra leaves the list out for whoever is in more than two hundred groups.
        log.warning("oidc.no_groups", provider=provider.name, claim=provider.groups_claim)
        return ()
    names = [_clean(one) for one in value[:_MOST_GROUPS] if isinstance(one, str)]
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) <= 200))
