"""Acts of administration ask whether it is still you: a session that somebody left open must not be enough for them.

A view deriver does it for every view that changes something with a permission that not everybody has, also for views
of plugins, so that nobody can forget it. How somebody proves it is not its business: ``plein.people`` says that.
"""

from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.interfaces import IViewDeriverInfo
from pyramid.request import Request

from plein.db import utcnow
from plein.security.csrf import SAFE_METHODS
from plein.security.permissions import ADMIN, ADMINISTRATION


def is_confirmed(request: Request) -> bool:
    """Whether the viewer proved who they are within ``plein.confirm_minutes``."""
    confirmed = request.viewer.confirmed_at
    minutes = request.plein["plein.confirm_minutes"]
    return confirmed is not None and confirmed > utcnow() - timedelta(minutes=minutes)


def asks_to_confirm(registry: Any, permission: str | None) -> bool:
    """Whether what needs *permission* is an act of administration: not everybody has it, by what it declares."""
    if permission in (ADMIN, ADMINISTRATION):
        return True
    declared = registry["plein.plugins"].permissions.get(permission)
    return declared is not None and declared.scope == "site" and "everyone" not in declared.roles


def step_up(view: Any, info: IViewDeriverInfo) -> Any:
    """View deriver: let whoever did not prove it lately do so first, and go on with what they were doing.

    A view says ``confirm=True`` where it is about something as weighty without being administration, and
    ``confirm=False`` where it is not; or names a function of the request that says whether to ask.
    """
    wanted = info.options.get("confirm")
    if wanted is None:
        wanted = asks_to_confirm(info.registry, info.options.get("permission"))
    if info.exception_only or not wanted:
        return view

    def confirmed_view(context: Any, request: Request) -> Any:
        if request.method in SAFE_METHODS or is_confirmed(request) or (callable(wanted) and not wanted(request)):
            return view(context, request)
        return request.registry["plein.ask_to_confirm"](request)

    return confirmed_view


step_up.options = ("confirm",)  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    # Below the permission and the token: who may not, and who was sent here, is told so first.
    config.add_view_deriver(step_up, name="step_up", under="csrf_view", over="rendered_view")
