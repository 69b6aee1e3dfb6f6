"""What is kept of the shell has an end, and where a page is in the site."""

import pytest

from plein.web.shell import KeptShells, Place


def test_what_was_used_longest_ago_goes_first() -> None:
    shells = KeptShells(size=2)
    shells.keep("a", [["1"]])
    shells.keep("b", [["2"]])
    assert shells.get("a") == [["1"]]
    shells.keep("c", [["3"]])
    assert (shells.get("a"), shells.get("b"), shells.get("c")) == ([["1"]], None, [["3"]])


@pytest.mark.parametrize(
    ("place", "link", "said"),
    [
        (Place("/", True, True), "/", "page"),
        (Place("/", True, False), "/", "true"),
        (Place("/", False, False), "/", None),
        (Place("/people", True, True), "/people", "page"),
        (Place("/people", True, False), "/people", "true"),
        (Place("/people", False, False), "/people", "true"),
        (Place("/people", True, True), "/spaces", None),
    ],
)
def test_link_says_whether_it_is_the_page_or_the_part_of_the_site(place: Place, link: str, said: str | None) -> None:
    assert place.current(link) == said
