"""The page of settings: those of the core that may be changed here, and all that are in force."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.admin.setting_form import SettingForm, in_force
from plein.security.permissions import ADMIN

PAGE = "plein:templates/admin/settings.pt"


@view_config(route_name="admin.settings", request_method="GET", permission=ADMIN, renderer=PAGE)
def settings(request: Request) -> dict[str, Any]:
    """What may be changed here, and each setting with its value in force and where that came from."""
    return _page(request, SettingForm(request, "plein."))


@view_config(route_name="admin.settings", request_method="POST", permission=ADMIN, renderer=PAGE)
def change_settings(request: Request) -> Any:
    """Change settings, or put them back."""
    form = SettingForm(request, "plein.")
    address = request.route_path("admin.settings")
    if form.save(address):
        return HTTPSeeOther(address)
    request.response.status_code = 422
    return _page(request, form)


def _page(request: Request, form: SettingForm) -> dict[str, Any]:
    return {
        "form": form,
        "address": request.route_path("admin.settings"),
        "rows": in_force(request, request.plein.declared),
    }
