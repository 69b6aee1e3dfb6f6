"""Every place that sends people on stays on this site, whatever it is told, and however that is written."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from elsewhere import ELSEWHERE
from known_password import PASSWORD, PASSWORD_HASH
from webtest import TestApp

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

#: NUL is refused at the door, wherever it stands.
WRITTEN = [one.encode("utf-8", "ignore").decode() for one in ELSEWHERE if "\0" not in one]

ORIGIN = "http://127.0.0.1:6543"

Ask = Callable[[Any, Any, str], Any]


def by_password(app: TestApp, _as_user: Any, following: str) -> Any:
    form = app.get("/sign-in/local").forms
    token = next(one["csrf_token"].value for one in form.values() if "password" in one.fields)
    return app.post("/sign-in", {"login": "anna", "password": PASSWORD, "next": following, "csrf_token": token})


def by_proxy(app: TestApp, _as_user: Any, following: str) -> Any:
    app.reset()
    said = {"HTTP_X_REMOTE_USER": "anna", "plein.peer": "10.0.0.1"}
    return app.get("/sign-in/sso", {"next": following}, extra_environ=said)


def already_signed_in(path: str) -> Ask:
    def ask(_app: TestApp, as_user: Any, following: str) -> Any:
        return as_user(None).get(path, {"next": following})

    return ask


def hidden_field(path: str) -> Ask:
    """The address as the form will send it on."""

    def ask(app: TestApp, _as_user: Any, following: str) -> Any:
        return app.get(path, {"next": following}, status="*").html.find("input", {"name": "next"})["value"]

    return ask


def on_to_the_form(app: TestApp, _as_user: Any, following: str) -> Any:
    answer = app.get("/sign-in/sso", {"next": following})
    assert urlsplit(answer.location).path == "/sign-in/local"
    return answer.follow().html.find("input", {"name": "next"})["value"]


def posted(path: str, **values: str) -> Ask:
    def ask(app: TestApp, _as_user: Any, following: str) -> Any:
        token = app.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"]
        return app.post(path, {**values, "next": following, "csrf_token": token})

    return ask


def sign_out(_app: TestApp, as_user: Any, following: str) -> Any:
    return as_user(None).post("/sign-out?next=x", {"next": following})


PLACES: dict[str, Ask] = {
    "sign in by password": by_password,
    "sign in by the proxy": by_proxy,
    "signed in already": already_signed_in("/sign-in"),
    "signed in already, at the form": already_signed_in("/sign-in/local"),
    "signed in already, silently": already_signed_in("/sign-in/sso"),
    "the form": hidden_field("/sign-in/local"),
    "the form without a ticket": hidden_field("/sign-in/no-ticket"),
    "silently, with nobody": on_to_the_form,
    "sign out": sign_out,
    "language": posted("/me/language", locale="en"),
    "appearance": posted("/me/appearance", theme="dark"),
}


@pytest.fixture
def site(settings_values: dict[str, str], request: pytest.FixtureRequest, make_user: Any) -> tuple[TestApp, Any]:
    limits = ("plein.write_limit", "plein.sign_in_limit")
    settings_values |= dict.fromkeys(limits, "10000")
    settings_values |= {"plein.remote_user_header": "X-Remote-User", "plein.remote_user_proxies": "10.0.0.1"}
    anna = make_user("anna", password_hash=PASSWORD_HASH)
    app, as_user = request.getfixturevalue("app"), request.getfixturevalue("as_user")
    return app, lambda _user: as_user(anna)


def lands_on(answer: Any) -> str:
    """The origin where a browser ends up, which resolves the address against the page it is on."""
    address = answer if isinstance(answer, str) else answer.location
    # As browsers do: blanks and control characters in front go, tabs and line ends go everywhere, \\ is /.
    read = "".join(sign for sign in address.lstrip("".join(map(chr, range(33)))) if sign not in "\t\r\n")
    parts = urlsplit(urljoin(f"{ORIGIN}/sign-in", read.replace("\\", "/")))
    return f"{parts.scheme}://{parts.netloc}"


@pytest.mark.parametrize("place", PLACES)
def test_no_address_leads_to_another_site(site: tuple[TestApp, Any], place: str, monkeypatch: Any) -> None:
    # What is hashed is not what is tested here, and there are many.
    monkeypatch.setattr("plein.people.accounts.verify_password", lambda *_: True)
    app, as_user = site
    for following in WRITTEN:
        app.reset()
        assert lands_on(PLACES[place](app, as_user, following)) == ORIGIN, repr(following)


def test_session_never_begins_on_the_way_to_another_site(site: tuple[TestApp, Any], monkeypatch: Any) -> None:
    # Pages of plugins, where providers answer, may forget to look at where somebody was going.
    monkeypatch.setattr("plein.people.sign_in.safe_next", lambda value: value)
    app, as_user = site
    for following in WRITTEN:
        assert lands_on(by_proxy(app, as_user, following)) == ORIGIN, repr(following)
