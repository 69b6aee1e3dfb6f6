"""Settings on a page: what is changed there holds on the next request everywhere, and never beats the server."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.adjusting.changing import choose
from plein.adjusting.models import SettingValue
from plein.app import build_app, build_site
from plein.audit.models import AuditEntry
from plein.contributions import Setting
from plein.settings import fit

PAGE = "/admin/settings"


def the_form(page: Any) -> Any:
    return next(
        form for form in page.forms.values() if "plein-site_name" in form.fields and "plein-trash_days" in form.fields
    )


@pytest.fixture
def admin(as_user: Callable[..., TestApp], make_user: Callable) -> TestApp:
    return as_user(make_user("admin", is_admin=True))


def test_what_is_changed_holds_on_the_next_request_in_another_process_too(admin, engine, settings_values) -> None:
    other = TestApp(build_app(replace(build_site(settings_values), engine=engine)), extra_environ=admin.extra_environ)
    other.cookiejar = admin.cookiejar
    assert "<title>Settings · Plein</title>" in other.get(PAGE)
    form = the_form(admin.get(PAGE))
    form["plein-site_name"], form["plein-presence"] = "Het Raadhuis", "0"
    saved = form.submit(status=303).follow()
    assert "Settings · Het Raadhuis" in saved and "a page of administration" in saved
    assert "Settings · Het Raadhuis" in other.get(PAGE)
    undo = next(
        one
        for one in saved.forms.values()
        if set(one.fields) >= {"plein-site_name", "plein-presence"} and "plein-trash_days" not in one.fields
    )
    assert "Settings · Plein" in undo.submit(status=303).follow()
    assert "Settings · Plein" in other.get(PAGE)


def test_reading_costs_no_statement_of_its_own(admin, db, app, count_statements) -> None:
    admin.get("/admin/rules")
    with count_statements() as before:
        admin.get("/admin/rules")
    choose(db, app.app.registry["plein.settings"], "plein.site_name", "Elders")
    db.commit()
    assert "Elders" in admin.get("/admin/rules")
    with count_statements() as after:
        assert "Elders" in admin.get("/admin/rules")
    assert after.total == before.total, str(after)


def test_what_is_wrong_comes_back_beside_the_field_and_nothing_is_stored(admin, db) -> None:
    form = the_form(admin.get(PAGE))
    form["plein-site_name"], form["plein-trash_days"] = "x" * 61, "many"
    form["plein-contact"], form["plein-guest_days"] = "here", "731"
    page = form.submit(status=422)
    text = page.html.find("main").get_text(" ", strip=True)
    assert "at most 60 characters" in text and "whole number from 0 to 3650" in text
    assert "must be an address such as mailto:" in text and "whole number from 1 to 730" in text
    assert the_form(page)["plein-trash_days"].value == "many" and the_form(page)["plein-guest_days"].value == "731"
    assert db.scalars(select(SettingValue)).all() == []


def test_who_changed_what_stays_known_and_can_be_put_back(admin, db) -> None:
    for days in ("10", "20"):
        form = the_form(admin.get(PAGE))
        form["plein-trash_days"] = days
        form.submit(status=303)
    entries = db.scalars(select(AuditEntry).where(AuditEntry.action == "setting.changed")).all()
    assert [(one.object_id, one.details) for one in entries] == [
        ("plein.trash_days", {"before": None, "after": 10}),
        ("plein.trash_days", {"before": 10, "after": 20}),
    ]
    db.rollback()
    page = admin.get(PAGE)
    again = [
        one
        for one in page.forms.values()
        if list(one.fields) and "plein-trash_days" in one.fields and "plein-contact" not in one.fields
    ]
    # The notice of the last change, and a line of each: newest first.
    assert [one["plein-trash_days"].value for one in again][-2:] == ["10", ""]
    again[-1].submit(status=303)
    assert db.scalars(select(SettingValue)).all() == []
    db.rollback()
    assert the_form(admin.get(PAGE)).submit(status=303).follow().status_int == 200


class TestGivenOnTheServer:
    @pytest.fixture
    def settings_values(self, settings_values: dict[str, str]) -> dict[str, str]:
        return {**settings_values, "plein.site_name": "Stadhuis"}

    def test_a_value_of_the_server_goes_first_and_is_not_to_be_changed_here(self, admin, db, app) -> None:
        page = admin.get(PAGE)
        assert "plein-site_name" not in {name for form in page.forms.values() for name in form.fields}
        assert "changed there" in page and "Stadhuis" in page
        token = page.html.find("input", {"name": "csrf_token"})["value"]
        admin.post(PAGE, {"csrf_token": token, "plein-site_name": "Elders"}, status=303)
        assert db.scalars(select(SettingValue)).all() == []
        # A row of before the server said so.
        db.add(SettingValue(name="plein.site_name", value="Elders"))
        db.commit()
        assert "Settings · Stadhuis" in admin.get(PAGE)
        with pytest.raises(LookupError):
            choose(db, app.app.registry["plein.settings"], "plein.site_name", "Elders")


def test_a_value_that_no_longer_fits_counts_as_none(admin, db) -> None:
    db.add(SettingValue(name="plein.trash_days", value="soon"))
    db.add(SettingValue(name="plein.secret", value="y" * 40))
    db.add(SettingValue(name="gone.size", value=4))
    db.commit()
    page = admin.get(PAGE)
    assert the_form(page)["plein-trash_days"].value == "" and "y" * 40 not in page


def test_jobs_and_pages_of_a_plugin_read_the_same(
    app: TestApp, engine: Engine, db: Session, as_user, make_user, make_space
) -> None:
    anna = make_user("anna")
    make_space("huis", members={anna: "manager"})
    settings = app.app.registry["plein.settings"]
    assert settings["wiki.recent_pages"] == 5 and settings.source("wiki.recent_pages") == "default"
    assert "No pages yet" in as_user(anna).get("/spaces/huis")
    choose(db, settings, "wiki.recent_pages", 0)
    db.commit()
    settings.adjusted.kept.look_again()
    assert settings["wiki.recent_pages"] == 0 and settings.source("wiki.recent_pages") == "page"
    assert "No pages yet" not in as_user(anna).get("/spaces/huis")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"secret": True}, "is secret"),
        ({"title": ""}, "title"),
        ({"choices": ("a", "b"), "default": "a", "names": {"a": "A"}}, "names={…} for b"),
    ],
)
def test_a_setting_that_can_be_on_no_page_is_refused_where_it_is_declared(setting, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        Setting(
            **{
                "name": "blog.word",
                "type": str,
                "default": "",
                "help": "It.",
                "title": "Word",
                "on_page": True,
                **setting,
            }
        )


def test_a_value_of_a_form_json_or_yaml_fits_alike() -> None:
    days = Setting("blog.days", int, 5, "Days.", minimum=1)
    words = Setting("blog.words", list, (), "Words.")
    on = Setting("blog.on", bool, True, "On.")
    assert [fit(days, one) for one in ("7", 7)] == [7, 7]
    assert [fit(words, one) for one in ("a, b", ["a", "b"])] == [("a", "b")] * 2
    assert [fit(on, one) for one in ("0", False, "no")] == [False] * 3
    with pytest.raises(ValueError, match="at least 1"):
        fit(days, 0)


def test_what_was_last_known_holds_while_the_database_is_away(app: TestApp, db: Session) -> None:
    settings = app.app.registry["plein.settings"]
    choose(db, settings, "plein.site_name", "Elders")
    db.commit()

    def away() -> int:
        raise OperationalError("SELECT", {}, Exception("the database is away"))

    assert settings.at(away)["plein.site_name"] == "Plein"
    settings.adjusted.kept.look_again()
    assert settings["plein.site_name"] == "Elders" and settings.at(away)["plein.site_name"] == "Elders"
