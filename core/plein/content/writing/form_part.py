"""The co-writers of a draft, as a part of its form."""

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request

from plein.content.audience import Named
from plein.content.contexts import TypeContext
from plein.content.models import Content
from plein.content.writing import cowriters
from plein.people.finding import NoSuchPerson
from plein.people.naming import find_people_and_groups
from plein.web.forms import Errors

FIELD = "co_writers"


class CoWritersPart:
    """People and groups who write a draft together. Its author and owner say who; the others see who they are."""

    name = "co_writers"
    weight = 40
    template = "plein:templates/content/writing/co_writers.pt"

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any] | None:
        item = getattr(context, "item", None)
        if not cowriters.is_unpublished(item) or request.viewer.kind != "person":
            return None
        rows = cowriters.named(request.db, item) if item is not None else []
        value = typed.get(FIELD)
        return {
            "rows": rows,
            "value": ", ".join(row.value for row in rows) if value is None else value,
            "may_name": self._may_name(item, request),
            "space": context.space,
        }

    def read(self, context: TypeContext, request: Request, errors: Errors) -> Named | None:
        """Who is named; ``None`` where the form does not ask."""
        item = getattr(context, "item", None)
        text = request.POST.get(FIELD)
        if text is None or not cowriters.is_unpublished(item) or not self._may_name(item, request):
            return None
        text = text[:2_000].replace("\0", "")
        if not text.strip(" ,"):
            return Named()
        try:
            return Named(*find_people_and_groups(request.db, request.viewer, text))
        except NoSuchPerson as error:
            errors[FIELD] = error.sentence
            return None

    def store(self, context: TypeContext, request: Request, item: Content, read: Named | None) -> None:
        if read is not None and cowriters.is_unpublished(item):
            cowriters.name(request.db, item, read)

    def _may_name(self, item: Content | None, request: Request) -> bool:
        return item is None or request.viewer.user_id in (item.author_id, item.owner_id)
