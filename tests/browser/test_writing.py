"""Writing in a browser: what is typed is kept and comes back, two people see each other, and keys do their work."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

WIKI = "/spaces/handboek/wiki"
pytestmark = pytest.mark.browser


def test_what_is_typed_is_kept_comes_back_and_is_seen_by_the_other(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(f"{WIKI}/rollen/edit")
    body = page.locator("textarea[name=body]")
    before = body.input_value()
    body.press("Control+End")
    page.keyboard.type("\n\nHalf een zin ")
    page.keyboard.press("Control+b")
    page.keyboard.type("vet")
    expect(body).to_have_value(f"{before.rstrip()}\n\nHalf een zin **vet**")
    expect(page.locator("[data-kept]")).to_contain_text("Bewaard om")

    # On another device: offered, and gone on with.
    other = look()
    other.goto(f"{WIKI}/rollen/edit")
    other.get_by_role("link", name="Ga ermee verder").click()
    again = other.locator("textarea[name=body]")
    expect(again).to_have_value(f"{before.rstrip()}\n\nHalf een zin **vet**")
    again.press("Control+End")
    other.keyboard.type(", en verder")
    expect(other.locator("[data-kept]")).to_contain_text("Bewaard om")

    # The first is told, and nothing is overwritten.
    body.press("Control+End")
    page.keyboard.type("!")
    expect(page.locator("[data-kept]")).to_contain_text("ander tabblad")
    page.get_by_role("button", name="Ga hier verder").click()
    expect(page.locator("[data-kept]")).to_contain_text("Bewaard om")
    other.close()

    # Saving ends it.
    body.fill(before)
    page.keyboard.press("Control+s")
    page.wait_for_url(f"**{WIKI}/rollen")
    page.goto(f"{WIKI}/rollen/edit")
    expect(page.get_by_role("link", name="Ga ermee verder")).to_have_count(0)


def test_a_heading_leads_to_its_own_part(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(f"{WIKI}/het-kader")
    page.locator(".prose h2 .edit-part").first.click()
    page.wait_for_url("**/edit?section=*")
    text = page.locator("textarea[name=body]").input_value()
    assert text.startswith("#") and text.count("\n## ") == 0
