"""What a text names: people, groups, items to show, items of other types, other sites."""

import pytest

from plein.web.markup import Embed, LinkContext, MarkupLimits, MarkupTooDeep, Rendered, WikiLink, mark_wanted, render

_TYPES = dict.fromkeys(("links", "links.link"), ("links.link", "links")) | {"wiki": ("wiki.page", "wiki")}
_LINKS = LinkContext("demo", types=_TYPES)


def _render(source: str, **limits: int) -> Rendered:
    return render(source, links=_LINKS, limits=MarkupLimits(**limits))


def test_people_and_groups_that_are_named_are_listed_once() -> None:
    rendered = _render("@Jan, (@piet.puk) en @group:team-a. Weer @jan!\n\n- @jan@org.nl")
    assert rendered.mentions == [("user", "jan"), ("user", "piet.puk"), ("group", "team-a"), ("user", "jan@org.nl")]
    assert '<span class="mention">@group:team-a</span>' in rendered.html
    assert rendered.text.startswith("@Jan, (@piet.puk) en @group:team-a.")


@pytest.mark.parametrize(
    "source",
    [
        "jan@org.nl",
        "`@jan`",
        "\\@jan",
        "[@jan](/x)",
        "@",
        "@ jan",
        "@-jan",
        "/@jan",
        "@jan-",
        "```\n@jan\n```",
        "@@jan",
    ],
)
def test_what_is_no_mention_stays_text(source: str) -> None:
    assert _render(source).mentions == []


def test_line_of_its_own_asks_for_an_item_in_its_place() -> None:
    rendered = _render("{{wiki:Over ons}}\n{{hr/links:abc}}\n\n- {{poll:x}}\n\nIn {{wiki:een}} zin.")
    assert rendered.embeds == [
        Embed("wiki.page", "demo", "over-ons"),
        Embed("links.link", "hr", "abc"),
        Embed("poll", "demo", "x"),
    ]
    assert '<div class="embed" data-embed="demo/wiki.page:over-ons"></div>' in rendered.html
    assert "In {{wiki:een}} zin." in rendered.html


def test_wiki_link_may_name_a_type_and_a_space() -> None:
    rendered = _render("[[links:Een site]] [[hr/links:Een site|die]] [[wiki:Start]] [[hr:Start]] [[a/b: c]] [[a.b:c]]")
    assert (
        rendered.links
        == [
            WikiLink("demo", "een-site", "Een site", "links.link"),
            WikiLink("hr", "een-site", "Een site", "links.link"),
            WikiLink("demo", "start", "Start"),
            WikiLink("hr", "start", "Start"),
            WikiLink("demo", "a-b-c", "a/b: c"),
            WikiLink("demo", "a-b-c", "a.b:c"),
        ][:-1]
    )
    assert 'href="/spaces/hr/links/een-site" data-link="hr:links.link:een-site">die</a>' in rendered.html
    assert mark_wanted(rendered.html, {"hr:links.link:een-site"}).count("wanted") == 1


def test_addresses_on_other_sites_are_listed_once() -> None:
    rendered = _render(
        "https://a.example [b](https://b.example/x) ![c](https://c.example/c.png) https://a.example [d](/d)"
    )
    assert rendered.externals == ["https://a.example", "https://b.example/x", "https://c.example/c.png"]


@pytest.mark.parametrize(
    ("source", "limits", "sentence"),
    [
        ("[a](/a) " * 3, {"max_links": 2}, "more than 2 links"),
        ("https://a.example " * 3, {"max_links": 2}, "more than 2 links"),
        ("[[a]] " * 3, {"max_links": 2}, "more than 2 links"),
        ("@a " * 3, {"max_mentions": 2}, "more than 2 people and groups"),
        ("{{a:b}}\n" * 3, {"max_embeds": 2}, "more than 2 other items"),
        ("[^1]: a\n[^2]: b\n[^3]: c\n\n[^1][^2][^3]", {"max_footnotes": 2}, "more than 2 footnotes"),
    ],
)
def test_too_many_of_anything_is_refused_with_a_sentence(source: str, limits: dict[str, int], sentence: str) -> None:
    with pytest.raises(MarkupTooDeep, match=sentence):
        _render(source, **limits)
