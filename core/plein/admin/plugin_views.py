"""The pages of plugins: the list with what is left of those that are gone, and a page for each."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.admin import plugin_facts as facts
from plein.admin.setting_form import SettingForm
from plein.plugins import PluginInfo
from plein.plugins.known import tables_of
from plein.rollout import titles
from plein.security.permissions import ADMIN

LIST = "plein:templates/admin/plugins.pt"
PAGE = "plein:templates/admin/plugin.pt"


@view_config(route_name="admin.plugins", request_method="GET", permission=ADMIN, renderer=LIST)
def plugins(request: Request) -> dict[str, Any]:
    """What is installed, what it brings, how it is doing, and what is left of what is gone."""
    known, engine = request.installed, request.registry["plein.engine"]
    items, paused = facts.counts(engine), known.paused()
    named = titles.titles(known, request.localizer.translate)
    rows = [
        {
            "info": info,
            "title": named[info.name],
            "types": (types := facts.types(known, info.name)),
            "items": sum(items.get(one.name, 0) for one in types),
            "failures": known.failures.get(info.name, 0),
            "paused": info.name in paused,
        }
        for info in known.plugins
    ]
    return {
        "rows": rows,
        "off": [name for name in known.off if name not in known.refused],
        "refused": known.refused,
        "leftovers": facts.leftovers(engine, request.db, known, items),
    }


@view_config(route_name="admin.plugins.plugin", request_method="GET", permission=ADMIN, renderer=PAGE)
def plugin(request: Request) -> dict[str, Any]:
    """Everything about one plugin."""
    info = _info(request)
    return _page(request, info, SettingForm(request, f"{info.name}."))


@view_config(route_name="admin.plugins.plugin", request_method="POST", permission=ADMIN, renderer=PAGE)
def change_plugin(request: Request) -> Any:
    """Change its settings, or put them back."""
    info = _info(request)
    form, address = SettingForm(request, f"{info.name}."), _address(request, info)
    if form.save(address):
        return HTTPSeeOther(address)
    request.response.status_code = 422
    return _page(request, info, form)


def _info(request: Request) -> PluginInfo:
    info: PluginInfo | None = request.installed.info(request.matchdict["name"])
    if info is None:
        raise HTTPNotFound()
    return info


def _address(request: Request, info: PluginInfo) -> str:
    return request.route_path("admin.plugins.plugin", name=info.name)


def _page(request: Request, info: PluginInfo, form: SettingForm) -> dict[str, Any]:
    known, engine, name = request.installed, request.registry["plein.engine"], info.name
    items = facts.counts(engine)
    return {
        "info": info,
        "named": titles.about(known, name, request.localizer.translate),
        "about": facts.about(info),
        "form": form,
        "address": _address(request, info),
        "types": [(one, items.get(one.name, 0)) for one in facts.types(known, name)],
        "permissions": facts.permissions(known, name),
        "hooks": facts.hooks(known, name),
        "routes": facts.routes(request, name),
        "sizes": facts.sizes(engine, tables_of(name)),
        "jobs": facts.jobs(request.db, known, name),
        "personal": facts.personal_data(known, name),
        "migration": facts.migration(engine, known, name),
        "failures": known.failures.get(name, 0),
        "paused": name in known.paused(),
        "costs": known.spent.of(name),
    }
