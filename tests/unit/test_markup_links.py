"""Links, pictures and wiki links: where they may lead, and what remains where they may not."""

import pytest

from plein.web.markup import FileRef, LinkContext, Rendered, WikiLink, mark_wanted, render
from plein.web.markup_links import bare_addresses, clean_url

_FILES = {
    "foto.png": FileRef("/files/u1/foto.png", 640, 480, is_image=True),
    "mijn plan.pdf": FileRef("/files/u2/mijn%20plan.pdf"),
}
_LINKS = LinkContext("demo", "wiki", files=_FILES.get)


def _render(source: str) -> Rendered:
    return render(source, links=_LINKS)


def _html(source: str) -> str:
    return _render(source).html.strip().removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("https://example.org/a?b#c", "https://example.org/a?b#c"),
        ("\x00 \x1fHTTP://example.org\n", "HTTP://example.org"),
        ("ht\ntp://exam\tple.org", "http://example.org"),
        ("mailto:jan@example.org", "mailto:jan@example.org"),
        ("/spaces/a", "/spaces/a"),
        ("/", "/"),
        ("#kop", "#kop"),
    ],
)
def test_allowed_address_is_cleaned_as_a_browser_does(url: str, cleaned: str) -> None:
    assert clean_url(url) == cleaned


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
        "java\nscript:alert(1)", "\x01javascript:alert(1)", "vbscript:x", "data:text/html,x", "file:///etc/passwd",
        "blob:x", "ftp://example.org", "tel:1", "//example.org", "/\\example.org", "/\t/example.org", "\\\\example.org",
        "/\n\\example.org", "http:example.org", "https:/example.org", "http:///example.org", "https:\\\\example.org",
        "http://\\example.org", "page.md", "../x", "?q", "", " ", "http://", "mailto:", "mailto:a b", "x:y", "C:\\x",
    ],
)  # fmt: skip
def test_other_address_is_refused(url: str) -> None:
    assert clean_url(url) is None


def test_link_to_another_site_says_so_and_lends_no_weight() -> None:
    assert _html("[x](https://example.org 'een \"titel\"')") == (
        '<a href="https://example.org" class="external" rel="noopener nofollow ugc" title="een &quot;titel&quot;">x</a>'
    )


def test_link_within_the_site_is_plain() -> None:
    assert _html("[x](/people/jan)") == '<a href="/people/jan">x</a>'


def test_text_of_a_refused_link_stays() -> None:
    assert _html("[le*es*](javascript:x) [ook](page.md)") == (
        '<span class="broken-link">le<em>es</em></span> <span class="broken-link">ook</span>'
    )


def test_bare_address_becomes_a_link_without_the_signs_around_it() -> None:
    html = _html("Zie (https://example.org/a_(b)), of https://example.org.")
    assert 'href="https://example.org/a_(b)"' in html
    assert html.endswith(">https://example.org</a>.")
    assert "<a" not in _html("`https://example.org` xhttp://example.org")


def test_bare_address_in_a_link_is_left_alone() -> None:
    assert _html("[https://example.org](/x)") == '<a href="/x">https://example.org</a>'


def test_pieces_of_bare_addresses_make_up_the_text() -> None:
    for text in ("http://", "http://a.b,http://c", "x https://...", "a http://b) c (http://d)"):
        assert "".join(piece for piece, _address in bare_addresses(text)) == text


def test_wiki_link_leads_to_the_address_of_its_title() -> None:
    rendered = _render("[[Over ons]] [[over ONS|wij]] [[hr:Verlof]] [[Over ons#Onze geschiedenis|toen]]")
    assert rendered.html.count('href="/spaces/demo/wiki/over-ons" data-link="demo:over-ons"') == 2
    assert '<a class="wikilink" href="/spaces/hr/wiki/verlof" data-link="hr:verlof">hr:Verlof</a>' in rendered.html
    assert 'href="/spaces/demo/wiki/over-ons#user-content-onze-geschiedenis"' in rendered.html
    assert rendered.links == [WikiLink("demo", "over-ons", "Over ons"), WikiLink("hr", "verlof", "Verlof")]


def test_wiki_link_in_a_table_has_its_bar_escaped() -> None:
    html = _render("| a | b |\n|---|---|\n| [[Over ons\\|wij]] | x |").html
    assert '<td><a class="wikilink" href="/spaces/demo/wiki/over-ons" data-link="demo:over-ons">wij</a></td>' in html


@pytest.mark.parametrize("source", ["[[]]", "[[ ]]", "[[a\nb]]", "[[|x]]", "`[[a]]`", "\\[[a]]", "[[a]"])
def test_what_is_no_wiki_link_stays_text(source: str) -> None:
    assert _render(source).links == []


@pytest.mark.parametrize(
    ("source", "title"), [("[[C#]]", "C#"), ("[[F# leren]]", "F# leren"), ("[[Let op: dit]]", "Let op: dit")]
)
def test_signs_in_a_title_are_part_of_it(source: str, title: str) -> None:
    assert [link.title for link in _render(source).links] == [title]


def test_inner_of_two_links_wins_as_everywhere_in_markdown() -> None:
    html = _html("[zie [[Over ons]]](/x) [en [a](/y)](/z)")
    assert html.count("<a ") == 2
    assert 'href="/x"' not in html


def test_picture_of_another_site_inside_a_link_leaves_its_text() -> None:
    assert _html("[![Kat](https://example.org/kat.png)](/x)") == '<a href="/x">Kat</a>'


def test_markdown_link_with_brackets_in_its_text_is_no_wiki_link() -> None:
    assert _render("[[1]](https://example.org)").links == []


def test_wanted_pages_are_marked() -> None:
    html = _html("[[Een]] [[Twee]] [x](/spaces/demo/wiki/een)")
    marked = mark_wanted(html, {"demo:een", "demo:<x>"})
    assert marked.count("wanted") == 1
    assert '<a class="wikilink wanted" href="/spaces/demo/wiki/een" data-link="demo:een">Een</a>' in marked
    assert mark_wanted(html, set()) == html


def test_text_that_looks_like_a_wiki_link_is_not_marked() -> None:
    link = '<a class="wikilink" href="/x" data-link="demo:een">'
    for source in (link, f"`{link}`", f"[x](/y '{link}')", f'[x](/y "{link}")'):
        html = _html(source)
        assert mark_wanted(html, {"demo:een"}) == html


def test_picture_shows_with_its_size_and_loads_late() -> None:
    assert _html("![Een foto](file:foto.png)") == (
        '<img src="/files/u1/foto.png" alt="Een foto" width="640" height="480" loading="lazy" decoding="async">'
    )


def test_picture_can_be_a_link() -> None:
    assert _html("[![](file:foto.png)](/x)").startswith('<a href="/x"><img src="/files/u1/foto.png" alt=""')


def test_attachment_that_is_no_picture_is_a_link() -> None:
    assert _html("[plan](<file:mijn plan.pdf>)") == '<a class="file" href="/files/u2/mijn%20plan.pdf">plan</a>'
    assert _html("![](file:mijn%20plan.pdf)") == '<a class="file" href="/files/u2/mijn%20plan.pdf">mijn plan.pdf</a>'


def test_missing_file_is_named() -> None:
    rendered = _render("![Kaart](file:kaart.png) [lees](file:weg.pdf)")
    assert '<span class="missing-file">Bestand ontbreekt: kaart.png (Kaart)</span>' in rendered.html
    assert '<span class="missing-file">lees</span>' in rendered.html
    assert rendered.files == ["kaart.png", "weg.pdf"]


def test_picture_of_another_site_is_a_link() -> None:
    html = _html("![Kat](https://example.org/kat.png) ![](/static/x.png) ![x](data:image/png;base64,AA)")
    assert "<img" not in html
    assert '<a href="https://example.org/kat.png" class="picture-link" rel="noopener nofollow ugc">Kat</a>' in html
    assert "data:" not in html


def test_link_defined_elsewhere_in_the_text_follows_the_same_rules() -> None:
    html = _html(
        "[a][x] ![b][y] [c][z]\n\n[x]: javascript:alert(1)\n[y]: https://example.org/p.png\n[z]: file:foto.png"
    )
    assert "javascript" not in html
    assert "<img" not in html
    assert '<a class="file" href="/files/u1/foto.png">c</a>' in html
