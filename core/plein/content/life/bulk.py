"""The archive, for many items of a list at once."""

from typing import Any

from pyramid.request import Request

from plein.content.bulk import BulkAction, BulkRefused
from plein.content.contexts import TypeContext
from plein.content.life.service import LifeService
from plein.content.models import Content
from plein.web.i18n import _


def archive(context: TypeContext, _request: Request, item: Content, _read: Any) -> None:
    if not LifeService(context.service).archive(item):
        raise BulkRefused(_("Only what is published can be archived."))


def unarchive(context: TypeContext, _request: Request, item: Content, _read: Any) -> None:
    LifeService(context.service).unarchive(item)


BULK = (
    BulkAction("archive", _("Archive"), "archive", "delete", archive, undo="unarchive", weight=40),
    BulkAction("unarchive", _("Take out of the archive"), "archive-off", "delete", unarchive, listed=False),
)
