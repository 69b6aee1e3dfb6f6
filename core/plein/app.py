"""The application: what Plein is made of, and in which order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os import environ
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError
from pyramid.router import Router
from sqlalchemy import Engine

import plein.adjusting
import plein.admin
import plein.audit
import plein.authoring
import plein.content
import plein.content.assistant
import plein.content.files
import plein.content.freshness
import plein.content.glossary
import plein.content.life
import plein.content.mentions
import plein.content.relations
import plein.content.topics
import plein.content.writing
import plein.inbox
import plein.jobs
import plein.ladder
import plein.mail
import plein.people
import plein.privacy
import plein.rollout
import plein.rollout.packages
import plein.rollout.packages.models
import plein.search
import plein.spaces
import plein.transfer.models
import plein.web.styles
from plein.adjusting import Adjusted, LiveSettings
from plein.admin.plugin_pauses import PauseStore
from plein.blobs import BlobStore, build_store
from plein.blobs import check_settings as check_store_settings
from plein.db import build_engine, migrate
from plein.ladder import Ladders
from plein.logs import configure_logging
from plein.mail.sending import check_settings as check_mail_settings
from plein.plugins import Plugins, build_plugins
from plein.plugins.rules import told_twice
from plein.security.rights import Rights
from plein.settings import Settings, load_settings

#: What the frameworks below need to hear; not for administrators to change.
FRAMEWORK = {
    "tm.manager_hook": "pyramid_tm.explicit_manager",
    "tm.commit_veto": "pyramid_tm.default_commit_veto",
    "tm.annotate_user": "false",
    "retry.attempts": "3",
    "pyramid.csrf_trusted_origins": "",
}

#: Features of the core that take part in hooks, as plugins do.
CORE_FEATURES = (
    plein.audit,
    plein.adjusting,
    plein.jobs,
    plein.mail,
    plein.people,
    plein.spaces,
    plein.ladder,
    plein.content,
    plein.content.writing,
    plein.content.life,
    plein.content.freshness,
    plein.content.files,
    plein.content.topics,
    plein.content.relations,
    plein.content.mentions,
    plein.content.assistant,
    plein.content.glossary,
    plein.inbox,
    plein.search,
    plein.privacy,
    plein.rollout,
    plein.rollout.packages,
    plein.admin,
    plein.web.styles,
    plein.authoring,
)


@dataclass(frozen=True, slots=True)
class Site:
    """Plein's parts without the web: what commands work with.

    :ivar settings: those in force at each moment, also what was changed on a page.
    """

    settings: Settings
    plugins: Plugins
    engine: Engine
    blobs: BlobStore
    ladders: Ladders = field(init=False)

    def __post_init__(self) -> None:
        fixed = self.settings.adjusted.fixed if isinstance(self.settings, LiveSettings) else self.settings
        object.__setattr__(self, "settings", LiveSettings(Adjusted(self.engine, fixed)))
        object.__setattr__(self, "ladders", Ladders(self.engine, self.plugins, fixed["plein.new_plugins"]))


def build_site(values: Mapping[str, str]) -> Site:
    """The parts of the site that the ini file's *values* and the environment describe.

    :raises SettingsError: for a setting that is unknown or of the wrong type.
    :raises PluginError: for a plugin that breaks a rule.
    """
    if not structlog.is_configured():
        configure_logging()
    plugins = build_plugins(values, leaves_out=True)
    for feature in CORE_FEATURES:
        plugins.add_core(feature.__name__.rpartition(".")[2], feature)
    settings = load_settings(values, environ, plugins.settings, off=plugins.off)
    check_mail_settings(settings)
    check_store_settings(settings)
    engine = build_engine(settings["plein.database_url"])
    plugins.store_failures_in(PauseStore(engine))
    return Site(
        settings=settings,
        plugins=plugins,
        engine=engine,
        blobs=build_store(settings),
    )


def main(global_config: Mapping[str, str] | None = None, **values: str) -> Router:
    """The WSGI application (entry point ``paste.app_factory``).

    :raises DatabaseStateError: when the database is older or newer than the code; start changes nothing.
    """
    site = build_site({**(global_config or {}), **values})
    migrate.require_current(site.engine, site.plugins)
    return build_app(site)


def build_app(site: Site) -> Router:
    """The pages of *site*. Reads top to bottom as the application's table of contents."""
    config = Configurator(settings=FRAMEWORK | {"pyramid.reload_templates": site.settings["plein.reload"]})
    config.add_directive("remember", remember)
    give_site(config.registry, site)

    # the request: one transaction, one session, one viewer
    config.include("pyramid_tm")
    config.include("pyramid_retry")
    config.include("plein.web.request")

    # safe by default
    config.include("plein.security")

    # what is done stays known
    config.include("plein.audit")
    config.include("plein.adjusting")

    # how pages look and speak
    config.include("pyramid_chameleon")
    config.include("plein.web")

    # who has which plugin
    config.include("plein.ladder")

    # what the core knows
    config.include("plein.jobs.views")
    config.include("plein.people")
    config.include("plein.spaces")
    config.include("plein.content")
    config.include("plein.inbox")
    config.include("plein.search")
    config.include("plein.privacy")
    config.include("plein.admin")
    config.include("plein.rollout")
    config.include("plein.home")

    # what plugins add, and what those left that are not there
    _include(config, site.plugins)

    return config.make_wsgi_app()


def _include(config: Configurator, plugins: Plugins) -> None:
    for plugin in plugins.plugins:
        if hasattr(plugin.module, "includeme"):
            config.include(plugin.module.includeme)
    config.include("plein.content.dormant")
    try:
        config.commit()
    except ConfigurationConflictError as error:
        raise told_twice(error) from error
    plugins.check_routes(config)


#: Where the registry has what :func:`remember` was told.
_MEMORIES = "plein.memories"


def remember(config: Configurator, name: str, make: Callable[[Any], Any]) -> None:
    """The directive ``config.remember("links.words", make)``: keep what ``make(registry)`` gives in ``registry[name]``.

    For whatever a process remembers of its site, or makes of its settings: it is made anew for another site.
    """
    registry: Any = config.registry
    registry.setdefault(_MEMORIES, {})[name] = make
    registry[name] = make(registry)


def give_site(registry: Any, site: Site) -> None:
    """Let the application with this *registry* serve *site*; of what it served before, it remembers nothing.

    It must be made for the same plugins, and settings that differ in where things are kept only.
    """
    registry["plein.engine"] = site.engine
    # Tests serve a site with an engine of their own.
    site.plugins.store_failures_in(PauseStore(site.engine))
    registry["plein.settings"] = site.settings
    registry["plein.plugins"] = site.plugins
    registry["plein.blobs"] = site.blobs
    registry["plein.ladders"] = site.ladders
    registry["plein.rights"] = Rights(site.engine)
    for name, make in registry.get(_MEMORIES, {}).items():
        registry[name] = make(registry)
