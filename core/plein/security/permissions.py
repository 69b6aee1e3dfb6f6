"""What a view says about who may come: a permission, always. A view without one stops start-up.

Four are not registered by anybody: :data:`PUBLIC`, :data:`SIGNED_IN`, :data:`ADMIN` and :data:`ADMINISTRATION`. All
others are :class:`plein.contributions.Permission`, registered by a feature or a plugin.
"""

from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import IViewDeriverInfo
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.viewderivers import INGRESS

#: For everybody, signed in or not. Pyramid's own word, so that its static views count too.
PUBLIC: str = NO_PERMISSION_REQUIRED

#: For whoever has signed in, guests included.
SIGNED_IN = "plein.signed_in"

#: For administrators of the site.
ADMIN = "plein.admin"

#: For whoever may open at least one page of administration.
ADMINISTRATION = "plein.administration"

BUILT_IN = frozenset({PUBLIC, SIGNED_IN, ADMIN, ADMINISTRATION})


def describe_view(info: IViewDeriverInfo) -> str:
    """What a developer knows the view of *info* by: its function, and its route or name."""
    view: Any = info.original_view
    place = getattr(view, "__module__", type(view).__module__)
    name = getattr(view, "__qualname__", type(view).__qualname__)
    attr = info.options.get("attr")
    where = info.options.get("route_name") or info.options.get("name") or "no route"
    return f"{place}.{name}{f'.{attr}' if attr else ''} ({where})"


def declared_permission(view: Any, info: IViewDeriverInfo) -> Any:
    """View deriver: refuse a view that does not say who may come, or says so with an unknown word.

    Exception views are exempt: they answer instead of a view that said so.

    :raises ConfigurationError: when the application is made; names the view.
    """
    permission = info.options.get("permission")
    if permission is None:
        if info.exception_only:
            return view
        raise ConfigurationError(
            f"The view {describe_view(info)} declares no permission. Add permission=… to it: the name of a "
            "registered permission, or SIGNED_IN, ADMIN or PUBLIC of plein.security.permissions."
        )
    plugins = info.registry.get("plein.plugins")
    if plugins is not None and permission not in BUILT_IN and permission not in plugins.permissions:
        raise ConfigurationError(
            f"The view {describe_view(info)} declares the permission {permission!r}, which nobody registers."
        )
    return view


declared_permission.options = ("permission",)  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    config.add_view_deriver(declared_permission, name="declared_permission", under=INGRESS, over="secured_view")
