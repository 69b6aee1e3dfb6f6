"""Templates are compiled when the site starts, not while somebody waits for the first page.

Before worker processes and threads exist: Python 3.11 may fail when two threads compile at once, and what is compiled
once is shared by all workers. What comes of it is kept in ``plein.cache_dir``, so that the next start is quick.
"""

import os
from pathlib import Path
from typing import Any

from chameleon.loader import ModuleLoader
from chameleon.template import BaseTemplate
from chameleon.zpt.template import PageTemplate
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.renderers import get_renderer

_CORE = Path(__file__).resolve().parent.parent


def keep_compiled(folder: Path) -> None:
    """Keep compiled templates in *folder*, which only we may write: it holds Python that is run.

    A folder that cannot be made is done without; templates are then compiled at each start.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return
    if folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK):
        BaseTemplate.loader = ModuleLoader(str(folder))


def compile_all(event: ApplicationCreated) -> None:
    """Compile the templates of the core and of every plugin."""
    packages: list[tuple[str, Path]] = [("plein", _CORE)]
    plugins: Any = event.app.registry["plein.plugins"]
    for plugin in plugins.plugins:
        packages += [(plugin.module.__name__, Path(path)) for path in getattr(plugin.module, "__path__", ())]
    for package, folder in packages:
        for template in sorted((folder / "templates").rglob("*.pt")):
            get_renderer(f"{package}:{template.relative_to(folder).as_posix()}").implementation().cook_check()


def _kind(value: object) -> str:
    """What stands for a value in a template's error: its type. The value may be somebody's text."""
    return f"<{type(value).__name__}>"


def includeme(config: Configurator) -> None:
    PageTemplate.value_repr = staticmethod(_kind)
    keep_compiled(Path(config.registry["plein.settings"]["plein.cache_dir"]))
    config.add_subscriber(compile_all, ApplicationCreated)
