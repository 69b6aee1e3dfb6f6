"""The page of the audit log: found by anything, nothing told that the reader may not see, exported with an entry."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from plein.audit import log as audit_log
from plein.audit import record, record_aside
from plein.audit.chain import entries, verify
from plein.db import open_session, utcnow

PAGE = "/admin/audit"


@pytest.fixture
def past(make_user: Callable, make_space: Callable, as_user: Callable, engine: Any, monkeypatch: Any) -> Any:
    """A few entries: by Anna, on spaces of which the administrator may not know one, and an old refusal."""
    admin, anna, bo = make_user("admin", is_admin=True), make_user("anna"), make_user("bo", state="left")
    garden = make_space("garden", members={anna: "manager"})
    hidden = make_space("koolmees", name="Koolmeesnest", access="hidden", members={anna: "manager"})
    monkeypatch.setattr(audit_log, "utcnow", lambda: utcnow() - timedelta(days=40))
    record_aside(engine, "session.refused", "user", bo.id, result="refused", origin="192.0.2.9", reason="=1+1")
    monkeypatch.undo()
    with open_session(engine, writes=True) as db, db.begin():
        for space in (garden, hidden):
            record(db, "space.member_added", "space", space.id, actor_id=anna.id, user=bo.id, role="editor")
        record(db, "thing.unheard_of", "thing", "x")
    return SimpleNamespace(browser=as_user(admin), anna=anna, bo=bo, garden=garden, hidden=hidden, ask=as_user)


def rows(page: Any) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page.html.select("table.audit tbody tr")]


def test_entries_are_told_in_words_with_names_and_links(past: Any) -> None:
    page = past.browser.get(PAGE)
    (line,) = [row for row in rows(page) if "Garden" in row]
    assert "Anna" in line and "Member added" in line and "person: Bo" in line and "role: Editor" in line
    assert page.html.find("a", href="/spaces/garden") is not None


def test_name_of_a_hidden_space_is_not_told(past: Any) -> None:
    page = past.browser.get(PAGE)
    assert "Koolmees" not in page.text and f"Space {past.hidden.id}" in " ".join(rows(page))
    assert "Koolmees" not in export(past, "csv").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=session.refused", 1),
        ("result=refused", 1),
        ("who=bo", 1),
        ("who=anna", 2),
        ("who=Anna", 2),
        ("kind=space", 2),
        ("kind=space&object=999999", 0),
        ("since={month}", 3),
        ("until={month}", 1),
        ("action=' OR 1=1", 0),
        ("before=1", 0),
        ("before=x", 4),
        ("before=99999999999999999999", 4),
    ],
)
def test_narrowed_by_a_link(past: Any, query: str, found: int) -> None:
    month = (utcnow() - timedelta(days=30)).date().isoformat()
    assert len(rows(past.browser.get(f"{PAGE}?{query.format(month=month)}"))) == found


@pytest.mark.parametrize("query", ["who=nobody", "since=yesterday", "result=odd"])
def test_what_cannot_be_looked_for_is_said_and_kept(past: Any, query: str) -> None:
    page = past.browser.get(f"{PAGE}?{query}")
    assert rows(page) == [] and page.html.find(class_="error-summary") is not None
    assert query.partition("=")[2] in page.text or "result" in query


def export(past: Any, kind: str, **values: str) -> Any:
    token = past.browser.get(PAGE).html.find("input", attrs={"name": "csrf_token"})["value"]
    return past.browser.post(f"{PAGE}/export", {"csrf_token": token, "format": kind, **values})


def test_export_has_what_fits_and_is_recorded(past: Any, engine: Any) -> None:
    answer = export(past, "jsonl", result="refused")
    (line,) = [json.loads(one) for one in answer.text.splitlines()]
    assert line["action"] == "session.refused" and "audit-" in answer.headers["Content-Disposition"]
    table = list(csv.DictReader(StringIO(export(past, "csv").text)))
    assert len(table) == 5 and not any(cell.startswith("=") for row in table for cell in row.values())
    with open_session(engine) as db:
        last = list(entries(db))[-2:]
    assert [one["details"] for one in last] == [{"format": "jsonl", "only_result": "refused"}, {"format": "csv"}]
    assert all(one["actor_id"] for one in last) and verify(engine).broken is None


def test_wrong_choice_exports_nothing(past: Any) -> None:
    assert export(past, "jsonl", who="nobody").status_code == 303
    assert export(past, "zip").status_code == 303


def test_list_goes_on_by_key(past: Any, engine: Any) -> None:
    with open_session(engine, writes=True) as db, db.begin():
        for number in range(60):
            record(db, "thing.done", "thing", number)
    page = past.browser.get(PAGE)
    assert len(rows(page)) == 50
    rest = past.browser.get(page.html.find("a", rel="next")["href"])
    assert len(rows(rest)) == 14 and rest.html.find("a", rel="next") is None


def test_page_takes_few_statements(past: Any, engine: Any, count_statements: Callable) -> None:
    with open_session(engine, writes=True) as db, db.begin():
        for number in range(40):
            record(db, "content.trashed", "content", number, space=1)
            record(db, "group.changed", "group", number)
    past.browser.get(PAGE)
    with count_statements() as counted:
        past.browser.get(PAGE)
    assert counted.total <= 6, str(counted)


def test_only_who_may_read_it_does(past: Any) -> None:
    past.ask(past.anna).get(PAGE, status=403)
