"""The audit log: who did what, to what, with which result, from where and when. Each entry is chained to the last.

Floor 1: whatever changes rights, accounts, settings or data for everybody calls :func:`record`.
"""

from pyramid.config import Configurator

from plein.audit.log import ORIGIN, record, record_aside

__all__ = ["ORIGIN", "record", "record_aside"]


def includeme(config: Configurator) -> None:
    config.include("plein.audit.acts")
