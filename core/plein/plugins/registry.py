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
import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException

from plein import hookspecs
from plein.db.session import VIEWER
from plein.hookspecs import HOOKS, Hook
from plein.plugins import calling
from plein.plugins.calling import Implementation
from plein.plugins.declarations import Declarations
from plein.plugins.discovery import Candidate, discover, import_package
from plein.plugins.errors import PluginError, TransactionLost, UnfitPlugin, did_you_mean
from plein.plugins.failures import Failures, Store
from plein.plugins.looking import hooks_of
from plein.plugins.ordering import in_order
from plein.plugins.rules import (
    check_candidate,
    check_hooks,
    check_routes,
)
from plein.plugins.spent import Spent
from plein.plugins.watching import HookEnded, HookTooSlow, Run
from plein.settings import CORE_SETTINGS, load_settings, variable_name

#: Kinds of hooks that are left out while their plugin is paused. What declares and what signs people in goes on.
PAUSABLE = ("show", "take part", "react")

#: In the environment of a request: who ended its transaction where nobody is paused.
_PASSED_OVER = "plein.passed_over"

log = structlog.get_logger(__name__)

#: Hooks by which people sign in.
SIGN_IN_HOOKS = frozenset({"register_sign_in_methods", "authenticate"})


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


class Answers(list[Answer]):
    """What the implementations of a hook returned. ``failed``: the plugins that failed this time."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[str] = []


def build_plugins(
    settings_values: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    candidates: Iterable[Candidate] | None = None,
    clock: Callable[[], float] = time.monotonic,
    leaves_out: bool = False,
) -> "Plugins":
    """The plugins of one application: discovered, checked and registered.

    :param settings_values: the configuration file; ``plein.plugins_off`` and ``plein.safe_mode`` say what is loaded.
    :param environ: the environment, which goes before the file; that of the process where not given.
    :param candidates: the plugins to choose from, instead of those that are installed.
    :param leaves_out: go on without a plugin that does not fit this version of Plein, which is logged and shown to
        administrators; but not without a way to sign in that somebody configured.
    :raises PluginError: for a plugin that breaks a rule.
    :raises SettingsError: where one of the two settings cannot be read.
    """
    values, around = settings_values or {}, os.environ if environ is None else environ
    off, safe_mode = _switches(values, around)
    plugins = Plugins(clock=clock)
    found = list(discover() if candidates is None else candidates)
    plugins.off = tuple(one.name for one in found if safe_mode or one.name in off)
    for candidate in in_order(found, plugins.off):
        try:
            plugins.add(candidate)
        except UnfitPlugin as error:
            if not leaves_out:
                raise
            _require_way_in(candidate, error, values, around)
            plugins.leave_out(candidate.name, str(error))
    return plugins


def _require_way_in(
    candidate: Candidate, error: UnfitPlugin, values: Mapping[str, Any], environ: Mapping[str, str]
) -> None:
    """Stop where the plugin is how people sign in here: a site that nobody can enter is worse than one that is off."""
    settings = [key for key in values if key.startswith(f"{candidate.name}.")]
    settings += [key for key in environ if key.startswith(variable_name(f"{candidate.name}."))]
    if settings and not SIGN_IN_HOOKS.isdisjoint(hooks_of(candidate.package)):
        raise PluginError(f"{error} People sign in here by it ({settings[0]}), so Plein does not start without it.")


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


class Plugins(Declarations):
    """The plugins of one application, with what they declared.

    :ivar plugins: those loaded, by name.
    :ivar off: the names of those that are installed and not loaded; *refused* says why, where they do not fit.
    :ivar spent: what each plugin cost in this process.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.plugins: list[PluginInfo] = []
        self.off: tuple[str, ...] = ()
        self.refused: dict[str, str] = {}
        self.spent = Spent()
        self._failures = Failures(clock)
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
        """The plugins whose hooks are left out because they kept failing, until somebody resumes them."""
        paused = self._failures.paused()
        return tuple(info.name for info in self.plugins if info.name in paused)

    def store_failures_in(self, store: Store) -> None:
        """Keep failures and pauses where all processes see them."""
        self._failures.store_in(store)

    def failures_are_stored(self) -> bool:
        """Wait until a thread has stored what went wrong, and say whether it has."""
        return self._failures.wait()

    def resumed(self, plugin: str) -> None:
        """Let a plugin take part again, in this process; whoever says so has ended its pause in the store."""
        self._failures.resume(plugin)

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

    def leave_out(self, name: str, reason: str) -> None:
        """Go on without a plugin that is installed and does not fit."""
        self.off += (name,)
        self.refused[name] = reason
        log.error("plugin.refused", plugin=name, reason=reason)

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
        return self.info(name) is not None

    def info(self, name: str) -> PluginInfo | None:
        """The loaded plugin of this name."""
        return next((info for info in self.plugins if info.name == name), None)

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

    def call(self, hook_name: str, /, **arguments: Any) -> Answers:
        """What each implementation answers: the core's first, then the plugins' by weight and name.

        A plugin that raises, hangs, answers something else than the hook says, or is paused, is left out: that is
        logged and counted, and goes no further. What the core's own implementations raise is not caught.

        :raises LookupError: for an unknown hook.
        :raises TypeError: for other arguments than the hook's.
        :raises PluginError: from a plugin's ``register_`` hook that fails.
        :raises TransactionLost: where a plugin ended the transaction that it took part in: nothing may pass as saved
            then. The request is tried again by itself, without that plugin.
        """
        hook = _hook(hook_name, arguments)
        answers = Answers()
        for impl in self._implementations[hook_name]:
            if impl.is_core:
                value = impl.run(arguments)
                answers.append(Answer(impl.owner, [] if value is None and hook.item_type else value))
            elif hook.kind == "declare":
                answers.append(Answer(impl.owner, calling.declared(hook, impl, arguments)))
            elif self._is_asked(impl.owner, hook, arguments):
                calling.settle(hook, arguments)
                self._ask(hook, impl, arguments, answers)
        return answers

    def _is_asked(self, owner: str, hook: Hook, arguments: dict[str, Any]) -> bool:
        if hook.kind in PAUSABLE and self._failures.is_paused(owner, _number(arguments)):
            return False
        return self.is_there is None or self.is_there(owner, hook, arguments)

    def _ask(self, hook: Hook, impl: Implementation, arguments: dict[str, Any], answers: Answers) -> None:
        def answer() -> Any:
            return calling.answered(hook, impl.run(arguments))

        try:
            answers.append(Answer(impl.owner, self._apart(hook, impl.owner, arguments, answer)))
        except (KeyboardInterrupt, HookEnded, TransactionLost):
            raise
        except BaseException:
            # Counted already. SystemExit too: a plugin must not be able to end the process.
            answers.failed.append(impl.owner)

    def _apart(self, hook: Hook, owner: str, arguments: dict[str, Any], function: Callable[[], Any]) -> Any:
        """What a plugin's *function* returns. What it raises is counted, and raised on."""
        run = calling.new_run(hook, owner, arguments)
        try:
            return calling.apart(hook, run, function, self._hangs)
        except (KeyboardInterrupt, HookEnded, HTTPException):
            raise
        except BaseException as error:
            run.failed = True
            if not run.is_stuck:
                self._fails(run, error, pauses=isinstance(error, TransactionLost) and owner in str(error))
            raise
        finally:
            self.spent.add(run)

    def _hangs(self, run: Run) -> None:
        """Nothing ends it. Only the requests that are in it wait: for everybody else it is paused."""
        self._fails(run, HookTooSlow(f"hangs for more than {run.limit.ends:g} s, and cannot be ended"), pauses=True)

    def _fails(self, run: Run, error: BaseException, *, pauses: bool) -> None:
        self._failures.add(
            run.plugin,
            run.hook,
            error,
            counts=HOOKS[run.hook].kind in PAUSABLE and run.plugin not in self._core,
            pauses=pauses,
            hung=run.is_late,
            path=str(getattr(run.arguments.get("request"), "path", "")),
            seconds=run.seconds,
        )

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
        passed_over = getattr(arguments["request"], "environ", {}).setdefault(_PASSED_OVER, set())
        for impl in self._implementations[hook_name]:
            if (impl.owner, hook_name) in passed_over:
                continue

            def answer(impl: Implementation = impl) -> Any:
                return calling.answered(hook, impl.run(arguments))

            try:
                found = self._apart(hook, impl.owner, arguments, answer)
            except (KeyboardInterrupt, HookEnded, HTTPException):
                raise
            except TransactionLost:
                # Not paused, so passed over when this request is tried again.
                passed_over.add((impl.owner, hook_name))
                raise
            except BaseException:
                # Counted already; somebody else may know.
                found = None
            if found is not None:
                return found
        return None

    def part(self, plugin: str, hook_name: str, request: Any, function: Callable[[], Any]) -> Any:
        """What *function* returns, which makes a part of a page of what *plugin* answered to a hook.

        Where it fails, that is counted as a failure of the hook, and the answer is ``None``.
        """
        try:
            return self._apart(HOOKS[hook_name], plugin, {"request": request}, function)
        except (KeyboardInterrupt, HookEnded, TransactionLost):
            raise
        except BaseException:
            return None


def _hook(name: str, arguments: dict[str, Any]) -> Hook:
    hook = HOOKS.get(name)
    if hook is None:
        raise LookupError(f"There is no hook {name}; {did_you_mean(name, HOOKS)}")
    if set(arguments) != set(hook.arguments):
        raise TypeError(f"{name} takes {', '.join(hook.arguments)}, not {', '.join(arguments)}")
    return hook


def _number(arguments: dict[str, Any]) -> int | None:
    """The number of the last change of rights and pauses that who asks brings along; ``None`` where nobody does."""
    given = vars(arguments["request"]) if "request" in arguments else arguments["db"].info
    viewer = given.get(VIEWER)
    # The viewer of a job was not found by a session, and knows no number.
    return None if viewer is None or viewer.session_id is None else viewer.rights
