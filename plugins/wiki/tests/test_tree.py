"""The page tree: what stands under what, and how a page moves in it. On both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from plein_wiki.models import WikiPage
from plein_wiki.services import Branch, MoveRefused, WikiService
from sqlalchemy.orm import Session

from plein.api import Space


@pytest.fixture
def writer(make_user: Callable[..., Any]) -> Any:
    return make_user("writer")


@pytest.fixture
def space(writer: Any, make_space: Callable[..., Any]) -> Any:
    return make_space("wiki", members={writer: "editor"})


@pytest.fixture
def service(
    plugins: Any, writer: Any, session_of: Callable[..., Session], viewer_of: Callable[..., Any]
) -> WikiService:
    content_type = plugins.content_types["wiki.page"]
    return WikiService(db=session_of(writer), viewer=viewer_of(writer), type=content_type, plugins=plugins)


def page(service: WikiService, space: Space, title: str, parent: Any = None, position: int = 0) -> WikiPage:
    here = service.db.get_one(Space, space.id)
    made: Any = service.create(here, title=title, parent_id=parent.id if parent else None, position=position)
    return made


def shape(branches: tuple[Branch, ...]) -> list[Any]:
    return [(one.title, shape(one.children)) if one.children else one.title for one in branches]


def test_the_tree_is_open_on_the_way_to_the_page_and_nowhere_else(space: Space, service: WikiService) -> None:
    top = page(service, space, "Top")
    below = page(service, space, "Below", top)
    deep = page(service, space, "Deep", below)
    page(service, space, "Sibling", top)
    other = page(service, space, "Other")
    page(service, space, "Hidden away", other)
    tree = service.tree(space, deep)
    assert shape(tree) == ["Other", ("Top", [("Below", ["Deep"]), "Sibling"])]
    assert [row.title for row in service.above(deep)] == ["Top", "Below"]
    assert next(one for one in tree if one.title == "Other").has_children


def test_position_comes_before_title(space: Space, service: WikiService) -> None:
    for title, position in (("A", 2), ("B", 1), ("C", 1)):
        page(service, space, title, position=position)
    assert shape(service.tree(space, None)) == ["B", "C", "A"]


def test_a_page_never_stands_under_itself(space: Space, service: WikiService) -> None:
    top = page(service, space, "Top")
    below = page(service, space, "Below", top)
    deep = page(service, space, "Deep", below)
    for target in (top, below, deep):
        with pytest.raises(MoveRefused):
            service.place(top, service.find(space, target.slug))
    service.place(deep, None)
    service.place(top, service.find(space, "deep"))
    assert shape(service.tree(space, below)) == [("Deep", [("Top", ["Below"])])]


def test_pages_below_a_deleted_page_move_up(space: Space, service: WikiService) -> None:
    top = page(service, space, "Top")
    middle = page(service, space, "Middle", top)
    deep = page(service, space, "Deep", middle)
    service.trash(middle)
    service.db.expire_all()
    assert shape(service.tree(space, deep)) == [("Top", ["Deep"])]


def test_a_page_that_leaves_the_space_leaves_its_pages_behind(
    space: Space, service: WikiService, make_space: Callable[..., Any]
) -> None:
    elsewhere = make_space("elsewhere")
    top = page(service, space, "Top")
    page(service, space, "Below", top)
    service.move_to_space(top, service.db.get_one(Space, elsewhere.id))
    service.db.expire_all()
    assert shape(service.tree(space, None)) == ["Below"]
    assert shape(service.tree(elsewhere, None)) == ["Top"]


def test_a_page_is_found_by_address_or_title(space: Space, service: WikiService) -> None:
    made = page(service, space, "Aan de slag")
    for text in ("aan-de-slag", "Aan de slag", " AAN DE SLAG "):
        found = service.find(space, text)
        assert found is not None and found.id == made.id
    assert service.find(space, "") is None
    assert service.find(space, "iets anders") is None
