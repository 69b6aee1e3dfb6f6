"""Passkeys in Chromium, with the virtual authenticator that it has for tests, in both languages."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from waitress.server import create_server

from plein.app import build_app, build_site
from plein.db import open_session
from plein.people.models import User
from plein.people.passwords import hash_password
from plein.testing import SECRET

PASSWORD = "paard lamp rivier"

WORDS = {
    "nl": {
        "in": "Inloggen",
        "login": "Naam waarmee je inlogt",
        "password": "Wachtwoord",
        "add": "Passkey toevoegen",
        "name": "Naam",
        "make": "Tien codes maken",
        "kept": "Ik heb deze codes op een veilige plek bewaard",
        "use": "Deze codes gebruiken",
        "without": "Inloggen met een passkey",
        "mine": "Mijn passkey gebruiken",
        "recovery": "Een herstelcode gebruiken",
        "cancelled": "Er is niets gebeurd",
    },
    "en": {
        "in": "Sign in",
        "login": "Name you sign in with",
        "password": "Password",
        "add": "Add passkey",
        "name": "Name",
        "make": "Make ten codes",
        "kept": "I have kept these codes in a safe place",
        "use": "Use these codes",
        "without": "Sign in with a passkey",
        "mine": "Use my passkey",
        "recovery": "Use a recovery code",
        "cancelled": "Nothing happened",
    },
}


@pytest.fixture(scope="module")
def address(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site that is called localhost: browsers have no passkeys for a number. Everybody needs a second factor."""
    folder = tmp_path_factory.mktemp("passkeys")
    (folder / "plein.sqlite").write_bytes(sqlite_template.read_bytes())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = build_site(
        {
            "plein.database_url": f"sqlite:///{folder / 'plein.sqlite'}",
            "plein.secret": SECRET,
            "plein.base_url": f"http://localhost:{port}",
            "plein.files_dir": str(folder / "files"),
            "plein.cache_dir": str(Path(".cache/templates").resolve()),
            "plein.second_factor": "everyone",
            "plein.write_limit": "6000",
        }
    )
    with open_session(site.engine, writes=True) as db, db.begin():
        for login in ("nl", "en", "cancel"):
            db.add(User(uid=login, login=f"anna-{login}", name="Anna", password_hash=hash_password(PASSWORD)))
    server = create_server(build_app(site), host="127.0.0.1", port=port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://localhost:{port}"
    server.pull_trigger()
    server.close()
    thread.join(timeout=5)
    site.engine.dispose()


@pytest.fixture
def window(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """``window("nl")``: a browser in that language, with a device that says yes by itself. Errors fail the test."""
    opened, errors = [], []

    def open_window(locale: str, *, agrees: bool = True) -> Page:
        context = chromium.new_context(base_url=address, locale={"nl": "nl-NL", "en": "en-GB"}[locale])
        context.set_default_timeout(15_000)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": agrees,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        return page

    yield open_window
    for context in opened:
        context.close()
    assert errors == []


def give_password(page: Page, login: str, words: dict[str, str]) -> None:
    page.goto("/sign-in")
    page.get_by_label(words["login"]).fill(login)
    page.get_by_label(words["password"]).fill(PASSWORD)
    page.get_by_role("button", name=words["in"], exact=True).click()


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["nl", "en"])
def test_passkey_is_added_and_signs_in_after_the_password_and_alone(locale: str, window: Callable[..., Page]) -> None:
    words, page = WORDS[locale], window(locale)
    give_password(page, f"anna-{locale}", words)
    # Everybody needs one here, so that signing in leads to where it is set up.
    page.wait_for_url("**/me/security")
    page.goto("/me/security/passkey")
    page.get_by_label(words["name"], exact=True).fill("Laptop")
    page.get_by_role("button", name=words["add"], exact=True).click()
    page.wait_for_url("**/me/security/recovery*")
    page.get_by_role("button", name=words["make"]).click()
    shown = page.locator("[data-codes] code")
    expect(shown).to_have_count(10)
    codes = shown.all_text_contents()
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert Path(download.value.path()).read_text("utf-8").split() == codes
    page.get_by_label(words["kept"]).check()
    page.get_by_role("button", name=words["use"]).click()
    page.wait_for_url("**/me/security")
    expect(page.get_by_text("Laptop")).to_be_visible()

    def sign_out() -> None:
        page.goto("/accessibility")
        page.evaluate("document.querySelector('form[action$=\"/sign-out\"]').submit()")
        page.wait_for_url("**/sign-in**")

    sign_out()
    give_password(page, f"anna-{locale}", words)
    page.wait_for_url("**/sign-in/second")
    page.get_by_role("button", name=words["mine"]).click()
    page.wait_for_url(lambda url: url.endswith("/"))
    sign_out()
    page.goto("/sign-in")
    page.get_by_role("link", name=words["without"]).click()
    page.get_by_role("button", name=words["mine"]).click()
    page.wait_for_url(lambda url: url.endswith("/"))
    page.goto("/me/preferences")
    expect(page.locator("[name=name]")).to_have_value("Anna")
    sign_out()
    give_password(page, f"anna-{locale}", words)
    page.get_by_role("link", name=words["recovery"]).click()
    page.locator("[name=code]").fill(codes[0])
    page.get_by_role("button", name=words["in"], exact=True).click()
    page.wait_for_url(lambda url: url.endswith("/"))


@pytest.mark.browser
def test_what_goes_wrong_is_said_in_words_and_can_be_tried_again(window: Callable[..., Page]) -> None:
    words, page = WORDS["nl"], window("nl", agrees=False)
    page.goto("/sign-in/passkey")
    page.get_by_role("button", name=words["mine"]).click()
    expect(page.locator("[data-message]")).to_contain_text(words["cancelled"])
    expect(page.get_by_role("button", name=words["mine"])).to_be_enabled()


@pytest.mark.browser
def test_without_scripts_the_page_says_so(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="nl-NL")
    page = context.new_page()
    page.goto("/sign-in/passkey")
    # This way of switching scripts off does not show it, but a browser without them does.
    assert "Voor passkeys is JavaScript nodig" in page.locator("main noscript").text_content()
    expect(page.locator("form[data-passkey]")).to_be_hidden()
    context.close()
