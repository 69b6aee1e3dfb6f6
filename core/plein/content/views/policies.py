"""The pages on which is decided what holds for items of a type: for the whole site, and for one space."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request

from plein.content.policies import Policies, Policy, decide, declared, policies
from plein.contributions import ContentType, Permission
from plein.spaces.contexts import SpaceContext
from plein.web.forms import Errors
from plein.web.i18n import _

CHANGE = Permission("rules.change", _("Change the rules for what people write"), ("admin", "content_officer"), "site")


@dataclass(frozen=True, slots=True)
class Place:
    """Where rules hold: in the space of *context*, or without one in the whole site; *address* is of their page."""

    context: SpaceContext | None
    address: str

    @property
    def space_id(self) -> int | None:
        return self.context.space.id if self.context else None

    def decided(self, found: Policies) -> Mapping[str, Any]:
        """What was decided right here."""
        return found.site if self.context is None else found.space

    def elsewhere(self, found: Policies, policy: Policy) -> Any:
        """What holds where nothing is decided here."""
        return policy.default if self.context is None else found.site.get(policy.name, policy.default)


def of_site(request: Request) -> Any:
    """What holds for items of a type everywhere, unless the managers of a space decide otherwise for theirs."""
    return _page(request, Place(None, request.route_path("admin.rules")))


def of_space(context: SpaceContext, request: Request) -> Any:
    """What holds for items of a type in one space."""
    return _page(request, Place(context, request.route_path("space.rules", space=context.space.slug)))


def _page(request: Request, place: Place) -> Any:
    types = (request.installed if place.context is None else request.plugins).content_types
    content_type = types.get(request.params.get("type", ""), next(iter(types.values()), None))
    known = [one for one in declared(request.registry) if place.context is None or one.in_spaces]
    errors: Errors = {}
    typed: dict[str, str] = {}
    if request.method == "POST" and content_type is not None:
        typed = {one.name: request.POST.get(field_of(one), "")[:2_000].replace("\0", "").strip() for one in known}
        values = {one.name: read(one, typed[one.name], errors) for one in known}
        if not errors:
            return _store(request, place, known, content_type, values)
    found = policies(request.db, content_type.name, place.space_id) if content_type else Policies({}, {})
    answer = {
        "space": place.context.space if place.context else None,
        "types": list(types.values()),
        "type": content_type,
        "address": place.address,
        "fields": [_field(request, one, place, found, typed, errors) for one in known],
        "errors": {field_of(one): errors[one.name] for one in known if one.name in errors},
    }
    name = "plein:templates/content/rules_of_space.pt" if place.context else "plein:templates/content/rules.pt"
    response = render_to_response(name, answer, request)
    response.status_int = 422 if errors else 200
    return response


def _store(
    request: Request, place: Place, known: list[Policy], content_type: ContentType, values: dict[str, Any]
) -> HTTPSeeOther:
    before = place.decided(policies(request.db, content_type.name, place.space_id))
    undo = {"type": content_type.name, **{field_of(one): as_text(before.get(one.name)) for one in known}}
    for one in known:
        decide(request.db, one, content_type.name, place.space_id, values[one.name])
    request.notice(_("Saved. It holds from now on."), undo={"url": place.address, "values": undo})
    return HTTPSeeOther(f"{place.address}?type={content_type.name}")


def field_of(policy: Policy) -> str:
    """What the field of *policy* is called in the form."""
    return policy.name.replace(".", "-")


def as_text(value: Any) -> str:
    """A value as a form holds it; nothing for what is left as it is elsewhere."""
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def read(policy: Policy, text: str, errors: Errors) -> Any:
    """What was typed for *policy*; ``None`` for nothing. What is wrong is put into *errors*."""
    if text == "":
        return None
    if policy.kind == "yes" and text in ("0", "1"):
        return text == "1"
    if policy.kind == "choice" and text in dict(policy.choices):
        return text
    if policy.kind == "line":
        return " ".join(text.split())[: policy.maximum]
    if policy.kind != "number":
        errors[policy.name] = _("Choose one of the options.")
    elif not (text.isascii() and text.isdigit() and len(text) < 10):
        errors[policy.name] = _("This must be a whole number.")
    elif policy.minimum <= int(text) <= policy.maximum:
        return int(text)
    else:
        limits = {"least": policy.minimum, "most": policy.maximum}
        errors[policy.name] = _("This must be a whole number from ${least} to ${most}.", mapping=limits)
    return None


def _field(
    request: Request, policy: Policy, place: Place, found: Policies, typed: dict[str, str], errors: Errors
) -> dict[str, Any]:
    """What the macro of a field needs: what was decided here, and what holds where nothing was."""
    translate = request.localizer.translate
    names = {"1": _("Yes"), "0": _("No")} if policy.kind == "yes" else dict(policy.choices)
    value = as_text(place.elsewhere(found, policy))
    mapping = {"value": translate(names.get(value, value) or _("nothing"))}
    otherwise = _("As everywhere: ${value}", mapping=mapping)
    if place.context is None:
        otherwise = _("As Plein comes: ${value}", mapping=mapping)
    field: dict[str, Any] = {
        "name": field_of(policy),
        "label": policy.title,
        "value": typed.get(policy.name, as_text(place.decided(found).get(policy.name))),
        "errors": {field_of(policy): errors[policy.name]} if policy.name in errors else {},
        "optional_mark": False,
        "hint": policy.hint or None,
    }
    if names:
        return field | {"kind": "select", "options": [("", otherwise), *names.items()]}
    hint = " ".join(part for part in (translate(policy.hint), f"{translate(otherwise)}.") if part)
    return field | {"kind": "number" if policy.kind == "number" else "text", "hint": hint, "width": "short"}
