"""OpenID Connect: signing in with the account that people have at work already, at one provider or several."""

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

from plein.api import Identity, PersonalData, Setting, SignInMethod, hookimpl, translation_factory
from plein_oidc.settings import SETTINGS, build_providers
from plein_oidc.views import leaving_address, renewing_address

_ = translation_factory("plein_oidc")

title = _("Signing in with a work account")
summary = _("By OpenID Connect: Entra ID, Keycloak, a national provider")


@hookimpl
def register_settings() -> list[Setting]:
    return list(SETTINGS)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return [
        PersonalData(
            "oidc_session",
            ("user_id", "provider", "subject", "expires_at"),
            _("By which provider you signed in, so that you can sign out there too"),
            "contract",
            _("A month"),
            # They would let whoever reads an export sign out in the person's name.
            withheld=("session", "id_token", "leaving_hash"),
        )
    ]


@hookimpl
def register_sign_in_methods(settings: Any) -> list[SignInMethod]:
    return [
        SignInMethod(
            provider.name,
            _("Sign in with ${title}", mapping={"title": provider.title}),
            "login",
            "oidc.start",
            parts={"provider": provider.name},
            creates=provider.create,
            kind=provider.kind,
            links_logins=provider.link_logins,
            renews=provider.renew != "never",
            confirms=True,
        )
        for provider in build_providers(settings).values()
    ]


@hookimpl
def authenticate(request: Request) -> Identity | None:
    """Nobody is known by the request itself; but their provider may know them without asking."""
    address = renewing_address(request)
    if address is not None:
        raise HTTPSeeOther(address)
    return None


@hookimpl
def sign_out_address(request: Request, provider: str, session: str) -> str | None:
    return leaving_address(request, provider, session)


def includeme(config: Configurator) -> None:
    config.include("plein_oidc.site")
    config.include("plein_oidc.views")
