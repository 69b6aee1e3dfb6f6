"""Every page, on a phone and on a desk, light and dark: usable by everybody, nothing beside the screen."""

import gzip
from collections.abc import Callable
from typing import Protocol

import pytest
from playwright.sync_api import Page, Response

from plein.authoring.checks.looking import AXE_FILE, RULES

AXE = AXE_FILE.read_text("utf-8")

SPACE = "/spaces/handboek"
WIKI = f"{SPACE}/wiki"
SIGNED_IN = [
    "/",
    "/spaces",
    "/spaces?show=mine&q=niets",
    "/spaces/-/new",
    SPACE,
    f"{SPACE}/-/settings",
    f"{SPACE}/-/members",
    f"{SPACE}/-/permissions",
    f"{SPACE}/-/rules",
    f"{SPACE}/-/functions",
    "/functions",
    "/admin/packages",
    "/admin/packages/-/new",
    "/admin/asked-functions",
    "/admin/rules",
    "/admin/style",
    f"{WIKI}?view=table",
    f"{WIKI}?view=cards&show=draft",
    f"{SPACE}/-/address",
    f"{SPACE}/-/welcome",
    f"{SPACE}/-/archive",
    f"{SPACE}/-/invitations",
    "/spaces?show=archived",
    "/spaces/-/new?template=team",
    "/admin/spaces/templates",
    "/admin/spaces/templates/team",
    "/spaces/team",
    "/spaces/team/-/members",
    "/glossary",
    "/glossary/-/new",
    "/people",
    "/people/emre",
    "/groups",
    "/groups/-/new",
    "/people?show=table&q=e",
    "/people?q=bestaatniet",
    "/me/profile",
    "/me/preferences",
    "/me/sessions",
    "/me/confirm",
    "/me/data",
    "/me/review",
    "/me/review?show=all",
    "/me/security",
    "/me/security/app",
    "/me/security/passkey",
    "/me/confirm/factor",
    "/inbox",
    "/inbox?show=mine",
    "/inbox/catch-up?since=2020-01-01",
    "/me/following",
    "/me/following?kind=tag",
    "/me/notifications",
    "/admin/notifications",
    "/search",
    "/search?q=kader",
    "/search?q=bestaatniet",
    "/search?q=kader&state=all",
    "/admin/search",
    "/accessibility",
    "/tags",
    "/tags?order=letter",
    "/tags/mens-centraal",
    "/admin/tags",
    "/admin/tags/1",
    "/admin/tags/lists/new",
    "/admin",
    "/admin/users",
    "/admin/users/-/new",
    "/admin/users/emre",
    "/admin/users/emre/profile",
    "/admin/users/emre/handover",
    "/admin/users?only=guests",
    "/admin/handover",
    "/admin/person-fields",
    "/admin/person-fields/-/new",
    "/admin/directory",
    "/admin/spaces",
    "/admin/functions",
    "/admin/functions/wiki",
    "/admin/functions/wiki/step",
    "/admin/functions/wiki/history",
    "/admin/functions/wiki/why?user=emre&space=handboek",
    "/admin/plugins/wiki",
    "/admin/plugins/wiki/failures",
    "/admin/plugins",
    "/admin/settings",
    "/admin/jobs",
    "/admin/files",
    "/admin/permissions",
    "/admin/offices",
    "/admin/audit",
    "/admin/freshness",
    "/admin/freshness?show=all",
    f"{SPACE}/-/freshness?show=all",
    f"{WIKI}/het-kader/care",
    f"{WIKI}/het-kader/outdated",
    "/admin/audit?since=gisteren",
    "/admin/privacy",
    "/admin/privacy/register",
    "/admin/privacy/people/emre",
    WIKI,
    f"{WIKI}/-/new",
    f"{WIKI}/-/recent",
    f"{WIKI}/-/wanted",
    f"{WIKI}/-/orphans",
    f"{WIKI}/-/trash",
    f"{WIKI}/het-kader",
    f"{WIKI}/het-kader/edit",
    f"{WIKI}/het-kader/edit?section=user-content-nergens",
    "/me/unsaved",
    "/me/unsaved/0123456789abcdef",
    f"{SPACE}/-/item-templates",
    f"{SPACE}/-/item-templates/new",
    "/admin/item-templates",
    f"{WIKI}/het-kader/access",
    f"{SPACE}/-/access",
    f"{SPACE}/-/inspections",
    "/admin/access",
    f"/admin/access?what={WIKI}/het-kader&who=emre",
    "/admin/access?what=/admin/users&who=niemand",
    "/admin/inspections",
    f"{WIKI}/het-kader/history",
    f"{WIKI}/het-kader/links",
    f"{WIKI}/het-kader/also",
    f"{WIKI}/het-kader/files",
    f"{WIKI}/het-kader/move",
    f"{WIKI}/het-kader/place",
    f"{WIKI}/het-kader/print",
    f"{WIKI}/rollen/version/1",
    f"{WIKI}/rollen/diff?from=1&to=2",
    f"{WIKI}/leeg",
    f"{WIKI}/oud",
    f"{WIKI}/oud/purge",
    f"{WIKI}/vroeger",
    f"{WIKI}/vroeger/history",
    f"{WIKI}/rollen",
    f"{WIKI}/rollen/life",
    f"{WIKI}/rollen/copy",
    f"{WIKI}/rollen/move?space=team",
    f"{WIKI}/rollen/proposals",
    f"{WIKI}/rollen/proposals/1",
    "/me/writing",
    "/geen-pagina",
]
ANONYMOUS = [
    "/sign-in?next=/people",
    "/sign-in/local?next=/people",
    "/sign-in/forgot",
    "/sign-in/passkey?next=/people",
    "/oidc/werk/callback?state=verlopen",
    "/oidc/werk/left",
    "/sign-in/link/een-link-die-al-is-gebruikt-of-verlopen",
    "/accessibility",
    "/geen-pagina",
]
PAGES = [(path, True) for path in SIGNED_IN] + [(path, False) for path in ANONYMOUS]


class Served(Protocol):
    """What the fixture of that name gives."""

    url: str


#: Most kilobytes (1000 bytes) that a first visit may bring, compressed.
ALL, SCRIPT, STYLE = 100_000, 30_000, 35_000


#: What can differ when only the colours do.
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def violations(page: Page, rules: object = RULES) -> list[str]:
    """What axe finds, a line per rule with the places."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE} }} }}")
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
        ".then(answer => answer.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]))",
        rules,
    )
    return [f"{rule}: {places}" for rule, places in found]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("path", "signed_in"), PAGES)
def test_page_is_accessible_light_and_dark_and_fits(
    path: str, signed_in: bool, language: str, walk: Callable[..., Page]
) -> None:
    page = walk(path, signed_in=signed_in, locale=language)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    found = {}
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{width} px"] = ["wider than the screen"]
        for scheme, rules in (("light", RULES), ("dark", OF_COLOURS)):
            page.emulate_media(color_scheme=scheme)
            found[f"{width} px, {scheme}"] = violations(page, rules)
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", f"{WIKI}/het-kader", f"{WIKI}/het-kader/edit", "/me/preferences"])
def test_page_is_accessible_in_english_with_open_menus(path: str, look: Callable[..., Page]) -> None:
    page = look(locale="en-GB", reduced_motion="reduce")
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == "en"
    for menu in page.locator("details.menu").all():
        menu.evaluate("one => one.open = true")
        assert violations(page) == []
        menu.evaluate("one => one.open = false")
    assert page.locator("details.menu").count() >= 2


@pytest.mark.browser
@pytest.mark.parametrize("size", [(320, 256), (640, 512), (1600, 900)], ids=["400 %", "200 %", "wide"])
@pytest.mark.parametrize(
    "path", ["/", f"{WIKI}/het-kader", f"{WIKI}/rollen/diff?from=1&to=2", f"{WIKI}/het-kader/edit"]
)
def test_page_fits_at_any_zoom_and_larger_text(
    path: str, size: tuple[int, int], look: Callable[..., Page], served: Served
) -> None:
    page = look(width=size[0], height=size[1])
    page.context.add_cookies([{"name": "plein-look", "value": "text:larger.spacing:wide", "url": served.url}])
    page.goto(path)
    assert page.locator("html").get_attribute("data-text") == "larger"
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    if size[1] < 300:
        assert page.locator(".main-nav").evaluate("one => getComputedStyle(one).position") == "static"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "signed_in"),
    [(f"{WIKI}/het-kader", True), ("/", True), (f"{WIKI}/het-kader/edit", True), ("/sign-in", False)],
)
def test_first_visit_is_light_and_asks_no_other_host(path: str, signed_in: bool, look: Callable[..., Page]) -> None:
    page = look(signed_in=signed_in)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    own = page.url.split("/")[2]
    assert {answer.url.split("/")[2] for answer in answers} == {own}
    weights = {answer.url: (_weight(answer), answer.request.resource_type) for answer in answers}
    assert len(weights) >= 4
    assert sum(weight for weight, _ in weights.values()) <= ALL, weights
    assert sum(weight for weight, kind in weights.values() if kind == "script") <= SCRIPT
    assert sum(weight for weight, kind in weights.values() if kind == "stylesheet") <= STYLE


def _weight(answer: Response) -> int:
    # An answer without content has no body to ask for.
    body = b"" if answer.status == 204 else answer.body()
    return len(body) if answer.url.endswith(".woff2") else len(gzip.compress(body, 6))


@pytest.mark.browser
def test_static_files_come_compressed_and_are_kept_for_ever(look: Callable[..., Page]) -> None:
    page = look()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/", wait_until="networkidle")
    for answer in answers:
        if "/static/" in answer.url:
            assert "immutable" in answer.headers["cache-control"]
            assert answer.url.endswith(".woff2") or answer.headers["content-encoding"] == "gzip"
