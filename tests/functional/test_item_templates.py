"""Templates of items: written by managers, chosen by writers, with words filled in and parts that must be."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from plein.content.writing import shipped
from plein.content.writing.templates import TemplateError, check_placeholders, fill
from plein.people.models import User

BASE = "/spaces/desk"
AsUser = Callable[[User], TestApp]


@pytest.fixture
def people(make_user: Callable[..., User], make_space: Callable[..., Any]) -> dict[str, User]:
    made = {name: make_user(name) for name in ("anna", "ben")}
    make_space("desk", members={made["anna"]: "manager", made["ben"]: "editor"}, language="en")
    return made


@pytest.fixture
def manager(people: dict[str, User], as_user: AsUser) -> TestApp:
    return as_user(people["anna"])


@pytest.fixture
def writer(people: dict[str, User], as_user: AsUser) -> TestApp:
    return as_user(people["ben"])


def send(page: Any, *buttons: Any, **fields: Any) -> Any:
    form = next(form for form in page.forms.values() if "body" in form.fields)
    for name, value in fields.items():
        form[name] = value
    return form.submit(*buttons, status="*")


def make(manager: TestApp, **fields: Any) -> Any:
    typed = {
        "type": "wiki.page",
        "name": "Minutes",
        "body": "## Present\n\n{{author}}\n\n## Decided\n\nWhat?",
        **fields,
    }
    return send(manager.get(f"{BASE}/-/item-templates/new"), **typed)


def test_a_new_page_begins_with_the_template_that_its_writer_chooses(manager: TestApp, writer: TestApp) -> None:
    assert make(manager, title="Minutes of {{space}}", tags="minutes").status_int == 303
    page = writer.get(f"{BASE}/wiki/-/new").click("Minutes")
    form = next(form for form in page.forms.values() if "body" in form.fields)
    assert form["title"].value == "Minutes of Desk"
    assert form["body"].value.strip() == "## Present\n\nBen\n\n## Decided\n\nWhat?"
    assert form["tags"].value == "minutes"


def test_what_must_be_filled_in_stops_publishing_and_not_a_draft(manager: TestApp, writer: TestApp) -> None:
    make(manager, required="Decided")
    page = writer.get(f"{BASE}/wiki/-/new").click("Minutes")
    refused = send(page, title="Today", body="## Present\n\nBen\n\n## Decided\n\nWhat?\n\nmine")
    assert refused.status_int == 303
    page = writer.get(f"{BASE}/wiki/-/new").click("Minutes")
    refused = send(page, title="Today 2")
    assert refused.status_int == 422 and "Fill in what belongs below “Decided”." in refused
    refused = send(refused, body="## Present\n\nBen")
    assert refused.status_int == 422 and "The heading “Decided” must stay" in refused
    assert "Ben" in next(form for form in refused.forms.values() if "body" in form.fields)["body"].value
    # Later changes keep it too.
    saved = send(refused, body="## Present\n\nBen\n\n## Decided\n\nTo stop.")
    assert saved.status_int == 303
    assert send(writer.get(f"{saved.location}/edit"), body="gone").status_int == 422
    draft = send(writer.get(f"{BASE}/wiki/-/new").click("Minutes"), "act", 1, title="Half")
    assert draft.status_int == 303


def test_the_title_is_filled_in_when_it_is_known(manager: TestApp, writer: TestApp) -> None:
    make(manager, body="About {{title}}.")
    saved = send(writer.get(f"{BASE}/wiki/-/new").click("Minutes"), title="Bikes")
    assert writer.get(f"{saved.location}/raw").text == "About Bikes."


@pytest.mark.parametrize(
    ("body", "words"), [("Hi {{nobody}}", "{{nobody}}"), ("one\n\n{{date", "In line 3"), ("{{}}", "{{}}")]
)
def test_a_broken_placeholder_is_told_and_the_text_stays(manager: TestApp, body: str, words: str) -> None:
    refused = make(manager, body=body)
    assert refused.status_int == 422 and words in refused.html.main.text
    form = next(form for form in refused.forms.values() if "body" in form.fields)
    assert form["body"].value.strip() == body


def test_an_embed_is_no_placeholder_and_what_is_filled_in_is_not_filled_in_again() -> None:
    check_placeholders("body", "{{poll:lunch}} {{ Date }}")
    assert fill("{{author}} {{poll:x}}", {"author": "{{date}}", "date": "today"}) == "{{date}} {{poll:x}}"
    with pytest.raises(TemplateError):
        check_placeholders("body", "{{date.__class__}}")


def test_only_managers_write_templates_and_only_of_their_space(
    manager: TestApp, writer: TestApp, make_space: Callable[..., Any], people: dict[str, User]
) -> None:
    make(manager)
    writer.get(f"{BASE}/-/item-templates", status=403)
    address = manager.get(f"{BASE}/-/item-templates").html.main.find("a", string="Minutes")["href"]
    make_space("other", members={people["ben"]: "manager"})
    number = address.rsplit("/", 1)[1]
    writer.get(f"/spaces/other/-/item-templates/{number}", status=404)
    assert "Minutes" not in writer.get("/spaces/other/wiki/-/new")


def test_a_page_that_turned_out_well_becomes_a_template(manager: TestApp) -> None:
    saved = send(manager.get(f"{BASE}/wiki/-/new"), title="Good", body="## One\n\ntext")
    page = manager.get(saved.location).click("Make a template of this")
    assert send(page).status_int == 303
    assert manager.get(f"{BASE}/wiki/-/new?template=0").html.main.find("a", string="Good")


def test_a_template_to_begin_with_can_be_left_out_and_removed(manager: TestApp, writer: TestApp) -> None:
    make(manager, is_default=True)
    assert "## Decided" in writer.get(f"{BASE}/wiki/-/new")
    assert "## Decided" not in writer.get(f"{BASE}/wiki/-/new").click("An empty page")
    page = manager.get(f"{BASE}/-/item-templates").click("Minutes")
    next(form for form in page.forms.values() if form.action.endswith("/remove")).submit()
    assert "## Decided" not in writer.get(f"{BASE}/wiki/-/new")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_template_that_plein_brings_can_be_stored(language: str) -> None:
    for name in shipped.NAMES:
        one = shipped.read(name, language)
        check_placeholders("body", one.body + one.title)
        assert all(f"## {heading}\n" in one.body for heading in one.required)


def test_a_space_that_starts_from_a_template_has_templates_in_its_language(manager: TestApp) -> None:
    page = manager.get("/spaces/-/new?template=project")
    form = next(form for form in page.forms.values() if "purpose" in form.fields)
    form["name"], form["language"] = "Bruggen", "nl"
    form.submit()
    page = manager.get("/spaces/bruggen/-/item-templates").html.main.text
    assert "Besluit" in page and "Nieuwe collega" not in page
