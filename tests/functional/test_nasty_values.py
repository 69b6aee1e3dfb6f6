"""Values that no form sends, in every parameter of every page: answered with a page or a refusal, never a failure."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pyramid.interfaces import IRoutesMapper
from webtest import TestApp

PARAMETERS = (
    "q", "after", "before", "from", "to", "title", "name", "text", "tag", "type", "space", "show", "next", "parent",
    "preview", "body", "version", "login", "theme", "locale", "token",
)  # fmt: skip
#: As they stand in an address.
NASTY = (
    "%00",
    "%FF",
    "%F0%9F%92%A9%E2%80%AE%CC%81" * 20,
    "9" * 19,
    "9" * 5000,
    "%D9%A1%C2%B2",
    "999999999999999999~9999-12-31T23:59:59-23:59",
    "1~0001-01-01T00:00:00%2B23:59",
    "0.999999999999999999.%00",
    "9.9.253402300799000000.999999999999999999",
    "%22*(tag:-%22%0D%0AX:%27%5C%25",
)
#: What is right for each field of each form; one at a time is replaced.
FIELDS = {
    "title": "Rules", "body": "text", "tags": "a", "note": "b", "base_version": "1", "version": "1", "uid": "u",
    "space": "annex", "parent": "other", "position": "1", "name": "Handbook", "purpose": "", "access": "open",
    "language": "nl", "who": "other", "role": "member", "login": "other", "email": "a@example.nl", "kind": "person",
    "locale": "nl", "theme": "auto",
}  # fmt: skip
TYPED = ("\0", "9" * 5000, "²\N{PILE OF POO}\u202e\u0301" * 50)
#: Ends of the addresses that take these fields.
FORMS = (
    "/wiki/-/new", "/wiki/-/preview", "/edit", "/restore", "/move", "/place", "/-/detach", "/-/attach", "/-/settings",
    "/-/members", "/role", "/spaces/-/new", "/me/preferences", "/me/language", "/me/appearance", "/admin/users/-/new",
    "/admin/users/other", "/admin/spaces",
)  # fmt: skip


@pytest.fixture
def settings_values(settings_values: dict[str, str]) -> dict[str, str]:
    return settings_values | dict.fromkeys(("plein.write_limit", "plein.upload_limit", "plein.search_limit"), "10000")


@pytest.fixture
def browser(make_user: Callable, make_space: Callable, as_user: Callable) -> TestApp:
    boss = make_user("boss", is_admin=True)
    make_user("other")
    make_space("handbook", members={boss: "manager"})
    make_space("annex", members={boss: "manager"})
    browser = as_user(boss)
    token = browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"]
    browser.extra_environ |= {"HTTP_X_CSRF_TOKEN": token}
    for title in ("Rules", "Other"):
        post(browser, "/spaces/handbook/wiki/-/new", title=title, body="[[Nowhere]]")
    return browser


def post(browser: TestApp, address: str, files: Any = None, **fields: str) -> int:
    answer = browser.post(address, fields, upload_files=files, status="*")
    return int(answer.status_int)


def addresses(browser: TestApp, **other: str) -> Iterator[str]:
    """The address of every route, with *other* instead of what is really there."""
    values = {"space": "handbook", "slug": "rules", "version": "1", "login": "other", **other}
    for route in browser.app.registry.getUtility(IRoutesMapper).get_routes():
        if route.pattern.startswith("/") and "*" not in route.pattern:
            yield re.sub(r"\{(\w+)(?::(?:[^{}]|\{[^}]*\})*)?\}", lambda part: values.get(part[1], "1"), route.pattern)


def test_no_parameter_of_any_page_breaks_it(browser: TestApp) -> None:
    failed = []
    for value in NASTY:
        query = "&".join(f"{name}={value}" for name in PARAMETERS)
        answers = {address: browser.get(f"{address}?{query}", status="*").status_int for address in addresses(browser)}
        failed += [f"{address} {value[:50]}: {status}" for address, status in answers.items() if status >= 500]
        # What is no text at all is refused before any page sees it.
        assert value == "%FF" or "%00" in value or sum(status == 200 for status in answers.values()) > 20
    assert not failed


def test_no_part_of_any_address_breaks_its_page(browser: TestApp) -> None:
    parts = ("space", "slug", "version", "login", "uid", "name", "token")
    # WebTest itself cannot ask for a path that is not UTF-8, nor for a very long one.
    values = [value for value in NASTY if "%FF" not in value and len(value) < 5000]
    asked = {address for value in values for part in parts for address in addresses(browser, **{part: value})}
    failed = [address for address in sorted(asked) if browser.get(address, status="*").status_int >= 500]
    assert len(asked) > 200 and not failed


def test_no_field_of_any_form_breaks_it(browser: TestApp) -> None:
    failed = []
    for address in _forms(browser):
        # The page stays where it is, and of the right version, for the next.
        right = FIELDS | ({"preview": "1"} if address.endswith("/edit") else {})
        for field in FIELDS:
            for value in TYPED:
                status = post(browser, address, **{**right, field: value})
                if status >= 500:
                    failed.append(f"{address} {field} {value[:9]!r}: {status}")
    assert not failed


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_no_form_is_broken_by_a_file_where_text_is_expected(browser: TestApp) -> None:
    failed = []
    for address in _forms(browser):
        for field in FIELDS:
            fields = {name: value for name, value in FIELDS.items() if name != field}
            status = post(browser, address, [(field, "x.txt", b"1")], **fields)
            if status >= 500:
                failed.append(f"{address} {field}: {status}")
    assert not failed


def _forms(browser: TestApp) -> list[str]:
    found = sorted({address for address in addresses(browser) if address.endswith(FORMS)})
    assert len(found) >= len(FORMS)
    return found
