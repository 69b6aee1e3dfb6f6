"""Two people changed the same lines: what clashes, what the writer chooses for each, and the text that comes of it.

Everything is found anew from the two stored versions and the writer's text, which the form brings along whole. So
nothing depends on a page that stood open for an hour, and no text can get lost between two requests.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from pyramid.request import Request

from plein.content.contexts import ContentContext
from plein.content.difference import Row, compare
from plein.content.fields import fields_for, form_values, from_json, jsonable, merge_fields, typed_values
from plein.content.merge import Merge, merge3
from plein.content.models import Revision
from plein.content.services import merge_tags
from plein.content.titles import clean_tags, clean_title
from plein.web.forms import Errors
from plein.web.i18n import _

#: The hidden field that says that a form holds choices: the version that the writer began with.
FROM = "conflict_from"
MINE, THEIRS, BOTH, OWN = "mine", "theirs", "both", "own"


@dataclass(frozen=True, slots=True)
class Clash:
    """Something that both changed, each in another way.

    :param name: of the choice in the form; what is written oneself stands in the field with ``-own`` behind it.
    :param line: where it stands in the text; ``None`` for the title and fields.
    :param choice: what was chosen; empty where nothing was.
    """

    name: str
    label: Any
    mine: str
    theirs: str
    line: int | None = None
    rows: tuple[Row, ...] = ()
    choice: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """What clashes between the writer's text and the version *to*, both made from the version *since*."""

    since: int
    to: int
    merge: Merge
    title: str
    tags: list[str]
    fields: Mapping[str, Any]
    theirs: Revision
    clashes: tuple[Clash, ...]


def find(context: ContentContext, data: Mapping[str, Any], since: int, to: int) -> Conflict | None:
    """What clashes between *data*, a form that began with the version *since*, and the version *to*.

    A version that vanished counts as empty, so that all of both texts can be chosen from. ``None`` where there is no
    version *to*.
    """
    service = context.service
    theirs = service.revision(context.item, to)
    if theirs is None:
        return None
    base = service.revision(context.item, since) or Revision(title="", body="", tags=[], fields={})
    body = data.get("body", "").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    title, tags = clean_title(data.get("title", "")), clean_tags(tuple(data.get("tags", "").split(",")))
    merge = merge3(base.body, body, theirs.body)
    own = {
        name: jsonable(value) for name, value in typed_values(fields_for(context, context.request), data, {}).items()
    }
    merged, clashing = merge_fields(base.fields, own, {name: theirs.fields.get(name) for name in own})
    clashes = []
    if title not in (base.title, theirs.title) and base.title != theirs.title:
        clashes.append(_clash(data, "clash-title", _("Title"), title, theirs.title))
    for one in context.type.fields:
        if one.name in clashing:
            mine, other = (form_values((one,), _holding(context, each))[one.name] for each in (own, theirs.fields))
            clashes.append(_clash(data, f"clash-field-{one.name}", one.title, mine, other))
    for number, found in enumerate(merge.conflicts):
        clashes.append(_clash(data, f"clash-{number}", None, found.mine, found.theirs, found.line))
    return Conflict(
        since,
        to,
        merge,
        theirs.title if title == base.title else title,
        merge_tags(base.tags, tags, theirs.tags),
        merged,
        theirs,
        tuple(clashes),
    )


def _clash(data: Mapping[str, Any], name: str, label: Any, mine: str, theirs: str, line: int | None = None) -> Clash:
    rows = tuple(compare(theirs, mine)) if line is not None else ()
    choice = data.get(name, "")
    known = choice if choice in (MINE, THEIRS, BOTH, OWN) else ""
    return Clash(name, label, mine, theirs, line, rows, known, data.get(f"{name}-own", mine).replace("\r\n", "\n"))


def _holding(context: ContentContext, fields: Mapping[str, Any]) -> Any:
    empty: dict[str, Any] = dict.fromkeys((one.name for one in context.type.fields), None)
    return SimpleNamespace(**{**empty, **from_json(context.type.fields, fields)})


def settle(context: ContentContext, conflict: Conflict, data: MutableMapping[str, Any], errors: Errors) -> None:
    """Write what was chosen into *data*, as if it had been typed; a sentence in *errors* for what was not chosen."""
    chosen = {}
    for clash in conflict.clashes:
        if not clash.choice or (clash.choice == BOTH and clash.line is None):
            errors[clash.name] = _("Choose one of these.")
        chosen[clash.name] = {MINE: clash.mine, THEIRS: clash.theirs, OWN: clash.own}.get(clash.choice, "")
    if errors:
        return
    texts = [_lines(clash, found) for clash, found in zip(_of_text(conflict), conflict.merge.conflicts, strict=True)]
    data["body"] = conflict.merge.settled(texts)
    data["title"] = chosen.get("clash-title", conflict.title)
    data["tags"] = ", ".join(conflict.tags)
    for name, value in form_values(context.type.fields, _holding(context, conflict.fields)).items():
        data[name] = chosen.get(f"clash-field-{name}", value)
    data["base_version"] = str(conflict.to)


def _of_text(conflict: Conflict) -> list[Clash]:
    return [clash for clash in conflict.clashes if clash.line is not None]


def _lines(clash: Clash, found: Any) -> list[str]:
    mine, theirs = list(found.mine_lines), list(found.theirs_lines)
    if clash.choice == BOTH:
        return [*theirs, *(mine if _is_list(theirs, mine) else ["", *mine])]
    if clash.choice == OWN:
        return clash.own.split("\n") if clash.own else []
    return mine if clash.choice == MINE else theirs


def _is_list(*texts: list[str]) -> bool:
    """Whether these lines are items of a list or rows of a table, which an empty line would break in two."""
    return all(line.lstrip()[:1] in ("-", "*", "+", "|", ">") or line[:1].isdigit() for text in texts for line in text)


def typed_conflict(context: ContentContext, request: Request, errors: Errors) -> Conflict | None:
    """Where the form holds choices: settle them in the form itself, or say in *errors* what is still to be chosen."""
    data = request.POST
    if FROM not in data:
        return None
    conflict = find(context, data, _number(data.pop(FROM)), _number(data.get("base_version")))
    if conflict is not None:
        settle(context, conflict, data, errors)
    return conflict


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10 else 0
