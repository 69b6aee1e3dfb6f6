"""Forged, old, misdirected and oversized: each answer that is not right is refused, said and written down.

The site is asked as a browser does; the provider is a malicious one. SQLite alone: nothing here is about the database.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from forger import ACCESS_TOKEN, Forger
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plein.api import Base

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

SESSION = Base.metadata.tables["sign_in_session"].c
OTHER = RSAKey.generate_key(2048, {"kid": "first"})
Change = Callable[[Forger], Any]


def claim(**values: Any) -> Change:
    return lambda forger: forger.claims.update(values)


def times(**shifts: float) -> Change:
    """Claims that are times, seconds from now."""
    return lambda forger: forger.claims.update({name: int(time.time() + by) for name, by in shifts.items()})


def without(*names: str) -> Change:
    return lambda forger: forger.without.update(names)


def header(**values: Any) -> Change:
    return lambda forger: forger.header.update(values)


def signed_by(key: Any, **values: Any) -> Change:
    """With *key*, that the provider does not publish."""

    def change(forger: Forger) -> None:
        forger.header.update(values)
        forger.sign = lambda head, claims: forger.signed(head, claims, key)

    return change


def embedded(forger: Forger) -> None:
    signed_by(OTHER, kid=None, jwk=OTHER.as_dict(private=False))(forger)


def from_elsewhere(forger: Forger) -> None:
    forger.documents["/evil"] = {"keys": [OTHER.as_dict(private=False)]}
    signed_by(OTHER, jku=f"{forger.issuer}/evil")(forger)


def tampered(forger: Forger) -> None:
    """The signature of one token under the claims of another."""

    def sign(head: dict[str, Any], claims: dict[str, Any]) -> str:
        honest = forger.signed(head, claims).split(".")
        return ".".join([*forger.signed(head, {**claims, "sub": "subject-admin"}).split(".")[:2], honest[2]])

    forger.sign = sign


def no_token(forger: Forger) -> None:
    forger.tokens["id_token"] = None


def token(value: Any) -> Change:
    return lambda forger: forger.tokens.update(id_token=value)


def says(path: str, answer: Any) -> Change:
    return lambda forger: forger.documents.update({path: answer})


def lengthy(forger: Forger) -> None:
    forger.documents["/token"] = b'{"id_token": "' + b"x" * 2_000_000 + b'"}'


FORGERIES: dict[str, tuple[Change, str]] = {
    "alg none": (lambda forger: setattr(forger, "sign", forger.unsigned), "algorithm"),
    "HS256 with the public key": (lambda forger: setattr(forger, "sign", forger.signed_with_public_key), "algorithm"),
    "an algorithm that is not allowed": (header(alg="RS512"), "algorithm"),
    "embedded jwk": (embedded, "embedded_key"),
    "jku": (from_elsewhere, "embedded_key"),
    "x5u": (header(x5u="https://evil.example/cert"), "embedded_key"),
    "critical header": (header(crit=["exp"]), "unreadable"),
    "another key by the same name": (signed_by(OTHER), "signature"),
    "another key by another name": (signed_by(OTHER, kid="other"), "key"),
    "a key of another kind": (signed_by(ECKey.generate_key("P-256"), alg="ES256"), "key"),
    "signature of another token": (tampered, "signature"),
    "no id token": (no_token, "unreadable"),
    "no token at all": (token("a.b"), "unreadable"),
    "encrypted token": (token("a.b.c.d.e"), "unreadable"),
    "logout token as id token": (header(typ="logout+jwt"), "unreadable"),
    "access token as id token": (header(typ="at+jwt"), "unreadable"),
    "wrong iss": (claim(iss="https://evil.example"), "issuer"),
    "iss with a slash more": (lambda forger: forger.claims.update(iss=f"{forger.issuer}/"), "issuer"),
    "wrong aud": (claim(aud="another"), "audience"),
    "no aud": (without("aud"), "audience"),
    "several aud and no azp": (claim(aud=["plein", "another"]), "audience"),
    "wrong azp": (claim(aud=["plein", "another"], azp="another"), "audience"),
    "wrong azp with one aud": (claim(azp="another"), "audience"),
    "wrong nonce": (claim(nonce="another"), "nonce"),
    "no nonce": (without("nonce"), "nonce"),
    "nonce that is no text": (claim(nonce=["a"]), "nonce"),
    "expired": (times(exp=-100), "expired"),
    "made before it was asked for": (times(iat=-400, exp=-100), "clock"),
    "made long ago": (times(iat=-4000, exp=300), "clock"),
    "exp that is enormous": (claim(exp=10**400), "unreadable"),
    "nonce with half a character": (claim(nonce="\ud800"), "nonce"),
    "sub with a line end": (claim(sub="a\nb"), "no_subject"),
    "no exp": (without("exp"), "unreadable"),
    "exp that is no number": (claim(exp="tomorrow"), "unreadable"),
    "exp that is endless": (claim(exp=float("inf")), "unreadable"),
    "not yet valid": (times(nbf=600), "clock"),
    "made in the future": (times(iat=600, exp=900), "clock"),
    "wrong at_hash": (claim(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "access_token"),
    "no sub": (without("sub"), "no_subject"),
    "empty sub": (claim(sub=""), "no_subject"),
    "endless sub": (claim(sub="x" * 256), "no_subject"),
    "no login": (without("preferred_username"), "no_login"),
    "huge answer": (lengthy, "too_large"),
    "no JSON": (says("/token", b"<html>"), "unreadable"),
    "no JSON object": (says("/token", [1]), "unreadable"),
    "nested until the parser gives up": (says("/token", b"[" * 200_000), "unreadable"),
    "redirect of the token endpoint": (says("/token", (302, {"Location": "/elsewhere"})), "redirected"),
    "server error": (says("/token", (500, {})), "down"),
    "code used already": (says("/token", lambda: (400, {})), "unreadable"),
    "keys gone": (says("/jwks", {"keys": "none"}), "unreadable"),
    "shared secret among the keys": (says("/jwks", {"keys": [{"kty": "oct", "k": "AAAA", "kid": "first"}]}), "key"),
    "weak key": (
        lambda forger: setattr(forger, "key", RSAKey.generate_key(1024, {"kid": "first"})),
        "key",
    ),
}


def what_came_of(site: Any, audited: Any, change: Change, reason: str) -> str:
    """What is wrong with the answer of the site to a forgery; empty when it is refused as it should be."""
    forger = site.renew_forger()
    before = len(audited())
    state = site.begin()["state"]
    change(forger)
    answer = site.back(state)
    main = answer.html.find("main").text
    if answer.status_int not in (400, 403, 502, 503) or site.app.cookies.get("plein"):
        return f"came in: {answer.status}"
    if "You are not signed in" not in main or "Sign in with a password" not in main or "evil" in main:
        return main
    told = audited()[before:]
    return "" if told == [reason] else f"the log says {told}"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_each_forgery_is_refused_with_a_sentence_and_an_entry_in_the_log(site: Any, audited: Any, db: Session) -> None:
    """In one go, because making a site takes longer than asking it."""
    wrong = {name: what_came_of(site, audited, *forgery) for name, forgery in FORGERIES.items()}
    assert {name: problem for name, problem in wrong.items() if problem} == {}
    assert db.scalar(select(func.count()).select_from(Base.metadata.tables["sign_in_session"])) == 0


def test_what_is_right_comes_in_beside_all_these_forgeries(site: Any, forger: Forger) -> None:
    from plein_oidc.tokens import half_hash

    forger.claims |= {"aud": ["plein", "another"], "azp": "plein", "at_hash": half_hash(ACCESS_TOKEN, "RS256")}
    assert site.enter().status_int == 303


# --- the way there and back ----------------------------------------------------------------------------------------


def test_what_is_asked_is_for_one_use_and_hard_to_guess(site: Any, forger: Forger) -> None:
    first, second = site.begin(), site.begin()
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43 and first[name] != second[name]
    assert first["code_challenge_method"] == "S256" and first["response_type"] == "code"
    assert first["redirect_uri"] == "http://127.0.0.1:6543/oidc/work/callback"
    site.back(second["state"])
    (form,) = [form for path, form, _headers in forger.asked if path == "/token"]
    assert form["redirect_uri"] == first["redirect_uri"] and len(form["code_verifier"]) >= 43


def test_a_client_secret_is_sent_as_the_specification_encodes_it(site: Any, forger: Forger) -> None:
    from base64 import b64decode

    site.enter()
    (headers,) = [headers for path, _form, headers in forger.asked if path == "/token"]
    assert b64decode(headers["Authorization"].removeprefix("Basic ")) == b"plein:a%20secret%3A%20with%20%25%20and%20%2B"


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_int == status
    return str(answer.html.find(class_="lead").text).strip()


def test_a_state_works_once(site: Any, audited: Any) -> None:
    state = site.begin()["state"]
    assert site.back(state).status_int == 303
    assert "is over already" in refused(site.back(state))
    assert audited() == ["state"]


@pytest.mark.parametrize("state", ["", "unknown", "x" * 5000, "é\0"])
def test_a_state_that_nobody_made_is_refused(site: Any, state: str) -> None:
    assert site.back(state).status_int == 400


def test_an_answer_in_another_browser_is_refused(site: Any, audited: Any) -> None:
    """Somebody who is made to follow another's link would write under that other's name: sign-in CSRF."""
    state = site.begin()["state"]
    site.app.reset()
    assert "begun in another browser" in refused(site.back(state))
    assert audited() == ["state"]


def test_an_answer_after_ten_minutes_is_refused(site: Any, db: Session) -> None:
    flow = Base.metadata.tables["oidc_flow"]
    state = site.begin()["state"]
    from datetime import timedelta

    from plein.api import utcnow

    db.execute(flow.update().values(expires_at=utcnow() - timedelta(seconds=1)))
    db.commit()
    assert "longer than ten minutes" in refused(site.back(state))


@pytest.mark.parametrize("iss", [None, "", "https://evil.example"])
def test_an_answer_that_does_not_say_it_is_of_the_provider_is_refused(site: Any, audited: Any, iss: str | None) -> None:
    assert "another provider" in refused(site.back(site.begin()["state"], iss=iss))
    assert audited() == ["mixed_up"]


def test_a_parameter_that_comes_twice_is_refused(site: Any, forger: Forger) -> None:
    state = site.begin()["state"]
    answer = site.app.get(f"/oidc/work/callback?state={state}&state=b&code=c&iss={forger.issuer}", status="*")
    assert refused(answer, 502)


def test_an_answer_meant_for_another_provider_is_refused(site_of_two: Any, audited: Any) -> None:
    state = site_of_two.begin(provider="work")["state"]
    assert "another provider" in refused(site_of_two.back(state, provider="school"))
    assert audited() == ["mixed_up"]


@pytest.fixture
def site_of_two(oidc_settings: dict[str, str], request: pytest.FixtureRequest) -> Any:
    oidc_settings |= {
        "oidc.providers": "work school",
        **{key.replace(".work.", ".school."): value for key, value in oidc_settings.items() if ".work." in key},
        "oidc.school.client_id": "school-client",
    }
    return request.getfixturevalue("site")


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        ("access_denied", 403, "declined"),
        ("login_required", 403, "declined"),
        ("temporarily_unavailable", 503, "down"),
        ("invalid_scope", 502, "settings"),
        ("<script>alert(1)</script>", 502, "settings"),
    ],
)
def test_an_error_of_the_provider_is_told_in_our_own_words(
    site: Any, audited: Any, error: str, status: int, reason: str
) -> None:
    answer = site.back(site.begin()["state"], code=None, error=error, error_description="Call 0900-EVIL")
    assert refused(answer, status)
    assert "EVIL" not in answer.html.find("main").text and "<script>alert" not in answer
    assert audited() == [reason]


@pytest.mark.parametrize(
    "following", ["//evil.example", "https://evil.example", "/\\evil.example", " //evil.example", "/%2e%2e//evil"]
)
def test_the_way_on_stays_on_this_site(site: Any, following: str) -> None:
    assert site.enter(following=following).location == "http://127.0.0.1:6543/"


# --- what the provider publishes -----------------------------------------------------------------------------------


def instead(document: Any) -> Change:
    return says("/.well-known/openid-configuration", document)


def names(**values: Any) -> Change:
    return lambda forger: forger.metadata.update(values)


DOCUMENTS: dict[str, tuple[Change, int, str]] = {
    "of another": (names(issuer="https://evil.example"), 502, "not_itself"),
    "with a slash more": (lambda forger: forger.metadata.update(issuer=f"{forger.issuer}/"), 502, "not_itself"),
    "token endpoint inside": (names(token_endpoint="http://169.254.169.254/latest"), 502, "elsewhere"),
    "token endpoint elsewhere": (names(token_endpoint="https://evil.example/token"), 502, "elsewhere"),
    "keys in a file": (names(jwks_uri="file:///etc/passwd"), 502, "elsewhere"),
    "keys elsewhere": (names(jwks_uri="https://127.0.0.1@evil.example/"), 502, "elsewhere"),
    "script": (names(authorization_endpoint="javascript:alert(1)"), 502, "elsewhere"),
    "page that is not secure": (names(authorization_endpoint="http://evil.example/"), 502, "elsewhere"),
    "no token endpoint": (lambda forger: forger.metadata.pop("token_endpoint"), 502, "elsewhere"),
    "no PKCE": (names(code_challenge_methods_supported=["plain"]), 502, "settings"),
    "redirect": (instead((302, {"Location": "http://127.0.0.1:1/"})), 502, "redirected"),
    "not there": (instead((404, {})), 502, "unreadable"),
    "broken": (instead((503, {})), 503, "down"),
    "huge": (instead(b"x" * 2_000_000), 502, "too_large"),
    "no object": (instead(b"[]"), 502, "unreadable"),
}


def test_each_document_that_cannot_be_right_is_refused(site: Any, audited: Any) -> None:
    for name, (change, status, reason) in DOCUMENTS.items():
        change(site.renew_forger())
        answer = site.app.get("/oidc/work/start", status="*")
        assert (name, answer.status_int, audited()[-1]) == (name, status, reason)
        assert "Sign in with a password" in answer


def test_a_provider_that_is_down_is_not_asked_by_everybody(site: Any, forger: Forger) -> None:
    forger.documents["/.well-known/openid-configuration"] = (503, {})
    for _person in range(3):
        site.app.get("/oidc/work/start", status=503)
    assert len(forger.asked) == 1


def test_a_provider_that_is_gone_leaves_the_form(site: Any, forger: Forger) -> None:
    forger.stop()
    answer = site.app.get("/oidc/work/start?next=/spaces", status=503)
    assert "does not answer" in refused(answer, 503)
    form = next(form for form in answer.click("Sign in with a password").forms.values() if "password" in form.fields)
    assert form.action.endswith("/sign-in")


# --- userinfo ------------------------------------------------------------------------------------------------------


def test_userinfo_about_somebody_else_is_refused(
    oidc_settings: dict[str, str], request: pytest.FixtureRequest, forger: Forger, audited: Any
) -> None:
    oidc_settings["oidc.work.userinfo"] = "true"
    site = request.getfixturevalue("site")
    forger.documents["/userinfo"] = {"sub": "subject-admin", "preferred_username": "admin"}
    assert "two different people" in refused(site.enter(), 502)
    assert audited() == ["subject"]


def test_userinfo_adds_to_what_is_signed_and_changes_nothing_of_it(
    oidc_settings: dict[str, str], request: pytest.FixtureRequest, forger: Forger, db: Session
) -> None:
    oidc_settings["oidc.work.userinfo"] = "true"
    site = request.getfixturevalue("site")
    forger.without |= {"name"}
    forger.documents["/userinfo"] = {"sub": "subject-anna", "name": "Anna", "preferred_username": "admin", "acr": "x"}
    assert site.enter().status_int == 303
    user = Base.metadata.tables["user"].c
    assert [tuple(row) for row in db.execute(select(user.login, user.name))] == [("anna", "Anna")]


def test_an_access_token_that_would_write_headers_is_refused(
    oidc_settings: dict[str, str], request: pytest.FixtureRequest, forger: Forger, audited: Any
) -> None:
    oidc_settings["oidc.work.userinfo"] = "true"
    site = request.getfixturevalue("site")
    forger.tokens["access_token"] = "a\r\nX-Forwarded-For: 127.0.0.1"
    assert refused(site.enter(), 502)
    assert audited() == ["unreadable"]


@pytest.mark.parametrize(("iat", "minutes"), [(600, 10), (-900, 15)])
def test_a_clock_that_is_wrong_is_told_by_how_much(site: Any, forger: Forger, iat: int, minutes: int) -> None:
    times(iat=iat, exp=iat + 300)(forger)
    assert f"differ by {minutes} min" in refused(site.enter(), 502)


def test_signs_that_no_database_takes_are_left_out(site: Any, forger: Forger, db: Session) -> None:
    forger.claims |= {"name": "An\0na\ud800 \u202e de\nVries", "email": "a\0@example.nl", "sid": "a\0b"}
    assert site.enter().status_int == 303
    user = Base.metadata.tables["user"].c
    assert [tuple(row) for row in db.execute(select(user.name, user.email))] == [("Anna de Vries", "a@example.nl")]
