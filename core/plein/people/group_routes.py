"""Addresses of groups. What is no group's own stands behind ``/-/``, which no group can be called."""

from pyramid.config import Configurator

_ROUTES = (
    ("groups.list", "/groups"),
    ("groups.new", "/groups/-/new"),
    ("groups.show", "/groups/{group}"),
    ("groups.edit", "/groups/{group}/edit"),
    ("groups.delete", "/groups/{group}/delete"),
    ("groups.add", "/groups/{group}/people"),
    ("groups.remove", r"/groups/{group}/people/{user:\d{1,18}}/remove"),
    ("groups.nest", "/groups/{group}/groups"),
    ("groups.unnest", "/groups/{group}/groups/{child}/remove"),
)


def includeme(config: Configurator) -> None:
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.scan("plein.people.group_views")
