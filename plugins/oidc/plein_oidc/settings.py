"""What an administrator sets about a provider, and the provider that comes of it.

Several stand side by side: ``oidc.providers = work school``, then ``oidc.work.issuer``, ``oidc.school.issuer``, ….
What cannot be right is refused at start, in a sentence, and not at somebody's first sign-in.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from plein.api import Setting, SettingsError

#: Signatures by a private key. None and those by a shared secret are not in it, so they cannot be allowed.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
DEFAULT_ALGORITHMS = ("RS256", "PS256", "ES256")

_EACH = partial(Setting, each="oidc.providers")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as the settings describe it. ``name`` is the word in ``oidc.providers``.

    :ivar fields: which claim fills which field of the profile.
    :ivar key: signs what we say to the provider, where that is how the client proves itself.
    :ivar hosts: hosts beside the issuer's own that its endpoints may be on.
    """

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str
    key: RSAKey | ECKey | None
    client_auth: str
    scopes: tuple[str, ...]
    algorithms: tuple[str, ...]
    hosts: frozenset[str]
    login_claim: str
    name_claim: str
    email_claim: str
    groups_claim: str
    fields: Mapping[str, str]
    userinfo: bool
    trust_email: bool
    create: bool
    kind: Literal["person", "guest"]
    link_logins: bool
    strong_acr: frozenset[str]
    strong_amr: frozenset[str]
    renew: str
    sign_out: str
    front_channel: bool


def is_loopback(host: str | None) -> bool:
    """Whether *host* is this machine, where no certificate is to be had."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_safe_address(url: str) -> bool:
    """https with a host and without a name, password or fragment; http only to this machine itself."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.username is None and parts.password is None and (parts.port or 1) > 0
    except ValueError:
        return False
    plain = not re.search(r"[\s\\\x00-\x1f\x7f]", url) and "#" not in url
    return usable and plain and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)))


def _check_issuer(url: str) -> None:
    if not url:
        raise ValueError("is not set; give the address that the provider calls itself by, its issuer")
    if not is_safe_address(url) or "?" in url:
        raise ValueError(f"must be an https:// address without anything behind a '?' or '#', not {url!r}")


def _check_algorithms(names: Iterable[str]) -> None:
    for name in names:
        if name not in ALGORITHMS:
            raise ValueError(f"must hold signatures out of {', '.join(ALGORITHMS)}, not {name!r}")
    if not tuple(names):
        raise ValueError("must hold at least one signature")


def _check_scopes(names: Iterable[str]) -> None:
    if "openid" not in tuple(names):
        raise ValueError("must hold the word openid: without it this is no OpenID Connect")


def _check_fields(pairs: Iterable[str]) -> None:
    for pair in pairs:
        if not re.fullmatch(r"[a-z][a-z0-9_]*=[^\s=]+", pair):
            raise ValueError(f"must hold pairs such as department=dept, a field and its claim, not {pair!r}")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "oidc.providers", list, (), "A word for each provider: work school. Never give a word to another provider."
    ),
    Setting("oidc.proxy", str, "", "The proxy through which providers are reached, http://host:port; empty for none."),
    Setting("oidc.timeout", int, 10, "Seconds to wait for a provider.", minimum=1, maximum=60),
    Setting("oidc.clock_skew", int, 60, "Seconds that clocks may differ.", minimum=0, maximum=300),
    _EACH("oidc.*.title", str, "", "What stands on the button: Sign in with …. By default the provider's word."),
    _EACH(
        "oidc.*.issuer", str, "", "The address that the provider calls itself by, to the letter.", check=_check_issuer
    ),
    _EACH("oidc.*.client_id", str, "", "What the provider calls this site.", minimum=1),
    _EACH("oidc.*.client_secret", str, "", "The secret that the provider gave for this site.", secret=True),
    _EACH(
        "oidc.*.private_key",
        str,
        "",
        "Instead of a secret: a private key (PEM; RSA or EC) that signs who we are, private_key_jwt.",
        secret=True,
    ),
    _EACH("oidc.*.key_id", str, "", "The kid under which the provider knows that key; by default its thumbprint."),
    _EACH(
        "oidc.*.client_auth",
        str,
        "",
        "How this site proves itself; by default private_key_jwt with a key, else client_secret_basic.",
        choices=("", "client_secret_basic", "client_secret_post", "private_key_jwt"),
    ),
    _EACH("oidc.*.scopes", list, ("openid", "profile", "email"), "What is asked for.", check=_check_scopes),
    _EACH(
        "oidc.*.algorithms", list, DEFAULT_ALGORITHMS, "Signatures that are accepted of it.", check=_check_algorithms
    ),
    _EACH("oidc.*.hosts", list, (), "Hosts beside the issuer's own that it is asked on, where it names such."),
    _EACH("oidc.*.login_claim", str, "preferred_username", "The claim with the name to sign in with.", minimum=1),
    _EACH("oidc.*.name_claim", str, "name", "The claim with the name that colleagues see.", minimum=1),
    _EACH("oidc.*.email_claim", str, "email", "The claim with the e-mail address.", minimum=1),
    _EACH("oidc.*.groups_claim", str, "", "The claim with the names of groups; empty to leave groups alone."),
    _EACH("oidc.*.fields", list, (), "Fields of the profile and their claims: department=dept.", check=_check_fields),
    _EACH("oidc.*.userinfo", bool, False, "Ask the userinfo endpoint too, for claims that are not in the token."),
    _EACH(
        "oidc.*.trust_email", bool, False, "Take its e-mail addresses as checked, where it does not say email_verified."
    ),
    _EACH("oidc.*.create", bool, False, "Make an account for whoever has none. Otherwise they are refused."),
    _EACH("oidc.*.kind", str, "person", "Of accounts that are made.", choices=("person", "guest")),
    _EACH(
        "oidc.*.link_logins",
        bool,
        False,
        "Somebody new gets the account with the same login. Only if it gives out names.",
    ),
    _EACH("oidc.*.strong_acr", list, (), "Values of acr that stand for a second factor; they are also asked for."),
    _EACH("oidc.*.strong_amr", list, (), "Values of amr that stand for a second factor: mfa otp hwk."),
    _EACH(
        "oidc.*.renew",
        str,
        "returning",
        "Sign in again without asking: never, who came by it before in this browser, or everybody.",
        choices=("never", "returning", "everybody"),
    ),
    _EACH(
        "oidc.*.sign_out",
        str,
        "ask",
        "After signing out here: offer to sign out at the provider, do so at once, or neither.",
        choices=("ask", "always", "never"),
    ),
    _EACH("oidc.*.front_channel", bool, False, "Let the provider end sessions through the browser (front-channel)."),
)


def build_providers(settings: Mapping[str, Any]) -> dict[str, Provider]:
    """The providers that *settings* describe, by name, in their order there.

    :raises SettingsError: with a sentence for each of them that does not fit together.
    """
    problems: list[str] = []
    providers = {}
    for name in settings["oidc.providers"]:
        values = {
            setting.name.rpartition(".")[2]: settings[setting.of(name).name] for setting in SETTINGS if setting.each
        }
        try:
            providers[name] = _provider(name, values)
        except ValueError as error:
            problems.append(f"oidc.{name}.{error}.")
    by_issuer = [(one.issuer, one.client_id) for one in providers.values()]
    problems += [
        f"oidc.{one.name}.issuer and client_id are those of another provider, too; keep one of them."
        for one in providers.values()
        if by_issuer.count((one.issuer, one.client_id)) > 1
    ]
    if problems:
        raise SettingsError(problems)
    return providers


def _provider(name: str, values: dict[str, Any]) -> Provider:
    secret, key = values["client_secret"], _key(values.pop("private_key"), values.pop("key_id"))
    auth = values["client_auth"] or ("private_key_jwt" if key else "client_secret_basic")
    if auth == "private_key_jwt" and key is None:
        raise ValueError("private_key is not set, and client_auth asks for it")
    if auth != "private_key_jwt" and not secret:
        raise ValueError("client_secret is not set; give it, or a private_key instead")
    if secret and key is not None:
        raise ValueError("client_secret and private_key are both set; keep one of them")
    return Provider(
        **{
            **values,
            "name": name,
            "title": values["title"] or name.capitalize(),
            "key": key,
            "client_auth": auth,
            "hosts": frozenset({urlsplit(values["issuer"]).hostname or "", *values["hosts"]}),
            "fields": MappingProxyType(dict(pair.split("=", 1) for pair in values["fields"])),
            "strong_acr": frozenset(values["strong_acr"]),
            "strong_amr": frozenset(values["strong_amr"]),
        }
    )


def _key(pem: str, key_id: str) -> RSAKey | ECKey | None:
    if not pem:
        return None
    parameters: Any = {"kid": key_id} if key_id else {}
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(pem, parameters)
        except (JoseError, ValueError, TypeError):
            continue
        if not key.is_private:
            break
        if not key_id:
            key.ensure_kid()
        return key
    raise ValueError("private_key must be a private RSA or EC key in PEM, without a passphrase")


def key_algorithm(key: RSAKey | ECKey) -> str:
    """The signature that *key* makes. PS256 for RSA, which the NL GOV profile wants and every provider knows."""
    if isinstance(key, RSAKey):
        return "PS256"
    return {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[key.curve_name]
