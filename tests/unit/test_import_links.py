"""Links between imported files: what each points at in Plein, and what is said of those that point at nothing."""

from pathlib import Path

import pytest
from bounded import bounded

from plein.transfer.plan import Plan, PlannedPage, assign_slugs, make_plan, relink
from plein.transfer.scan import ScanRefused, scan

ADDRESS = "/spaces/s/wiki"


def tree(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def plan_of(tmp_path: Path):  # type: ignore[no-untyped-def]
    def make(files: dict[str, str | bytes]) -> Plan:
        return make_plan(scan(tree(tmp_path / "bron", files)), max_kb=256, address=ADDRESS)

    return make


def page_of(plan: Plan, key: str) -> PlannedPage:
    return next(page for page in plan.pages if page.key == key)


SITE: dict[str, str | bytes] = {
    "index.md": "# Start",
    "rollen/index.md": "# Rollen",
    "rollen/jurist.md": "# De jurist\n\n## Wat doet zij?\n\n## AI/ML\n\n## Dubbel\n\n## Dubbel\n\n## Eigen { #zelf }",
    "rollen/een naam.md": "# Een naam",
    "los/pagina.md": "# Losse pagina",
    "beeld/foto.png": b"\x89PNG",
    "beeld/foto 2.png": b"\x89PNG",
    "ander/foto.png": b"\x89PNG2",
    "stuk.pdf": b"%PDF-1.4",
}


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("[De jurist](../rollen/jurist.md)", "[[De jurist]]"),
        ("[haar](../rollen/jurist.md)", "[[De jurist|haar]]"),
        ("[haar](../rollen/jurist)", "[[De jurist|haar]]"),
        ("[haar](../rollen/jurist/)", "[[De jurist|haar]]"),
        ("[haar](../../rollen/jurist/)", "[[De jurist|haar]]"),
        ("[haar](/rollen/jurist.md)", "[[De jurist|haar]]"),
        ("[haar](/rollen/jurist.html)", "[[De jurist|haar]]"),
        ("[haar](<../rollen/jurist.md> 'titel')", "[[De jurist|haar]]"),
        ("[rollen](../rollen/)", "[[Rollen|rollen]]"),
        ("[rollen](../rollen/index.md)", "[[Rollen|rollen]]"),
        ("[begin](../)", "[[Start|begin]]"),
        ("[los](../los/)", "[[Los|los]]"),
        ("[x](../rollen/een%20naam.md)", "[[Een naam|x]]"),
        ("[x](../rollen/een naam.md)", "[[Een naam|x]]"),
        ("**[x](../rollen/jurist.md)**", "**[[De jurist|x]]**"),
        ("[**x**](../rollen/jurist.md)", "**[[De jurist|x]]**"),
        ("[a `b` c](../rollen/jurist.md)", "[a `b` c](/spaces/s/wiki/de-jurist)"),
        ("[x](../rollen/jurist.md)(en meer)", "[x](/spaces/s/wiki/de-jurist)(en meer)"),
        ("[wat](../rollen/jurist.md#wat-doet-zij)", "[[De jurist#Wat doet zij?|wat]]"),
        ("[ai](../rollen/jurist.md#aiml)", "[[De jurist#AI/ML|ai]]"),
        ("[twee](../rollen/jurist.md#dubbel_1)", "[[De jurist#dubbel-2|twee]]"),
        ("[eigen](../rollen/jurist.md#zelf)", "[[De jurist#Eigen|eigen]]"),
        ("[top](../rollen/jurist.md#de-jurist)", "[[De jurist|top]]"),
        ("[hier](#kop)", "[hier](#kop)"),
        ("![Alt](../beeld/foto.png)", "![Alt](file:foto.png)"),
        ("![A](../beeld/foto%202.png)", "![A](file:foto%202.png)"),
        ("[stuk](../stuk.pdf)", "[stuk](file:stuk.pdf)"),
        ("[![A](../beeld/foto.png)](../rollen/)", "[![A](file:foto.png)](/spaces/s/wiki/rollen)"),
        ("![A](../beeld/foto.png) ![B](../ander/foto.png)", "![A](file:foto.png) ![B](file:foto-2.png)"),
        ("[x](https://example.nl/a_(b)) <https://example.org>", "[x](https://example.nl/a_(b)) <https://example.org>"),
        ("[x](//example.nl/a)", "[x](https://example.nl/a)"),
        ("[mail](mailto:a@example.nl)", "[mail](mailto:a@example.nl)"),
        ("[zie][j] en [j]\n\n[j]: ../rollen/jurist.md", "[[De jurist|zie]] en [[De jurist|j]]"),
        ("[zie][g]\n\n[g]: https://example.nl", "[zie][g]\n\n[g]: https://example.nl"),
        ("[[jurist]] en [[De jurist|zij]]", "[[De jurist|jurist]] en [[De jurist|zij]]"),
        ("![[stuk.pdf]] [[stuk.pdf|het stuk]]", "![stuk.pdf](file:stuk.pdf) [het stuk](file:stuk.pdf)"),
        ("`[x](../rollen/jurist.md)` \\[y](z.md)", "`[x](../rollen/jurist.md)` \\[y](z.md)"),
        ("Voetnoot[^1] en [ ] en [x]\n\n[^1]: Noot", "Voetnoot[^1] en [ ] en [x]\n\n[^1]: Noot"),
        ("| a |\n|---|\n| [x](../rollen/jurist.md) |", "| a |\n|---|\n| [[De jurist\\|x]] |"),
        ("<a href='../../rollen/jurist/'>x</a>", "[[De jurist|x]]"),
    ],
)  # fmt: skip
def test_links_lead_to_pages_and_files(plan_of, written: str, becomes: str) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of({**SITE, "map/p.md": f"# P\n\n{written}\n\n## Kop"})
    page = page_of(plan, "map/p.md")
    assert page.body == f"{becomes}\n\n## Kop\n"
    assert not page.report.unresolved


@pytest.mark.parametrize(
    ("written", "becomes", "reason"),
    [
        ("[x](weg.md)", "x (`weg.md`)", "map/weg.md is not in the imported folder"),
        (
            "[x](jurist.md)", "x (`jurist.md`)",
            "map/jurist.md is not in the imported folder; rollen/jurist.md has the same name",
        ),
        ("![Alt](weg.png)", "Alt (`weg.png`)", "map/weg.png is not in the imported folder"),
        ("[x](../../../etc/passwd)", "x (`../../../etc/passwd`)", "it points outside the imported folder"),
        ("[x](../beeld)", "x (`../beeld`)", "beeld is a folder without pages"),
        ("[x]()", "x", "the link names no target"),
        ("[x](#)", "x", "the link names no target"),
        ("[x](tel:112)", "x (`tel:112`)", "addresses with tel: are not linked"),
        ("[x](javascript:y)", "x (`javascript:y`)", "addresses with javascript: are not linked"),
        ("[[Bestaat niet]]", "[[Bestaat niet]]", "no page has this title or file name"),
    ],
)  # fmt: skip
def test_links_that_lead_nowhere_stay_readable_and_are_told(  # type: ignore[no-untyped-def]
    plan_of, written: str, becomes: str, reason: str
) -> None:
    plan = plan_of({**SITE, "map/p.md": f"---\ntitle: P\n---\n\nEen regel.\n\n{written}"})
    page = page_of(plan, "map/p.md")
    assert page.body == f"Een regel.\n\n{becomes}\n"
    assert [(line, why) for line, _target, why in page.report.unresolved] == [(7, reason)]


def test_a_heading_that_is_not_there_leads_to_the_page_and_is_told(plan_of) -> None:  # type: ignore[no-untyped-def]
    page = page_of(plan_of({**SITE, "map/p.md": "[x](../rollen/jurist.md#weg)"}), "map/p.md")
    assert page.body == "[[De jurist|x]]\n"
    assert page.report.remarks == [
        (1, "../rollen/jurist.md#weg", "rollen/jurist.md has no heading with the address #weg")
    ]


def test_another_case_is_followed_and_told(plan_of) -> None:  # type: ignore[no-untyped-def]
    page = page_of(plan_of({**SITE, "map/p.md": "[x](../Rollen/JURIST.md)"}), "map/p.md")
    assert page.body == "[[De jurist|x]]\n"
    assert "spelled differently" in page.report.remarks[0][2]


def test_pages_with_the_same_title_each_have_an_address_that_links_use(plan_of) -> None:  # type: ignore[no-untyped-def]
    same = {"a/overzicht.md": "# Overzicht", "b/overzicht.md": "# Overzicht"}
    plan = plan_of({**same, "p.md": "[een](a/overzicht.md) [twee](b/overzicht.md)"})
    assert page_of(plan, "p.md").body == "[[Overzicht|een]] [[overzicht-2|twee]]\n"


@pytest.mark.parametrize("title", ["C#-code", "a|b", "Wet [oud]", "ruimte:titel"])
def test_titles_that_a_wiki_link_cannot_hold_are_linked_by_address(plan_of, title: str) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of({"a.md": f"---\ntitle: {title!r}\n---\n", "p.md": "[x](a.md)"})
    assert page_of(plan, "p.md").body == f"[[{page_of(plan, 'a.md').ref.slug}|x]]\n"


def test_links_follow_an_address_that_turned_out_otherwise(plan_of) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of({"a.md": "# Titel", "p.md": "[x](a.md)"})
    changed = assign_slugs(plan.pages, {}, ["titel"])
    assert relink(plan, changed, ADDRESS) == {"p.md"}
    assert page_of(plan, "p.md").body == "[[titel-2|x]]\n"


def test_lists_that_a_program_filled_in_are_written_out(plan_of) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of({
        "eisen/e1.md": "---\ntitle: Eis 1\n---\n<!-- tags -->\nTekst\n\n<!-- list_stappen eis/e1 no-x -->",
        "eisen/e2.md": "---\ntitle: Eis 2\nsoort: [a-b]\n---\n<!-- tags-soort -->\n",
        "stappen/s1.md": '---\ntitle: Stap\neis: [e1]\n---\n??? info "Eisen"\n    <!-- list_eisen_on_stap_page -->\n',
        "index.md": "<!-- list_eisen -->\n\n<!-- list_niets x/y -->",
    })  # fmt: skip
    assert page_of(plan, "eisen/e1.md").body == "Tekst\n\n- [[Stap]]\n"
    assert page_of(plan, "eisen/e2.md").body == "- **Soort:** a b\n"
    assert page_of(plan, "stappen/s1.md").body == "> [!NOTE]- Eisen\n>\n> - [[Eis 1]]\n"
    assert page_of(plan, "index.md").body == "- [[Eis 1]]\n- [[Eis 2]]\n\n`list_niets x/y`\n"


# -- the folder ----------------------------------------------------------------------------------------------------


def test_folders_are_parents_by_each_custom(plan_of) -> None:  # type: ignore[no-untyped-def]
    names = ("a/index.md", "a/x.md", "b/README.md", "c/c.md", "d.md", "d/x.md", "e/f/x.md")
    plan = plan_of(dict.fromkeys(names, ""))
    found = {page.key: (page.source.path, page.source.parent) for page in plan.pages}
    assert found == {
        "a/": ("a/index.md", None), "a/x.md": ("a/x.md", "a/"), "b/": ("b/README.md", None), "c/": ("c/c.md", None),
        "d/": ("d.md", None), "d/x.md": ("d/x.md", "d/"), "e/": ("", None), "e/f/": ("", "e/"),
        "e/f/x.md": ("e/f/x.md", "e/f/"),
    }  # fmt: skip
    keys = [page.key for page in plan.pages]
    above = {page.key: page.source.parent for page in plan.pages}
    assert all(parent is None or keys.index(parent) < keys.index(key) for key, parent in above.items())
    assert page_of(plan, "e/").body == "- [[F]]\n"


def test_numbered_files_keep_their_order(plan_of) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of({"10-b.md": "", "2-a.md": "", "m/b.md": "", "m/a.md": ""})
    assert [(page.key, page.source.order) for page in plan.pages if not page.source.parent] == [
        ("2-a.md", 1), ("10-b.md", 2), ("m/", 3)
    ]  # fmt: skip
    assert {page.source.order for page in plan.pages if page.source.parent} == {0}


def test_what_is_left_alone_is_told(tmp_path: Path) -> None:
    outside = tmp_path / "geheim.md"
    outside.write_text("geheim")
    folder = tree(tmp_path / "bron", {"a.md": "x", ".git/config": "x", ".verborgen.md": "x"})
    (folder / "uit.md").symlink_to(outside)
    (folder / "boven").symlink_to(tmp_path)
    (folder / "kapot.md").symlink_to(tmp_path / "weg")
    (folder / "binnen.md").symlink_to(folder / "a.md")
    found = scan(folder)
    assert [page.key for page in found.pages] == ["a.md", "binnen.md"]
    assert found.skipped == {
        ".git": "hidden",
        ".verborgen.md": "hidden",
        "boven": "a link to a folder, or to nothing",
        "kapot.md": "a link to a folder, or to nothing",
        "uit.md": "a link to a file outside the folder",
    }


def test_folders_that_cannot_be_imported_give_a_sentence(tmp_path: Path) -> None:
    tree(tmp_path, {"leeg/x.txt": "x", "bestand.md": "x"})
    for folder, sentence in (("weg", "There is no folder"), ("bestand.md", "is a file"), ("leeg", "no Markdown")):
        with pytest.raises(ScanRefused, match=sentence):
            scan(tmp_path / folder)


@pytest.mark.parametrize(
    ("data", "text", "remark"),
    [
        ("\ufeff# é".encode(), "é", ""),
        ("# é".encode("latin-1"), "é", "Windows-1252"),
        ("# é".encode("utf-16"), "é", "UTF-16"),
    ],
)
def test_encodings_are_understood_and_told(plan_of, data: bytes, text: str, remark: str) -> None:  # type: ignore[no-untyped-def]
    page = page_of(plan_of({"p.md": data}), "p.md")
    assert page.ref.title == text
    assert [remark in note.text for note in page.converted.notes.of(["encoding"])] == ([True] if remark else [])


def test_a_far_too_large_file_is_not_even_read(plan_of) -> None:  # type: ignore[no-untyped-def]
    page = page_of(plan_of({"p.md": "x" * 600_000}), "p.md")
    assert page.error == (0, "the file is 585 KB; at most 256 KB fits on one page")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "](" * 60_000, "[a](" * 40_000, "[" * 50_000 + "]" * 50_000, "[[a" * 40_000, "![](x " * 30_000],
)
def test_hostile_links_take_little_time(plan_of, text: str) -> None:  # type: ignore[no-untyped-def]
    with bounded(200):
        plan_of({"p.md": text})
