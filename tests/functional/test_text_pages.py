"""What a text shows to whoever reads it: other items, names, explanations, boxes to tick; and the glossary."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

import plein.demo
from plein.content.assistant.policy import POLICIES
from plein.content.mentions.models import ContentMention
from plein.content.models import Content, Revision
from plein.content.policies import decide
from plein.events import Event
from plein.people.models import User

BASE = "/spaces/handbook/wiki"


@pytest.fixture
def ada(make_user: Callable[..., User]) -> User:
    return make_user("ada")


@pytest.fixture
def bob(make_user: Callable[..., User]) -> User:
    return make_user("bob")


@pytest.fixture
def editor(ada: User, bob: User, make_space: Callable, as_user: Callable) -> TestApp:
    make_space("handbook", members={ada: "editor", bob: "reader"})
    make_space("vault", access="hidden", members={ada: "editor"})
    return as_user(ada)


def write(browser: TestApp, title: str, body: str, base: str = BASE, **fields: str) -> TestResponse:
    form = next(form for form in browser.get(f"{base}/-/new").forms.values() if "body" in form.fields)
    form["title"], form["body"] = title, body
    for name, value in fields.items():
        form[name] = value
    answer = form.submit(expect_errors=True)
    assert answer.status_int == 303, answer.text
    return answer


def prose(page: TestResponse) -> str:
    return str(page.html.find(class_="prose"))


def post(browser: TestApp, address: str, status: int = 303, **fields: Any) -> TestResponse:
    found = re.search(r'name="csrf-token" content="([^"]+)"', browser.get(BASE).text)
    assert found is not None
    return browser.post(address, {"csrf_token": found[1], **fields}, status=status)


def test_an_item_shows_inside_another_one_for_whoever_may_read_it(
    editor: TestApp, bob: User, as_user: Callable
) -> None:
    write(editor, "Open", "## Kop\n\nAlles *open*.")
    write(editor, "Geheim", "Het wachtwoord.", "/spaces/vault/wiki")
    write(editor, "Samen", "{{wiki:open}}\n{{vault/wiki:geheim}}\n{{wiki:bestaat-niet}}\n\n[Kop](#kop)")
    mine = editor.get(f"{BASE}/samen").html.find(class_="prose")
    assert [one.get("aria-label") for one in mine.find_all("section", class_="embed")] == ["Open", "Geheim"]
    assert mine.find(id="user-content-embed-1-kop") is not None
    assert "Het wachtwoord." in mine.text
    theirs = as_user(bob).get(f"{BASE}/samen").html.find(class_="prose")
    assert [one.get("aria-label") for one in theirs.find_all("section", class_="embed")] == ["Open"]
    # What is hidden and what does not exist read the same.
    missing = theirs.find_all(class_="embed-missing")
    assert len(missing) == 2 and str(missing[0]) == str(missing[1])
    assert "Geheim" not in theirs.text and "wachtwoord" not in theirs.text


def test_items_that_show_each_other_come_to_an_end(editor: TestApp) -> None:
    write(editor, "Kip", "De kip.\n\n{{wiki:ei}}\n\n{{wiki:kip}}")
    write(editor, "Ei", "Het ei.\n\n{{wiki:kip}}")
    page = editor.get(f"{BASE}/ei").html.find(class_="prose")
    assert page.text.count("De kip.") == 1
    assert [link["href"] for link in page.find_all("a") if link.text in ("ei", "kip")] == [f"{BASE}/ei", f"{BASE}/kip"]


def test_an_item_is_found_in_its_place_after_it_was_renamed(editor: TestApp) -> None:
    write(editor, "Oud", "De tekst.")
    write(editor, "Samen", "{{wiki:oud}}")
    form = next(form for form in editor.get(f"{BASE}/oud/edit").forms.values() if "body" in form.fields)
    form["title"] = "Nieuw"
    form.submit()
    assert "De tekst." in prose(editor.get(f"{BASE}/samen"))


def test_a_preview_shows_what_the_page_will(editor: TestApp, bob: User, as_user: Callable) -> None:
    write(editor, "Open", "Alles open.")
    body = (
        "@bob [[Open]] [[Nergens]] [[wiki:Open]]\n\n{{wiki:open}}\n{{wiki:niets}}\n\n- [ ] taak\n\nhttps://youtu.be/x"
    )
    write(editor, "Samen", body)
    shown = post(editor, f"{BASE}/-/preview", 200, body=body).text
    page = as_user(bob).get(f"{BASE}/samen").html.find(class_="prose")
    assert str(BeautifulSoup(shown, "html.parser")).strip() == page.decode_contents().strip()


def test_a_preview_of_all_that_the_demonstration_writes_is_what_the_page_shows(
    editor: TestApp, bob: User, as_user: Callable
) -> None:
    pages = sorted(Path(plein.demo.__file__).parent.rglob("*.md"))
    body = "\n\n".join(page.read_text(encoding="utf-8").rpartition("\n---\n")[2] for page in pages)
    write(editor, "Alles", body)
    shown = post(editor, f"{BASE}/-/preview", 200, body=body, of="alles").text
    page = as_user(bob).get(f"{BASE}/alles").html.find(class_="prose")
    assert str(BeautifulSoup(shown, "html.parser")).strip() == page.decode_contents().strip()


def test_a_preview_shows_the_pictures_of_the_item(editor: TestApp) -> None:
    write(editor, "Plaat", "![Een kat](file:kat.png)")
    picture = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(picture, "PNG")
    post(editor, f"{BASE}/plaat/files/-/attach", file=Upload("kat.png", picture.getvalue()))
    assert "<img" in post(editor, f"{BASE}/-/preview", 200, body="![Een kat](file:kat.png)", of="plaat").text
    assert "<img" not in post(editor, f"{BASE}/-/preview", 200, body="![Een kat](file:kat.png)", of="niet").text


def test_people_and_groups_are_named_with_a_link(editor: TestApp, make_user: Callable) -> None:
    make_user("eva", name="Eva <b>de</b> Vries")
    write(editor, "Samen", "Vraag @eva, @BOB of @niemand.")
    page = editor.get(f"{BASE}/samen").html.find(class_="prose")
    links = page.find_all("a", class_="mention")
    assert [link["href"] for link in links] == ["/people/eva", "/people/bob"]
    assert links[0].text == "@Eva <b>de</b> Vries"
    assert "@niemand" in page.text and not page.find_all("b")


def test_whoever_is_mentioned_is_told_once_when_others_can_read_it(
    editor: TestApp, ada: User, bob: User, db: Session
) -> None:
    write(editor, "Samen", "Vraag @bob.")
    told = db.scalars(select(Event).where(Event.kind == "content.mentioned")).all()
    assert [(one.actor_id, one.addressed) for one in told] == [(ada.id, [bob.id])]
    db.rollback()
    for body, minor in (("Vraag het @bob.", ""), ("Vraag het @bob en @ada.", "1"), ("Vraag @bob en @ada!", "")):
        form = next(form for form in editor.get(f"{BASE}/samen/edit").forms.values() if "body" in form.fields)
        post(editor, f"{BASE}/samen/edit", **{**dict(form.submit_fields()), "minor": minor, "body": body})
    assert len(db.scalars(select(Event).where(Event.kind == "content.mentioned")).all()) == 1
    assert len(db.scalars(select(ContentMention)).all()) == 2


def test_the_writer_is_told_who_cannot_read_what_names_them(editor: TestApp) -> None:
    body = "Vraag @bob en @ada."
    vault = "/spaces/vault/wiki"
    assert "Bob" in post(editor, f"{vault}/-/advice", 200, body=body).html.find(class_="assistant-absent").text
    assert post(editor, f"{BASE}/-/advice", 200, body=body).html.find(class_="assistant-absent") is None
    answer = write(editor, "Geheim", body, vault).follow()
    assert "kan niet lezen: Bob" in answer.text or "cannot read it: Bob" in answer.text
    form = next(form for form in editor.get(f"{vault}/geheim/edit").forms.values() if "body" in form.fields)
    form["body"] = f"{body} En weer."
    again = form.submit().follow()
    assert "cannot read it" not in again.text


def test_the_assistant_says_what_to_mend_and_where(editor: TestApp) -> None:
    body = "## Kop\n\n![](file:a.png)\n\n#### Diep\n\nKijk [hier](/x) voor <b>."
    page = post(editor, f"{BASE}/-/advice", 200, body=body).html
    assert [one["data-line"] for one in page.find_all("a")] == ["3", "5", "7"]
    assert [one["data-find"] for one in page.find_all("a")] == ["a.png", "Diep", "hier"]
    write(editor, "Pagina", body)
    form = editor.get(f"{BASE}/pagina/edit").html.find(class_="assistant")
    assert len(form.find_all("li")) == 3
    assert len(post(editor, f"{BASE}/pagina/advice", 200, body="[hier](/x)").html.find_all("li")) == 1


def test_what_is_required_stops_the_save_and_keeps_the_text(editor: TestApp, db: Session) -> None:
    decide(db, POLICIES["alt"], "wiki.page", None, "required")
    decide(db, POLICIES["link_text"], "wiki.page", None, "off")
    db.commit()
    form = next(form for form in editor.get(f"{BASE}/-/new").forms.values() if "body" in form.fields)
    form["title"], form["body"] = "Plaatje", "Kijk [hier](/x).\n\n![](file:a.png)"
    refused = form.submit(expect_errors=True)
    assert refused.status_int == 422
    assert "3" in refused.html.find(id="field-body-error").text
    assert refused.html.find("textarea", attrs={"name": "body"}).text.strip().endswith("![](file:a.png)")
    assert [one["data-find"] for one in refused.html.find(class_="findings").find_all("a")] == ["a.png"]
    # Looking at it, and keeping it as a draft, may be done with anything.
    form = next(form for form in refused.forms.values() if "body" in form.fields)
    assert form.submit("preview", status=200).html.find(class_="preview") is not None
    form["body"] = "![Een kat](file:a.png)"
    assert form.submit().status_int == 303


def test_a_task_is_ticked_where_it_is_read(editor: TestApp, bob: User, as_user: Callable, db: Session) -> None:
    write(editor, "Taken", "- [ ] een\n- [x] twee")
    page = editor.get(f"{BASE}/taken")
    boxes = page.html.find_all("button", role="checkbox")
    assert [(one["aria-label"], one["aria-checked"]) for one in boxes] == [("een", "false"), ("twee", "true")]
    form = page.forms["tick-tasks"]
    answer = post(editor, form.action, task=boxes[0]["value"], base_version=form["base_version"].value)
    assert answer.location.endswith(f"{BASE}/taken#task-0")
    item = db.scalars(select(Content).where(Content.slug == "taken")).one()
    assert item.body == "- [x] een\n- [x] twee"
    newest = db.scalars(select(Revision).order_by(Revision.id.desc())).first()
    assert newest is not None and newest.minor
    db.rollback()
    # Ticked from a page that is a version old: both changes stay.
    post(editor, form.action, task=boxes[1]["value"], base_version="1")
    assert "[x] een" in item.body
    db.rollback()
    # Who may not edit sees the boxes, and cannot tick them.
    reader = as_user(bob)
    assert reader.get(f"{BASE}/taken").html.find("input", type="checkbox").has_attr("disabled")
    assert not reader.get(f"{BASE}/taken").html.find_all("button", role="checkbox")


@pytest.mark.parametrize(
    ("task", "version"), [("9-done", "1"), ("0-done", "7"), ("", "1"), ("0-x", "1"), ("0-done", "-1"), ("0-done", "")]
)
def test_a_task_that_cannot_be_is_refused(editor: TestApp, task: str, version: str) -> None:
    write(editor, "Taken", "- [ ] een")
    post(editor, f"{BASE}/taken/tick", 400, task=task, base_version=version)


def test_a_film_of_another_site_is_a_card_with_a_link(editor: TestApp) -> None:
    write(editor, "Films", "[Uitleg](https://www.youtube.com/watch?v=1)\n\n[Elders](https://evil.example/youtube.com)")
    page = editor.get(f"{BASE}/films").html.find(class_="prose")
    assert page.find(class_="media").text == "UitlegVideo op youtube.com"
    assert len(page.find_all(class_="media")) == 1 and not page.find_all("iframe")


@pytest.fixture
def officer(make_user: Callable, as_user: Callable, db: Session) -> TestApp:
    return as_user(make_user("officer", is_admin=True))


def test_the_glossary_explains_a_word_once_in_each_section(editor: TestApp, officer: TestApp) -> None:
    write(editor, "Wet", "De AVG en de avg. Een AVG-verzoek.\n\n## AVG\n\nWeer de AVG, `AVG` en [AVG](/x) & <AVG>.")
    before = prose(editor.get(f"{BASE}/wet"))
    assert "<abbr" not in before
    explanation = 'Wet "bescherming" <persoonsgegevens>'
    post(officer, "/glossary/-/new", term="AVG", explanation=explanation, synonyms="GDPR, Algemene Verordening")
    page = editor.get(f"{BASE}/wet").html.find(class_="prose")
    assert [(one["title"], one.text) for one in page.find_all("abbr")] == [(explanation, "AVG")] * 2
    assert explanation in editor.get("/glossary").html.text


def test_a_changed_explanation_holds_in_a_text_that_was_read_before(editor: TestApp, officer: TestApp) -> None:
    def explanations() -> list[str]:
        found = editor.get(f"{BASE}/wet").html.find(class_="prose").find_all("abbr")
        return [one["title"] for one in found]

    write(editor, "Wet", "De AVG.")
    post(officer, "/glossary/-/new", term="AVG", explanation="Oud", synonyms="")
    assert explanations() == ["Oud"]
    address = officer.get("/glossary").html.find("dd").a["href"]
    post(officer, address, term="AVG", explanation="Nieuw", synonyms="")
    assert explanations() == ["Nieuw"]
    post(officer, f"{address}/remove")
    assert explanations() == []


def test_the_glossary_is_kept(officer: TestApp, editor: TestApp) -> None:
    post(officer, "/glossary/-/new", term="BIO", explanation="Baseline", synonyms="")
    again = post(officer, "/glossary/-/new", 422, term="BIO", explanation="Anders")
    assert "Anders" in again.text
    address = officer.get("/glossary").html.find("dd").a["href"]
    post(officer, address, term="BIO2", explanation="Baseline", synonyms=", ".join(f"b{n}" for n in range(3)))
    assert "b0, b1, b2" in editor.get("/glossary").text
    post(officer, address, 422, term="", explanation="x", synonyms="")
    post(officer, address, 422, term="x", explanation="x", synonyms=", ".join(f"b{n}" for n in range(30)))
    post(officer, f"{address}/remove")
    assert "BIO2" not in editor.get("/glossary").html.find("main").text
    post(officer, address, 404, term="x", explanation="x")
    assert "Glossary" not in editor.get(BASE).html.find("header").text
