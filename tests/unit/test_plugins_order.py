"""Plugins that require plugins: the order in which they are loaded, and what two of them configure both."""

import dataclasses
from types import ModuleType

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError

from plein.plugins import Candidate, PluginError, Plugins, build_plugins, rules


def candidate(name: str = "blog", **values) -> Candidate:
    made = Candidate(
        name, f"plein_{name}", f"plein-{name}", "1.0", ("plein>=1,<2",), lambda: ModuleType(f"plein_{name}")
    )
    return dataclasses.replace(made, **values)


def build(*candidates: Candidate, plugins_off: str = "") -> Plugins:
    return build_plugins({"plein.plugins_off": plugins_off}, environ={}, candidates=candidates)


def refusal(*candidates: Candidate) -> str:
    with pytest.raises(PluginError) as caught:
        build(*candidates)
    return str(caught.value)


def needing(name: str, *others: str) -> Candidate:
    return candidate(name, requires=("plein>=1,<2", *(f"plein-{other}>=1" for other in others)))


def test_plugin_is_loaded_after_the_plugins_that_it_requires():
    loaded = []

    def load(name: str):
        return lambda: loaded.append(name) or ModuleType(name)

    wanted = (("ape", "zoo"), ("cat",), ("zoo",))
    build(*(dataclasses.replace(needing(*names), load=load(names[0])) for names in wanted))
    assert loaded.index("zoo") < loaded.index("ape")


def test_circle_of_plugins_is_one_sentence():
    assert refusal(needing("ape", "bear"), needing("bear", "cat"), needing("cat", "ape")) == (
        "The plugins ape → bear → cat → ape require one another in a circle; take one of these out of the "
        "dependencies in a pyproject.toml, or leave one out with plein.plugins_off = ape."
    )


def test_plugin_whose_other_plugin_is_left_out_is_one_sentence():
    with pytest.raises(PluginError) as caught:
        build(needing("ape", "bear"), needing("bear"), plugins_off="bear")
    assert str(caught.value) == (
        "Plugin ape requires the plugin bear, which is left out; "
        "let bear in, or leave ape out as well: plein.plugins_off = bear ape."
    )


def test_requirements_that_are_no_plugins_do_not_matter():
    others = ("requests", "not a requirement", "plein-gone; extra == 'x'")
    assert build(candidate(requires=("plein>=1,<2", *others))).plugins


def test_what_is_configured_twice_is_one_sentence():
    def once(config):
        config.add_route("blog.home", "/blog")

    def again(config):
        config.add_route("blog.home", "/blog/again")

    config = Configurator()
    config.include(once)
    config.include(again)
    with pytest.raises(ConfigurationConflictError) as caught:
        config.commit()
    sentence = str(rules.told_twice(caught.value))
    assert (
        sentence.startswith("The route blog.home is configured twice (") and "test_plugins_order.py, line" in sentence
    )
    assert sentence.endswith("remove one of them, or leave its plugin out with plein.plugins_off.")
