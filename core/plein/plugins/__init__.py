"""Plugins: found, checked, registered, and called so that one that fails takes nothing else with it."""

from plein.db import migrate
from plein.plugins.discovery import Candidate, discover
from plein.plugins.errors import PluginError, TransactionLost
from plein.plugins.known import remember
from plein.plugins.registry import Answer, PluginInfo, Plugins, build_plugins

__all__ = [
    "Answer",
    "Candidate",
    "PluginError",
    "PluginInfo",
    "Plugins",
    "TransactionLost",
    "build_plugins",
    "discover",
]

migrate.after_upgrade.append(remember)
