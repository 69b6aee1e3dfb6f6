"""People: accounts, sign-in, sessions and the directory."""

from datetime import timedelta

from pyramid.config import Configurator
from pyramid.request import Request

import plein.people.words  # noqa: F401 - keeps the words that people are found by in step
from plein.contributions import Identity, Job, Permission, SignInMethod
from plein.directories import DirectorySource
from plein.hookspecs import hookimpl
from plein.people import proxy
from plein.people.directory_sync.sources import LOOK, SYNC, csv_source, look, sync
from plein.people.permissions import PERMISSIONS
from plein.people.second_factor import by_passkey
from plein.settings import Settings
from plein.web.i18n import _


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_sign_in_methods(settings: Settings) -> list[SignInMethod]:
    return [*proxy.method(settings), *by_passkey.method(settings)]


@hookimpl
def register_directory_sources(settings: Settings) -> list[DirectorySource]:
    return csv_source(settings)


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job(SYNC, sync, _("Bring in people and groups from a directory"), attempts=1),
        Job(LOOK, look, _("See which directory it is time for"), every=timedelta(minutes=10), attempts=1),
    ]


@hookimpl
def authenticate(request: Request) -> Identity | None:
    return proxy.identity(request)


def includeme(config: Configurator) -> None:
    config.include("plein.people.sessions")
    config.include("plein.people.faces")
    config.include("plein.people.methods")
    config.include("plein.people.proxy")
    config.include("plein.people.confirming")
    config.include("plein.people.routes")
    config.include("plein.people.second_factor.routes")
    config.include("plein.people.group_routes")
    config.include("plein.people.directory_sync.routes")
