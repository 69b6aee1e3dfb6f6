"""Who gets in where: every route × every kind of viewer × every kind of space and state of an item, from one table.

A view without a row fails, so that a new page cannot be forgotten; pages of a plugin's content type are in the table
without asking. And whoever does not get in never sees a word of what is inside, on any page at all.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from authorisation import SITE, SPACE, TYPE
from authorisation.rules import COMMON, CONDITIONS, PLACES, VIEWERS, Row, expected, seers, signed_in
from authorisation.world import World, filled, make_world, routes_of, views_of
from pyramid.request import Request
from sqlalchemy import func, select
from webtest import TestApp

from plein.content.models import Content
from plein.db import open_session
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.search.candidates import Filters
from plein.search.services import SearchService
from plein.spaces.models import Space
from plein.testing import DATABASES, all_seeing, migrated_database


@pytest.fixture(scope="module", params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("matrix")
    with migrated_database(request, request.param, folder) as url, make_world(url, folder) as made:
        yield made


def rows_of(app: Any) -> dict[tuple[str, str], Row]:
    """The table for this application: (method, route) → row, with the pages of each type of content."""
    parts = [*SITE.items(), *SPACE.items()]
    table = {(method, route): row for method, rows in parts for route, row in rows.items()}
    for kind in app.registry["plein.plugins"].content_types:
        table |= {(method, f"{kind}.{page}"): row for method, rows in TYPE.items() for page, row in rows.items()}
    return table


#: Types of which the world has no items.
OTHER_TYPES = ("links.link.", "lostfound.item.")
#: Pages of their items that are no page of every type: the plugins' own tests ask them of items of theirs.
OF_OTHER_TYPES = ("lostfound.claim",)


def is_of_item(route: str, pattern: str) -> bool:
    """Whether the address of *route* names one of the world's items, or a file of it."""
    return (pattern.startswith("/spaces/{space}/") and "{slug}" in pattern) or route.startswith("attachment")


def cases(app: Any, method: str) -> Iterator[tuple[str, Row, str, str]]:
    """(route, row, place, condition) of each view that answers to *method*."""
    table, site, patterns = rows_of(app), {*SITE["GET"], *SITE["POST"]}, routes_of(app)
    for asked, route in sorted(views_of(app)):
        if asked != method:
            continue
        of_item = is_of_item(route, patterns[route])
        if of_item and (route.startswith(OTHER_TYPES) or route in OF_OTHER_TYPES):
            continue  # the same views with the same permissions, as a test below says; the world has items of one type
        for place in ("open",) if route in site else PLACES:
            row = table[method, route]
            its_own = row.parts.get("slug") if of_item else None
            for condition in (its_own,) if its_own else CONDITIONS if of_item else ("published",):
                yield route, row, place, condition


def answered(answer: Any) -> str:
    """What kind of answer this is, in the words of the rules."""
    to_sign_in = answer.status_code == 303 and "/sign-in" in answer.location
    if to_sign_in or (answer.status_code == 403 and "/sign-in" in answer.text):
        return "sign-in"
    if answer.status_code in (403, 404):
        return "no" if answer.status_code == 403 else "none"
    # Being told what is wrong with the form, is being inside.
    return "in" if answer.status_code < 400 or answer.status_code in (400, 409, 422) else str(answer.status_code)


def allowed(world: World, viewer: str, method: str, route: str, row: Row, place: str, condition: str) -> set[str]:
    """The answers that are right."""
    wanted = expected(row, viewer, route, place)
    if viewer == "suspended" and wanted == "any":
        # The page that they had open holds a token of the session that ended.
        return {"any", "sign-in"}
    if wanted in ("any", "sign-in"):
        return {wanted}
    of_item = is_of_item(route, routes_of(world.app.app)[route])
    if of_item and viewer not in seers(condition, place):
        # The same as for what does not exist; who may not know of the space learns no more.
        return {"none"}
    if condition == "trashed":
        # Who may put it back sees it; what else they may do with it is not the table's question.
        return {"in", "no", "none"}
    effect = world.effect(method, route)
    if (
        wanted == "in"
        and effect == "write"
        and (place == "vault" or (condition == "restricted" and viewer in ("reader", "editor")))
    ):
        return {"no"}
    return {wanted}


def test_every_view_has_a_row(app: TestApp) -> None:
    missing = set(views_of(app.app)) - set(rows_of(app.app))
    assert not missing, f"say in tests/support/authorisation who gets in: {sorted(missing)}"


def test_every_row_has_a_view(app: TestApp) -> None:
    # The example plugin is not installed everywhere.
    superfluous = set(rows_of(app.app)) - set(views_of(app.app)) - {("GET", "hello.page")}
    assert not superfluous


def test_every_type_has_the_same_views_with_the_same_permissions(app: TestApp) -> None:
    views = views_of(app.app)
    asked = {(method, route.removeprefix("wiki.page.")): word for (method, route), word in views.items()}
    for prefix in OTHER_TYPES:
        other = {key: word for key, word in views.items() if key[1].startswith(prefix)}
        assert len(other) > 40
        for (method, route), permission in other.items():
            page = route.removeprefix(prefix)
            assert permission.removeprefix(prefix) == asked[method, page].removeprefix("wiki.page.")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_who_gets_in_where(world: World, viewer: str, method: str) -> None:
    wrong = []
    for route, row, place, condition in cases(world.app.app, method):
        answer = world.ask(viewer, method, route, row, place, condition)
        right = allowed(world, viewer, method, route, row, place, condition)
        where = f"{method} {route}, {place}, {condition}"
        if not is_right(answer, right):
            wrong.append(f"{where}: {answered(answer)} ({answer.status_code}), not {' or '.join(sorted(right))}")
        wrong += [f"{where}: tells {word}" for word in world.told(answer, viewer)]
        if is_bare(answer):
            wrong.append(f"{where}: the page that says so cannot be shown in full")
    assert not wrong, "\n".join(wrong)


def is_right(answer: Any, right: set[str]) -> bool:
    if answer.status_code < 500 and answer.status_code != 403 and "any" in right:
        return True
    return answered(answer) in right


def is_bare(answer: Any) -> bool:
    """Whether a page of an error had to do without the site around it, because that failed."""
    return answer.status_code >= 400 and answer.content_type == "text/html" and "site-header" not in answer.text


def test_asking_changed_nothing(world: World) -> None:
    """Runs after the questions: what the table posts is answered as if it had happened, and did not."""
    with all_seeing(world.app.app.registry["plein.engine"]) as db:
        assert db.scalar(select(func.count()).select_from(Content)) == 2 * len(PLACES) * len(CONDITIONS)
        assert db.scalar(select(func.count()).select_from(Space)) == len(PLACES) + 1
        assert db.scalar(select(func.count()).select_from(User).where(User.state == "active")) == len(VIEWERS) + 1


def test_those_who_may_do_find_the_secrets(world: World) -> None:
    """What the table looks for is really there: in the page, its list, its history, its file, and what search finds."""
    for secret in world.secrets:
        place = next(one for one in PLACES if one in secret.word)
        condition = next((one for one in CONDITIONS if secret.word.endswith(f"{one}qx")), None)
        if condition is None:
            continue
        pages = ["wiki.page.show", "wiki.page.history", "wiki.page.raw", "attachment"]
        if condition != "moved":
            for route in pages:
                answer = world.ask("author", "GET", route, rows_of(world.app.app)["GET", route], place, condition)
                assert secret.word in answer.text, (route, secret.word)
        for viewer in secret.allowed - {"author", "spare"}:
            if condition not in ("trashed",):
                found = world.browser(viewer).get("/search", {"q": secret.word, "state": "all"})
                assert f"A page <mark>{secret.word}" in found.text, (viewer, secret.word)


@pytest.mark.parametrize("viewer", [one for one in VIEWERS if one not in ("anonymous", "suspended")])
def test_search_counts_what_the_viewer_may_read(world: World, viewer: str) -> None:
    engine = world.app.app.registry["plein.engine"]
    with all_seeing(engine) as db:
        who = viewer_for(db, db.scalar(select(User.id).where(User.login == viewer)))
    with open_session(engine, viewer=who) as theirs:
        counted = SearchService(theirs, who).find(COMMON, Filters(state="all")).total
        readable = theirs.scalar(select(func.count()).select_from(Content).where(Content.state != "trashed"))
    assert counted == readable


def test_a_file_that_was_seen_before_is_not_confirmed_to_others(world: World) -> None:
    row = rows_of(world.app.app)["GET", "attachment"]
    for place in PLACES:
        for condition in CONDITIONS:
            known = world.ask("author", "GET", "attachment", row, place, condition).headers["ETag"]
            for viewer in VIEWERS:
                answer = world.ask(viewer, "GET", "attachment", row, place, condition, **{"If-None-Match": known})
                sees = viewer in seers(condition, place)
                assert (answer.status_code == 304) == sees, (viewer, place, condition, answer.status)


def test_members_see_what_is_theirs_on_the_start_page(world: World) -> None:
    start = world.ask("reader", "GET", "home", Row(signed_in), "open").text
    assert "geheimruimtehiddenqx" in start


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_no_address_answers_to_another_method(world: World, method: str) -> None:
    browser = world.browser("manager")
    for route, row, place, condition in [*cases(world.app.app, "GET"), *cases(world.app.app, "POST")]:
        if condition != "published" or place not in ("open", "hidden"):
            continue
        names = world.names[place, condition] | {"session": "1"}
        parts = {"space": place, "slug": "subject"} | {key: filled(value, names) for key, value in row.parts.items()}
        request = Request.blank("/")
        request.registry = world.app.app.registry
        headers = {"X-CSRF-Token": world.tokens["manager"]}
        answer = browser.request(request.route_path(route, **parts), method=method, headers=headers, status="*")
        assert answer.status_code in (400, 403, 404, 405), (method, route, answer.status)


def test_size_of_the_table(world: World, record_property: Any) -> None:
    """How many questions the table asks; a table that shrinks by a mistake is noticed."""
    asked = sum(1 for method in ("GET", "POST") for _case in cases(world.app.app, method)) * len(VIEWERS)
    record_property("questions", asked)
    assert asked > 5_000
