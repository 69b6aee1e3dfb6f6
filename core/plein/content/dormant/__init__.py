"""Items whose plugin is not installed: still there for whoever may see them, to read and to take along."""

from pyramid.config import Configurator
from pyramid.request import Request

from plein.content.dormant.contexts import DormantItem
from plein.content.dormant.views import show, take
from plein.spaces.permissions import VIEW

_ADDRESS = "/spaces/{space}/{path:[a-z][a-z0-9-]*}/{slug}"


class DormantPredicate:
    """Route predicate: the address is of a type whose plugin is not there. For all others it is no address at all."""

    def __init__(self, wanted: bool, _config: Configurator) -> None:
        self._wanted = wanted

    def text(self) -> str:
        return f"dormant = {self._wanted}"

    phash = text

    def __call__(self, info: dict[str, dict[str, str]], request: Request) -> bool:
        ladder = request.viewer.ladder
        return (ladder is not None and info["match"]["path"] in ladder.dormant) is self._wanted


def includeme(config: Configurator) -> None:
    """Comes after whatever plugins add: what they answer themselves is not dormant."""
    config.add_route_predicate("dormant", DormantPredicate)
    for name, more, view in (("show", "", show), ("take", "/raw", take)):
        config.add_route(f"content.dormant_{name}", _ADDRESS + more, factory=DormantItem, dormant=True)
        config.add_view(
            view,
            route_name=f"content.dormant_{name}",
            request_method="GET",
            permission=VIEW,
            renderer="plein:templates/content/dormant.pt" if name == "show" else None,
        )
