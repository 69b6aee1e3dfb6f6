"""A file of the MkDocs dialect as a page: what is converted, what is kept, what is told."""

import pytest
from bounded import bounded
from hypothesis import given, settings
from hypothesis import strategies as st

from plein.transfer.mkdocs import convert, plain_text, title_of_file
from plein.transfer.site import old_anchor


def body(text: str) -> str:
    return convert(text, "map/pagina.md").body()


def kinds(text: str) -> dict[str, int]:
    return dict(convert(text, "map/pagina.md").notes.counts())


# -- front matter --------------------------------------------------------------------------------------------------


def test_title_tags_and_date_come_from_the_front_matter() -> None:
    page = convert("---\ntitle: Jurist\ntags: [recht, wet]\ndate: 2026-03-01\n---\nTekst", "rollen/jurist.md")
    assert (page.title, page.tags, page.date) == ("Jurist", ["recht", "wet"], "2026-03-01")
    assert page.body() == "Tekst\n"


def test_keys_without_a_place_are_handed_back() -> None:
    page = convert("---\nid: urn:x\nrollen:\n- jurist\nonderwerp:\n- data\n---\n", "x.md")
    assert page.rest == {"id": "urn:x", "rollen": ["jurist"]}
    assert page.tags == ["data"]


def test_a_key_can_be_made_tags_of() -> None:
    page = convert("---\nrollen:\n- jurist\n- jurist\n---\n", "x.md", tag_keys=["rollen"])
    assert page.tags == ["jurist"]
    assert page.rest == {}


def test_broken_front_matter_is_told_with_its_line_and_stays_in_the_page() -> None:
    page = convert("---\nfirst: 1\ntitle: Let op: dit breekt\n---\n\nTekst", "x.md")
    assert page.error is not None
    assert page.error[0] == 3
    assert page.title == "Let op: dit breekt"
    assert "```yaml\nfirst: 1\ntitle: Let op: dit breekt\n```" in page.body()
    assert "Tekst" in page.body()


def test_references_in_yaml_are_refused() -> None:
    page = convert("---\na: &a [1, 2]\nb: [*a, *a]\n---\nTekst", "x.md")
    assert page.error is not None
    assert page.error[0] == 3


def test_two_rulers_are_no_front_matter() -> None:
    page = convert("---\nGewoon een zin.\n---\n\nMeer", "x.md")
    assert page.error is None
    assert "Gewoon een zin." in page.body()


def test_front_matter_without_an_end_is_told() -> None:
    assert convert("---\ntitle: X\nTekst", "x.md").error == (1, "it has no end (---)")


def test_the_summary_leads_unless_the_text_says_it_already() -> None:
    assert body("---\nsummary: Kort gezegd.\n---\nTekst") == "Kort gezegd.\n\nTekst\n"
    assert body("---\nsummary: Kort gezegd.\n---\nHier: kort gezegd!") == "Hier: kort gezegd!\n"


# -- title ---------------------------------------------------------------------------------------------------------


def test_the_first_heading_is_the_title_and_leaves_the_text() -> None:
    page = convert("# De *eerste* `kop`\n\nTekst\n\n## Meer", "x.md")
    assert page.title == "De eerste kop"
    assert page.body() == "Tekst\n\n## Meer\n"


def test_a_heading_that_differs_from_the_title_stays() -> None:
    assert body("---\ntitle: Kort\n---\n# Een lange kop\n") == "# Een lange kop\n"


def test_an_underlined_heading_counts_too() -> None:
    page = convert("Titel\n=====\n\nTekst", "x.md")
    assert (page.title, page.body()) == ("Titel", "Tekst\n")


@pytest.mark.parametrize(
    ("path", "title"),
    [("a/over-de_site.md", "Over de site"), ("a/rollen/index.md", "Rollen"), ("index.md", "Index"), ("b/", "B")],
)
def test_the_name_of_the_file_is_the_last_resort(path: str, title: str) -> None:
    assert title_of_file(path) == title


def test_plain_text_has_no_marks() -> None:
    assert plain_text("[**Vet** en `code`](x.md) met ![plaatje](y.png) en a_b_c") == "Vet en code met plaatje en a_b_c"


# -- blocks --------------------------------------------------------------------------------------------------------


def test_an_admonition_becomes_an_alert() -> None:
    assert body('!!! warning "Let op"\n\n    Eén.\n\n    Twee.\n\nDrie.') == (
        "> [!WARNING] Let op\n> Eén.\n>\n> Twee.\n\nDrie.\n"
    )


@pytest.mark.parametrize(("mark", "sign"), [("!!!", ""), ("???", "-"), ("???+", "+")])
def test_folding_is_kept(mark: str, sign: str) -> None:
    assert body(f'{mark} tip "T"\n    Tekst') == f"> [!TIP]{sign} T\n> Tekst\n"


def test_an_unknown_kind_is_a_note_and_is_told() -> None:
    page = convert('??? expander "Meer"\n    Tekst', "x.md")
    assert page.body() == "> [!NOTE]- Meer\n> Tekst\n"
    assert [note.text for note in page.notes.of(["block"])] == ["expander is shown as a note"]


def test_a_kind_without_a_title_keeps_its_name() -> None:
    assert body("!!! danger\n    Niet doen.") == "> [!CAUTION] Danger\n> Niet doen.\n"
    assert body("!!! note\n    Tekst.") == "> [!NOTE]\n> Tekst.\n"
    assert body('!!! note ""\n    Tekst.') == "> [!NOTE]\n> Tekst.\n"


def test_a_quote_is_a_quote() -> None:
    assert body('!!! quote "Ervaring"\n    Samen.') == "> **Ervaring**\n>\n> Samen.\n"


def test_admonitions_nest_also_with_tabs_and_in_lists() -> None:
    nested = '!!! note "A"\n\tEen.\n\n\t!!! tip "B"\n\t\tTwee.\n\nDrie.'
    assert body(nested) == "> [!NOTE] A\n> Een.\n>\n> > [!TIP] B\n> > Twee.\n\nDrie.\n"
    assert body('- punt\n\n    !!! tip "B"\n\n        Twee.\n') == "- punt\n\n    > [!TIP] B\n    > Twee.\n"


def test_two_admonitions_in_a_row_stay_apart() -> None:
    assert body('!!! tip "A"\n    Een.\n!!! tip "B"\n    Twee.') == "> [!TIP] A\n> Een.\n\n> [!TIP] B\n> Twee.\n"


def test_code_in_an_admonition_keeps_its_indentation() -> None:
    text = '!!! note "A"\n    ```py\n    if x:\n        y = "<b>{{ z }}"\n    ```'
    assert body(text) == '> [!NOTE] A\n> ```py\n> if x:\n>     y = "<b>{{ z }}"\n> ```\n'


def test_tabs_become_labels() -> None:
    assert body('=== "Hier"\n\n    Een.\n\n=== "Daar"\n\n    Twee.') == "**Hier**\n\nEen.\n\n**Daar**\n\nTwee.\n"


def test_slash_blocks_give_what_is_in_them() -> None:
    page = convert("/// html | div[style='float: left']\nTekst\n///\n\n/// details | Meer\nWeg\n///", "x.md")
    assert page.body() == "Tekst\n\n> [!NOTE]- Meer\n> Weg\n"


def test_abbreviations_become_a_list() -> None:
    assert body("De AVG.\n\n*[AVG]: Algemene verordening") == "De AVG.\n\n- **AVG**: Algemene verordening\n"
    assert kinds("*[AVG]: Algemene verordening") == {"abbreviation": 1}


# -- signs in text -------------------------------------------------------------------------------------------------


def test_attribute_lists_go_and_are_told() -> None:
    text = "## Kop { data-search-exclude }\n\n[Naar](https://example.nl){ .md-button }\n\nTekst {: .x }"
    page = convert(text, "x.md")
    assert page.body() == "## Kop\n\n[Naar](https://example.nl)\n\nTekst\n"
    assert [note.line for note in page.notes.of(["attributes"])] == [1, 3, 5]


def test_an_id_given_by_hand_is_remembered() -> None:
    assert convert("## Kop { #mijn-kop }", "x.md").anchors == {"mijn-kop": "Kop"}


def test_braces_in_prose_stay() -> None:
    assert body("Vul {naam} in en {x: 1}.") == "Vul {naam} in en {x: 1}.\n"


def test_icons_go_and_arrows_are_signs() -> None:
    assert body(":material-arrow-right: Verder :octicons-heart-16:{ .red }hier :smile:") == "→ Verder hier :smile:\n"


def test_comments_go_with_a_count_and_keep_line_numbers() -> None:
    page = convert("<!-- een\ntwee -->\nTekst <!-- drie --> hier\n\n:material-home: x", "x.md")
    assert page.body() == "Tekst  hier\n\nx\n"
    assert page.notes.counts()["comment"] == 2
    assert [note.line for note in page.notes.of(["icon"])] == [5]


def test_template_tags_stay_visible() -> None:
    page = convert('{{ macro("x") }} en {% if y %}\n\n--8<-- "stuk.md"', "x.md")
    assert page.body() == '`{{ macro("x") }}` en `{% if y %}`\n\n`--8<-- "stuk.md"`\n'
    assert page.notes.counts()["template"] == 3


def test_small_marks() -> None:
    assert body("==geel== en ++ctrl+c++ en C++ en 1 == 1") == "**geel** en `Ctrl+C` en C++ en 1 == 1\n"


@pytest.mark.parametrize(
    "code",
    [
        '```html\n<div class="x">{{ a }}</div> <!-- b --> :material-x: !!! note\n```',
        "~~~~\n!!! tip\n    x\n```\n~~~~",
        "`<b>` en ``a ` {{ b }}`` en `<!-- c -->`",
        "> ```\n> {{ x }}\n> ```",
    ],
)
def test_code_is_left_alone(code: str) -> None:
    assert body(code) == code + "\n"
    assert not kinds(code)


# -- HTML ----------------------------------------------------------------------------------------------------------


def test_html_blocks_become_markdown() -> None:
    text = (
        '<div class="x" style="y">\n  <h2>Kop</h2>\n  <p>Een <b>vet</b> en\n  <a href="b/">link</a>.</p>\n'
        '  <ul>\n    <li>› <a href="c/">C</a></li>\n    <li>D<ol><li>E</li></ol></li>\n  </ul>\n</div>\n\nNa'
    )
    assert body(text) == "## Kop\n\nEen **vet** en [link](b/).\n\n- [C](c/)\n- D\n  1. E\n\nNa\n"


def test_a_table_in_html_becomes_a_table() -> None:
    text = "<table><tr><th>A<th>B</tr><tr><td>1|2</td><td>x<br>y</td></tr></table>"
    assert body(text) == "| A | B |\n| --- | --- |\n| 1\\|2 | x<br>y |\n"


def test_details_fold() -> None:
    assert body("<details>\n<summary>Meer</summary>\n\nEen **vet** woord.\n\n</details>") == (
        "> [!NOTE]- Meer\n> Een **vet** woord.\n"
    )


def test_cards_become_headings() -> None:
    text = '<div class="grid cards" markdown>\n\n-   ## [A](a.md)\n\n    ---\n\n    Tekst A.\n\n</div>'
    assert body(text) == "## [A](a.md)\n\nTekst A.\n"


def test_a_figure_keeps_picture_and_caption() -> None:
    assert body('<figure>\n<img src="a b.png" alt="Alt">\n<figcaption>Bij</figcaption>\n</figure>') == (
        "![Alt](a%20b.png)\n\n*Bij*\n"
    )


def test_scripts_and_styles_go_and_are_told() -> None:
    page = convert("<script>alert(1)</script>\n\n<style>\nb { x }\n</style>\n\nTekst", "x.md")
    assert page.body() == "Tekst\n"
    assert page.notes.counts()["script"] == 2


def test_a_frame_becomes_a_link() -> None:
    assert body('<iframe src="https://example.nl/film" title="Film"></iframe>') == "[Film](https://example.nl/film)\n"


def test_html_in_a_sentence() -> None:
    text = 'Een <b>vet</b>, <i>schuin</i>, <kbd>Esc</kbd>, H<sub>2</sub>O, m<sup>2</sup>, <span lang="en">_x_</span>.'
    assert body(text) == "Een **vet**, *schuin*, `Esc`, H₂O, m², _x_.\n"


def test_links_to_scripts_keep_their_text_only() -> None:
    assert body('<a href="javascript:x()">Hulp</a> en <a href="#" onclick="y()">meer</a>') == "Hulp en meer\n"


def test_names_between_angle_brackets_and_addresses_stay() -> None:
    text = "Vul <naam> in, mail <a@example.nl> of zie <https://example.nl>; 1 < 2 > 0."
    assert body(text) == text + "\n"


def test_line_breaks_stay() -> None:
    assert body("| a<br>b | c |\n|---|---|") == "| a<br>b | c |\n|---|---|\n"
    assert body("Tekst\n\n<br><br>\n\nMeer") == "Tekst\n\nMeer\n"


# -- whatever comes ------------------------------------------------------------------------------------------------

PIECES = [
    "---", "title: x", "# kop", "!!! note", '??? tip "t"', "    in", "\t", "```", "~~~", "`", "<!--", "-->", "<div>",
    "</div>", "<details>", "<table><tr><td>", "</table>", "<li>", "<p", "<a href=", '"', "'", ">", "> ", "- ", "1. ",
    "[", "](", ")", "![", "[[", "]]", "{{", "}}", "{%", "{: .x }", "///", "/// tab | x", '=== "T"', "*[A]: b", "\n",
    "\n\n", "\r\n", "\x00", "\ufdd0", "\ufdd0K0\ufdd1", "é", "|", "<br>", "<script>", "<pre>", "\\", ": ", "==", "++",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=40).map("".join))
def test_nothing_makes_it_fail(text: str) -> None:
    page = convert(text, "map/pagina.md")
    assert page.title
    result = page.body()
    assert "\ufdd0" not in result
    lines = text.count("\n") + text.count("\r") + 1
    assert all(0 <= note.line <= lines for note in page.notes.items)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(categories=("L", "N", "Zs")), max_size=200))
def test_prose_comes_through_whole(text: str) -> None:
    assert "".join(body("x " + text).split()) == "".join(("x " + text).split())


@pytest.mark.parametrize(
    "text",
    ["<" * 50_000, "<a " * 20_000, '<a b="' * 20_000, "[" * 100_000, "](" * 50_000, "<!--" * 50_000, "{{" * 50_000,
     "`" * 50_000, "` `` " * 20_000, "<div>\n" * 5_000, "> " * 20_000, '!!! note "x"\n    ' * 3_000, "==a" * 30_000,
     "<b>" * 20_000, "/// x\n" * 3_000, "*[a" * 30_000, "{.a " * 20_000, ":material-" * 20_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_text_takes_little_time(text: str) -> None:
    with bounded(200):
        convert(text, "x.md").body()


@pytest.mark.parametrize(
    ("text", "anchor"), [("Stap 1: Wat?", "stap-1-wat"), ("Geëvalueerd AI/ML", "geevalueerd-aiml")]
)
def test_old_anchors_are_those_of_python_markdown(text: str, anchor: str) -> None:
    assert old_anchor(text) == anchor
