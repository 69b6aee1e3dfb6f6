"""Passkeys: adding them, signing in with them, and every answer that proves nothing."""

import json
from copy import deepcopy
from typing import Any

import pytest
from authenticator import ORIGIN, PRESENT, VERIFIED, Device, raw, text
from known_password import PASSWORD, PASSWORD_HASH
from sqlalchemy import select, update
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.db import utcnow
from plein.people.models import SignInSession, User
from plein.people.second_factor.models import Passkey, PasskeyChallenge
from plein.people.second_factor.passkeys import Site
from plein.security.cookies import session_cookie

HOST = ORIGIN.partition("//")[2]


@pytest.fixture
def settings_values(settings_values: dict[str, str]) -> dict[str, str]:
    """Browsers want a name instead of a number."""
    return settings_values | {"plein.base_url": ORIGIN}


@pytest.fixture
def site(app: TestApp) -> TestApp:
    return TestApp(app.app, extra_environ={"HTTP_HOST": HOST, "HTTP_ORIGIN": ORIGIN})


def another(site: TestApp) -> TestApp:
    return TestApp(site.app, extra_environ=site.extra_environ)


@pytest.fixture
def anna(make_user) -> User:
    return make_user("anna", name="Anna", password_hash=PASSWORD_HASH)


@pytest.fixture
def signed_in(site: TestApp, as_user) -> Any:
    def open_browser(user: User) -> TestApp:
        browser = another(site)
        name = session_cookie(site.app.registry)
        browser.set_cookie(name, as_user(user).cookies[name].strip('"'))
        return browser

    return open_browser


def token(browser: TestApp) -> str:
    return browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"]


def options(browser: TestApp, path: str) -> dict[str, Any]:
    found: dict[str, Any] = browser.post(f"{path}/options", {"csrf_token": token(browser)}, status=200).json
    return found


def add(browser: TestApp, device: Device, *, name: str = "Laptop", status: int = 303, **how: Any) -> Any:
    asked = options(browser, "/me/security/passkey")
    fields = {"credential": device.create(asked, **how), "handle": asked["user"]["id"], "name": name}
    return browser.post("/me/security/passkey", fields | {"csrf_token": token(browser)}, status=status)


def come_in(browser: TestApp, answer: str, *, status: int = 303, following: str = "/") -> Any:
    fields = {"credential": answer, "next": following, "csrf_token": token(browser)}
    return browser.post("/sign-in/passkey", fields, status=status)


def is_in(browser: TestApp) -> bool:
    return browser.get("/me/preferences", status="*").status_int == 200


def ask(db: Any, statement: Any) -> Any:
    db.rollback()
    found = db.scalars(statement).all()
    db.rollback()
    return found


@pytest.fixture
def device(anna: User, signed_in) -> Device:
    """Anna's, with a passkey for the site."""
    found = Device()
    add(signed_in(anna), found)
    return found


def test_passkey_is_added_with_its_name_and_shown(site, anna, signed_in, db) -> None:
    browser = signed_in(anna)
    answer = add(browser, Device(), name="Blauwe <b>sleutel</b>")
    assert "/me/security/recovery" in answer.location
    assert "Blauwe &lt;b&gt;sleutel&lt;/b&gt;" in browser.get("/me/security")
    add(browser, Device(), name="Telefoon")
    db.rollback()
    first, second = db.scalars(select(Passkey).order_by(Passkey.id)).all()
    assert first.handle == second.handle
    assert first.transports == "internal"
    assert "anna" not in raw(first.handle).decode("latin-1")
    db.rollback()
    assert ask(db, select(AuditEntry.action)).count("second_factor.added") == 2


def test_passkey_signs_in_without_a_password(site, anna, device, db) -> None:
    asked = options(site, "/sign-in/passkey")
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")
    answer = come_in(site, device.get(asked), following="/people")
    assert answer.location == f"{ORIGIN}/people"
    assert is_in(site)
    sessions = db.execute(select(SignInSession.method, SignInSession.strong).where(SignInSession.method == "passkey"))
    assert [tuple(row) for row in sessions] == [("passkey", True)]


def test_sign_in_page_offers_passkeys(site) -> None:
    page = site.get("/sign-in", {"next": "/people"})
    assert any("/sign-in/passkey?next=%2Fpeople" in link["href"] for link in page.html.select("a.button"))


def test_passkey_is_asked_for_after_the_password(site, anna, device) -> None:
    page = site.get("/sign-in")
    form = next(form for form in page.forms.values() if form.action == "/sign-in")
    form["login"], form["password"] = "anna", PASSWORD
    assert form.submit(status=303).location.endswith("/sign-in/second")
    asked = options(site, "/sign-in/second")
    assert [one["id"] for one in asked["allowCredentials"]] == [text(device.id)]
    fields = {"credential": device.get(asked, flags=PRESENT, handle=""), "csrf_token": token(site)}
    site.post("/sign-in/second", fields, status=303)
    assert is_in(site)


WRONG = {
    "another origin": {"origin": "https://example.org"},
    "another port": {"origin": "http://localhost:7777"},
    "another site": {"domain": "example.org"},
    "owner not checked": {"flags": PRESENT},
    "nobody there": {"flags": VERIFIED},
    "another person": {"handle": text(b"x" * 32)},
    "nobody in particular": {"handle": ""},
}


@pytest.mark.parametrize("how", list(WRONG.values()), ids=list(WRONG))
def test_answer_that_is_not_right_signs_nobody_in(site, device, db, how) -> None:
    asked = options(site, "/sign-in/passkey")
    page = come_in(site, device.get(asked, **how), status=422)
    assert "This passkey does not sign in here" in page
    assert not is_in(site)
    assert "second_factor.refused" in ask(db, select(AuditEntry.action))


def _without(answer: str, *path: str, value: Any = None) -> str:
    found = deepcopy(json.loads(answer))
    place = found
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(found)


def test_nonsense_signs_nobody_in_and_breaks_nothing(site, device) -> None:
    good = device.get(options(site, "/sign-in/passkey"))
    for answer in (
        "",
        "x",
        "[]",
        "{}",
        '{"response": 3}',
        "[" * 5000,
        "x" * 30_000,
        _without(good, "response", "signature"),
        _without(good, "response", "authenticatorData", value="!!"),
        _without(good, "response", "clientDataJSON", value=text(b"\xff")),
        _without(good, "response", "clientDataJSON", value=text(b"[]")),
        _without(good, "id", value="\ud800"),
    ):
        come_in(site, answer, status=422)
    assert not is_in(site)


def test_unknown_and_known_passkeys_get_the_same_answer(site, device) -> None:
    pages = []
    for one in (Device(handle=device.handle), device):
        answer = one.get(options(site, "/sign-in/passkey"), origin="https://example.org")
        pages.append(come_in(site, answer, status=422).html.find(class_="error-summary").get_text())
    assert len(set(pages)) == 1


def test_challenge_is_answered_once(site, device) -> None:
    asked = options(site, "/sign-in/passkey")
    come_in(site, device.get(asked))
    second = another(site)
    come_in(second, device.get(asked), status=422)
    assert not is_in(second)


def test_challenge_of_another_browser_is_not_answered_here(site, device) -> None:
    stolen = device.get(options(site, "/sign-in/passkey"))
    thief = another(site)
    come_in(thief, stolen, status=422)
    assert not is_in(thief)


def test_challenge_ends_after_five_minutes(site, device, db) -> None:
    asked = options(site, "/sign-in/passkey")
    db.execute(update(PasskeyChallenge).values(expires_at=utcnow()))
    db.commit()
    come_in(site, device.get(asked), status=422)


def test_challenge_for_adding_does_not_sign_in(site, anna, device, signed_in) -> None:
    browser = signed_in(anna)
    asked = options(browser, "/me/security/passkey")
    come_in(site, device.get({"challenge": asked["challenge"], "rpId": "localhost"}), status=422)
    assert not is_in(site)


def test_copied_device_is_refused_and_noted(site, device, db) -> None:
    copy = deepcopy_device(device)
    come_in(site, device.get(options(site, "/sign-in/passkey")))
    second = another(site)
    come_in(second, copy.get(options(second, "/sign-in/passkey")), status=422)
    assert not is_in(second)
    details = ask(db, select(AuditEntry.details).where(AuditEntry.action == "second_factor.refused"))
    assert details == [{"reason": "passkey copied"}]


def deepcopy_device(device: Device) -> Device:
    return Device(key=device.key, id=device.id, handle=device.handle, count=device.count)


@pytest.mark.parametrize("state", ["suspended", "left"])
def test_passkey_of_an_account_that_does_not_work_opens_nothing(site, anna, device, db, state) -> None:
    db.execute(update(User).where(User.id == anna.id).values(state=state))
    db.commit()
    come_in(site, device.get(options(site, "/sign-in/passkey")), status=422)
    assert not is_in(site)


def test_passkey_cannot_be_added_for_another_site_person_or_twice(site, anna, make_user, signed_in, db) -> None:
    browser, eve = signed_in(anna), signed_in(make_user("eve"))
    add(browser, Device(), origin="https://example.org", status=422)
    add(browser, Device(), domain="example.org", status=422)
    asked = options(eve, "/me/security/passkey")
    fields = {"credential": Device().create(asked), "handle": asked["user"]["id"], "name": "Hers"}
    browser.post("/me/security/passkey", fields | {"csrf_token": token(browser)}, status=422)
    asked = options(browser, "/me/security/passkey")
    fields = {"credential": Device().create(asked), "handle": text(b"y" * 32), "name": "Other handle"}
    browser.post("/me/security/passkey", fields | {"csrf_token": token(browser)}, status=422)
    assert ask(db, select(Passkey.id)) == []
    device = Device()
    add(browser, device)
    add(eve, device, status=422)
    assert ask(db, select(Passkey.user_id)) == [anna.id]


def test_fields_that_the_form_does_not_have_change_nothing(site, anna, make_user, signed_in, db) -> None:
    eve = make_user("eve")
    browser, device = signed_in(anna), Device()
    asked = options(browser, "/me/security/passkey")
    fields = {"credential": device.create(asked), "handle": asked["user"]["id"], "name": "Mine"}
    more = {"user_id": str(eve.id), "sign_count": "99", "public_key": "x", "id": "7", "credential_id": "other"}
    browser.post("/me/security/passkey", fields | more | {"csrf_token": token(browser)}, status=303)
    row = db.execute(select(Passkey.user_id, Passkey.sign_count, Passkey.credential_id)).one()
    assert tuple(row) == (anna.id, 0, text(device.id))


def test_passkey_of_somebody_else_cannot_be_removed(site, anna, device, make_user, signed_in, db) -> None:
    browser = signed_in(make_user("eve"))
    passkey_id = ask(db, select(Passkey.id))[0]
    path = f"/me/security/passkey/{passkey_id}/remove"
    browser.post(path, {"csrf_token": token(browser)}, status=404)
    assert len(ask(db, select(Passkey.id))) == 1
    mine = signed_in(anna)
    mine.post(path, {"csrf_token": token(mine)}, status=303)
    assert ask(db, select(Passkey.id)) == []


def test_site_without_a_name_or_tls_offers_no_passkeys() -> None:
    assert Site("https://plein.example.nl", "Plein").has_passkeys
    assert Site("http://localhost:6543", "Plein").has_passkeys
    assert not Site("http://127.0.0.1:6543", "Plein").has_passkeys
    assert not Site("https://[::1]", "Plein").has_passkeys
    assert not Site("http://plein.example.nl", "Plein").has_passkeys
