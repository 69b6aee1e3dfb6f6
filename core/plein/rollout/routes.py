"""Addresses of the ladder's pages."""

from pyramid.config import Configurator

from plein.rollout.acts import ACTS


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
