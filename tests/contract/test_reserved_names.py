"""A plugin cannot have a word that the core uses for tables, routes or addresses: theirs would be mixed up."""

from pathlib import Path

import pytest
from pyramid.interfaces import IRoutesMapper

from plein.app import Site, build_app, build_site
from plein.db import Base
from plein.plugins.rules import RESERVED_NAMES


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder: Path = tmp_path_factory.mktemp("names")
    values = {"plein.secret": "x" * 40, "plein.database_url": f"sqlite:///{folder}/plein.sqlite"}
    return build_site({**values, "plein.safe_mode": "yes"})


def test_first_words_of_routes_and_addresses_are_reserved(site: Site) -> None:
    routes = build_app(site).registry.getUtility(IRoutesMapper).get_routes()
    site.engine.dispose()
    words = {route.name.partition(".")[0] for route in routes}
    words |= {route.pattern.lstrip("/").partition("/")[0].split(".")[0] for route in routes}
    # What is no word of a plugin cannot be taken by one.
    words = {word for word in words if word.isalnum() and word.islower()}
    assert words - RESERVED_NAMES == set()


def test_first_words_of_tables_are_reserved(site: Site) -> None:
    mine = {
        mapper.local_table.name for mapper in Base.registry.mappers if mapper.class_.__module__.startswith("plein.")
    }
    # A plugin's own begin with its word and "_".
    assert {name.partition("_")[0] for name in mine if "_" in name} - RESERVED_NAMES == set()


def test_what_the_core_declares_bears_no_word_that_a_plugin_could_have(site: Site) -> None:
    """By the first word of a name Plein knows whose it is: a plugin of that name would take it along when it is off."""
    plugins = site.plugins
    declared = [*plugins.jobs, *plugins.permissions, *plugins.notifications, *plugins.content_types]
    assert {name.partition(".")[0] for name in declared} - RESERVED_NAMES == set()
