"""The fields of a content type's own: what was typed becomes values, and values become what people read and find by."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from plein.content.models import Content
from plein.contributions import ContentType, Field
from plein.plugins.words import said
from plein.web.forms import Errors
from plein.web.i18n import _

#: What an unticked box and an empty field are stored as, by kind.
_EMPTY: Mapping[str, Any] = {"number": None, "date": None, "yes": False}


def fields_for(context: Any, request: Any) -> tuple[Field, ...]:
    """The fields of the type in *context* that the viewer may fill in."""
    fields: tuple[Field, ...] = context.type.fields
    return tuple(one for one in fields if not one.permission or request.has_permission(one.permission, context))


def typed_values(fields: tuple[Field, ...], data: Mapping[str, Any], errors: Errors) -> dict[str, Any]:
    """What was typed in *data* about *fields*, as it is stored; what is wrong with it is put into *errors*."""
    values = {}
    for one in fields:
        given = data.get(one.name, "")
        text = given.replace("\r\n", "\n").strip() if isinstance(given, str) else ""
        if "\0" in text:
            errors[one.name] = _("This contains a character that cannot be stored.")
        elif not text:
            values[one.name] = _EMPTY.get(one.kind, "")
            if one.required:
                errors[one.name] = _("Fill this in.")
        else:
            values[one.name] = _value(one, text, errors)
    return values


def _value(one: Field, text: str, errors: Errors) -> Any:
    if one.kind == "number":
        if not (text.isascii() and text.lstrip("-").isdigit() and len(text) < 16):
            errors[one.name] = _("This must be a whole number.")
        elif abs(int(text)) > one.maximum:
            errors[one.name] = _("This must be at most ${limit}.", mapping={"limit": one.maximum})
        else:
            return int(text)
        return None
    if one.kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            errors[one.name] = _("This must be a date.")
            return None
    if one.kind == "yes":
        return True
    if one.kind == "choice" and text not in dict(one.choices):
        errors[one.name] = _("Choose one of the options.")
    elif len(text) > one.maximum:
        errors[one.name] = _("This is too long: at most ${count} characters.", mapping={"count": one.maximum})
    elif one.kind == "url" and not is_web_address(text):
        errors[one.name] = _("This must be a full address that begins with https:// or http://.")
    return text if one.kind == "text" else " ".join(text.split())


def is_web_address(text: str) -> bool:
    """Whether *text* is an http or https address with a host, and without spaces or control characters."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text
    except ValueError:
        return False


def form_values(fields: tuple[Field, ...], item: Content | None) -> dict[str, str]:
    """What the form shows of *item*, or for a new one."""
    return {one.name: as_text(getattr(item, one.name) if item is not None else None) for one in fields}


def as_text(value: Any) -> str:
    """A value as the form's field holds it."""
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


def as_json(fields: tuple[Field, ...], item: Content) -> dict[str, Any]:
    """The values of *item* as a revision keeps them."""
    return {one.name: jsonable(getattr(item, one.name)) for one in fields}


def from_json(fields: tuple[Field, ...], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a revision kept them, for the columns. What it did not know is left out."""
    known = {one.name: one for one in fields}
    return {
        name: date.fromisoformat(value) if known[name].kind == "date" and isinstance(value, str) else value
        for name, value in kept.items()
        if name in known
    }


def jsonable(value: Any) -> Any:
    """A value as JSON can hold it."""
    return value.isoformat() if isinstance(value, date) else value


def words_of(content_type: ContentType, item: Any) -> str:
    """The words in the fields of *item*, for search: what people read of them, one field a line.

    Of a choice that is its name in the language of the item, which is that of its space.
    """
    lines = []
    for one in content_type.fields:
        value = getattr(item, one.name, None)
        if one.kind in ("line", "text", "url") and value:
            lines.append(str(value))
        elif one.kind == "choice" and value:
            lines.append(said(dict(one.choices).get(value, value), item.language))
    return "\n".join(lines)


def without_words(content_type: ContentType, row: Any) -> str:
    """The beginning of the text of a *row* of a list, without the words of its fields: those stand beside it."""
    beginning, words = str(row.beginning), words_of(content_type, row)
    return beginning.removesuffix(words).rstrip("\n") if words else beginning


def shown(fields: tuple[Field, ...], item: Any) -> list[tuple[Field, Any]]:
    """The fields of *item* that are filled in, each with its value."""
    found = []
    for one in fields:
        value = getattr(item, one.name, None)
        if value is None or value == "" or value is False:
            continue
        found.append((one, value))
    return found


def merge_fields(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Fields after two people changed them (as JSON has them), and the names of those that both changed otherwise."""
    merged, clashes = dict(mine), []
    for name, value in theirs.items():
        before = base.get(name)
        if name not in mine or mine[name] in (before, value):
            merged[name] = value
        elif value != before:
            clashes.append(name)
    return merged, tuple(clashes)
