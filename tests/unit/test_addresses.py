"""The quick way to the path of a route gives what Pyramid gives."""

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.request import Request

from plein.web.addresses import path_of


@pytest.fixture
def request_() -> Request:
    config = Configurator()
    config.add_route("page", "/spaces/{space}/wiki/{slug}")
    config.add_route("static", "/static/*path")
    config.add_route("twice", "/twice/{space}", pregenerator=lambda request, parts, values: (parts, {"space": "x"}))
    config.commit()
    request = Request.blank("/")
    request.registry = config.registry
    return request


@pytest.mark.parametrize(
    ("route", "parts"),
    [
        ("page", {"space": "garden", "slug": "moss"}),
        ("page", {"space": "a b", "slug": "é?#&/<\"'>"}),
        ("page", {"space": 7, "slug": b"caf\xc3\xa9"}),
        ("page", {"space": "garden", "slug": "moss", "unknown": "1"}),
        ("page", {"space": "garden", "slug": "moss", "_query": {"q": "a b"}, "_anchor": "top"}),
        ("static", {"path": ("css", "a b.css")}),
        ("twice", {"space": "garden"}),
    ],
)
@pytest.mark.parametrize("below", ["", "/below"])
def test_path_is_the_one_that_pyramid_gives(request_: Request, route: str, parts: dict[str, Any], below: str) -> None:
    request_.environ["SCRIPT_NAME"] = below
    assert path_of(request_, route, **parts) == request_.route_path(route, **parts)


@pytest.mark.parametrize(("route", "parts"), [("nothing", {}), ("page", {"space": "garden"})])
def test_route_or_part_that_is_missing_is_an_error(request_: Request, route: str, parts: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        path_of(request_, route, **parts)
