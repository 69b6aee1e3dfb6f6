"""The pages of plugins: what is installed, what each keeps and costs, what is left of what is gone, its settings."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from chameleon import PageTemplate
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.adjusting.models import SettingValue
from plein.app import build_app, build_site
from plein.db import migrate, utcnow
from plein.plugins import Candidate, PluginError, build_plugins, discovery, registry
from plein.plugins.known import KnownPlugin
from plein.plugins.looking import hooks_in, hooks_of
from plein.settings import SettingsError


@pytest.fixture
def admin(as_user: Callable[..., TestApp], make_user: Callable) -> TestApp:
    return as_user(make_user("admin", is_admin=True))


def write(browser: TestApp) -> None:
    form = next(form for form in browser.get("/spaces/huis/wiki/-/new").forms.values() if "body" in form.fields)
    form["title"], form["body"] = "Fire", "A blaze."
    form.submit(status=303)


def test_a_page_says_what_a_plugin_is_keeps_and_adds(admin, as_user, make_user, make_space) -> None:
    anna = make_user("anna")
    make_space("huis", members={anna: "manager"})
    write(as_user(anna))
    page = admin.get("/admin/plugins").click("Wiki")
    text = page.html.find("main").get_text(" ", strip=True)
    assert "Pages that everybody in a space can write" in text and "EUPL-1.2" in text
    assert "Every save is a version" in text, "its README"
    assert "Pages: 1" in text and "wiki_page 1" in text
    assert (
        "wiki.page.view" in text and "content_actions" in text and "GET POST /spaces/{space}/wiki/{slug}/place" in text
    )
    assert page.html.find_all("h1")[0].get_text() == "Wiki" and len(page.html.find_all("h1")) == 1
    assert admin.get("/admin/plugins/nothing", status=404)
    assert "oidc_session" in admin.get("/admin/plugins/oidc")


def test_its_settings_are_changed_and_put_back_there(admin, db: Session) -> None:
    page = admin.get("/admin/plugins/wiki")
    form = next(form for form in page.forms.values() if "wiki-recent_pages" in form.fields)
    form["wiki-recent_pages"] = "21"
    refused = form.submit(status=422)
    assert "whole number from 0 to 20" in refused
    form = next(form for form in refused.forms.values() if "wiki-recent_pages" in form.fields)
    assert form["wiki-recent_pages"].value == "21"
    form["wiki-recent_pages"] = "7"
    saved = form.submit(status=303).follow()
    assert db.scalars(select(SettingValue.value)).all() == [7]
    db.rollback()
    again = [form for form in saved.forms.values() if "wiki-recent_pages" in form.fields]
    next(form for form in again if form["wiki-recent_pages"].value == "").submit(status=303)
    assert db.scalars(select(SettingValue.value)).all() == []


def test_the_list_stays_within_ten_statements_and_names_what_is_left(admin, db, count_statements) -> None:
    kind = {"name": "gone.thing", "path": "gone", "title": {}, "plural": {}}
    known = {"distribution": "plein-gone", "version": "1.0", "tables": ["gone_thing"], "seen_at": utcnow()}
    db.add(KnownPlugin(name="gone", types=[kind], **known))
    db.commit()
    admin.get("/admin/plugins")
    with count_statements() as counted:
        page = admin.get("/admin/plugins")
    assert counted.total <= 10, str(counted)
    text = page.html.find("main").get_text(" ", strip=True)
    assert "Not installed" in text and "gone 1.0 0 items, 0 tables" in text and "pip install plein-gone" in text


def unfit(name: str, **values: object) -> Candidate:
    found = next(one for one in discovery.discover() if one.name == name)
    return replace(found, requires=("plein>=99",), **values)


def test_a_plugin_that_does_not_fit_is_left_out_and_administrators_read_why(
    engine, settings_values, monkeypatch, as_user, make_user, app
) -> None:
    others = [one for one in discovery.discover() if one.name != "wiki"]
    monkeypatch.setattr(registry, "discover", lambda: [*others, unfit("wiki")])
    site = replace(build_site({**settings_values, "wiki.recent_pages": "3"}), engine=engine)
    assert not site.plugins.has("wiki") and "wiki" in site.plugins.off
    browser = TestApp(build_app(site), extra_environ=app.extra_environ)
    browser.cookiejar = as_user(make_user("admin", is_admin=True)).cookiejar
    for address in ("/admin", "/admin/plugins"):
        assert "needs plein&gt;=99" in browser.get(address), address
    migrate.require_current(engine, site.plugins)


def test_a_way_to_sign_in_that_does_not_fit_stops_the_start_where_it_is_configured(monkeypatch) -> None:
    candidates = [unfit("oidc")]
    plugins = build_plugins({}, environ={}, candidates=candidates, leaves_out=True)
    assert list(plugins.refused) == ["oidc"]
    for values, environ in (({"oidc.providers": "work"}, {}), ({}, {"PLEIN_OIDC_PROVIDERS": "work"})):
        with pytest.raises(PluginError, match=r"People sign in here by it \(.*\), so Plein does not start without it"):
            build_plugins(values, environ=environ, candidates=candidates, leaves_out=True)


def test_settings_of_a_plugin_that_is_not_installed_stop_the_start_and_name_it(settings_values, monkeypatch) -> None:
    monkeypatch.setattr(registry, "discover", list)
    with pytest.raises(SettingsError, match=r"oidc\.providers .* plein-oidc"):
        build_site({**settings_values, "oidc.providers": "work"})


def test_hooks_are_found_without_running_anything() -> None:
    assert {"register_content_types", "content_actions", "page_items"} <= hooks_of("plein_wiki")
    assert hooks_of("plein_nothing") == set()
    source = (
        "import nothing_there\n@hookimpl\ndef page_items(): pass\n@api.hookimpl(x=1)\ndef other(): pass\ndef no(): 1/0"
    )
    assert hooks_in([source, "def ("]) == {"page_items", "other"}


def test_a_card_that_fails_is_a_plain_one_and_counts_as_a_failure(
    app, as_user, make_user, make_space, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = make_user("anna")
    make_space("huis", members={anna: "manager"})
    for _page in range(2):
        write(as_user(anna))
    broken = PageTemplate("<p>half a card ${1 // 0}</p>")
    monkeypatch.setattr("plein.content.views.lists.card_template", lambda _type: broken)
    page = as_user(anna).get("/spaces/huis/wiki?view=cards")
    cards = page.html.find_all("li", class_="card")
    assert len(cards) == 2 and "half a card" not in page
    assert all(card.h2.a["href"].startswith("/spaces/huis/wiki/") for card in cards)
    assert app.app.registry["plein.plugins"].failures["wiki"] == 1
