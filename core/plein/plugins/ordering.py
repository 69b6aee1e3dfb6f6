"""The order in which plugins are loaded: after the plugins that their distributions require."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from packaging.utils import canonicalize_name

from plein.plugins.discovery import Candidate
from plein.plugins.distributions import applies, requirements
from plein.plugins.errors import PluginError


def needs(candidate: Candidate, others: Mapping[Any, Candidate]) -> list[str]:
    """The names of the plugins that *candidate* requires. *others*: plugins by the name of their distribution."""
    asked = (others.get(canonicalize_name(one.name)) for one in requirements(candidate.requires) if applies(one))
    return [other.name for other in asked if other is not None and other.name != candidate.name]


def in_order(candidates: Iterable[Candidate], off: Iterable[str]) -> list[Candidate]:
    """*candidates* without those in *off*, each after those that it requires; else as they were given.

    :raises PluginError: where they require one another in a circle, or one that is left out.
    """
    everybody = list(candidates)
    by_distribution = {canonicalize_name(one.distribution): one for one in everybody}
    loaded = [one for one in everybody if one.name not in off]
    graph: dict[str, list[str]] = {}
    for one in loaded:
        graph[one.name] = needs(one, by_distribution)
        for other in graph[one.name]:
            if other in off:
                raise PluginError(
                    f"Plugin {one.name} requires the plugin {other}, which is left out; "
                    f"let {other} in, or leave {one.name} out as well: plein.plugins_off = {other} {one.name}."
                )
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        raise PluginError(
            f"The plugins {' → '.join(circle)} require one another in a circle; take one of these out of the "
            f"dependencies in a pyproject.toml, or leave one out with plein.plugins_off = {circle[0]}."
        ) from None
    # Two of one name are a mistake that is told when they are registered.
    return sorted(loaded, key=lambda one: order.index(one.name))
