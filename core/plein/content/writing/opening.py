"""What the form opens with beside the item: a text that was not saved, one section only, a word of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.request import Request

from plein.content.contexts import ContentContext, TypeContext
from plein.content.writing import keeping
from plein.content.writing.conflicts import FROM
from plein.content.writing.models import Unsaved
from plein.content.writing.sections import find_section
from plein.web.forms import Errors
from plein.web.i18n import _

#: The hidden field that holds the anchor of the one section that is written.
SECTION = "section"
#: What tells whether an unsaved text is worth offering.
_TEXTS = ("title", "body", "tags")


def resumed(context: TypeContext, request: Request) -> Unsaved | None:
    """The unsaved text that the viewer wants to go on with."""
    wanted = request.GET.get("resume", "")[:100].replace("\0", "")
    item = getattr(context, "item", None)
    if not wanted or (item is not None and wanted != keeping.draft_of(item, "")):
        return None
    found = keeping.waiting(request.db, request.viewer.user_id, wanted)
    here = found is not None and (found.space_id, found.type) == (context.space.id, context.type.name)
    return found if here or item is not None else None


def offers(context: TypeContext, request: Request, opened: Mapping[str, Any]) -> Sequence[Unsaved]:
    """Unsaved texts that the form offers to go on with, where they say something else than *opened*."""
    user_id = request.viewer.user_id
    item = getattr(context, "item", None)
    if item is None:
        found = keeping.waiting_new(request.db, user_id, context.space, context.type.name)
    else:
        one = keeping.waiting(request.db, user_id, keeping.draft_of(item, ""))
        found = [one] if one is not None else []
    names = (*_TEXTS, *(one.name for one in context.type.fields))
    return [row for row in found if SECTION in row.values or _differs(row.values, opened, names)]


def _differs(values: Mapping[str, Any], opened: Mapping[str, Any], names: Sequence[str]) -> bool:
    def text(one: Any) -> str:
        return str(one or "").replace("\r\n", "\n").strip()

    return any(text(values.get(name)) != text(opened.get(name)) for name in names if name in values)


def filled_with(row: Unsaved, opened: Mapping[str, Any]) -> dict[str, Any]:
    """*opened* with the unsaved text in it. Choices of a conflict are asked again: the other text may have changed."""
    values = {name: value for name, value in row.values.items() if not name.startswith("clash-")}
    if FROM in values:
        values["base_version"] = values.pop(FROM)
    return {**opened, **values}


def one_section(context: ContentContext, request: Request, opened: dict[str, Any]) -> dict[str, Any]:
    """*opened* with only the section that the address names, where there is one."""
    anchor = request.GET.get(SECTION, "")[:300]
    found = find_section(opened["body"], anchor, context.service.limits) if anchor else None
    if found is None:
        return opened
    return {**opened, "body": found.of(opened["body"]), SECTION: anchor}


def put_section(context: ContentContext, request: Request, errors: Errors) -> str:
    """Where one section was sent: put it into the text that it was taken from, in the form itself.

    :return: the anchor of the section; empty where the whole text was sent. Where the section is not to be found any
        more its text stands at the end of the whole, and *errors* says so.
    """
    data = request.POST
    anchor = str(data.get(SECTION, ""))
    if not anchor or "preview" in data:
        return ""
    del data[SECTION]
    number = data.get("base_version", "")
    version = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    base = context.service.revision(context.item, version)
    typed = data.get("body", "").replace("\r\n", "\n")
    found = find_section(base.body, anchor, context.service.limits) if base is not None else None
    if base is not None and found is not None:
        data["body"] = found.put(base.body, typed)
        return anchor
    data["body"] = f"{context.item.body}\n\n{typed}"
    data["base_version"] = str(context.item.version)
    errors["body"] = _(
        "The part that you wrote is not in this page any more. Your text stands at the end now: look at it."
    )
    return ""


def form_names(context: TypeContext, request: Request, row: Unsaved | None) -> dict[str, Any]:
    """What the form needs to keep its text: which text it is, which form, and what was stored last."""
    item = getattr(context, "item", None)
    data = request.POST if request.method == "POST" else {}
    draft = row.draft if row is not None else keeping.draft_of(item, data.get("draft", ""))
    known = row.revision if row is not None else data.get("known") or 0
    return {
        "draft": draft,
        "form": data.get("form") or keeping.new_word(),
        "known": known,
        "url": context.url("keep" if item is not None else "keep_new"),
        "presence": context.url("be_there") if item is not None and request.plein["plein.presence"] else None,
        "resumed": row,
    }
