"""The house style as people meet it: it is there where it is chosen, and everybody can read it."""

import re
from pathlib import Path

import pytest

from plein.testing import contract_of

test_contract = contract_of("themeexample")

STYLE = Path(__file__).parents[1] / "plein_themeexample" / "static" / "theme.css"
SHEET = re.compile(r"/static/\w+/plugins/themeexample/theme\.css")


@pytest.fixture
def chosen(settings_values):
    settings_values["plein.theme"] = "themeexample"


def sheets(page):
    return [link["href"] for link in page.html.find_all("link", rel="stylesheet")]


def test_chosen_style_comes_last_for_everybody(chosen, app, as_user, make_user):
    for browser in (app, as_user(make_user("ann"))):
        own, theme = sheets(browser.get("/accessibility"))
        assert "plein.css" in own and SHEET.fullmatch(theme)


def test_style_that_is_not_chosen_is_not_there(app):
    assert len(sheets(app.get("/accessibility"))) == 1


def test_style_is_kept_by_browsers_and_stands_in_the_layer_of_themes(chosen, app):
    page = app.get("/accessibility")
    answer = app.get(sheets(page)[1])
    assert answer.content_type == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.text.startswith("@layer theme {")
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]


def test_files_beside_the_style_are_served(chosen, app):
    mark = sheets(app.get("/accessibility"))[1].replace("theme.css", "mark.svg")
    assert app.get(mark).content_type == "image/svg+xml"


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("night", [False, True])
def test_everybody_can_read_it_by_day_and_by_night(night):
    found = re.findall(r"--plein-([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)", STYLE.read_text("utf-8"))
    colours = {name: (day, dark)[night] for name, day, dark in found}
    ground, ink = ("#11181a", "#e8eeec") if night else ("#ffffff", "#161d1f")
    assert contrast(colours["accent"], ground) >= 4.5
    assert contrast(colours["accent"], colours["band"]) >= 4.5
    assert contrast(colours["accent-ink"], colours["accent"]) >= 4.5
    assert contrast(colours["accent-strong"], colours["accent-soft"]) >= 4.5
    assert contrast(ink, colours["band"]) >= 7
    assert contrast(colours["focus"], ground) >= 3
