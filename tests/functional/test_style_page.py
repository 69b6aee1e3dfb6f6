"""``/admin/style`` shows every macro and token there is: it is made of their files."""

import re
from collections.abc import Callable

import pytest
from webtest import TestApp

from plein.authoring.samples import ELSEWHERE, SAMPLES
from plein.authoring.style import FOR_EVERYBODY, macros, tokens
from plein.web.templating import TEMPLATES


@pytest.fixture
def page(as_user: Callable[..., TestApp], make_user: Callable) -> object:
    return as_user(make_user("admin", is_admin=True, locale="en")).get("/admin/style").html


def defined(*files: str) -> set[str]:
    sources = [path.read_text() for path in (TEMPLATES / "macros").glob("*.pt") if not files or path.stem in files]
    return {name for source in sources for name in re.findall(r'define-macro="(\w+)"', source)}


def test_every_macro_for_everybody_is_shown_live_or_says_where() -> None:
    assert defined(*FOR_EVERYBODY) == set(SAMPLES) | set(ELSEWHERE)


def test_every_macro_is_on_the_page(page: object) -> None:
    assert {one.name for one in macros()} == defined()
    live = {one["id"].removeprefix("macro-") for one in page.find_all("h3", id=True)}
    named = {one.code.text for one in page.find_all("dt") if one.code}
    assert live | named == defined()
    assert live == set(SAMPLES)


def test_what_is_written_stands_with_what_comes_of_it(page: object) -> None:
    tabs = page.find("h3", id="macro-tabs").parent
    assert "macros.tabs" in tabs.find("pre").text and "_('Spaces')" in tabs.find("pre").text
    assert [one.text.strip() for one in tabs.find("nav").find_all("span", class_=False)] == ["Spaces", "People"]


def test_every_token_has_its_value(page: object) -> None:
    shown = {row.th.code.text: row.td.code.text for row in page.find_all("tr") if row.td and row.th and row.th.code}
    assert shown == dict(tokens())
    assert shown["--plein-1"] == "0.5rem" and len(shown) > 40


def test_it_is_there_in_dutch(as_user: Callable[..., TestApp], make_user: Callable) -> None:
    page = as_user(make_user("admin", is_admin=True, locale="nl")).get("/admin/style").html
    assert page.find("h1").text == "Hoe Plein eruitziet"
    assert "Verplicht" in page.find("h3", id="macro-field").parent.text or "Titel" in page.text
