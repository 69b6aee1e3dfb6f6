"""The functions of a space, for its managers: what it has, what they may choose, and what they can ask for."""

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.rollout.packages.services import PackageError, PackageService, SpaceFunctions
from plein.rollout.packages.wishes import MAX_REASON, Wishes
from plein.rollout.packages.words import HERE, NAMES, SENTENCES
from plein.rollout.permissions import CHANGE
from plein.rollout.titles import about
from plein.spaces.answers import address
from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import MANAGE
from plein.web.forms import Form, parse
from plein.web.i18n import _

PAGE = "plein:templates/rollout/packages/space.pt"


class ChoiceForm(Form):
    """A function, and whether the space has it."""

    plugin: str = ""
    on: bool = False


class PackageForm(Form):
    """The package of a space; empty for none."""

    package: str = ""


@view_config(route_name="space.functions", request_method="GET", permission=MANAGE, renderer=PAGE)
def functions(context: SpaceContext, request: Request) -> dict[str, Any]:
    """Every function that is introduced somewhere, and where it stands for this space."""
    known = SpaceFunctions(request.db, request.viewer, context.space.id, request.installed)
    asked = Wishes(request.db, request.viewer).mine()
    rows = [
        {
            "plugin": offer.plugin,
            "about": about(request.installed, offer.plugin, request.localizer.translate),
            "state": NAMES[offer.state],
            "sentence": SENTENCES[offer.state],
            "is_here": offer.state in HERE,
            "can_change": offer.can_change,
            "can_ask": offer.state in ("not_in_package", "elsewhere"),
            "is_asked": offer.plugin in asked,
        }
        for offer in known.offers()
    ]
    may_give = bool(request.has_permission(CHANGE))
    return {
        "space": context.space,
        "rows": sorted(
            rows, key=lambda row: (not row["is_here"], not row["can_change"], row["about"].title.casefold())
        ),
        "package": known.package,
        "packages": PackageService(request.db).all() if may_give else None,
        "max_reason": MAX_REASON,
    }


@view_config(route_name="space.functions", request_method="POST", permission=MANAGE)
def choose(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Have a function in this space, or do without it. The notice can take it back."""
    form, _errors = parse(ChoiceForm, request.POST)
    page = address(context, request, "space.functions")
    if form is None:
        return HTTPSeeOther(page)
    title = {
        "title": about(request.installed, form.plugin, request.localizer.translate).title,
        "space": context.space.name,
    }
    try:
        changed = SpaceFunctions(request.db, request.viewer, context.space.id, request.installed).choose(
            form.plugin, form.on
        )
    except PackageError as error:
        request.notice(error.sentence, "error")
        return HTTPSeeOther(page)
    if not changed:
        request.notice(_("Nothing was changed."), "info")
        return HTTPSeeOther(page)
    undo = {"url": page, "values": {"plugin": form.plugin, "on": "" if form.on else "yes"}}
    message = (
        _("${title} is there for ${space} from now on.", mapping=title)
        if form.on
        else _("${title} is not in ${space} any more. What is in it is kept.", mapping=title)
    )
    request.notice(message, "done", undo)
    return HTTPSeeOther(page)


@view_config(route_name="space.functions_package", request_method="POST", permission=MANAGE)
def give(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Give the space another package.

    :raises HTTPForbidden: for managers who do not decide about functions.
    """
    if not request.has_permission(CHANGE):
        raise HTTPForbidden()
    form, _errors = parse(PackageForm, request.POST)
    service = PackageService(request.db)
    chosen = service.get(form.package) if form is not None and form.package else None
    service.give(context.space.id, chosen)
    request.notice(_("Saved."))
    return HTTPSeeOther(address(context, request, "space.functions"))


def includeme(config: Configurator) -> None:
    config.add_route("space.functions", "/spaces/{space}/-/functions", factory=SpaceContext)
    config.add_route("space.functions_package", "/spaces/{space}/-/functions/package", factory=SpaceContext)
    config.scan("plein.rollout.packages.space_views")
