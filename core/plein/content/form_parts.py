"""Parts of the form of an item that features add: what they show, how they read what was typed, what they store.

    config.add_form_part(SchedulePart())

A part whose sentence stands in *errors* stops the save; what was typed then comes back to the form.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from pyramid.config import Configurator
from pyramid.renderers import render
from pyramid.request import Request

from plein.content.contexts import TypeContext
from plein.content.models import Content
from plein.web.forms import Errors
from plein.web.html import Html

_PARTS = "plein.form_parts"


class FormPart(Protocol):
    """A part of the form.

    :ivar name: one word, for sorting out what was read.
    :ivar weight: lower comes first.
    :ivar template: ``plein:templates/content/parts/schedule.pt``, given what :meth:`values` gives, ``typed`` and
        ``errors``.
    """

    name: str
    weight: int
    template: str

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the template is given; ``None`` where the part has no place in this form.

        :param typed: what stands in the form: what was typed, or for a form that is opened only ``title``, ``body`` …
        """

    def read(self, context: TypeContext, request: Request, errors: Errors) -> Any:
        """What was typed, checked; a sentence for each field that is wrong goes into *errors*."""

    def store(self, context: TypeContext, request: Request, item: Content, read: Any) -> None:
        """Store what was read, when *item* has been stored, in the same transaction."""


def add_form_part(config: Configurator, part: FormPart) -> None:
    """The directive ``config.add_form_part``."""
    parts = config.registry.setdefault(_PARTS, [])
    parts.append(part)
    parts.sort(key=lambda one: (one.weight, one.name))


def form_parts(request: Request) -> tuple[FormPart, ...]:
    """The parts that features added, in order."""
    return tuple(request.registry.get(_PARTS, ()))


def shown_parts(context: TypeContext, request: Request, typed: Mapping[str, Any], errors: Errors) -> list[Html]:
    """The parts as the form shows them."""
    shown = []
    for part in form_parts(request):
        values = part.values(context, request, typed)
        if values is not None:
            given = {"context": context, "typed": typed, "errors": errors, **values}
            shown.append(Html(render(part.template, given, request=request)))
    return shown


def read_parts(context: TypeContext, request: Request, errors: Errors) -> dict[str, Any]:
    """What was typed in each part, by its name."""
    return {part.name: part.read(context, request, errors) for part in form_parts(request)}


def store_parts(context: TypeContext, request: Request, item: Content, read: Mapping[str, Any]) -> None:
    """Have each part store what it read about *item*."""
    for part in form_parts(request):
        part.store(context, request, item, read[part.name])


def includeme(config: Configurator) -> None:
    config.add_directive("add_form_part", add_form_part)
