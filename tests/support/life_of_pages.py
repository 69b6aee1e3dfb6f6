"""Writing pages of a handbook in a browser, as tests of what becomes of them do."""

import re
from typing import Any

from webtest import TestApp, TestResponse

BASE = "/spaces/handbook/wiki"


def form_of(page: TestResponse) -> Any:
    return next(form for form in page.forms.values() if "body" in form.fields)


def write(browser: TestApp, title: str = "Agenda", act: str = "publish", **fields: str) -> TestResponse:
    form = form_of(browser.get(f"{BASE}/-/new"))
    form["title"], form["body"] = title, fields.pop("body", "Some text.")
    for name, value in fields.items():
        form[name] = value
    return form.submit("act", value=act, expect_errors=True)


def post(browser: TestApp, address: str, status: int = 303, **fields: str) -> TestResponse:
    page = browser.get("/people")
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token is not None
    return browser.post(f"{BASE}{address}", {"csrf_token": token[1], **fields}, status=status)
