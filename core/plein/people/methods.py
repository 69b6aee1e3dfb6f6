"""The ways to sign in beside name and password: what plugins and the proxy declare, checked once at the start."""

from typing import Any

from pyramid.config import Configurator

from plein.contributions import SignInMethod
from plein.plugins import PluginError


def methods(registry: Any) -> dict[str, SignInMethod]:
    """The ways to sign in beside the password, by name, in the order of their buttons."""
    found: dict[str, SignInMethod] = registry["plein.sign_in_methods"]
    return found


def is_silent(registry: Any) -> bool:
    """Whether somebody may be signed in by what their request carries, so that asking them can wait."""
    silent: bool = registry["plein.sign_in_silent"]
    return silent


def _collect(registry: Any) -> dict[str, SignInMethod]:
    plugins, settings = registry["plein.plugins"], registry["plein.settings"]
    declared = plugins.collect("register_sign_in_methods", settings=settings)
    found = {method.name: method for method in declared}
    if len(found) < len(declared):
        names = [method.name for method in declared]
        twice = next(name for name in names if names.count(name) > 1)
        raise PluginError(f"There are two ways to sign in called {twice}: their people would be mixed up. Rename one.")
    return found


def includeme(config: Configurator) -> None:
    config.remember("plein.sign_in_methods", _collect)
    config.registry["plein.sign_in_silent"] = any(method.renews for method in methods(config.registry).values())
