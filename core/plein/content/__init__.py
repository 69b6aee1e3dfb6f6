"""Content: one table for every type, who sees it, and all that a type gets for free."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.orm import Session

import plein.content.visibility  # noqa: F401 - puts the guard in force
from plein.content import profile_block
from plein.content.changes import AFTER
from plein.content.personal import PERSONAL_DATA, replace_mentions
from plein.content.pinned import pin_actions, pinned_block
from plein.content.views.policies import CHANGE
from plein.contributions import Action, Block, ErasedPerson, Job, Permission, PersonalData
from plein.hookspecs import hookimpl


@hookimpl
def register_permissions() -> list[Permission]:
    return [CHANGE]


@hookimpl
def register_jobs() -> list[Job]:
    return [AFTER]


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    replace_mentions(db, person)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot == "person.main":
        return profile_block.blocks(request.db, context.id, request.plugins.content_types)
    return pinned_block(request, context) if slot == "space.main" else []


@hookimpl
def content_actions(request: Request, item: Any) -> list[Action]:
    return pin_actions(request, item)


def includeme(config: Configurator) -> None:
    # what features add to every type
    config.include("plein.content.pages")
    config.include("plein.content.form_parts")
    config.include("plein.content.policies")
    config.include("plein.content.bulk")
    # the pages of every type
    config.include("plein.content.routes")
    config.include("plein.content.writing")
    config.include("plein.content.life")
    config.include("plein.content.freshness")
    config.include("plein.content.files")
    config.include("plein.content.topics")
    config.include("plein.content.relations")
    config.include("plein.content.showing")
    config.include("plein.content.glossary")
    config.include("plein.content.assistant")
