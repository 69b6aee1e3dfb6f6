"""Search: finds what the viewer may see, the same on both databases."""

from datetime import timedelta

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.contributions import Block, ContentChange, ErasedPerson, Job, Permission, PersonalData
from plein.hookspecs import hookimpl
from plein.jobs import enqueue
from plein.search import jobs
from plein.search.index import follow, remove
from plein.search.permissions import PERMISSIONS, PERSONAL_DATA
from plein.search.saved_views import block as saved_searches
from plein.web.i18n import _


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    """What is saved is indexed soon after; who may no longer see an item does not find it from this moment."""
    if change.action == "deleted":
        remove(db, change.item.id)
        return
    follow(db, change.item)
    if change.item.state != "trashed" and change.action != "rendered":
        enqueue(db, jobs.INDEX, {"item": change.item.id}, key=jobs.key_of(change.item.id), user_id=None)


@hookimpl
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    """Texts in which the name was replaced are found by the name that is left, and not by the old one."""
    named = select(Content.id).where(Content.text.contains(f"@{person.pseudonym}", autoescape=True))
    for content_id in db.scalars(named.where(Content.state != "trashed")).all():
        enqueue(db, jobs.INDEX, {"item": content_id}, key=jobs.key_of(content_id), user_id=None)


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job(jobs.INDEX, jobs.index_item, _("Have what was saved be found")),
        Job(jobs.KEEP, jobs.keep, _("Keep the search index in order"), every=timedelta(hours=1)),
    ]


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def page_items(request: Request, slot: str) -> list[Block]:
    return saved_searches(request, slot) if slot in ("search.side", "home.side") else []


def includeme(config: Configurator) -> None:
    config.include("plein.search.routes")
