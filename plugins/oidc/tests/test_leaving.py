"""Signing out: here, then at the provider; and because the provider says so, once, in a message that it signed."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from forger import Forger
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plein.api import Base

SESSIONS = Base.metadata.tables["sign_in_session"]
BACK_CHANNEL = "/oidc/work/back-channel"


def sessions(db: Session) -> int:
    """How many there are. Lets go of the database at once: SQLite has one lock for whoever may write."""
    found = db.scalar(select(func.count()).select_from(SESSIONS)) or 0
    db.rollback()
    return found


def sign_out(site: Any) -> Any:
    page = site.app.get("/")
    return next(form for form in page.forms.values() if form.action.endswith("/sign-out")).submit()


def tell(site: Any, token: str, **kwargs: Any) -> Any:
    return site.app.post(BACK_CHANNEL, {"logout_token": token}, status="*", **kwargs)


# --- here, and then there ----------------------------------------------------------------------------------------


def test_signing_out_here_offers_to_do_so_at_the_provider(site: Any, forger: Forger, db: Session) -> None:
    site.enter()
    page = sign_out(site).follow()
    assert sessions(db) == 0
    assert "you are still signed in" in page and "Refresh" not in page.headers
    there = page.html.find("a", class_="button")["href"]
    asked = parse_qs(urlsplit(there).query)
    assert there.startswith(f"{forger.issuer}/out?")
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1:6543/oidc/work/left"]
    assert asked["id_token_hint"][0].count(".") == 2 and asked["client_id"] == ["plein"]
    back = site.app.get("/oidc/work/left")
    assert "here and at Municipality" in back
    assert "still signed in" not in site.app.get("/oidc/work/signed-out")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_signing_out_at_both_at_once(oidc_settings: dict[str, str], request: pytest.FixtureRequest) -> None:
    oidc_settings["oidc.work.sign_out"] = "always"
    site = request.getfixturevalue("site")
    site.enter()
    assert sign_out(site).follow().headers["Refresh"].startswith(f"0; url={site.forger.issuer}/out?")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_signing_out_here_only(oidc_settings: dict[str, str], request: pytest.FixtureRequest) -> None:
    oidc_settings["oidc.work.sign_out"] = "never"
    site = request.getfixturevalue("site")
    site.enter()
    assert sign_out(site).location.endswith("/sign-in/local")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_who_signed_out_is_not_signed_in_again_by_the_next_page(site: Any) -> None:
    site.enter()
    sign_out(site)
    assert site.app.get("/sign-in/sso?next=/", status=303).location.partition("?")[0].endswith("/sign-in/local")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_after_signing_out_tells_another_browser_nothing(site: Any) -> None:
    site.enter()
    answer = sign_out(site)
    site.app.reset()
    assert "id_token_hint" not in site.app.get(answer.location)


# --- the provider says so ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("sid",), ("sub",), ("sub", "sid")])
def test_a_message_of_the_provider_ends_sessions_at_once(
    site: Any, forger: Forger, db: Session, names: tuple[str, ...]
) -> None:
    site.enter()
    assert site.app.get("/").status_int == 200
    left_out = dict.fromkeys({"sub", "sid"} - set(names))
    answer = tell(site, forger.logout_token(**left_out))
    assert (answer.status_int, answer.headers["Cache-Control"]) == (200, "no-store")
    assert sessions(db) == 0
    assert site.app.get("/", status=303).location.partition("?")[0].endswith("/sign-in")


def test_a_message_works_once(site: Any, forger: Forger, audited: Any, db: Session) -> None:
    token = forger.logout_token()
    assert tell(site, token).status_int == 200
    site.enter()
    assert tell(site, token).json == {"error": "invalid_request", "error_description": "replayed"}
    assert sessions(db) == 1
    assert audited("session.end_refused") == ["replayed"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_message_about_another_session_ends_none(site: Any, forger: Forger, db: Session) -> None:
    site.enter()
    assert tell(site, forger.logout_token(sid="another")).status_int == 200
    assert tell(site, forger.logout_token(jti="2", sub="subject-other", sid=None)).status_int == 200
    assert sessions(db) == 1


def test_what_is_no_message_of_the_provider_ends_nothing(site: Any, forger: Forger, audited: Any, db: Session) -> None:
    site.enter()
    event = "http://schemas.openid.net/event/backchannel-logout"
    forged = {
        "id token": (forger.signed({"alg": "RS256", "kid": "first"}, forger.id_claims()), "not_logout"),
        "nonce": (forger.logout_token(nonce="n"), "not_logout"),
        "no event": (forger.logout_token(events={}), "not_logout"),
        "event that is no object": (forger.logout_token(events={event: True}), "not_logout"),
        "no jti": (forger.logout_token(jti=None), "not_logout"),
        "neither sub nor sid": (forger.logout_token(sub=None, sid=None), "not_logout"),
        "sid that is no text": (forger.logout_token(sid=["session-of-anna"]), "not_logout"),
        "another site": (forger.logout_token(aud="another"), "audience"),
        "another provider": (forger.logout_token(iss="https://evil.example"), "issuer"),
        "expired": (forger.logout_token(iat=1_000_000_000, exp=1_000_000_100), "expired"),
        "in the future": (forger.logout_token(iat=4_000_000_000, exp=4_000_000_100), "clock"),
        "no times": (forger.logout_token(iat=None, exp=None), "unreadable"),
        "another kind": (forger.logout_token({"typ": "at+jwt"}), "unreadable"),
        "alg none": (forger.unsigned({}, forger.logout_claims()), "algorithm"),
        "HS256": (forger.signed_with_public_key({"kid": "first"}, forger.logout_claims()), "algorithm"),
        "unknown key": (forger.logout_token({"kid": "other"}), "key"),
        "no token": ("nothing", "unreadable"),
        "empty": ("", "unreadable"),
        "long": ("x" * 200_000, "too_large"),
    }
    told = {}
    for name, (token, _reason) in forged.items():
        answer = tell(site, token)
        assert answer.status_int == 400
        told[name] = answer.json["error_description"]
    assert told == {name: reason for name, (_token, reason) in forged.items()}
    assert audited("session.end_refused") == list(told.values())
    assert sessions(db) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_through_the_browser_sessions_end_where_that_is_allowed(
    oidc_settings: dict[str, str], request: pytest.FixtureRequest, db: Session
) -> None:
    oidc_settings["oidc.work.front_channel"] = "true"
    site = request.getfixturevalue("site")
    site.enter()
    page, forger = "/oidc/work/front-channel", site.forger
    for wrong in ({}, {"sid": "session-of-anna"}, {"iss": "https://evil.example", "sid": "session-of-anna"}):
        site.app.get(page, wrong, status=400)
    site.app.get(page, {"iss": forger.issuer, "sid": "session-of-somebody"}, status=200)
    assert sessions(db) == 1
    site.app.get(page, {"iss": forger.issuer, "sid": "session-of-anna"}, status=200)
    assert sessions(db) == 0


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_through_the_browser_nothing_ends_by_default(site: Any) -> None:
    site.app.get("/oidc/work/front-channel", {"iss": site.forger.issuer, "sid": "session-of-anna"}, status=404)
