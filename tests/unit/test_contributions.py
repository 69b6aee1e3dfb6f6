"""What plugins return checks itself: a mistake is a sentence at the line that wrote it."""

import dataclasses
from datetime import timedelta

import pytest

from plein.contributions import Action, Block, ContentChange, ContentType, Job, NavigationItem, Permission, PersonalData


class Model:
    pass


def content_type(**values):
    return ContentType(
        **{"name": "wiki.page", "title": "Page", "plural": "Pages", "path": "wiki", "model": Model, **values}
    )


def refused(make, *arguments, **values) -> str:
    with pytest.raises(ValueError, match=".") as caught:
        make(*arguments, **values)
    return str(caught.value)


@pytest.mark.parametrize("name", ["page", "wiki", "Wiki.page", "wiki.page.old", "wiki.", ".page", "wiki.my-page", ""])
def test_content_type_is_named_after_its_plugin_and_a_word(name):
    assert refused(content_type, name=name) == (
        f"content type {name!r} needs a name of the form 'plugin.word', such as 'wiki.page'"
    )


@pytest.mark.parametrize("path", ["", "-", "Wiki", "a/b", "a b", "-a"])
def test_path_of_a_content_type_is_one_part_of_an_address(path):
    assert refused(content_type, path=path).startswith(f"content type wiki.page has the path {path!r}; use lower-case")


def test_content_type_takes_classes_not_objects():
    assert refused(content_type, model=Model()).startswith("content type wiki.page has the model <")
    assert refused(content_type, service=Model()).startswith("content type wiki.page has the service <")


def test_content_type_knows_its_templates():
    assert refused(content_type, templates={"page": "plein_wiki:templates/page.pt"}) == (
        "content type wiki.page has a template for 'page'; known are show, list, card, form, print, embed"
    )
    assert refused(content_type, templates={"show": "templates/page.pt"}).startswith(
        "content type wiki.page has the template 'templates/page.pt'; give package:path"
    )


def test_content_type_brings_its_permissions():
    roles = {permission.name: permission.roles for permission in content_type().permissions()}
    assert roles == {
        "wiki.page.view": ("manager", "editor", "member", "reader", "visitor"),
        "wiki.page.create": ("manager", "editor", "member"),
        "wiki.page.edit": ("manager", "editor", "member"),
        "wiki.page.delete": ("manager", "editor"),
        "wiki.page.move": ("manager", "editor"),
    }


def test_contributions_never_change():
    made = content_type(templates={"show": "plein_wiki:templates/page.pt"})
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.path = "other"
    with pytest.raises(TypeError):
        made.templates["list"] = "x"


@pytest.mark.parametrize("name", ["wiki", "wiki.Export", "wiki.page.edit.all.now", "wiki-export"])
def test_permission_is_named_with_dots(name):
    assert refused(Permission, name, "Export", ("manager",)).startswith(f"permission {name!r} needs a name of the form")


def test_permission_knows_the_roles_of_its_scope():
    assert refused(Permission, "wiki.export", "Export", ("everyone",)) == (
        "permission wiki.export names the role 'everyone'; scope space knows manager, editor, member, reader, visitor"
    )
    assert refused(Permission, "wiki.export", "Export", ("member",), scope="site") == (
        "permission wiki.export names the role 'member'; scope site knows everyone, admin, people_manager, "
        "moderator, analyst, content_officer"
    )
    assert refused(Permission, "wiki.export", "Export", (), scope="world").endswith("use space or site")


def test_roles_given_as_one_text_are_refused():
    assert refused(Permission, "wiki.export", "Export", "manager").endswith("such as ('manager', 'editor')")


@pytest.mark.parametrize("url", ["wiki", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)", "", None])
@pytest.mark.parametrize("make", [NavigationItem, Action])
def test_link_leads_to_a_path_or_a_web_address(make, url):
    assert f"has the address {url!r}" in refused(make, "Wiki", url)


@pytest.mark.parametrize("url", ["/wiki", "/", "https://example.org/"])
def test_link_to_a_path_or_web_address_is_taken(url):
    assert NavigationItem("Wiki", url).url == url


def test_link_needs_a_title_a_known_method_and_a_whole_weight():
    assert refused(NavigationItem, " ", "/") == "navigation item needs a title that is not empty"
    assert refused(NavigationItem, "A", "/", weight="1").startswith("navigation item 'A' has the weight '1'")
    assert refused(NavigationItem, "A", "/", icon="Book!").startswith("navigation item 'A' has the icon 'Book!'")
    assert refused(Action, "A", "/", method="PUT") == "action 'A' has the method 'PUT'; use GET or POST"


def test_block_names_a_template_and_gives_it_values():
    assert refused(Block, "A", "<b>html</b>").startswith("block 'A' has the template '<b>html</b>'")
    assert refused(Block, "A", "plein_wiki:templates/a.pt", ["x"]).endswith("give a dictionary")
    assert Block("A", "plein_wiki:templates/a.pt").values == {}


def test_change_of_content_has_a_known_action():
    assert refused(ContentChange, None, "vanished", None).startswith(
        "content change 'vanished' is unknown; known are created"
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "clean"}, "needs a name of the form"),
        ({"title": " "}, "needs a title"),
        ({"run": "clean"}, "give a function"),
        ({"every": timedelta(seconds=5)}, "at least a minute"),
        ({"attempts": 0}, "from 1"),
    ],
)
def test_mistake_in_a_job_is_a_sentence(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        Job(**{"name": "wiki.clean", "run": print, "title": "Clean", **values})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"columns": "user_id"}, "tuple of columns"),
        ({"columns": ()}, "tuple of columns"),
        ({"purpose": ""}, "needs a title"),
        ({"basis": "because"}, "known are contract"),
        ({"erased": "hide"}, "known are delete"),
    ],
)
def test_mistake_in_personal_data_is_a_sentence(values, sentence):
    whole = {
        "table": "wiki_star",
        "columns": ("user_id",),
        "purpose": "Stars",
        "basis": "interest",
        "kept_for": "A year",
    }
    with pytest.raises(ValueError, match=sentence):
        PersonalData(**{**whole, **values})
