"""Who comes in by a provider, and as whom: the rules of ``enter_identity``, and the header of a proxy."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.contributions import Identity, SignInMethod
from plein.people import proxy
from plein.people.entering import end_sessions
from plein.people.identities import IdentityService, NotAdmitted
from plein.people.methods import methods
from plein.people.models import SignInSession, User, UserIdentity
from plein.security.cookies import session_cookie

PROXY = {"plein.remote_user_header": "X-Remote-User", "plein.remote_user_proxies": "10.0.0.0/8 unix"}
TODAY = date(2026, 7, 1)

#: A provider that makes accounts, one that ties them by login, and one that does neither.
CREATES = SignInMethod("work", "Work", "login", "x.start", creates=True)
LINKS = SignInMethod("work", "Work", "login", "x.start", links_logins=True)
KNOWS = SignInMethod("work", "Work", "login", "x.start")


def said(login: str = "anna", **values: Any) -> Identity:
    return Identity(**{"provider": "work", "subject": f"s-{login}", "login": login, "name": login.title(), **values})


@pytest.fixture
def service(db) -> IdentityService:
    return IdentityService(db, day=TODAY, local_only=("admin",))


def refused(service: IdentityService, identity: Identity, method: SignInMethod) -> str:
    with pytest.raises(NotAdmitted) as caught:
        service.person(identity, method)
    return caught.value.reason


# -- the rules --------------------------------------------------------------------------------------------------------


def test_unknown_person_gets_an_account_where_the_provider_may_make_one(service: IdentityService, db) -> None:
    user = service.person(said(email="anna@example.nl", email_verified=True), CREATES)
    assert (user.login, user.name, user.email, user.kind) == ("anna", "Anna", "anna@example.nl", "person")
    assert not user.is_admin and not user.password_hash
    assert service.person(said("other", subject="s-anna"), CREATES).id == user.id


def test_unknown_person_is_refused_elsewhere(service: IdentityService) -> None:
    assert refused(service, said(), KNOWS) == "unknown"
    assert refused(service, said(), LINKS) == "unknown"


def test_guest_that_a_provider_brings_has_an_end(service: IdentityService) -> None:
    method = SignInMethod("work", "Work", "login", "x.start", creates=True, kind="guest")
    user = service.person(said(), method)
    assert user.kind == "guest" and user.ends_on == TODAY + timedelta(days=30)


def test_same_login_is_one_account_only_where_that_rule_says_so(service: IdentityService, make_user) -> None:
    anna = make_user("anna")
    assert refused(service, said(), CREATES) == "taken"
    assert service.person(said(), LINKS).id == anna.id


def test_same_address_never_finds_an_account(service: IdentityService, make_user, db) -> None:
    make_user("bob", email="anna@example.nl", is_admin=True)
    for number, method in enumerate((KNOWS, LINKS)):
        identity = said(subject=str(number), email="anna@example.nl", email_verified=True)
        assert refused(service, identity, method) == "unknown"
    user = service.person(said(email="anna@example.nl", email_verified=True), CREATES)
    assert user.login == "anna" and not user.is_admin


def test_login_that_was_given_out_anew_does_not_get_the_account(service: IdentityService, make_user) -> None:
    make_user("anna")
    service.person(said(subject="the first anna"), LINKS)
    assert refused(service, said(subject="another anna"), LINKS) == "taken"


def test_subject_of_another_provider_is_somebody_else(service: IdentityService, db) -> None:
    first = service.person(said(), CREATES)
    other = SignInMethod("school", "School", "login", "x.start", creates=True)
    identity = said("bob", provider="school", subject="s-anna")
    assert service.person(identity, other).id != first.id


@pytest.mark.parametrize("login", ["admin", "ADMIN", " admin "])
def test_local_account_is_never_taken(service: IdentityService, make_user, db, login: str) -> None:
    admin = make_user("admin", is_admin=True)
    method = SignInMethod("work", "Work", "login", "x.start", creates=True, links_logins=True)
    assert refused(service, said(login), method) == "local"
    db.add(UserIdentity(provider="work", subject="s-tied", user_id=admin.id))
    assert refused(service, said("anna", subject="s-tied"), method) == "local"


@pytest.mark.parametrize("login", ["", "a", "x" * 70, "an na", "anna\nbob", "../x", "ánna"])
def test_login_that_nobody_could_type_is_refused(service: IdentityService, login: str) -> None:
    assert refused(service, said(login, subject="s"), CREATES) == "login"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"state": "suspended"}, "suspended"),
        ({"state": "left"}, "left"),
        ({"ends_on": TODAY - timedelta(days=1)}, "expired"),
    ],
)
def test_account_that_does_not_work_is_refused_with_the_reason(
    service: IdentityService, make_user, db, values: dict[str, Any], reason: str
) -> None:
    make_user("anna")
    service.person(said(), LINKS)
    db.execute(update(User).values(**values))
    db.expire_all()
    assert refused(service, said(), LINKS) == reason


def test_name_and_vouched_address_follow_the_provider(service: IdentityService, make_user, db) -> None:
    make_user("anna", name="A", email="old@example.nl")
    user = service.person(said(name="Anna\r\n de  Vries", email="evil@example.nl"), LINKS)
    assert (user.name, user.email) == ("Anna de Vries", "old@example.nl")
    for email in ("new@example.nl\r\nBcc: x@example.org", "no address", "new@example.nl"):
        user = service.person(said(name="", email=email, email_verified=True), LINKS)
    assert (user.name, user.email) == ("Anna de Vries", "new@example.nl")


def test_name_stays_where_the_provider_does_not_keep_it(service: IdentityService, make_user) -> None:
    make_user("anna", name="Anna de Vries")
    method = SignInMethod("work", "Work", "login", "x.start", links_logins=True, updates=False)
    assert service.person(said(name="x"), method).name == "Anna de Vries"


# -- the proxy --------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(settings_values: dict[str, str], request: pytest.FixtureRequest) -> Callable[..., TestApp]:
    def build(**values: str) -> TestApp:
        settings_values.update(PROXY | {f"plein.{name}": value for name, value in values.items()})
        app: TestApp = request.getfixturevalue("app")
        return app

    return build


def by_proxy(
    app: TestApp, name: str = "anna", peer: str = "10.0.0.1", path: str = "/sign-in/sso", **options: Any
) -> Any:
    return app.get(path, extra_environ={"HTTP_X_REMOTE_USER": name, proxy.PEER: peer}, **options)


def last_entry(db) -> AuditEntry:
    db.expire_all()
    return db.execute(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).scalar_one()


def test_whom_the_proxy_names_is_signed_in(site, make_user, db) -> None:
    anna = make_user("anna", name="Anna")
    app = site()
    answer = by_proxy(app, path="/sign-in/sso?next=/people", status=303)
    assert answer.location.endswith("/people")
    assert "Anna" in answer.follow()
    session = db.execute(select(SignInSession)).scalar_one()
    assert (session.user_id, session.method, session.provider, session.renews) == (anna.id, "proxy", "proxy", True)
    entry = last_entry(db)
    assert (entry.action, entry.result, entry.actor_id) == ("session.started", "done", anna.id)
    assert entry.details["method"] == "proxy"


def test_page_for_people_goes_by_the_proxy_and_comes_back(site, make_user) -> None:
    make_user("anna", name="Anna")
    app = site()
    asked = app.get("/people", status=303).follow(status=303)
    assert asked.location.endswith("/sign-in/sso?next=%2Fpeople")
    form = asked.follow(status=303)
    assert form.location.endswith("/sign-in/local?next=%2Fpeople")
    assert form.follow(status=200).forms


def test_socket_file_may_be_the_proxy(site, make_user) -> None:
    make_user("anna")
    assert by_proxy(site(), peer="unix", status=303).location.endswith("6543/")


@pytest.mark.parametrize("peer", ["192.0.2.1", "127.0.0.1", "", "localhost", "::1", "11.0.0.1"])
def test_header_of_anybody_else_is_ignored_and_told(site, make_user, db, peer: str) -> None:
    make_user("anna")
    app = site()
    assert by_proxy(app, peer=peer, status=303).location.endswith("/sign-in/local?next=%2F")
    entry = last_entry(db)
    assert (entry.action, entry.result, entry.details["reason"]) == ("session.refused", "refused", "forged_header")


def test_what_x_forwarded_for_says_makes_nobody_a_proxy(site, make_user) -> None:
    make_user("anna")
    app = site(trusted_proxies="192.0.2.1")
    environ = {"HTTP_X_REMOTE_USER": "anna", "HTTP_X_FORWARDED_FOR": "10.0.0.1", "REMOTE_ADDR": "10.0.0.1"}
    answer = app.get("/sign-in/sso", extra_environ=environ | {proxy.PEER: "192.0.2.1"}, status=303)
    assert answer.location.endswith("/sign-in/local?next=%2F")


def test_forged_header_fills_the_log_no_further_than_needed(site, db) -> None:
    app = site()
    for _again in range(20):
        by_proxy(app, peer="192.0.2.1")
    assert db.execute(select(func.count(AuditEntry.number))).scalar() == 10


def test_header_counts_on_no_other_page(site, make_user, db) -> None:
    make_user("anna")
    app = site()
    by_proxy(app, path="/people", status=303)
    by_proxy(app, path="/sign-in/local", status=200)
    assert not db.execute(select(SignInSession.id)).all()


def test_header_means_nothing_where_it_is_not_set_up(app: TestApp, make_user, db) -> None:
    make_user("anna")
    assert by_proxy(app, status=303).location.endswith("/sign-in/local?next=%2F")
    assert not db.execute(select(SignInSession.id)).all()


def test_header_that_can_be_read_in_two_ways_is_refused_and_told(site, make_user, db) -> None:
    make_user("anna")
    make_user("admin", is_admin=True)
    app = site()
    assert by_proxy(app, "anna,admin", status=303).location.endswith("/sign-in/local?next=%2F")
    assert last_entry(db).details["reason"] == "header"


def test_suspended_person_reads_why_and_gets_no_session(site, make_user, db) -> None:
    make_user("anna", state="suspended")
    page = by_proxy(site(), status=403)
    assert "Your account is suspended." in page
    assert "/sign-in/local" in page
    assert not db.execute(select(SignInSession.id)).all()
    assert not db.execute(select(UserIdentity.id)).all()
    assert last_entry(db).details["reason"] == "suspended"


def test_invited_person_is_active_from_the_first_entry(site, make_user, db) -> None:
    anna = make_user("anna", state="invited")
    by_proxy(site(), status=303)
    assert db.execute(select(User.state).where(User.id == anna.id)).scalar() == "active"


def test_after_signing_out_nobody_is_signed_in_by_themselves(site, make_user) -> None:
    make_user("anna")
    app = site()
    by_proxy(app)
    page = app.get("/people")
    form = next(form for form in page.forms.values() if form.action == "/sign-out")
    out = form.submit(status=303)
    assert out.location.endswith("/sign-in/local")
    out.follow(status=200).mustcontain("Sign in with the account of this computer")


def test_after_the_session_ended_one_comes_back_without_asking(site, make_user, db) -> None:
    make_user("anna", name="Anna")
    app = site()
    by_proxy(app)
    db.execute(update(SignInSession).values(expires_at=SignInSession.created_at))
    db.commit()
    asked = app.get("/people", status=303).follow(status=303)
    assert "Anna" in by_proxy(app, path=asked.location.removeprefix("http://127.0.0.1:6543")).follow()


def test_failing_plugin_leads_to_the_form(site, make_user, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("anna")
    app = site()

    def fails(request: Any) -> None:
        raise RuntimeError("the realm is down")

    for _often in range(12):
        with monkeypatch.context() as patched:
            patched.setattr(proxy, "identity", fails)
            assert by_proxy(app, status=303).location.endswith("/sign-in/local?next=%2F")
    assert by_proxy(app, status=303).location.endswith("6543/")


def test_session_of_a_provider_may_rest_longer(site, make_user, db) -> None:
    make_user("anna")
    app = site(session_idle_hours="1", sso_session_idle_hours="5", sso_session_absolute_hours="100")
    by_proxy(app)
    session = db.execute(select(SignInSession)).scalar_one()
    assert session.expires_at - session.created_at == timedelta(hours=100)
    for hours, status in ((4, 200), (6, 303)):
        db.execute(update(SignInSession).values(last_seen_at=session.created_at - timedelta(hours=hours)))
        db.commit()
        app.get("/people", status=status)


# -- the page to sign in ----------------------------------------------------------------------------------------------


def test_each_way_is_a_button_with_the_way_back(app: TestApp) -> None:
    found = methods(app.app.registry)
    found["b"] = SignInMethod("b", "By B", "login", "sign_in.local", weight=1)
    page = app.get("/sign-in?next=/people")
    assert page.html.find("a", string=lambda text: text and "By B" in text) or "By B" in page
    assert "/sign-in/local?next=%2Fpeople" in page
    assert page.html.find("input", {"name": "password"})


def test_form_may_be_folded_and_is_always_there_at_its_own_address(settings_values, request) -> None:
    settings_values["plein.sign_in_form"] = "folded"
    app = request.getfixturevalue("app")
    assert app.get("/sign-in").html.find("input", {"name": "password"})
    methods(app.app.registry)["b"] = SignInMethod("b", "By B", "login", "sign_in.local")
    page = app.get("/sign-in")
    assert not page.html.find("input", {"name": "password"})
    assert page.click("Sign in with name and password").html.find("input", {"name": "password"})


# -- the provider ends it ---------------------------------------------------------------------------------------------


def test_provider_ends_a_session_or_all_of_somebody(db, make_user) -> None:
    anna, bob = make_user("anna"), make_user("bob")
    expires = func.now()
    for user, session, provider in ((anna, "1", "work"), (anna, "2", "work"), (anna, "", ""), (bob, "3", "work")):
        db.add(
            SignInSession(
                token_hash=f"{user.login}{session}",
                user_id=user.id,
                provider=provider,
                provider_session=session,
                expires_at=expires,
            )
        )
    db.add(UserIdentity(provider="work", subject="a", user_id=anna.id))
    db.commit()
    assert end_sessions(db, "school", session="1") == 0
    assert end_sessions(db, "work", session="1") == 1
    assert end_sessions(db, "work", subject="a") == 1
    left = db.execute(select(SignInSession.token_hash).order_by(SignInSession.id)).scalars().all()
    assert left == ["anna", "bob3"]
    db.commit()
    assert last_entry(db).action == "session.ended"
    with pytest.raises(ValueError, match="not everybody"):
        end_sessions(db, "work")


def test_cookie_of_a_session_that_the_provider_ended_is_worth_nothing(site, make_user, db) -> None:
    make_user("anna")
    app = site()
    by_proxy(app)
    app.get("/people", status=200)
    assert end_sessions(db, "proxy", subject="anna") == 1
    db.commit()
    app.get("/people", status=303)
    assert session_cookie(app.app.registry) in app.cookies
