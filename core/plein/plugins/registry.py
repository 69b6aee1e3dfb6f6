"""The plugins of one application: what they declared, and the one way to call their hooks.

There is no global plugin manager. Nobody calls pluggy's hooks directly, because it stops at the first exception and
starts with whoever was registered last.
"""

import inspect
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pluggy
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException

from plein import hookspecs
from plein.contributions import ContentType, Job, NotificationType, Permission, PersonalData, Setting
from plein.hookspecs import HOOKS, Hook
from plein.plugins import calling
from plein.plugins.calling import Failures, Implementation
from plein.plugins.discovery import Candidate, discover, import_package
from plein.plugins.errors import PluginError, did_you_mean
from plein.plugins.rules import (
    check_candidate,
    check_content_type,
    check_hooks,
    check_prefix,
    check_routes,
    check_tables,
)
from plein.settings import CORE_SETTINGS, load_settings


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin that was loaded. ``module`` is its package, with ``includeme`` where it has pages."""

    name: str
    distribution: str
    version: str
    package: str
    module: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What one implementation of a hook returned. ``plugin`` is the plugin's name, or a core feature's."""

    plugin: str
    value: Any


def build_plugins(
    settings_values: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    candidates: Iterable[Candidate] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> "Plugins":
    """The plugins of one application: discovered, checked and registered.

    :param settings_values: the configuration file; ``plein.plugins_off`` and ``plein.safe_mode`` say what is loaded.
    :param environ: the environment, which goes before the file; that of the process where not given.
    :param candidates: the plugins to choose from, instead of those that are installed.
    :raises PluginError: for a plugin that breaks a rule.
    :raises SettingsError: where one of the two settings cannot be read.
    """
    off, safe_mode = _switches(settings_values or {}, os.environ if environ is None else environ)
    plugins = Plugins(clock=clock)
    for candidate in discover() if candidates is None else candidates:
        if safe_mode or candidate.name in off:
            plugins.off += (candidate.name,)
        else:
            plugins.add(candidate)
    return plugins


def _switches(values: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """``plugins_off`` and ``safe_mode``, read before the other settings: those of plugins are not known yet."""
    names = ("plein.plugins_off", "plein.safe_mode")
    variables = ("PLEIN_PLUGINS_OFF", "PLEIN_SAFE_MODE")
    settings = load_settings(
        {key: values[key] for key in names if key in values},
        {key: environ[key] for key in variables if key in environ},
        [setting for setting in CORE_SETTINGS if setting.name in names],
    )
    return settings[names[0]], settings[names[1]]


class Plugins:
    """The plugins of one application, and what they declared.

    :ivar plugins: those loaded, by name.
    :ivar off: the names of those that are installed and not loaded.
    :ivar content_types: by name.
    :ivar permissions: by name, those that come with content types included.
    :ivar jobs: by name.
    :ivar notifications: what people can be told of, by name.
    :ivar personal_data: what is kept about people, each with the name of the plugin or feature.
    :ivar settings: all that may be set, the core's included, for :func:`plein.settings.load_settings`.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.plugins: list[PluginInfo] = []
        self.off: tuple[str, ...] = ()
        self.content_types: dict[str, ContentType] = {}
        self.permissions: dict[str, Permission] = {}
        self.jobs: dict[str, Job] = {}
        self.notifications: dict[str, NotificationType] = {}
        self.personal_data: list[tuple[str, PersonalData]] = []
        self.settings: list[Setting] = list(CORE_SETTINGS)
        self._failures = Failures(clock)
        self._core: list[str] = []
        self._implementations: dict[str, list[Implementation]] = {name: [] for name in HOOKS}
        self._without: dict[frozenset[str], Plugins] = {}
        #: asked before each implementation of a plugin is called: ``(plugin, hook, arguments) -> bool``
        self.is_there: Callable[[str, Hook, Mapping[str, Any]], bool] | None = None
        #: asked for work that nobody in particular asked for: whether nobody has the plugin
        self.is_dormant: Callable[[str], bool] | None = None
        self._manager = pluggy.PluginManager("plein")
        self._manager.add_hookspecs(hookspecs)

    @property
    def failures(self) -> Counter[str]:
        """How often each plugin failed since the process started."""
        return self._failures.counts

    def paused(self) -> tuple[str, ...]:
        """The plugins that are left out at this moment because they kept failing."""
        return tuple(info.name for info in self.plugins if self._failures.is_paused(info.name))

    # -- at start -----------------------------------------------------------------------------------------------

    def add(self, candidate: Candidate) -> PluginInfo:
        """Check, import and register a plugin, with what it declares.

        :raises PluginError: where it breaks a rule.
        """
        check_candidate(candidate)
        if self._manager.has_plugin(candidate.name):
            raise PluginError(
                f"There are two plugins called {candidate.name}; uninstall one of them "
                f"(`pip list` shows what {candidate.distribution} was installed from)."
            )
        module = import_package(candidate)
        info = PluginInfo(candidate.name, candidate.distribution, candidate.version, candidate.package, module)
        self._register(info.name, module, is_core=False)
        self.plugins.append(info)
        self.plugins.sort(key=lambda plugin: plugin.name)
        return info

    def add_core(self, name: str, implementations: Any) -> None:
        """Let a feature of the core take part. It runs first, and what it raises is not caught.

        :param implementations: a module or object with functions marked ``@hookimpl``.
        :raises PluginError: where it breaks a rule that holds for plugins too.
        """
        if self._manager.has_plugin(name):
            raise PluginError(f"The core's feature {name} is registered twice; call add_core once for it.")
        self._core.append(name)
        self._register(name, implementations, is_core=True)

    def _register(self, name: str, source: Any, *, is_core: bool) -> None:
        check_hooks(name, source)
        weight = getattr(source, "weight", 0)
        if type(weight) is not int:
            raise PluginError(f"Plugin {name} has the weight {weight!r}; give a whole number, such as weight = 10.")
        self._manager.register(source, name)
        # check_hooks has said so in a better sentence; this holds should pluggy see what it does not.
        self._manager.check_pending()
        for hook_name, implementations in self._implementations.items():
            for impl in getattr(self._manager.hook, hook_name).get_hookimpls():
                if impl.plugin is source:
                    arguments = tuple(inspect.signature(impl.function).parameters)
                    implementations.append(Implementation(name, is_core, weight, impl.function, arguments))
            implementations.sort(key=self._order)
        self._declare(name, is_core=is_core)

    def _order(self, impl: Implementation) -> tuple[int, int, str]:
        # The core keeps the order in which it was put together: that is a decision, made there.
        return (0, self._core.index(impl.owner), "") if impl.is_core else (1, impl.weight, impl.owner)

    def _declare(self, name: str, *, is_core: bool) -> None:
        if not is_core:
            check_tables(name)
        for declared in self._declared("register_content_types", name):
            check_content_type(name, declared, is_core=is_core)
            self._add_type(name, declared)
            for permission in declared.permissions():
                self._add_permission(name, permission)
        for permission in self._declared("register_permissions", name):
            if not is_core:
                check_prefix(name, "permission", permission.name)
            self._add_permission(name, permission)
        for setting in self._declared("register_settings", name):
            if not is_core:
                check_prefix(name, "setting", setting.name)
            self._add_setting(name, setting)
        for job in self._declared("register_jobs", name):
            if not is_core:
                check_prefix(name, "job", job.name)
            self._add_job(name, job)
        for told in self._declared("register_notifications", name):
            if not is_core:
                check_prefix(name, "notification", told.name)
            self._add_notification(name, told)
        for data in self._declared("register_personal_data", name):
            if not is_core and not data.table.startswith(f"{name}_"):
                raise PluginError(
                    f"Plugin {name} declares personal data in {data.table}, which is no table of its own."
                )
            self.personal_data.append((name, data))
        # The core first: plugins were there before it.
        self.personal_data.sort(key=lambda one: one[0] not in self._core)

    def _declared(self, hook_name: str, owner: str) -> list[Any]:
        mine = [impl for impl in self._implementations[hook_name] if impl.owner == owner]
        return [item for impl in mine for item in calling.declared(HOOKS[hook_name], impl, {})]

    def _add_type(self, name: str, declared: ContentType) -> None:
        for other in self.content_types.values():
            for what in ("name", "path"):
                if getattr(other, what) == getattr(declared, what):
                    raise PluginError(
                        f"Plugin {name} declares the content type {declared.name} with the {what} "
                        f"{getattr(declared, what)!r}, which {other.name} has already; give it another {what}."
                    )
        self.content_types[declared.name] = declared

    def _add_permission(self, name: str, permission: Permission) -> None:
        if permission.name in self.permissions:
            raise PluginError(
                f"Plugin {name} declares the permission {permission.name}, which is declared already; "
                "remove it, or give it another name."
            )
        self.permissions[permission.name] = permission

    def _add_setting(self, name: str, setting: Setting) -> None:
        lists = {one.name: one.type is list for one in self.settings}
        if setting.name in lists:
            raise PluginError(f"Plugin {name} declares the setting {setting.name} twice; remove one of them.")
        if setting.each and not (setting.each.startswith(f"{name}.") and lists.get(setting.each)):
            raise PluginError(
                f"Plugin {name} declares the setting {setting.name} for each word in {setting.each!r}; "
                f"that must be a list that it declares itself, before it."
            )
        self.settings.append(setting)

    def _add_job(self, name: str, job: Job) -> None:
        if job.name in self.jobs:
            raise PluginError(
                f"Plugin {name} declares the job {job.name}, which is declared already; "
                "remove it, or give it another name."
            )
        self.jobs[job.name] = job

    def _add_notification(self, name: str, told: NotificationType) -> None:
        if told.name in self.notifications:
            raise PluginError(
                f"Plugin {name} declares the notification {told.name}, which is declared already; "
                "remove it, or give it another name."
            )
        self.notifications[told.name] = told

    def check_routes(self, config: Configurator) -> None:
        """Check the routes that plugins added to *config*, when it has been committed.

        :raises PluginError: for one that does not bear its plugin's word.
        """
        addresses: dict[str, list[str]] = {info.name: [f"/{info.name}"] for info in self.plugins}
        for declared in self.content_types.values():
            owner = declared.name.partition(".")[0]
            addresses.get(owner, []).append(f"/spaces/{{space}}/{declared.path}")
        routes = [found["introspectable"] for found in config.introspector.get_category("routes", default=())]
        check_routes(
            addresses, [(route["name"], route["pattern"], self._package(route.action_info.file)) for route in routes]
        )

    def _package(self, file: str) -> str:
        """The plugin's package that a source file belongs to; empty for other files."""
        # Texts, not paths: this is asked for each route of the site.
        for info in self.plugins:
            if file.startswith(f"{Path(info.module.__file__).parent}{os.sep}"):
                return info.package
        return ""

    # -- what somebody has ---------------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether there is a plugin of this name, loaded."""
        return any(info.name == name for info in self.plugins)

    def without(self, names: frozenset[str]) -> "Plugins":
        """These plugins for somebody who does not have those in *names*: without their content types.

        All the rest is shared. Hooks ask for each call who has what.
        """
        if not names:
            return self
        found = self._without.get(names)
        if found is None:
            found = copy(self)
            found.content_types = {
                name: kind for name, kind in self.content_types.items() if name.partition(".")[0] not in names
            }
            self._without[names] = found
        return found

    def is_off(self, plugin: str) -> bool:
        """Whether nobody has *plugin* at this moment. What is no plugin is the core, which everybody has."""
        return self.is_dormant is not None and self.is_dormant(plugin)

    def awake(self) -> "Plugins":
        """These plugins without those that nobody has: for work that goes on by itself."""
        return self.without(frozenset(info.name for info in self.plugins if self.is_off(info.name)))

    # -- while serving ------------------------------------------------------------------------------------------

    def implementing(self, hook_name: str) -> set[str]:
        """The plugins and core features that implement a hook: ``call`` leaves out the ones that failed."""
        return {impl.owner for impl in self._implementations[hook_name]}

    def call(self, hook_name: str, /, **arguments: Any) -> list[Answer]:
        """What each implementation answers: the core's first, then the plugins' by weight and name.

        A plugin that raises, answers something else than the hook says, or kept failing, is left out: that is logged
        and counted, and goes no further. What the core's own implementations raise is not caught.

        :raises LookupError: for an unknown hook.
        :raises TypeError: for other arguments than the hook's.
        :raises PluginError: from a plugin's ``register_`` hook that fails, and where a plugin ended the transaction
            it took part in: nothing may pass as saved then.
        """
        hook = _hook(hook_name, arguments)
        answers = []
        for impl in self._implementations[hook_name]:
            if impl.is_core:
                value = impl.run(arguments)
                answers.append(Answer(impl.owner, [] if value is None and hook.item_type else value))
            elif self._is_asked(impl.owner, hook, arguments):
                calling.settle(hook, arguments)
                try:
                    answers.append(Answer(impl.owner, _run(hook, impl, arguments)))
                except PluginError:
                    raise
                # SystemExit too: a plugin must not be able to end the process.
                except (Exception, SystemExit) as error:
                    self.failed(impl.owner, hook_name, error)
        return answers

    def _is_asked(self, owner: str, hook: Hook, arguments: Mapping[str, Any]) -> bool:
        if self._failures.is_paused(owner):
            return False
        return self.is_there is None or self.is_there(owner, hook, arguments)

    def collect(self, hook_name: str, /, **arguments: Any) -> list[Any]:
        """What all implementations of a show hook add, as one list: by each item's own weight, then as in ``call``."""
        items = [item for answer in self.call(hook_name, **arguments) for item in answer.value]
        return sorted(items, key=lambda item: item.weight)

    def adds_to(self, hook_name: str) -> bool:
        """Whether a plugin implements the hook; the core's own do not count."""
        return any(not impl.is_core for impl in self._implementations[hook_name])

    def first(self, hook_name: str, /, **arguments: Any) -> Any:
        """The first answer to a hook of the kind "replace" that is not ``None``; else ``None``.

        Who raises is passed over, the core's own too, and never paused: signing in must go on working by another way.

        :raises LookupError: for an unknown hook.
        :raises TypeError: for other arguments than the hook's.
        :raises HTTPException: when an implementation answers by itself, such as "too often".
        """
        hook = _hook(hook_name, arguments)
        for impl in self._implementations[hook_name]:
            try:
                answer = calling.checked(hook, impl.run(arguments))
            except HTTPException:
                raise
            except (Exception, SystemExit) as error:
                self._failures.add(impl.owner, hook_name, error, pauses=False)
            else:
                if answer is not None:
                    return answer
        return None

    def failed(self, plugin: str, hook_name: str, error: BaseException) -> None:
        """Log and count a failure that came after the call: a block's template that cannot be rendered."""
        self._failures.add(plugin, hook_name, error)


def _hook(name: str, arguments: dict[str, Any]) -> Hook:
    hook = HOOKS.get(name)
    if hook is None:
        raise LookupError(f"There is no hook {name}; {did_you_mean(name, HOOKS)}")
    if set(arguments) != set(hook.arguments):
        raise TypeError(f"{name} takes {', '.join(hook.arguments)}, not {', '.join(arguments)}")
    return hook


def _run(hook: Hook, impl: Implementation, arguments: dict[str, Any]) -> Any:
    if hook.kind == "declare":
        return calling.declared(hook, impl, arguments)
    if hook.kind == "take part":
        calling.in_savepoint(hook, impl, arguments, arguments["db"])
        return None
    return calling.show(hook, impl, arguments)
