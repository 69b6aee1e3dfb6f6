"""Lists of a type: filters that make a link, three ways to look, and one thing done with many items."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select, update
from webtest import TestApp

from plein.content.models import Content, Transition
from plein.testing import all_seeing

BASE = "/spaces/huis/wiki"


@pytest.fixture
def house(as_user, make_user, make_space, engine) -> SimpleNamespace:
    people = {name: make_user(name) for name in ("ed", "mem", "rea")}
    make_space("huis", members={people["ed"]: "editor", people["mem"]: "member", people["rea"]: "reader"})
    make_space("tuin", members={people["ed"]: "editor"})
    apps = {name: as_user(user) for name, user in people.items()}
    return SimpleNamespace(**apps, people=people, engine=engine)


def write(app: TestApp, title: str, **values: str) -> str:
    form = app.get(f"{BASE}/-/new").forms["item-form"]
    form["title"] = title
    for name, value in values.items():
        form[name] = value
    return form.submit().location.rpartition("/")[2]


def titles(page) -> list[str]:
    return [link.text for link in page.html.select(".item-list > li > a")]


def uid(house: SimpleNamespace, title: str) -> str:
    with all_seeing(house.engine) as db:
        return db.scalars(select(Content.uid).where(Content.title == title)).one()


def send(app: TestApp, values: list[tuple[str, str]], **options):
    token = app.get(BASE).html.find("meta", {"name": "csrf-token"})["content"]
    return app.post(f"{BASE}/-/bulk", [*values, ("csrf_token", token)], **options)


def test_filters_make_a_link_and_nonsense_is_ignored(house):
    write(house.ed, "Verlof aanvragen", tags="personeel")
    write(house.mem, "Reiskosten", tags="geld")
    assert titles(house.ed.get(f"{BASE}?q=aanv")) == ["Verlof aanvragen"]
    assert titles(house.ed.get(f"{BASE}?tag=Geld")) == ["Reiskosten"]
    assert titles(house.ed.get(f"{BASE}?mine=1")) == ["Verlof aanvragen"]
    assert titles(house.ed.get(f"{BASE}?order=recent"))[0] == "Reiskosten"
    assert titles(house.ed.get(f"{BASE}?show=nonsense&view=x&after=~~&order=1")) == ["Reiskosten", "Verlof aanvragen"]
    empty = house.ed.get(f"{BASE}?q=bestaatniet")
    assert empty.html.find("a", string=lambda text: text and "Show everything" in text)["href"] == BASE


def test_readers_are_offered_nothing_to_do_and_refused_when_they_ask(house):
    write(house.ed, "Blijft")
    assert house.rea.get(BASE).html.find("form", {"data-bulk": ""}) is None
    send(house.rea, [("action", "trash"), ("item", uid(house, "Blijft"))], status=403)
    assert titles(house.ed.get(BASE)) == ["Blijft"]


def test_many_are_deleted_and_put_back_with_one_button(house):
    for title in ("Een", "Twee", "Drie"):
        write(house.ed, title)
    page = send(house.ed, [("action", "trash"), *(("item", uid(house, title)) for title in ("Een", "Twee"))]).follow()
    assert titles(page) == ["Drie"]
    undo = next(form for form in page.forms.values() if form.action.endswith("/-/bulk") and "numbers" in form.fields)
    assert titles(undo.submit().follow()) == ["Drie", "Een", "Twee"]
    with all_seeing(house.engine) as db:
        actions = db.scalars(select(Transition.action).order_by(Transition.id)).all()
    assert actions == ["trashed", "trashed", "untrashed", "untrashed"]


def test_tags_are_asked_for_and_given_to_each(house):
    write(house.ed, "Een", tags="oud, ander")
    write(house.ed, "Twee")
    chosen = [("item", uid(house, title)) for title in ("Een", "Twee")]
    page = send(house.ed, [("action", "tag"), *chosen])
    form = next(form for form in page.forms.values() if "ready" in form.fields)
    form["add"], form["remove"] = "nieuw", "oud"
    form.submit()
    assert titles(house.ed.get(f"{BASE}?tag=nieuw")) == ["Een", "Twee"]
    assert titles(house.ed.get(f"{BASE}?tag=oud")) == []
    assert titles(house.ed.get(f"{BASE}?tag=ander")) == ["Een"]
    refused = send(house.ed, [("action", "tag"), ("ready", "1"), ("add", " , "), *chosen], status=422)
    assert "Fill in a tag." in refused


def test_items_move_to_another_space_and_nobody_moves_what_they_may_not_see(house):
    write(house.ed, "Verhuist")
    write(house.ed, "Geheim", readers="ed")
    page = send(house.ed, [("action", "move"), ("item", uid(house, "Verhuist"))])
    form = next(form for form in page.forms.values() if "ready" in form.fields)
    form["space"] = "tuin"
    form.submit()
    assert "Verhuist" in house.ed.get("/spaces/tuin/wiki")
    answer = send(
        house.ed, [("action", "move"), ("ready", "1"), ("space", "nergens"), ("item", uid(house, "Geheim"))], status=422
    )
    assert "Choose a space from the list." in answer
    nothing = send(house.mem, [("action", "tag"), ("ready", "1"), ("add", "x"), ("item", uid(house, "Geheim"))])
    assert "Choose something from the list first." in nothing.follow()


def test_unknown_action_is_not_there(house):
    send(house.ed, [("action", "explode"), ("item", "x")], status=404)


def test_many_are_archived_checked_and_given_another_owner(house):
    for title in ("Een", "Twee"):
        write(house.ed, title)
    chosen = [("item", uid(house, title)) for title in ("Een", "Twee")]
    form = next(one for one in send(house.ed, [("action", "owner"), *chosen]).forms.values() if "ready" in one.fields)
    form["owner"] = "mem"
    form.submit()
    send(house.ed, [("action", "review"), *chosen])
    page = send(house.ed, [("action", "archive"), chosen[0]]).follow()
    assert titles(page) == ["Twee"]
    assert titles(house.ed.get(f"{BASE}?show=archived")) == ["Een"]
    assert titles(house.mem.get(f"{BASE}?mine=1")) == ["Twee"]
    with all_seeing(house.engine) as db:
        reviewed = db.scalars(select(Content.reviewed_at)).all()
    assert None not in reviewed


def test_what_is_locked_is_refused_and_the_rest_goes_on(house):
    for title in ("Los", "Vast"):
        write(house.ed, title)
    with all_seeing(house.engine) as db:
        db.execute(update(Content).where(Content.title == "Vast").values(locked=True))
        db.commit()
    chosen = [("item", uid(house, title)) for title in ("Los", "Vast")]
    page = send(house.mem, [("action", "tag"), ("ready", "1"), ("add", "nieuw"), *chosen]).follow()
    assert "It is locked" in page
    assert titles(house.mem.get(f"{BASE}?tag=nieuw")) == ["Los"]
