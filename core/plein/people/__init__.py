"""People: accounts, sign-in, sessions and the directory."""

from pyramid.config import Configurator
from pyramid.request import Request

import plein.people.words  # noqa: F401 - keeps the words that people are found by in step
from plein.contributions import Identity, Job, Permission, PersonalData, SignInMethod
from plein.hookspecs import hookimpl
from plein.people import link_mail, proxy, reminders
from plein.people.permissions import PERMISSIONS
from plein.people.personal import PERSONAL_DATA
from plein.people.second_factor import by_passkey
from plein.settings import Settings


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_jobs() -> list[Job]:
    return [*link_mail.JOBS, *reminders.JOBS]


@hookimpl
def register_sign_in_methods(settings: Settings) -> list[SignInMethod]:
    return [*proxy.method(settings), *by_passkey.method(settings)]


@hookimpl
def authenticate(request: Request) -> Identity | None:
    return proxy.identity(request)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


def includeme(config: Configurator) -> None:
    config.include("plein.people.sessions")
    config.include("plein.people.faces")
    config.include("plein.people.methods")
    config.include("plein.people.proxy")
    config.include("plein.people.taking_over")
    config.include("plein.people.confirming")
    config.include("plein.people.routes")
    config.include("plein.people.second_factor.routes")
    config.include("plein.people.group_routes")
