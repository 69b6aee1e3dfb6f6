"""Return addresses: every way to write "another site" that browsers understand must come to nothing."""

import pytest
from elsewhere import ELSEWHERE

from plein.security.redirects import safe_path

HERE = [
    "/",
    "/spaces/handbook",
    "/spaces/handbook/wiki/leave?from=1&to=2",
    "/search?q=a%20b&next=//example.org",
    "/people/anna@example.nl",
    "/page#heading",
    "/a//b",
    "/spaces/-/new",
    "/%7Eanna",
]


@pytest.mark.parametrize("value", ELSEWHERE)
def test_address_of_another_site_gives_the_start_page(value: str) -> None:
    assert safe_path(value) == "/"


@pytest.mark.parametrize("value", HERE)
def test_path_of_this_site_is_kept(value: str) -> None:
    assert safe_path(value) == value


@pytest.mark.parametrize("value", [None, 3, b"/x", ["/x"], object()])
def test_what_is_no_text_gives_the_start_page(value: object) -> None:
    assert safe_path(value) == "/"


def test_other_letters_are_encoded_for_the_header() -> None:
    assert safe_path("/people/zoë?q=€") == "/people/zo%C3%AB?q=%E2%82%AC"


def test_half_of_a_sign_gives_the_start_page() -> None:
    assert safe_path("/\ud800") == "/"


def test_another_default_can_be_given() -> None:
    assert safe_path("//example.org", "/people") == "/people"
