"""Forms: what was typed becomes a checked model, or one translated sentence per field.

A view parses, and when there are errors shows the form again with them and with what was typed::

    form, errors = parse(SpaceForm, request.POST)
    if form is None:
        return {"values": typed(request.POST), "errors": errors}
"""

from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from translationstring import TranslationString

from plein.web.i18n import _

Errors = dict[str, TranslationString]
M = TypeVar("M", bound=BaseModel)

#: Longest text of a field that says nothing about it, in characters.
MAX_TEXT = 2_000

#: Errors that belong to no field stand under this name.
WHOLE_FORM = ""

#: Never shown again, and never kept in a page.
_SECRET_WORDS = ("password", "secret", "token", "credential", "sealed")


class Form(BaseModel):
    """The base of every form. Fields that it does not declare never reach anything (no mass assignment)."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, str_max_length=MAX_TEXT, frozen=True)


def problem(sentence: TranslationString) -> PydanticCustomError:
    """What a validator raises to say *sentence* at its field: ``raise problem(_("…"))``."""
    return PydanticCustomError("plein", "{sentence}", {"sentence": sentence})


def parse(model: type[M], data: Any) -> tuple[M | None, Errors]:
    """*data* checked by *model*.

    :param data: ``request.POST`` or any mapping of text. Line ends become ``\\n``; a field of a list type takes all
        values of its name; an empty field that is no text counts as not filled in.
    :return: the model and no errors, or ``None`` and a sentence per field (:data:`WHOLE_FORM` for none in particular).
    """
    values, errors = _values(model, data)
    try:
        parsed = model.model_validate(values)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False):
            field = str(error["loc"][0]) if error["loc"] else WHOLE_FORM
            errors.setdefault(field, _sentence(error))
        return None, errors
    return (None, errors) if errors else (parsed, {})


def typed(data: Any) -> dict[str, Any]:
    """What to put back into the fields of a form: all text of *data*, but nothing secret and no files.

    A name that came more than once gives a list.
    """
    found: dict[str, Any] = {}
    for name in data:
        if is_secret(name):
            continue
        texts = [value for value in _all(data, name) if isinstance(value, str)]
        if texts:
            found[name] = texts if len(texts) > 1 else texts[0]
    return found


def is_secret(name: str) -> bool:
    """Whether a field of this name must not be shown again."""
    return name == "code" or any(word in name.lower() for word in _SECRET_WORDS)


def _all(data: Any, name: str) -> list[Any]:
    return list(data.getall(name)) if hasattr(data, "getall") else [data[name]]


def _values(model: type[BaseModel], data: Any) -> tuple[dict[str, Any], Errors]:
    values: dict[str, Any] = {}
    errors: Errors = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in data:
            continue
        given = [_clean(value) for value in _all(data, key)]
        if any(isinstance(value, str) and "\0" in value for value in given):
            errors[key] = _("This contains a character that cannot be stored.")
        if _takes_many(field.annotation):
            values[key] = given
        elif given[-1] != "" or field.annotation is str:
            values[key] = given[-1]
    return values, errors


def _clean(value: Any) -> Any:
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _takes_many(annotation: Any) -> bool:
    return get_origin(annotation) in (list, tuple, set, frozenset)


def _sentence(error: ErrorDetails) -> TranslationString:
    kind, context = error["type"], error.get("ctx", {})
    own = context.get("sentence")
    if isinstance(own, TranslationString):
        return own
    if kind == "missing" or (kind == "string_too_short" and context.get("min_length") == 1):
        return _("Fill this in.")
    if kind in _LENGTHS:
        sentence, name = _LENGTHS[kind]
        return _(sentence, mapping={"count": context[name]})
    if kind in _RANGES:
        sentence, name = _RANGES[kind]
        return _(sentence, mapping={"limit": context[name]})
    return next((text for start, text in _KINDS.items() if kind.startswith(start)), _("This is not right. Check it."))


_LENGTHS: Mapping[str, tuple[TranslationString, str]] = {
    "string_too_short": (_("This is too short: at least ${count} characters."), "min_length"),
    "string_too_long": (_("This is too long: at most ${count} characters."), "max_length"),
    "too_short": (_("Choose at least ${count}."), "min_length"),
    "too_long": (_("Choose at most ${count}."), "max_length"),
}

_RANGES: Mapping[str, tuple[TranslationString, str]] = {
    "greater_than_equal": (_("This must be at least ${limit}."), "ge"),
    "greater_than": (_("This must be more than ${limit}."), "gt"),
    "less_than_equal": (_("This must be at most ${limit}."), "le"),
    "less_than": (_("This must be less than ${limit}."), "lt"),
}

_KINDS: Mapping[str, TranslationString] = {
    "int": _("This must be a whole number."),
    "float": _("This must be a number."),
    "bool": _("Choose yes or no."),
    "date": _("This must be a date."),
    "time": _("This must be a time."),
    "literal": _("Choose one of the options."),
    "enum": _("Choose one of the options."),
    "string_pattern": _("This is not written in the right way."),
}
