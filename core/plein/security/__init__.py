"""Safe by default: who may do what, forged requests, headers, limits. Knows no table of people."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.include("plein.security.host")
    config.include("plein.security.headers")
    config.include("plein.security.limits")
    config.include("plein.security.bodies")
    config.include("plein.security.csrf")
    config.include("plein.security.permissions")
    config.include("plein.security.view_as")
    config.include("plein.security.policy")
    config.include("plein.security.step_up")
