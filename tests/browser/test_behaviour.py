"""What pages do under a hand on the keyboard, with scripts and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PAGE = "/spaces/handboek/wiki/het-kader"
pytestmark = pytest.mark.browser


def test_skip_link_comes_first_and_leads_to_the_content(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(PAGE)
    page.keyboard.press("Tab")
    skip = page.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_focus_is_visible_on_every_stop_of_the_tab_key(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(PAGE)
    places = set()
    for _stop in range(40):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "() => { const one = document.activeElement, style = getComputedStyle(one);"
            " const box = one.getBoundingClientRect(), line = parseFloat(style.outlineWidth);"
            " return [one.outerHTML.slice(0, 120), style.outlineStyle, line, box.width, box.height] }"
        )
        if seen[0].startswith("<body"):
            break
        places.add(seen[0])
        assert seen[1] != "none" and seen[2] >= 2, seen
        assert seen[3] > 0 and seen[4] > 0, seen
    assert len(places) > 15


def test_targets_are_large_enough_for_a_finger(look: Callable[..., Page]) -> None:
    page = look(width=320, height=700, has_touch=True)
    page.goto(PAGE)
    small = page.evaluate(
        "() => [...document.querySelectorAll('.site-header a, .site-header summary, main .button, .tabs a')]"
        ".filter(one => one.offsetParent && one.getBoundingClientRect().height < 36)"
        ".map(one => one.outerHTML.slice(0, 150))"
    )
    assert small == []


def test_letters_go_places_but_never_while_typing(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(PAGE)
    page.keyboard.press("/")
    field = page.locator("#site-search")
    expect(field).to_be_focused()
    page.keyboard.type("gr?e")
    expect(field).to_have_value("gr?e")
    page.locator("#main").focus()
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/spaces")
    page.goto(PAGE)
    page.keyboard.press("e")
    page.wait_for_url(f"**{PAGE}/edit")


def test_slash_leads_to_a_field_to_type_in_on_a_narrow_screen_too(look: Callable[..., Page]) -> None:
    page = look(width=640)
    page.goto(PAGE)
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    field = page.locator("#search-text")
    expect(field).to_be_focused()
    page.keyboard.type("now")
    expect(field).to_have_value("now")
    page.locator("#main").focus()
    page.keyboard.press("/")
    expect(field).to_be_focused()


def test_list_of_keys_opens_and_can_turn_them_off(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(PAGE)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#keys button[name=keys][value=off]").click()
    page.wait_for_load_state()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    page.keyboard.press("e")
    page.keyboard.press("/")
    assert page.url.endswith(PAGE)
    expect(page.locator("#site-search")).not_to_be_focused()


def test_escape_and_a_click_elsewhere_close_a_menu(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(PAGE)
    menu = page.locator("details.me")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


def test_theme_changes_at_once_and_stays(look: Callable[..., Page]) -> None:
    page = look(color_scheme="light")
    page.goto(PAGE)
    page.locator("details.me > summary").click()
    with page.expect_response("**/me/appearance") as answer:
        page.locator("button[name=theme][value=dark]").click()
    assert answer.value.status == 204
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 24, 26)"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_preview_shows_the_text_as_it_will_look(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(f"{PAGE}/edit")
    field = page.locator("textarea[name=body]")
    field.fill("## Een kopje\n\nMet **nadruk** en <script>niets()</script>")
    page.locator(".preview-switch button").nth(1).click()
    pane = page.locator(".field .preview")
    expect(pane.locator("strong")).to_have_text("nadruk")
    expect(pane.locator("script")).to_have_count(0)
    expect(field).to_be_hidden()
    page.locator(".preview-switch button").nth(0).click()
    expect(field).to_be_focused()


def test_file_of_a_new_page_goes_along_until_it_is_left_out(look: Callable[..., Page]) -> None:
    page = look()
    page.goto("/spaces/handboek/wiki/-/new")
    body, held = page.locator("textarea[name=body]"), page.locator("input[name=held]")
    page.locator("#upload-files").set_input_files({"name": "een.txt", "mimeType": "text/plain", "buffer": b"een"})
    expect(held).to_have_count(1)
    expect(body).to_have_value(re.compile(r"\[een\]\(file:een\.txt\)"))
    page.locator(".uploads .files button").click()
    expect(held).to_have_count(0)
    expect(body).not_to_have_value(re.compile("file:"))
    expect(page.locator("#upload-files")).to_be_focused()


def leave(page: Page) -> None:
    """Go elsewhere, which asks first: what it asks is answered with staying."""
    here = page.url
    with page.expect_event("dialog") as asked:
        page.evaluate("() => { setTimeout(() => { location.href = '/' }, 0) }")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    assert page.url == here


def test_leaving_a_form_that_keeps_nothing_asks_first(look: Callable[..., Page]) -> None:
    page = look()
    page.on("dialog", lambda dialog: None)
    page.goto("/me/profile")
    page.locator("main form textarea").first.press_sequentially("x")
    leave(page)


def test_leaving_asks_first_while_what_is_typed_cannot_be_kept(look: Callable[..., Page]) -> None:
    page = look()
    page.on("dialog", lambda dialog: None)
    page.goto(f"{PAGE}/edit")
    keep = page.locator("form[data-keep]").get_attribute("data-keep")
    page.route(lambda address: address.endswith(keep), lambda route: route.fulfill(status=403, body=""))
    page.locator("textarea[name=body]").press_sequentially("x")
    expect(page.locator("[data-kept].error")).to_be_visible()
    leave(page)


def test_refused_form_puts_the_focus_on_what_is_wrong(look: Callable[..., Page]) -> None:
    page = look()
    page.goto("/spaces/-/new")
    page.locator("main form").first.evaluate("form => form.noValidate = true")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary a").first.click()
    expect(page.locator("#field-name")).to_be_focused()
    assert page.locator("#field-name").get_attribute("aria-invalid") == "true"


def test_table_of_contents_follows_the_reader(look: Callable[..., Page]) -> None:
    page = look(height=500)
    page.goto(PAGE)
    page.locator("#user-content-vragen").scroll_into_view_if_needed()
    page.mouse.wheel(0, 5000)
    expect(page.locator(".toc a[aria-current=location]")).to_have_text("Vragen")


def test_without_scripts_a_page_is_read_written_and_switched(look: Callable[..., Page]) -> None:
    page = look(java_script_enabled=False)
    page.goto(PAGE)
    # The side bar and the table of contents need no script on a wide screen.
    expect(page.locator(".toc nav a").first).to_be_visible()
    expect(page.locator(".space-menu nav a").first).to_be_visible()
    page.locator("details.me > summary").click()
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith(PAGE)
    page.goto("/spaces/handboek/wiki/leeg/edit")
    page.locator("textarea[name=body]").fill("Geschreven zonder scripts.")
    page.locator("form.editor button[type=submit].primary").click()
    expect(page.locator(".prose")).to_contain_text("Geschreven zonder scripts.")


def test_language_switch_works_for_a_visitor_without_scripts(look: Callable[..., Page]) -> None:
    page = look(signed_in=False, java_script_enabled=False)
    page.goto("/sign-in?next=/people")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.locator("button[name=locale][value=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/sign-in?next=/people")


def test_on_a_phone_the_menu_of_the_space_is_closed_until_asked_for(look: Callable[..., Page]) -> None:
    page = look(width=320, height=640)
    page.goto(PAGE)
    expect(page.locator(".space-menu nav").first).to_be_hidden()
    page.locator(".space-menu > summary").click()
    expect(page.locator(".space-menu nav").first).to_be_visible()
    bar = page.locator(".main-nav").bounding_box()
    assert bar is not None and bar["y"] > 500


def test_on_paper_only_the_page_itself_is_left(look: Callable[..., Page]) -> None:
    page = look()
    page.goto(PAGE)
    page.emulate_media(media="print")
    for gone in (".site-header", ".site-footer", ".side", ".aside", ".tabs"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".prose")).to_be_visible()
