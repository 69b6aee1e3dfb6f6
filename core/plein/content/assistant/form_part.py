"""The assistant in the form of an item: what it sees in the text, while it is written and when it is saved."""

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request

from plein.content import audience
from plein.content.assistant.checks import find_all
from plein.content.assistant.policy import POLICIES, REQUIRED, sorted_out
from plein.content.contexts import ContentContext, TypeContext
from plein.content.mentions.keeping import NEW, Mentioned, find_mentioned, without_access
from plein.content.models import Content
from plein.content.policies import policies_of
from plein.web.forms import Errors
from plein.web.i18n import _
from plein.web.markup import MarkupError

LIST = "plein:templates/content/assistant/list.pt"
_SHOWN_NAMES = 5


class AssistantPart:
    """Advice below the text; what is required and missing stands as an error at the text."""

    name = "assistant"
    weight = 10
    template = "plein:templates/content/assistant/part.pt"

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any]:
        body = _lines(str(typed.get("body", "")))
        page = "advice" if isinstance(context, ContentContext) else "new_advice"
        return {**_advice(context, request, body), "address": context.url(page)}

    def read(self, context: TypeContext, request: Request, errors: Errors) -> None:
        """Refuse a text that lacks what is required. A draft may lack anything, and so may what is only looked at."""
        if "preview" in request.POST or request.POST.get("act") == "draft" or "body" in errors:
            return
        policies = policies_of(context, request)
        if not any(policies[policy] == REQUIRED for policy in POLICIES.values()):
            # The text is not read twice for nothing: advice was given while it was written.
            return
        found = find_all(_lines(request.POST.get("body", "")), _language(context), context.service.limits)
        required, _advised = sorted_out(found, policies)
        if required:
            first = required[0]
            errors["body"] = _(
                "Line ${line}: ${advice} Here this must be right before the text is saved.",
                mapping={"line": first.line, "advice": request.localizer.translate(first.advice)},
            )

    def store(self, context: TypeContext, request: Request, item: Content, read: None) -> None:
        """Tell the writer whom the text names now and who cannot read it."""
        new = request.db.info.get(NEW, {}).pop(item.id, None)
        if new is None:
            return
        names = without_access(request.db, request.viewer, audience.subject_of(item, state="published"), new)
        if names:
            request.notice(_sentence(request, names), kind="info")


def _advice(context: TypeContext, request: Request, body: str) -> dict[str, Any]:
    found = find_all(body, _language(context), context.service.limits)
    required, advised = sorted_out(found, policies_of(context, request))
    names = _without_access(context, request, body)
    return {
        "required": required,
        "advised": advised,
        "absent": _sentence(request, names) if names else None,
        "titles": {check: policy.title for check, policy in POLICIES.items()},
    }


def _without_access(context: TypeContext, request: Request, body: str) -> list[str]:
    """Who is named in *body* and could not read it. No statement where nobody is named."""
    if "@" not in body:
        return []
    item = context.item if isinstance(context, ContentContext) else None
    sample = item or Content(space=context.space, type=context.type.name, slug="", language=context.space.language)
    try:
        rendered = context.service.rendered(sample, body)
    except MarkupError:
        return []
    words = {f"group:{name}" if kind == "group" else name for kind, name in rendered.mentions}
    found = find_mentioned(request.db, words) if words else Mentioned()
    if item is not None:
        return without_access(request.db, request.viewer, audience.subject_of(item, state="published"), found)
    planned = audience.planned(context.space, request.viewer.user_id, type_name=context.type.name)
    return without_access(request.db, request.viewer, planned, found)


def _sentence(request: Request, names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    if len(names) > _SHOWN_NAMES:
        shown = request.localizer.translate(_("${names} and others", mapping={"names": shown}))
    sentence = _("The text names people who cannot read it: ${names}. They are not told.", mapping={"names": shown})
    return str(request.localizer.translate(sentence))


def advise(context: TypeContext, request: Request) -> dict[str, Any]:
    """The list anew, for the text that was sent: asked for while somebody writes."""
    return _advice(context, request, _lines(request.POST.get("body", "")))


def _language(context: TypeContext) -> str:
    return context.item.language if isinstance(context, ContentContext) else context.space.language


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
