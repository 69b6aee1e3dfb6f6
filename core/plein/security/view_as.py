"""Looking at the site as a role or a group: only looking. Whoever does so changes nothing until they stop.

A view deriver refuses everything that may change something, but for the few views that say ``while_looking=True``: to
stop, to sign out, to choose language and appearance.
"""

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden
from pyramid.interfaces import IViewDeriverInfo
from pyramid.request import Request
from pyramid.response import Response

from plein.security.csrf import SAFE_METHODS
from plein.web.i18n import _


def only_looks(view: Any, info: IViewDeriverInfo) -> Any:
    """View deriver: while the viewer looks as somebody else, refuse what may change something."""
    if info.options.get("while_looking") or info.exception_only:
        return view

    def guarded(context: Any, request: Request) -> Response:
        if request.method not in SAFE_METHODS and request.viewer.view_as is not None:
            raise HTTPForbidden(
                _("You look at the site as somebody else sees it, and change nothing meanwhile. Stop looking first.")
            )
        answer: Response = view(context, request)
        return answer

    return guarded


only_looks.options = ("while_looking",)  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    config.add_view_deriver(only_looks, name="only_looks", under="declared_permission", over="secured_view")
