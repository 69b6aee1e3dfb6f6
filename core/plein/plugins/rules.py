"""The rules a plugin must keep: one word decides all its names, and its hooks are those that exist.

Each check raises :class:`PluginError` with one sentence that names the remedy.
"""

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pyramid.exceptions import ConfigurationConflictError
from sqlalchemy.orm import DeclarativeBase

from plein import __version__
from plein.contributions import ContentType
from plein.db import Base
from plein.hookspecs import HOOKS, Hook
from plein.plugins.discovery import Candidate
from plein.plugins.distributions import applies, requirements
from plein.plugins.errors import PluginError, UnfitPlugin, did_you_mean

#: Words that the core uses for its own routes, permissions and addresses.
RESERVED_NAMES = frozenset(
    [
        "access",
        "accessibility",
        "admin",
        "api",
        "approval",
        "attachment",
        "audit",
        "broken",
        "content",
        "core",
        "data",
        "directory",
        "external",
        "files",
        "freshness",
        "function",
        "functions",
        "glossary",
        "group",
        "groups",
        "health",
        "held",
        "home",
        "import",
        "inbox",
        "invitation",
        "invitations",
        "job",
        "jobs",
        "life",
        "link",
        "lost",
        "mail",
        "me",
        "notification",
        "outdated",
        "owner",
        "passkey",
        "pending",
        "people",
        "permission",
        "person",
        "picture",
        "plein",
        "plugin",
        "privacy",
        "proposal",
        "rate",
        "recovery",
        "relations",
        "report",
        "review",
        "rollout",
        "rules",
        "saved",
        "search",
        "security",
        "setting",
        "sign",
        "site",
        "space",
        "spaces",
        "static",
        "tag",
        "tags",
        "transfer",
        "unsubscribe",
        "user",
        "users",
        "web",
        "writing",
    ]
)

NAME = re.compile(r"[a-z][a-z0-9]*")


def check_candidate(candidate: Candidate, core_version: str = __version__) -> None:
    """The names and the version that a distribution's metadata say, before anything of it is imported."""
    name = candidate.name
    if not NAME.fullmatch(name):
        raise PluginError(
            f"Plugin {name!r} of {candidate.distribution} needs a name of one word in lower case; "
            "rename its entry point."
        )
    if name in RESERVED_NAMES:
        raise PluginError(f"Plugin {name} of {candidate.distribution} has a name that the core uses; give it another.")
    if candidate.package != f"plein_{name}":
        raise PluginError(
            f"Plugin {name} has the entry point {candidate.package!r}; its package must be called plein_{name}, "
            f'and the entry point must say {name} = "plein_{name}".'
        )
    if canonicalize_name(candidate.distribution) != f"plein-{name}":
        raise PluginError(
            f"Plugin {name} comes from the distribution {candidate.distribution!r}; "
            f"that must be called plein-{name}, so rename it in its pyproject.toml."
        )
    _check_version(candidate, core_version)


def _check_version(candidate: Candidate, core_version: str) -> None:
    wanted = requirement_on_core(candidate.requires)
    if wanted is None or not wanted.specifier:
        raise PluginError(
            f"Plugin {candidate.name} does not say which versions of Plein it works with; "
            'add dependencies = ["plein>=1,<2"] to its pyproject.toml.'
        )
    if not wanted.specifier.contains(core_version, prereleases=True):
        raise UnfitPlugin(
            f"Plugin {candidate.name} {candidate.version} needs plein{wanted.specifier} and this is Plein "
            f"{core_version}; install a version of {candidate.distribution} that fits, "
            f"or leave it out with plein.plugins_off = {candidate.name}."
        )


def requirement_on_core(requires: Iterable[str]) -> Requirement | None:
    """What a distribution's requirements say of the core; ``None`` for nothing."""
    named = (one for one in requirements(requires) if canonicalize_name(one.name) == "plein" and applies(one))
    return next(named, None)


def check_hooks(name: str, source: Any) -> None:
    """Every function of *source* that is marked as a hook's implementation, and those that forgot the mark."""
    for attribute in dir(source):
        function = getattr(source, attribute, None)
        if not inspect.isroutine(function):
            continue
        options = getattr(function, "plein_impl", None)
        if isinstance(options, dict):
            _check_options(name, attribute, options)
            _check_hook(name, attribute, function)
        elif attribute in HOOKS and getattr(function, "__module__", "") == getattr(source, "__name__", None):
            raise PluginError(f"Plugin {name} has a function {attribute} without @hookimpl; add it, or rename it.")


def _check_options(name: str, attribute: str, options: dict[str, Any]) -> None:
    used = [option for option, value in options.items() if value]
    if used:
        raise PluginError(
            f"Plugin {name} marks {attribute} with @hookimpl({used[0]}=…); write @hookimpl alone, "
            "and weight = … in the package for the order."
        )


def _check_hook(name: str, attribute: str, function: Any) -> None:
    hook = HOOKS.get(attribute)
    if hook is None:
        nearest = did_you_mean(attribute, HOOKS)
        raise UnfitPlugin(f"Plugin {name} implements {attribute}, and there is no such hook; {nearest}")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise PluginError(f"Plugin {name} implements {attribute} as async or with yield; write a plain function.")
    _check_arguments(name, hook, function)


def _check_arguments(name: str, hook: Hook, function: Any) -> None:
    takes = ", ".join(hook.arguments) or "no arguments"
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.name not in hook.arguments:
            raise UnfitPlugin(
                f"Plugin {name} implements {hook.name} with the argument {parameter}; the hook takes {takes}, "
                "and an implementation may leave out what it does not use."
            )


def check_prefix(name: str, what: str, full_name: str) -> None:
    """That *full_name* starts with the plugin's word."""
    if not full_name.startswith(f"{name}."):
        raise PluginError(
            f"Plugin {name} declares the {what} {full_name}; its name must start with '{name}.', "
            f"such as {name}.{full_name.rpartition('.')[2]}."
        )


def check_content_type(name: str, declared: ContentType, *, is_core: bool) -> None:
    """That a content type is the plugin's own, and its model is stored as that type."""
    if not is_core:
        check_prefix(name, "content type", declared.name)
    model = declared.model
    mapper = sqlalchemy.inspect(model, raiseerr=False)
    if mapper is None or mapper.inherits is None:
        raise PluginError(
            f"Plugin {name} declares {declared.name} with the model {model.__name__}, which is no content; "
            "let it inherit plein.api.Content."
        )
    if mapper.polymorphic_identity != declared.name:
        raise PluginError(
            f"Plugin {name} declares {declared.name} with the model {model.__name__}, which is stored as "
            f"{mapper.polymorphic_identity!r}; "
            f'give it __mapper_args__ = {{"polymorphic_identity": "{declared.name}"}}.'
        )


def check_tables(name: str, base: type[DeclarativeBase] = Base) -> None:
    """That the tables of the models in the plugin's package start with its word."""
    for mapper in base.registry.mappers:
        inherited = mapper.inherits is not None and mapper.local_table is mapper.inherits.local_table
        if mapper.class_.__module__.partition(".")[0] != f"plein_{name}" or inherited:
            continue
        table = str(getattr(mapper.local_table, "name", ""))
        if not table.startswith(f"{name}_"):
            raise PluginError(
                f"Plugin {name} has the table {table!r} ({mapper.class_.__name__}); "
                f"its name must start with '{name}_', such as {name}_{table}."
            )


def told_twice(error: ConfigurationConflictError) -> PluginError:
    """Two places that configure the same thing, such as a route, in one sentence."""
    what, places = next(iter(error._conflicts.items()))
    named = " ".join(str(part) for part in (what if isinstance(what, tuple) else (what,)) if isinstance(part, str))
    found = sorted({f"{place.file}, line {place.line}" for place in places})
    return PluginError(
        f"The {named or 'same thing'} is configured twice ({' and '.join(found)}); remove one of them, "
        "or leave its plugin out with plein.plugins_off."
    )


def check_routes(addresses: Mapping[str, Sequence[str]], routes: Iterable[tuple[str, str, str]]) -> None:
    """That the routes of plugins bear their word, in name and address.

    :param addresses: for each plugin what its addresses may start with, such as ``/wiki`` and
        ``/spaces/{space}/wiki``.
    :param routes: (route name, pattern, package that adds it), such as ``("hello.page", "/hello", "plein_hello")``.
        Those of other packages are left alone.
    """
    for route, pattern, package in routes:
        owner = package.partition(".")[0].removeprefix("plein_")
        if owner not in addresses:
            continue
        if not route.startswith(f"{owner}."):
            raise PluginError(
                f"Plugin {owner} adds the route {route}; its name must start with '{owner}.', "
                f"such as {owner}.{route.rpartition('.')[2]}."
            )
        path = "/" + pattern.lstrip("/")
        if not any(path == start or path.startswith(f"{start}/") for start in addresses[owner]):
            raise PluginError(
                f"Plugin {owner} adds the address {path} ({route}); it must start with {' or '.join(addresses[owner])}."
            )
