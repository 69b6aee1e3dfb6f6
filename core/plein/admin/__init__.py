"""Administration: what needs attention and what to do about it. Being an administrator opens no hidden space."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.add_route("admin.home", "/admin")
    config.add_route("admin.plugins", "/admin/plugins")
    config.add_route("admin.settings", "/admin/settings")
    config.add_route("admin.spaces", "/admin/spaces")
    config.scan("plein.admin.views")
