"""The headers on every answer, the one host, and what caches may keep."""

import pytest
from webtest import TestApp

ALWAYS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
)


@pytest.fixture
def database_kind() -> str:
    """Headers are the same on every database."""
    return "sqlite"


def stylesheet(app: TestApp) -> str:
    return app.get("/sign-in").html.find("link", {"rel": "stylesheet"})["href"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/", 303),
        ("/people", 303),
        ("/nothing-here", 404),
        ("/-/health", 200),
        ("/.well-known/security.txt", 200),
        ("/.well-known/change-password", 303),
        ("/sign-in/link/" + "x" * 43, 410),
        ("/static/nothing-here.css", 404),
        ("/people?q=%ff", 400),
        ("/%ff", 400),
    ],
)
def test_every_answer_has_all_headers(app: TestApp, path: str, status: int) -> None:
    answer = app.get(path, status=status)
    assert [name for name in ALWAYS if name not in answer.headers] == []
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_post_that_is_refused_has_all_headers(app: TestApp) -> None:
    answer = app.post("/sign-in", headers={"Origin": "https://example.org"}, status=403)
    assert [name for name in ALWAYS if name not in answer.headers] == []


def test_static_files_have_all_headers_and_may_be_kept(app: TestApp) -> None:
    answer = app.get(stylesheet(app))
    assert [name for name in ALWAYS if name not in answer.headers] == []
    assert "public" in answer.headers["Cache-Control"]
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers


def test_not_modified_has_all_headers(app: TestApp) -> None:
    path = stylesheet(app)
    etag = app.get(path).headers.get("ETag")
    answer = app.get(path, headers={"If-None-Match": etag or "*"}, status="*")
    assert answer.status_int in (200, 304)
    assert (answer.status_int == 304) == bool(etag)
    assert [name for name in ALWAYS if name not in answer.headers] == []


def test_policy_allows_no_inline_script_or_style(app: TestApp) -> None:
    policy = dict(
        part.strip().partition(" ")[::2] for part in app.get("/sign-in").headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert not any(word in value for value in policy.values() for word in ("unsafe", "data:", "https:", "*"))


def test_pages_have_no_inline_script_or_style(app: TestApp, make_user, as_user) -> None:
    browser = as_user(make_user("admin", is_admin=True))
    for path in ("/", "/people", "/me/preferences", "/me/sessions", "/admin/users", "/nothing-here", "/accessibility"):
        html = browser.get(path, status="*").html
        assert not html.find_all("style") and not html.find_all(style=True)
        assert all(script.get("src") for script in html.find_all("script"))
        assert not [tag for tag in html.find_all() for name in tag.attrs if name.startswith("on")]


def test_strict_transport_only_behind_tls(app: TestApp) -> None:
    assert "Strict-Transport-Security" not in app.get("/sign-in").headers


def test_strict_transport_behind_tls(settings_values, request) -> None:
    settings_values["plein.base_url"] = "https://plein.example.nl"
    app = request.getfixturevalue("app")
    app.extra_environ["HTTP_HOST"] = "plein.example.nl"
    answer = app.get("/people", status=303)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    # The proxy speaks http with us; addresses we make are https.
    assert answer.location.startswith("https://plein.example.nl/sign-in")


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1", "127.0.0.1:80", "localhost:6543", "127.0.0.1:6543.example.org"]
)
def test_another_host_is_refused(app: TestApp, host: str) -> None:
    answer = app.get("/sign-in", extra_environ={"HTTP_HOST": host}, status=400)
    assert "http://127.0.0.1:6543" in answer
    assert [name for name in ALWAYS if name not in answer.headers] == []


def test_health_may_be_asked_by_address_from_this_machine_only(app: TestApp) -> None:
    app.get("/-/health", extra_environ={"HTTP_HOST": "app1:8080", "REMOTE_ADDR": "127.0.0.1"}, status=200)
    app.get("/-/health", extra_environ={"HTTP_HOST": "app1:8080", "REMOTE_ADDR": "203.0.113.9"}, status=400)


def test_forwarded_host_is_not_believed(app: TestApp) -> None:
    answer = app.get(
        "/people", headers={"X-Forwarded-Host": "example.org", "Forwarded": "host=example.org"}, status=303
    )
    assert answer.location.startswith("http://127.0.0.1:6543/")


def test_wellknown_addresses_answer(app: TestApp) -> None:
    text = app.get("/.well-known/security.txt").text
    assert "Contact: " in text and "Expires: " in text
    assert app.get("/.well-known/change-password", status=303).location.endswith("/me/password")
    assert app.get("/-/health").json == {"status": "ok"}
    assert "WCAG 2.2" in app.get("/accessibility")
