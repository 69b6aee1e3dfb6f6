"""Applications that tests share, one after another.

Making one takes four tenths of a second, which is more than most tests do with it. So it is made once for the same
plugins and settings, and given the database and files of each test with everything that it remembers made anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from pyramid.router import Router

from plein.app import Site, build_app, give_site

#: Where they are kept is each test's own, and read from the site for each request.
_OF_A_TEST = frozenset({"plein.database_url", "plein.files_dir"})
#: Each takes some ten megabytes.
_KEPT = 4


class Applications:
    """Those that nobody uses at this moment, the last used one last."""

    def __init__(self) -> None:
        self._free: list[tuple[Any, _Application]] = []

    @contextmanager
    def lend(self, site: Site) -> Iterator[Router]:
        """An application that serves *site*, and until the end nothing else."""
        key = _key(site)
        found = next((one for one in self._free if one[0] == key), None)
        if found is None:
            application = _Application(site)
        else:
            self._free.remove(found)
            application = found[1]
            application.renew(site)
        yield application.router
        if application.is_as_made():
            self._free = [*self._free, (key, application)][-_KEPT:]


def _key(site: Site) -> Any:
    plugins = [(info.name, id(info.module)) for info in site.plugins.plugins]
    # Not what was chosen on a page: that is looked up for each request.
    settings: Any = site.settings
    return plugins, {name: value for name, value in settings.adjusted.fixed.items() if name not in _OF_A_TEST}


class _Application:
    """An application with what was in its registry when it was made."""

    def __init__(self, site: Site) -> None:
        self.router = build_app(site)
        registry = self.router.registry
        self._values = {name: _own(value) for name, value in registry.items()}
        self._settings = dict(registry.settings)
        self._registered = _registered(registry)

    def renew(self, site: Site) -> None:
        """Serve *site*, as if this had been made for it."""
        registry = self.router.registry
        registry.clear()
        registry.update({name: _own(value) for name, value in self._values.items()})
        registry.settings.clear()
        registry.settings.update(self._settings)
        give_site(registry, site)

    def is_as_made(self) -> bool:
        """Whether nothing was added that :meth:`renew` would not take away."""
        return _registered(self.router.registry) == self._registered


def _own(value: Any) -> Any:
    """What is put into a list is not to be found in the next one."""
    return copy(value) if isinstance(value, dict | list | set) else value


def _registered(registry: Any) -> tuple[int, ...]:
    """How many views, subscribers and the like there are. Utilities come with use: a localizer per language."""
    kinds = (registry.registeredAdapters, registry.registeredHandlers, registry.registeredSubscriptionAdapters)
    return tuple(sum(1 for _one in kind()) for kind in kinds)
