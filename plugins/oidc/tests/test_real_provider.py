"""The whole way with a real provider and the real site, both over HTTP: as browsers and organisations will do it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from real import Browser, Page, RealProvider, free_port, installed
from sqlalchemy import select
from sqlalchemy.orm import Session
from waitress.server import create_server

from plein.api import Base

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

USER, SESSION, AUDIT = (Base.metadata.tables[name].c for name in ("user", "sign_in_session", "audit_entry"))
KEY = RSAKey.generate_key(2048, {"kid": "plein-1", "use": "sig"})


def person(name: str, login: str, **more: Any) -> dict[str, Any]:
    claims = {"name": name, "preferred_username": login, "email": f"{login}@example.nl", "email_verified": True}
    return {"claims": {**claims, **more}}


ACCOUNTS = {
    "1001": person("Anna de Vries", "anna", department="Burgerzaken", groups=["Handhaving", "Loket"]),
    "1002": {**person("Bas Bakker", "bas"), "acr": "urn:test:mfa", "amr": ["pwd", "otp"]},
}
#: The same address as Anna's, at the other provider.
ACCOUNTS_OF_SCHOOL = {"9": person("Another Anna", "anna.school", email="anna@example.nl")}


@pytest.fixture(scope="module")
def site_port() -> int:
    return free_port()


def client(port: int, provider: str, **how: Any) -> dict[str, Any]:
    base = f"http://127.0.0.1:{port}/oidc/{provider}"
    return {
        "client_id": "plein",
        "redirect_uris": [f"{base}/callback"],
        "post_logout_redirect_uris": [f"{base}/left"],
        "backchannel_logout_uri": f"{base}/back-channel",
        "backchannel_logout_session_required": True,
        "id_token_signed_response_alg": "PS256",
        **how,
    }


@pytest.fixture(scope="module")
def work(site_port: int) -> Iterator[RealProvider]:
    """The provider of the organisation, to which the site proves itself with a secret."""
    provider = RealProvider(
        installed(), accounts=ACCOUNTS, clients=[client(site_port, "work", client_secret="secret: of % and +" * 2)]
    )
    yield provider.start("key-1")
    provider.stop()


@pytest.fixture(scope="module")
def school(site_port: int) -> Iterator[RealProvider]:
    """Another, to which it does so with a key, as the NL GOV profile wants it; its claims are at userinfo only.

    It is called localhost: browsers do not keep cookies of two ports apart.
    """
    how = {
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "PS256",
        "id_token_signed_response_alg": "ES256",
        "jwks": {"keys": [KEY.as_dict(private=False)]},
    }
    clients = [client(site_port, "school", **how)]
    provider = RealProvider(
        installed(), host="localhost", accounts=ACCOUNTS_OF_SCHOOL, clients=clients, userinfo_only=True
    )
    yield provider.start("key-1")
    provider.stop()


@dataclass
class Served:
    """The site, served at ``base``, and a browser."""

    base: str
    registry: Any
    browser: Browser

    def sign_in(
        self, words: str = "Sign in with Work", number: str = "1001", following: str = "/me/preferences"
    ) -> Page:
        page = self.browser.get(f"{self.base}/sign-in/local?next={following}")
        page = self.browser.click(page, words)
        # Who is known there still is not asked.
        return self.browser.submit(page, login=number) if not page.url.startswith(self.base) else page


@pytest.fixture
def served(
    settings_values: dict[str, str],
    request: pytest.FixtureRequest,
    site_port: int,
    work: RealProvider,
    school: RealProvider,
    tmp_path: Path,
) -> Iterator[Served]:
    (tmp_path / "key.pem").write_bytes(KEY.as_pem(private=True))
    settings_values |= {
        "plein.base_url": f"http://127.0.0.1:{site_port}",
        "oidc.providers": "work school",
        "oidc.work.issuer": work.issuer,
        "oidc.work.client_id": "plein",
        "oidc.work.client_secret": "secret: of % and +" * 2,
        "oidc.work.create": "true",
        "oidc.work.groups_claim": "groups",
        "oidc.work.fields": "department=department",
        "oidc.work.strong_amr": "otp",
        "oidc.school.issuer": school.issuer,
        "oidc.school.client_id": "plein",
        "oidc.school.private_key_file": str(tmp_path / "key.pem"),
        "oidc.school.key_id": "plein-1",
        "oidc.school.userinfo": "true",
        "oidc.school.create": "true",
    }
    app = request.getfixturevalue("app")
    with serving(app.app, site_port):
        yield Served(settings_values["plein.base_url"], app.app.registry, Browser())


@contextmanager
def serving(application: Any, port: int) -> Iterator[None]:
    server = create_server(application, host="127.0.0.1", port=port, threads=4, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield

    def close() -> None:
        """In the server's own loop: lets go of its port, and of those who keep a connection for another time."""
        server.close()
        for channel in list(server.active_channels.values()):
            channel.handle_close()

    server.trigger.pull_trigger(close)
    server.task_dispatcher.shutdown(timeout=1)
    thread.join(10)


def one(db: Session, *columns: Any) -> Any:
    rows = [tuple(row) for row in db.execute(select(*columns).order_by(columns[0]))]
    db.rollback()
    return rows


def test_sign_in_brings_the_person_their_fields_and_groups(served: Served, db: Session) -> None:
    from plein.api import IdentityEntered

    seen = []
    served.registry.registerHandler(lambda event: seen.append(event.identity), (IdentityEntered,))
    page = served.sign_in()
    assert (page.status, page.url) == (200, f"{served.base}/me/preferences")
    assert one(db, USER.login, USER.name, USER.email) == [("anna", "Anna de Vries", "anna@example.nl")]
    assert one(db, SESSION.method, SESSION.strong) == [("work", False)]
    (identity,) = seen
    assert (identity.fields, identity.groups) == ({"department": "Burgerzaken"}, ("Handhaving", "Loket"))
    assert identity.subject == "1001" and len(identity.session) > 10


def test_a_second_factor_at_the_provider_counts_here(served: Served, db: Session) -> None:
    served.sign_in(number="1002")
    assert one(db, SESSION.strong) == [(True,)]


def test_who_does_not_agree_gets_the_form(served: Served, db: Session) -> None:
    page = served.sign_in(number="nobody")
    assert page.status == 403 and "You did not agree at Work" in page.text
    assert "Name you sign in with" in served.browser.click(page, "Sign in with a password").text
    assert one(db, AUDIT.action, AUDIT.result) == [("session.refused", "refused")]


def test_private_key_jwt_and_userinfo(served: Served, db: Session) -> None:
    page = served.sign_in("Sign in with School", "9")
    assert page.url == f"{served.base}/me/preferences"
    assert one(db, USER.login, USER.name) == [("anna.school", "Another Anna")]


def test_the_same_address_at_another_provider_is_another_person(served: Served, db: Session) -> None:
    served.sign_in()
    served.browser = Browser()
    served.sign_in("Sign in with School", "9")
    assert one(db, USER.login, USER.email) == [("anna", "anna@example.nl"), ("anna.school", "anna@example.nl")]


def test_keys_that_are_changed_are_found(served: Served, work: RealProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    assert served.sign_in().status == 200
    work.stop()
    work.start("key-2")
    monkeypatch.setattr("plein_oidc.discovery.KEYS_AGAIN_S", 0.0)
    # Not asked for its addresses again: only the key is new.
    served.browser = Browser()
    assert served.sign_in().url == f"{served.base}/me/preferences"


def test_signing_out_here_and_there_ends_the_sessions_of_all_browsers(served: Served, db: Session) -> None:
    """The provider is told to end its session, and tells us so by the back-channel."""
    page = served.sign_in()
    page = served.browser.submit(page, "/sign-out")
    assert "you are still signed in" in page.text and one(db, SESSION.id) == []
    # Signed in again by the session that is still there, in the same browser.
    assert served.sign_in().url == f"{served.base}/me/preferences"
    assert len(one(db, SESSION.id)) == 1
    page = served.browser.click(page, "Sign out at Work")
    page = served.browser.submit(page, logout="yes")
    assert page.url.startswith(f"{served.base}/oidc/work/left") and "here and at Work" in page.text
    assert one(db, SESSION.id) == []


def test_a_session_that_ran_out_is_renewed_without_asking(served: Served, db: Session) -> None:
    served.sign_in()
    db.execute(Base.metadata.tables["sign_in_session"].delete())
    db.commit()
    page = served.browser.get(f"{served.base}/me/preferences?a=b")
    assert (page.status, page.url) == (200, f"{served.base}/me/preferences?a=b")
    assert any("prompt=none" in url for url in served.browser.way)


def test_renewal_that_needs_the_person_ends_at_the_form_and_goes_no_further(
    served: Served, db: Session, work: RealProvider
) -> None:
    served.sign_in()
    db.execute(Base.metadata.tables["sign_in_session"].delete())
    db.commit()
    # The provider has forgotten who that is.
    for cookie in [one for one in served.browser.cookies if one.name.startswith("_session")]:
        served.browser.cookies.clear(cookie.domain, cookie.path, cookie.name)
    page = served.browser.get(f"{served.base}/me/preferences")
    assert page.status == 200 and page.url.startswith(f"{served.base}/sign-in/")
    assert sum("prompt=none" in url for url in served.browser.way) == 1


def test_renewal_at_a_provider_that_is_down_ends_at_the_form(served: Served, db: Session, work: RealProvider) -> None:
    served.sign_in()
    db.execute(Base.metadata.tables["sign_in_session"].delete())
    db.commit()
    flow = served.registry["plein_oidc.flows"]["work"]
    flow.verifier.published = type(flow.verifier.published)(flow.provider, flow.wire)
    work.stop()
    try:
        page = served.browser.get(f"{served.base}/me/preferences")
        assert page.status == 200 and page.url.startswith(f"{served.base}/sign-in/local")
    finally:
        work.start("key-1")


def test_an_act_of_administration_has_the_provider_ask_again(served: Served, db: Session) -> None:
    served.sign_in()
    ((before,),) = one(db, SESSION.confirmed_at)
    page = served.browser.get(f"{served.base}/oidc/work/start?confirm=1&next=/me/preferences")
    # Known there, and asked all the same.
    assert page.url.startswith(served.registry["plein_oidc.flows"]["work"].provider.issuer)
    page = served.browser.submit(page, login="1001")
    assert page.url == f"{served.base}/me/preferences"
    ((after,),) = one(db, SESSION.confirmed_at)
    assert after > before


def test_an_act_of_administration_is_not_confirmed_by_another_person(served: Served, db: Session) -> None:
    served.sign_in()
    page = served.browser.get(f"{served.base}/oidc/work/start?confirm=1&next=/me/preferences")
    page = served.browser.submit(page, login="1002")
    # The provider signs the first one out, and tells us so; with script its page would go on by itself.
    page = served.browser.submit(page, logout="yes")
    assert page.status == 403 and "you are somebody else than here" in page.text
    assert one(db, USER.login) == [("anna",)] and one(db, SESSION.id) == []
