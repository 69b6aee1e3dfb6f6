"""What Markdown becomes: each part of the dialect, the outline, the plain text."""

import pytest

from plein.web.markup import LABELS, LinkContext, Rendered, render


def _render(source: str, **context: str) -> Rendered:
    return render(source, links=LinkContext("demo", **context))


def _html(source: str) -> str:
    return _render(source).html.strip()


def test_html_in_the_source_is_shown_as_text() -> None:
    assert _html("a <b>b</b>") == "<p>a &lt;b&gt;b&lt;/b&gt;</p>"
    assert _html("<div>\n\n*x*\n\n</div>").count("&lt;") == 2


def test_line_break_tag_works_where_markdown_has_no_other() -> None:
    assert "<td>een<br>\ntwee</td>" in _html("| a |\n|---|\n| een<br/>twee |")


def test_highest_heading_comes_right_under_the_title_of_the_page() -> None:
    assert _html("# Een\n\n## Twee").startswith('<h2 id="user-content-een">Een</h2>\n<h3')
    assert _html("### Een\n\n#### Twee").startswith('<h2 id="user-content-een">Een</h2>\n<h3')


def test_no_level_of_headings_is_skipped() -> None:
    outline = _render("## A\n\n#### B\n\n### C\n\n##### D\n\n# E").outline
    assert [entry[0] for entry in outline] == [2, 3, 3, 4, 2]


def test_headings_with_the_same_text_get_different_anchors() -> None:
    outline = _render("# Kop\n\n# Kop\n\n# Kop 2\n\n# Kop").outline
    anchors = [entry[1] for entry in outline]
    assert anchors == ["user-content-kop", "user-content-kop-2", "user-content-kop-2-2", "user-content-kop-3"]


def test_outline_has_the_text_of_headings_without_mark_up() -> None:
    source = "# *Één* [[Pagina|link]] `code`[^1]\n\n> # In een citaat\n\n[^1]: noot"
    assert _render(source).outline == [[2, "user-content-een-link-code", "Één link code"]]


def test_heading_without_text_is_no_heading() -> None:
    rendered = _render("#\n\n# 日本")
    assert rendered.outline == [[2, "user-content-section", "日本"]]
    assert rendered.html.count("<h2") == 1


def test_link_to_a_heading_leads_to_its_anchor() -> None:
    html = _html("# Wat is dit?\n\n[zie](#wat-is-dit) [ook](#Wat%20is%20dit) [elders](/spaces/a/wiki/b#kop-één)")
    assert html.count('href="#user-content-wat-is-dit"') == 2
    assert 'href="/spaces/a/wiki/b#user-content-kop-een"' in html


def test_table_stands_in_a_region_that_scrolls_by_keyboard() -> None:
    html = _html("| a | b |\n|:-:|--:|\n| 1 | 2 |\n\ntekst\n\n| c |\n|---|\n| 3 |")
    assert '<div class="table-scroll" tabindex="0" role="region" aria-label="Tabel 1"><table>' in html
    assert 'aria-label="Tabel 2"' in html
    assert '<th class="align-center" scope="col">a</th>' in html
    assert '<td class="align-right">2</td>' in html
    assert "style" not in html


def test_empty_header_cell_is_no_header() -> None:
    assert _html("| | a |\n|---|---|\n| 1 | 2 |").count("<th ") == 1


def test_task_has_a_checkbox_with_its_text_as_name() -> None:
    html = _html("- [ ] bel *Jan*\n- [x] klaar")
    assert '<input type="checkbox" disabled="" aria-label="bel Jan"> bel <em>Jan</em>' in html
    assert '<input type="checkbox" disabled="" checked="" aria-label="klaar"> klaar' in html


def test_task_that_begins_with_a_heading_still_has_a_name() -> None:
    assert 'aria-label="bellen"' in _html("- [ ] # bellen")
    assert 'aria-label="Taak"' in _html("- [ ] ```\n  x\n  ```")


def test_strikethrough_takes_two_tildes() -> None:
    assert _html("~~weg~~ en ~5 tot ~10") == "<p><s>weg</s> en ~5 tot ~10</p>"


def test_code_keeps_its_language_and_can_be_scrolled_by_keyboard() -> None:
    assert _html("```python\na < b\n```") == ('<pre tabindex="0"><code class="language-python">a &lt; b\n</code></pre>')
    assert _html("    a") == '<pre tabindex="0"><code>a\n</code></pre>'


def test_definition_list() -> None:
    assert _html("Term\n: Uitleg") == "<dl>\n<dt>Term</dt>\n<dd>Uitleg</dd>\n</dl>"


def test_footnote_links_there_and_back() -> None:
    html = _html("Tekst[^bron] en weer[^bron].\n\n[^bron]: De bron.")
    assert '<sup class="footnote-ref"><a href="#user-content-fn_1" id="user-content-fnref_1">1</a></sup>' in html
    assert '<section class="footnotes" aria-label="Voetnoten">' in html
    assert '<li id="user-content-fn_1">' in html
    assert 'href="#user-content-fnref_1"' in html
    assert 'href="#user-content-fnref_1_2"' in html


def test_heading_cannot_take_the_anchor_of_a_footnote() -> None:
    html = _html("# fn_1\n\n# fnref 1\n\na[^1]\n\n[^1]: b")
    assert html.count('id="user-content-fn_1"') == 1
    assert html.count('id="user-content-fnref_1"') == 1


@pytest.mark.parametrize("kind", ["note", "tip", "important", "warning", "caution"])
def test_alert_has_a_title_in_the_language_of_the_text(kind: str) -> None:
    for language in ("nl", "en"):
        html = _render(f"> [!{kind.upper()}]\n> Let op.", language=language).html
        assert f'<div class="alert {kind}">\n<p class="alert-title">{LABELS[language][kind]}</p>\n' in html
        assert "<p>Let op.</p>" in html
        assert "blockquote" not in html


def test_alert_in_another_language_gets_english_words() -> None:
    assert ">Note</p>" in _render("> [!NOTE]\n> x", language="fy").html


def test_alert_takes_a_title_of_its_own() -> None:
    rendered = _render("> [!tip] Doe *dit*\n>\n> - een\n>\n> > [!NOTE]\n> > binnen\n\nbuiten")
    assert '<p class="alert-title">Doe <em>dit</em></p>' in rendered.html
    assert '<div class="alert note">' in rendered.html
    assert rendered.text == "Doe dit\neen\nbinnen\nbuiten"


def test_alert_can_be_folded() -> None:
    assert '<details class="alert note">\n<summary class="alert-title">Meer</summary>' in _html("> [!NOTE]- Meer\n> x")
    assert '<details class="alert note" open="">' in _html("> [!NOTE]+ Meer\n> x")


def test_other_quotes_stay_quotes() -> None:
    for source in ("> [!BOE]\n> x", "> tekst [!NOTE]", "> - [!NOTE]"):
        assert "<blockquote>" in _html(source)


def test_text_is_a_line_per_block_without_mark_up() -> None:
    source = (
        "# Kop\n\nEen **vette**\nzin met `code`, [link](https://example.org) & <b>.\n\n- een\n- [x] twee\n\n"
        "| a | b |\n|---|---|\n| c | [[d]] |\n\n```\nx = 1\n```\n\nEind[^1].\n\n[^1]: Noot."
    )
    assert _render(source).text == (
        "Kop\nEen vette zin met code, link & <b>.\neen\ntwee\na · b\nc · d\nx = 1\nEind.\nNoot."
    )


def test_empty_text_renders_to_nothing() -> None:
    assert _render("") == Rendered("", "", [], [], [])
    assert _html("\n \n") == ""


def test_signs_that_cannot_be_encoded_are_replaced() -> None:
    assert _html("a\ud800\x00b") == "<p>a\ufffd\ufffdb</p>"
