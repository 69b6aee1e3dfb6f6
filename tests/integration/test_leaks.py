"""Side paths to one hidden item: a draft, a restricted page, one thrown away or moved out of sight.

Who gets into which space is in the matrix of routes; here the space is open, and only the item is not.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from pyramid.interfaces import IRoutesMapper
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from plein.content.models import Attachment, Content
from plein.search.models import SearchDocument
from plein.spaces.models import Membership, Space

BASE = "/spaces/handbook/wiki"
#: Stands in title, text, tags, note, file and links of the hidden item, and nowhere else.
SECRET = "zwaluwstaart"
#: Its address, and the name of its file: secret on every page that was not asked for by it.
SLUG = "koolmees"

#: How the item is hidden → who still sees it.
HIDDEN = {"draft": ("author",), "restricted": ("author",), "trashed": ("author", "editor", "manager")}
VIEWERS = ("author", "editor", "manager", "member", "reader", "outsider", "guest", "asked", "admin")


@pytest.fixture
def settings_values(settings_values: dict[str, str]) -> dict[str, str]:
    return settings_values | dict.fromkeys(("plein.write_limit", "plein.upload_limit", "plein.search_limit"), "10000")


@pytest.fixture
def people(make_user: Callable, make_space: Callable) -> dict[str, Any]:
    people = {name: make_user(name) for name in VIEWERS if name not in ("guest", "admin")}
    people |= {"guest": make_user("guest", kind="guest"), "admin": make_user("admin", is_admin=True)}
    roles = {"author": "editor", "editor": "editor", "manager": "manager", "member": "member", "reader": "reader"}
    roles |= {"guest": "member", "asked": "asked"}
    make_space("handbook", members={people[name]: role for name, role in roles.items()})
    make_space("cellar", access="hidden", members={people["author"]: "editor"})
    return people


@pytest.fixture
def browsers(people: dict[str, Any], as_user: Callable) -> dict[str, TestApp]:
    return {name: as_user(user) for name, user in people.items()}


def post(browser: TestApp, address: str, status: int | str = "*", **fields: Any) -> TestResponse:
    token = browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"]
    return browser.post(address, {"csrf_token": token, **fields}, status=status)


@pytest.fixture
def hide(browsers: dict[str, TestApp], db: Session) -> Callable[[str], str]:
    """``hide(how)``: the item, with all that hangs on it, hidden; gives the uid of its file."""

    def make(how: str) -> str:
        author = browsers["author"]
        post(author, f"{BASE}/-/new", 303, title="Plan", body="old", tags=SECRET)
        body = f"## {SECRET}\n\ngemeenschappelijk [[Missing {SECRET}]] {SECRET}"
        form = {"title": SLUG, "body": body, "tags": SECRET, "note": SECRET, "base_version": "1"}
        post(author, f"{BASE}/plan/edit", 303, **form)
        post(author, f"{BASE}/{SLUG}/files/-/attach", 303, file=Upload(f"{SLUG}.txt", SECRET.encode()))
        post(author, f"{BASE}/-/new", 303, title="Child", body="gemeenschappelijk [[Plan]]", parent=SLUG)
        post(author, f"{BASE}/-/new", 303, title="Other", body="See [[Plan]] and [[Child]]")
        if how == "trashed":
            post(author, f"{BASE}/{SLUG}/delete", 303)
        values = {"trashed": {}, "restricted": {"restricted": True}, "draft": {"state": "draft"}}[how]
        item = select(Content.id).where(Content.slug == SLUG).scalar_subquery()
        db.execute(update(Content).where(Content.slug == SLUG).values(title=f"A {SECRET}", **values))
        if values:
            # What decides is repeated in the search index.
            db.execute(update(SearchDocument).where(SearchDocument.content_id == item).values(**values))
        db.commit()
        uid = str(db.scalar(select(Attachment.uid)))
        db.rollback()
        return uid

    return make


def addresses(app: TestApp, uid: str) -> list[str]:
    """Every page there is: about the item, its old address, its child and a page that links to it."""
    same = {"space": "handbook", "version": "2", "login": "author", "token": "x", "uid": uid, "name": f"{SLUG}.txt"}
    patterns = [route.pattern for route in app.app.registry.getUtility(IRoutesMapper).get_routes()]
    found = dict.fromkeys(
        _filled(pattern, {**same, "slug": slug}) for pattern in patterns for slug in (SLUG, "plan", "child", "other")
    )
    searches = [f"/search?{query}" for query in ("q=gemeenschappelijk", "q=zwaluw", "q=tag:zwal", "tag=zwal", "q=mis")]
    return [path for path in found if path.startswith("/") and "*" not in path] + searches


def _filled(pattern: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::(?:[^{}]|\{[^}]*\})*)?\}", lambda part: values.get(part[1], "1"), pattern)


@pytest.mark.parametrize("how", HIDDEN)
def test_a_hidden_item_shows_on_no_page_at_all(
    hide: Callable[[str], str], browsers: dict[str, TestApp], how: str
) -> None:
    uid = hide(how)
    pages = addresses(browsers["author"], uid)
    told = []
    for name in VIEWERS:
        if name in HIDDEN[how]:
            continue
        for address in pages:
            answer = browsers[name].get(address, status="*")
            everything = f"{answer.text} {answer.headers.get('Location', '')}".casefold()
            secrets = (SECRET,) if SLUG in address else (SECRET, SLUG)
            if any(secret in everything for secret in secrets):
                told.append(f"{name}: {address} ({answer.status_int})")
    assert not told, "\n".join(told)


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_those_who_may_do_see_it(hide: Callable[[str], str], browsers: dict[str, TestApp], how: str) -> None:
    """Else the test above would find nothing because there is nothing."""
    uid = hide(how)
    for name in HIDDEN[how]:
        assert SECRET in browsers[name].get(f"{BASE}/{SLUG}").text
        assert browsers[name].get(f"/files/{uid}/{SLUG}.txt").text == SECRET
        assert SLUG in browsers[name].get(f"{BASE}/plan", status=302).location


@pytest.mark.parametrize("how", HIDDEN)
def test_nothing_can_be_done_to_a_hidden_item(
    hide: Callable[[str], str], browsers: dict[str, TestApp], db: Session, how: str
) -> None:
    uid = hide(how)
    shown = (Content.title, Content.body, Content.state, Content.version, Content.slug, Content.space_id)
    before = db.execute(select(*shown).where(Content.slug == SLUG)).one()
    db.rollback()
    form = {"title": "New", "body": "new", "base_version": "2", "version": "1", "uid": uid, "space": "handbook"}
    for name in ("member", "manager"):
        if name in HIDDEN[how]:
            continue
        for slug in (SLUG, "plan"):
            for act in ("edit", "restore", "delete", "undelete", "move", "files/-/attach", "files/-/detach", "place"):
                answer = post(browsers[name], f"{BASE}/{slug}/{act}", **form)
                is_refused = answer.status_int == 404 or (name == "member" and answer.status_int == 403)
                assert is_refused, (name, slug, act, answer.status_int)
    assert db.execute(select(*shown).where(Content.slug == SLUG)).one() == before


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_hidden_item_and_none_at_all_get_the_same_answer(
    hide: Callable[[str], str], browsers: dict[str, TestApp]
) -> None:
    hide("restricted")
    for page in ("", "/edit", "/history", "/raw", "/files", "/print", "/links", "/diff", "/version/1", "/move"):
        hidden = browsers["manager"].get(f"{BASE}/{SLUG}{page}", status=404)
        missing = browsers["manager"].get(f"{BASE}/nobody{page}", status=404)
        as_missing = hidden.text.replace("koolmees", "nobody").replace("Koolmees", "Nobody")
        assert _bare(as_missing) == _bare(missing.text), page


def _bare(html: str) -> str:
    """Without what differs between any two answers."""
    return re.sub(r'nonce="[^"]*"|nonce-[\w-]+|<code>[0-9a-z]{8}</code>', "", html)


def test_what_moved_to_a_hidden_space_leaves_no_trace(browsers: dict[str, TestApp]) -> None:
    author = browsers["author"]
    post(author, f"{BASE}/-/new", 303, title="Plan", body="gemeenschappelijk")
    post(author, f"{BASE}/plan/move", 303, space="cellar")
    for page in ("", "/edit", "/raw", "/history"):
        answer = browsers["manager"].get(f"{BASE}/plan{page}", status=404)
        assert "cellar" not in f"{answer.text} {answer.headers}".casefold()
    post(browsers["manager"], f"{BASE}/plan/edit", 404, title="Plan", body="x", base_version="1")
    assert author.get(f"{BASE}/plan", status=302).location.endswith("/spaces/cellar/wiki/plan")
    assert "plan" not in browsers["manager"].get("/search?q=gemeenschappelijk").html.main.text.casefold()


def test_a_file_that_a_browser_keeps_is_refused_once_the_right_to_it_is_gone(
    browsers: dict[str, TestApp], people: dict[str, Any], db: Session
) -> None:
    post(browsers["author"], f"{BASE}/-/new", 303, title="Plan", body="x")
    post(browsers["author"], f"{BASE}/plan/files/-/attach", 303, file=Upload("a.txt", b"text"))
    uid = db.scalar(select(Attachment.uid))
    db.rollback()
    first = browsers["member"].get(f"/files/{uid}/a.txt")
    kept = {"If-None-Match": first.headers["ETag"]}
    assert browsers["member"].get(f"/files/{uid}/a.txt", headers=kept, status=304)
    db.execute(update(Space).where(Space.slug == "handbook").values(access="closed"))
    db.execute(update(Membership).where(Membership.user_id == people["member"].id).values(role="asked"))
    db.commit()
    for headers in ({}, kept):
        refused = browsers["member"].get(f"/files/{uid}/a.txt", headers=headers, status=404)
        assert "ETag" not in refused.headers
    assert "Plan" not in browsers["member"].get("/").text


def test_a_title_that_is_taken_by_a_hidden_page_is_free_to_everybody_else(
    hide: Callable[[str], str], browsers: dict[str, TestApp]
) -> None:
    hide("restricted")
    answer = post(browsers["member"], f"{BASE}/-/new", 303, title="Koolmees", body="mine")
    assert browsers["member"].get(f"{answer.location}/raw").text == "mine"
    assert "old" not in browsers["member"].get(f"{answer.location}/history").html.main.text


def test_the_tree_cannot_be_bent_into_a_circle_through_a_page_that_one_does_not_see(
    hide: Callable[[str], str], browsers: dict[str, TestApp], db: Session
) -> None:
    hide("restricted")
    post(browsers["author"], f"{BASE}/{SLUG}/place", 303, parent="other", position="0")
    answer = post(browsers["manager"], f"{BASE}/other/place", 422, parent="child", position="0")
    assert SECRET not in answer.text.casefold()
    parents = {item.id: getattr(item, "parent_id", None) for item in db.scalars(select(Content))}
    for start in parents:
        way = [start]
        while parents[way[-1]] is not None:
            way.append(parents[way[-1]])
            assert len(way) <= len(parents)
