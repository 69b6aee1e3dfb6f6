"""The page on which managers give a space another address, and see which earlier ones lead here."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.spaces.addresses import MAX_ADDRESS, Addresses
from plein.spaces.answers import address, refused
from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import SpaceError
from plein.spaces.forms import AddressForm, EarlierForm
from plein.spaces.permissions import MANAGE
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/spaces/address.pt"


def _addresses(context: SpaceContext, request: Request) -> Addresses:
    return Addresses(request.db, request.viewer, context.space)


@view_config(route_name="space.address", request_method="GET", permission=MANAGE, renderer=PAGE)
def show(context: SpaceContext, request: Request) -> dict[str, Any]:
    """The address of now, and those of before."""
    return _page(context, request, {"address": context.space.slug}, {})


@view_config(route_name="space.address", request_method="POST", permission=MANAGE, renderer=PAGE)
def change(context: SpaceContext, request: Request) -> Any:
    """Give the space another address. The notice can put it back."""
    before = context.space.slug
    form, errors = parse(AddressForm, request.POST)
    if form is not None:
        try:
            changed = _addresses(context, request).change(form.address)
        except SpaceError as error:
            errors = {error.field: error.sentence}
        else:
            page = address(context, request, "space.address")
            undo = {"url": page, "values": {"address": before}} if changed else None
            sentence = _("The address is changed. Links to the earlier one lead here.")
            request.notice(sentence if changed else _("Nothing was changed."), "done" if changed else "info", undo)
            return HTTPSeeOther(page)
    request.response.status_code = 422
    return _page(context, request, typed(request.POST), errors)


@view_config(route_name="space.address_earlier", request_method="POST", permission=MANAGE)
def change_earlier(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Let an earlier address lead nowhere any more, or here after all."""
    form, _errors = parse(EarlierForm, request.POST)
    if form is not None:
        service, values = _addresses(context, request), {"address": form.address, "act": "keep"}
        undo = {"url": address(context, request, "space.address_earlier"), "values": values}
        try:
            if form.act == "keep":
                service.keep(form.address)
                request.notice(_("The address leads here again."))
            else:
                service.forget(form.address)
                request.notice(_("The address leads nowhere any more."), undo=undo)
        except SpaceError as error:
            refused(request, error)
    return HTTPSeeOther(address(context, request, "space.address"))


def _page(context: SpaceContext, request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    return {
        "space": context.space,
        "values": values,
        "errors": errors,
        "earlier": _addresses(context, request).earlier(),
        "most": MAX_ADDRESS,
    }
