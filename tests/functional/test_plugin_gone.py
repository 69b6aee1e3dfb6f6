"""A plugin that is not installed any more: what it left can be read, breaks nothing, and comes back with it."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.app import build_app, build_site
from plein.content.models import Attachment, Content, ContentAudience, ContentLink, ContentRedirect, Revision
from plein.content.tag_models import ContentTag, Tag
from plein.db import migrate, utcnow
from plein.jobs.context import parts_of
from plein.jobs.executor import Executor
from plein.ladder.changing import Decision, decide
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.plugins import discovery, registry
from plein.plugins.known import KnownPlugin
from plein.security.models import PermissionGrant
from plein.security.stamps import bump
from plein.spaces.models import Space

PAGE = "/spaces/handbook/wiki/fire"
PAGES = 1_000


class Sites:
    """The same database served with the wiki and without it."""

    def __init__(
        self, engine: Engine, values: dict[str, str], monkeypatch: pytest.MonkeyPatch, with_it: TestApp
    ) -> None:
        self.engine, self.with_it = engine, with_it
        installed = discovery.discover()
        monkeypatch.setattr(registry, "discover", lambda: [one for one in installed if one.name != "wiki"])
        site = replace(build_site(values), engine=engine)
        # What an administrator does after uninstalling.
        migrate.upgrade(engine, site.plugins)
        self.without = TestApp(build_app(site), extra_environ=with_it.extra_environ)
        monkeypatch.setattr(registry, "discover", lambda: installed)

    def gone(self, browser: TestApp) -> TestApp:
        """*browser*, at the site without the wiki."""
        other = TestApp(self.without.app, extra_environ=browser.extra_environ)
        other.cookiejar = browser.cookiejar
        return other


@pytest.fixture
def anna(make_user: Callable[..., User]) -> User:
    return make_user("anna")


@pytest.fixture
def space(make_space: Callable[..., Space], anna: User) -> Space:
    return make_space("handbook", access="open", members={anna: "manager"})


@pytest.fixture
def browser(as_user: Callable[..., TestApp], anna: User, space: Space) -> TestApp:
    """Anna, who wrote a page with a file, a tag, a link to a page that nobody wrote, and a later version."""
    browser = as_user(anna)
    write(browser, "/spaces/handbook/wiki/-/new", "Fire", "What to do in a **blaze**. See [[Smoke]].", tags="safety")
    write(browser, f"{PAGE}/edit", "Fire", "What to do in a **blaze**, at once. See [[Smoke]].", tags="safety")
    form = next(form for form in browser.get(f"{PAGE}/files").forms.values() if form.action.endswith("/attach"))
    browser.post(
        form.action, {"csrf_token": form["csrf_token"].value}, upload_files=[("file", "plan.txt", b"Walk out.")]
    )
    return browser


def write(browser: TestApp, address: str, title: str, body: str, tags: str = "") -> Any:
    form = next(form for form in browser.get(address).forms.values() if "body" in form.fields)
    form["title"], form["body"], form["tags"] = title, body, tags
    return form.submit(status=303)


@pytest.fixture
def sites(engine, settings_values, monkeypatch, app, db) -> Sites:
    """Made when the wiki's last upgrade is already behind us."""
    migrate.upgrade(engine, app.app.registry["plein.plugins"])
    return Sites(engine, settings_values, monkeypatch, app)


def main_of(page: Any) -> str:
    return page.html.find("main").get_text(" ", strip=True)


def test_upgrade_writes_down_what_is_installed_and_keeps_what_is_gone(sites: Sites, db: Session) -> None:
    row = db.get(KnownPlugin, "wiki")
    assert row is not None and row.distribution == "plein-wiki" and row.tables == ["wiki_page"]
    assert row.types == [
        {
            "name": "wiki.page",
            "path": "wiki",
            "title": {"nl": "Pagina", "en": "Page"},
            "plural": {"nl": "Pagina's", "en": "Pages"},
        }
    ]


def test_an_item_can_be_read_and_taken_along_and_says_why_no_more(browser, sites: Sites, app) -> None:
    gone = sites.gone(browser)
    page = gone.get(PAGE)
    assert "Function not installed" in page and "at once" in page and "<strong>blaze</strong>" in page
    assert "plan.txt" in page and "safety" in page and f"{PAGE}/edit" not in page
    assert gone.get(page.html.find("a", string="plan.txt")["href"]).body == b"Walk out."
    raw = gone.get(f"{PAGE}/raw")
    assert (
        raw.text.startswith("What to do in a **blaze**") and 'filename="fire.md"' in raw.headers["Content-Disposition"]
    )
    assert gone.get(f"{PAGE}/edit", status=404) and gone.get("/spaces/handbook/wiki/smoke", status=404)
    assert gone.post(PAGE, {"csrf_token": "x"}, status="4*").status_int in (403, 404)
    gone.set_cookie("plein-locale", "nl")
    assert "Onderdeel niet geïnstalleerd" in gone.get(PAGE)


def test_who_could_not_see_it_does_not_now(browser, sites: Sites, db, make_user, as_user, anna, space) -> None:
    bert = make_user("bert")
    other = sites.gone(as_user(bert))
    assert "blaze" in other.get(PAGE)
    assert TestApp(sites.without.app, extra_environ=other.extra_environ).get(PAGE, status=303).location.count("sign-in")
    item = db.scalars(select(Content).where(Content.slug == "fire")).one()
    item.restricted = True
    db.commit()
    assert other.get(PAGE, status=404) and other.get(f"{PAGE}/raw", status=404)
    assert sites.gone(browser).get(PAGE)
    item.restricted = False
    db.add(PermissionGrant(space_id=None, permission="wiki.page.view", role="visitor", allowed=False))
    bump(db)
    db.commit()
    assert other.get(PAGE, status=403)
    db.get(Space, space.id).access = "hidden"
    db.commit()
    assert other.get(PAGE, status=404)


def test_who_did_not_have_the_plugin_does_not_get_what_it_left(
    browser, sites: Sites, db, make_user, as_user, space
) -> None:
    other, gone = sites.gone(as_user(make_user("bert"))), sites.gone(browser)
    decide(db, "wiki", Decision("off"))
    db.commit()
    assert gone.get(PAGE, status=404)
    decide(db, "wiki", Decision("pilot", space_ids=(space.id,)))
    db.commit()
    assert gone.get(PAGE) and other.get(PAGE)
    decide(db, "wiki", Decision("pilot", space_ids=()))
    db.commit()
    assert gone.get(PAGE, status=404)


def test_an_address_from_before_leads_on(browser, sites: Sites) -> None:
    form = next(form for form in browser.get(f"{PAGE}/edit").forms.values() if "body" in form.fields)
    form["title"] = "Blaze"
    form.submit(status=303)
    assert sites.gone(browser).get(PAGE, status=302).location.endswith("/spaces/handbook/wiki/blaze")


ADDRESSES = (
    *("/", "/spaces", "/spaces/handbook", "/search?q=blaze", "/inbox", "/me", "/people/anna", "/tags", "/tags/safety"),
    *("/search?q=blaze&type=wiki.page", "/spaces/handbook/-/access", "/spaces/handbook/members", "/me/drafts"),
    *("/spaces/handbook/-/freshness", "/search?q=plan", "/spaces/handbook/settings"),
)


def test_no_other_page_breaks(browser, sites: Sites) -> None:
    sites.with_it.app.registry["plein.ladders"].kept.look_again()
    Executor(parts_of(sites.with_it.app.registry), viewer_for).run_due()
    gone = sites.gone(browser)
    answers = {path: gone.get(path, status="*").status_int for path in ADDRESSES}
    assert {path: code for path, code in answers.items() if code not in (200, 303, 404)} == {}
    assert "Fire" not in main_of(gone.get("/spaces/handbook"))
    assert gone.get("/search?q=blaze").html.find("a", href=PAGE) is not None
    Executor(parts_of(sites.without.app.registry), viewer_for).run_due()


def checksums(engine: Engine) -> dict[str, str]:
    """Over all that hangs on items: every row of each table that has something of them."""
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        columns = {name: [one["name"] for one in inspect(connection).get_columns(name)] for name in names}
        wanted = [name for name in sorted(names) if name in ("content", "wiki_page") or "content_id" in columns[name]]
        assert {"revision", "content_link", "content_tag", "attachment", "content_redirect"} <= set(wanted)
        found = {}
        for name in wanted:
            listed = ", ".join(f'"{one}"' for one in columns[name])
            rows = connection.execute(text(f'SELECT {listed} FROM "{name}"')).all()
            found[name] = sha256(json.dumps(sorted(map(str, rows))).encode()).hexdigest()
        return found


def fill(db: Session, space: Space, anna: User) -> None:
    """A thousand pages with all that hangs on them."""
    now = utcnow()
    db.execute(insert(Tag), [{"name": "Bulk", "slug": "bulk", "folded": "bulk"}])
    tag_id = db.scalar(select(Tag.id).where(Tag.slug == "bulk"))
    numbers = range(1, PAGES + 1)
    pages = [
        {
            "uid": f"bulk-{n}",
            "type": "wiki.page",
            "space_id": space.id,
            "title": f"Page {n}",
            "sort_title": f"page {n:04}",
            "slug": f"page-{n}",
            "body": f"Text {n}, see [[Page {n + 1}]].",
            "html": f"<p>Text {n}</p>",
            "text": f"Text {n}",
            "tags": ["Bulk"],
            "author_id": anna.id,
            "restricted": n % 50 == 0,
            "state": "draft" if n % 40 == 0 else "published",
        }
        for n in numbers
    ]
    db.execute(insert(Content), pages)
    ids = dict(db.execute(select(Content.slug, Content.id).where(Content.uid.like("bulk-%"))).all())
    mine = [(n, ids[f"page-{n}"]) for n in numbers]
    places = [{"id": item, "parent_id": ids.get(f"page-{n // 10}"), "position": n} for n, item in mine]
    db.execute(insert(Content.metadata.tables["wiki_page"]), places)
    version = {"version": 1, "title": "Page", "body": "Text"}
    link = {"target_space": "handbook", "target_type": "wiki.page", "target_title": "Page"}
    place = {"space_id": space.id, "type": "wiki.page"}
    file = {
        "media_type": "text/plain",
        "size": 3,
        "digest": "0" * 64,
        "created_at": now,
        "name": "a.txt",
        "text_state": "none",
    }
    for model, rows in (
        (Revision, [version for _one in mine]),
        (ContentLink, [{**link, "target_slug": f"page-{n + 1}"} for n, _id in mine]),
        (ContentTag, [{"tag_id": tag_id} for _one in mine]),
        (ContentRedirect, [{**place, "slug": f"old-{n}"} for n, _id in mine]),
        (Attachment, [{**file, "uid": f"f-{n}"} for n, _id in mine]),
        (ContentAudience, [{"user_id": anna.id} for _one in mine]),
    ):
        db.execute(insert(model), [{**row, "content_id": item} for row, (_n, item) in zip(rows, mine, strict=True)])
    db.commit()


def test_a_thousand_pages_are_the_same_after_uninstalling_and_installing_again(
    browser, sites: Sites, db, space, anna, engine
) -> None:
    Executor(parts_of(sites.with_it.app.registry), viewer_for).run_due()
    fill(db, space, anna)
    before = checksums(engine)
    gone = sites.gone(browser)
    assert "Text 7" in gone.get("/spaces/handbook/wiki/page-7") and gone.get("/spaces/handbook/wiki/old-7", status=302)
    for path in ADDRESSES:
        gone.get(path, status="*")
    Executor(parts_of(sites.without.app.registry), viewer_for).run_due()
    migrate.upgrade(engine, sites.without.app.registry["plein.plugins"])
    assert checksums(engine) == before
    migrate.upgrade(engine, sites.with_it.app.registry["plein.plugins"])
    page = browser.get("/spaces/handbook/wiki/page-70")
    assert "Text 70" in page and "/spaces/handbook/wiki/page-7" in page
    assert checksums(engine) == before
    write(browser, "/spaces/handbook/wiki/page-70/edit", "Page 70", "Other words.")
    assert checksums(engine) != before and "Other words" in browser.get("/spaces/handbook/wiki/page-70")
