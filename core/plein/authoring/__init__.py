"""For who makes plugins: a plugin to begin with, the rules that hold for every plugin, and how Plein looks."""

from pyramid.config import Configurator

from plein.contributions import Setting
from plein.hookspecs import hookimpl


@hookimpl
def register_settings() -> list[Setting]:
    text = "Read templates, style and scripts again when they change on disk; for who makes plugins."
    return [Setting("plein.reload", bool, False, text)]


def includeme(config: Configurator) -> None:
    config.include("plein.authoring.style")
