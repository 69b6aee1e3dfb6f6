"""Tags in the form of an item: the list they are chosen from where there is one, and a sentence for what cannot be.

The field itself is the form's own; without changed tags a save asks nothing here.
"""

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request

from plein.content.contexts import TypeContext
from plein.content.models import Content
from plein.content.topics.vocabularies import refused, rules_here, words_of, wrong_with
from plein.web.forms import Errors


class TagsPart:
    """See :class:`plein.content.form_parts.FormPart`."""

    name = "tags"
    weight = -50
    template = "plein:templates/content/parts/tags.pt"

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any] | None:
        rules = rules_here(context, request)
        lists = [one for one in rules.listed if one.controlled or one.required]
        if not lists:
            return None
        words = words_of(request.db, lists)
        return {"lists": [(one, words[one.id]) for one in lists]}

    def read(self, context: TypeContext, request: Request, errors: Errors) -> Any:
        words = [word for word in str(request.POST.get("tags", "")).split(",") if word.strip()]
        item = getattr(context, "item", None)
        before = list(item.tags) if item is not None else []
        if item is not None and [word.strip() for word in words] == before:
            return
        sentence = wrong_with(words) or refused(request.db, rules_here(context, request), words, before)
        if sentence is not None:
            errors.setdefault("tags", sentence)

    def store(self, context: TypeContext, request: Request, item: Content, read: Any) -> None:
        """The item keeps its tags itself."""
