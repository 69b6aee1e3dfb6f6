"""People: accounts, sign-in, sessions and the directory."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.orm import Session

import plein.people.words  # noqa: F401 - keeps the words that people are found by in step
from plein.contributions import Block, ErasedPerson, Identity, Job, Permission, PersonalData, SignInMethod
from plein.directories import DirectorySource
from plein.hookspecs import hookimpl
from plein.people import link_mail, proxy, reminders
from plein.people.directory_sync.personal import PERSONAL_DATA as OF_DIRECTORIES
from plein.people.directory_sync.personal import forget_in_runs
from plein.people.directory_sync.sources import DIRECTORY_JOBS, csv_source
from plein.people.group_block import block_of_person
from plein.people.permissions import PERMISSIONS
from plein.people.personal import PERSONAL_DATA
from plein.people.second_factor import by_passkey
from plein.settings import Settings


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_jobs() -> list[Job]:
    return [*link_mail.JOBS, *reminders.JOBS, *DIRECTORY_JOBS]


@hookimpl
def register_sign_in_methods(settings: Settings) -> list[SignInMethod]:
    return [*proxy.method(settings), *by_passkey.method(settings)]


@hookimpl
def register_directory_sources(settings: Settings) -> list[DirectorySource]:
    return csv_source(settings)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    return block_of_person(request, context) if slot == "person.main" else []


@hookimpl
def authenticate(request: Request) -> Identity | None:
    return proxy.identity(request)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return [*PERSONAL_DATA, *OF_DIRECTORIES]


@hookimpl
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    forget_in_runs(db, person)


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
    config.include("plein.people.directory_sync.routes")
