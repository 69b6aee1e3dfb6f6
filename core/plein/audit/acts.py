"""What the actions in the audit log are called, in people's words: each feature adds those that it records.

    config.add_audit_acts({"group.created": _("Group made")})

A test looks for an action that is recorded somewhere and has no words here.
"""

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator

ACTS = "plein.audit_acts"


def add_audit_acts(config: Configurator, acts: Mapping[str, Any]) -> None:
    """Directive: say in a few words what each action is, whoever did it and whether or not it was refused."""

    def register() -> None:
        registry: Any = config.registry
        registry[ACTS] = {**registry.get(ACTS, {}), **acts}

    for action in acts:
        config.action((ACTS, action))
    config.action(None, register)


def includeme(config: Configurator) -> None:
    config.add_directive("add_audit_acts", add_audit_acts)
