"""Importing a folder of Markdown: written whole, repeated without harm, merged with people's work, undone."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from plein.blobs.local import LocalBlobStore
from plein.cli import cli
from plein.content.models import Attachment, Content, ContentLink, Revision
from plein.db import open_session
from plein.db.session import UNGUARDED
from plein.people.models import User
from plein.plugins import Plugins
from plein.spaces.models import Space
from plein.testing import SECRET, viewer
from plein.transfer.into import ImportRefused, Into, space_called, type_called
from plein.transfer.markdown_import import import_markdown
from plein.transfer.models import ImportItem
from plein.transfer.receipt import Receipt, find_receipt, read_receipt
from plein.transfer.undo import Undone, undo_import


def picture(width: int = 4, height: int = 3) -> bytes:
    data = io.BytesIO()
    Image.new("1", (width, height)).save(data, "PNG")
    return data.getvalue()


#: What is stored now, by a query.
Look = Callable[[Any], list[Any]]

FILES: dict[str, str | bytes] = {
    "index.md": "---\ntitle: Start\n---\n\nLees [de afspraken](werk/afspraken.md).\n",
    "werk/index.md": "# Werk\n\nOver werk.\n",
    "werk/afspraken.md": (
        "---\ntags: [regels]\n---\n# Afspraken\n\nEerste alinea.\n\nTweede alinea.\n\nDerde alinea.\n\n"
        "![Foto](foto.png) [weg](weg.md)\n"
    ),
    "werk/foto.png": picture(),
    "los/blad.md": "# Blad\n",
}


class Bench:
    """A folder, a space and the person who imports, on one database."""

    def __init__(self, engine: Engine, plugins: Plugins, user: User, space: Space, folder: Path) -> None:
        self.engine, self.plugins, self.user, self.space, self.root = engine, plugins, user, space, folder
        self.folder = folder / "bron"
        self.write(FILES)

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def into(self, db: Session, **limits: Any) -> Into:
        return Into(
            db=db, viewer=viewer(self.user), space=space_called(db, self.space.slug),
            type=type_called(self.plugins, "wiki.page"), plugins=self.plugins,
            blobs=LocalBlobStore(self.root / "files"), **limits,
        )  # fmt: skip

    def run(self, **options: Any) -> Receipt:
        with open_session(self.engine, viewer=viewer(self.user), writes=True) as db, db.begin():
            return import_markdown(self.into(db), self.folder, **options)

    def undo(self, receipt: Receipt) -> Undone:
        with open_session(self.engine, viewer=viewer(self.user), writes=True) as db, db.begin():
            return undo_import(self.into(db), receipt)

    def edit(self, title: str, /, **changes: Any) -> None:
        with open_session(self.engine, viewer=viewer(self.user), writes=True) as db, db.begin():
            into = self.into(db)
            item = db.scalars(select(into.type.model).where(into.type.model.title == title)).one()
            values = {"title": item.title, "body": item.body, "tags": item.tags, **changes}
            into.service().save(item, base_version=item.version, **values)

    def trash(self, title: str) -> None:
        with open_session(self.engine, viewer=viewer(self.user), writes=True) as db, db.begin():
            into = self.into(db)
            into.service().trash(db.scalars(select(into.type.model).where(into.type.model.title == title)).one())


@pytest.fixture
def bench(
    engine: Engine, plugins: Plugins, make_user: Callable[..., User], make_space: Callable[..., Space], tmp_path: Path
) -> Bench:
    user = make_user("anna")
    return Bench(engine, plugins, user, make_space("handboek", members={user: "manager"}), tmp_path)


@pytest.fixture
def look(engine: Engine) -> Look:
    """``look(select(…))``: what is stored now, each row, or the value where a row has one."""

    def run(query: Any) -> list[Any]:
        with open_session(engine) as session:
            session.info[UNGUARDED] = "a test looks at what became of its import"
            return [row[0] if len(row) == 1 else tuple(row) for row in session.execute(query)]

    return run


@pytest.fixture
def page(look: Look, plugins: Plugins) -> Callable[[str], Any]:
    model = plugins.content_types["wiki.page"].model

    def find(title: str) -> Any:
        found = look(select(model).where(model.title == title))
        assert len(found) == 1, title
        return found[0]

    return find


def states(receipt: Receipt) -> dict[str, int]:
    return {state: number for state, number in receipt.counts.items() if number}


def test_pages_links_and_files_come_in(bench: Bench, page: Callable[[str], Any], look: Look) -> None:
    receipt = bench.run()
    assert states(receipt) == {"created": 5}
    assert receipt.errors == []
    assert receipt.links == {"page": 1, "file": 1}
    assert [(each["file"], each["line"]) for each in receipt.unresolved] == [("werk/afspraken.md", 12)]
    rules = page("Afspraken")
    assert rules.tags == ["regels"]
    assert rules.parent_id == page("Werk").id
    assert page("Blad").parent_id == page("Los").id
    assert page("Werk").parent_id is None
    assert '<img src="/files/' in rules.html
    assert look(select(Attachment.name)) == ["foto.png"]
    assert look(select(Revision.kind).distinct()) == ["import"]
    links = look(select(ContentLink.target_slug).where(ContentLink.content_id == page("Start").id))
    assert links == ["afspraken"]


def test_a_second_time_changes_nothing(bench: Bench, look: Look) -> None:
    bench.run()
    before = look(select(Content.id, Content.version, Content.updated_at).order_by(Content.id))
    receipt = bench.run()
    assert states(receipt) == {"unchanged": 5}
    assert receipt.files == {"stored": 0, "unchanged": 1}
    assert look(select(Content.id, Content.version, Content.updated_at).order_by(Content.id)) == before
    assert look(select(func.count()).select_from(Revision)) == [5]


def test_what_changed_in_the_folder_comes_in(bench: Bench, page: Callable[[str], Any]) -> None:
    bench.run()
    bench.write({"werk/index.md": "# Werk\n\nAnders.\n", "nieuw.md": "# Nieuw\n", "werk/foto.png": picture(9, 9)})
    receipt = bench.run()
    assert states(receipt) == {"created": 1, "updated": 2, "unchanged": 3}
    assert (page("Werk").body, page("Werk").version) == ("Anders.\n", 2)
    assert 'width="9"' in page("Afspraken").html


def test_peoples_edits_are_merged_with(bench: Bench, page: Callable[[str], Any]) -> None:
    bench.run()
    text = page("Afspraken").body
    bench.edit("Afspraken", body=text.replace("Eerste alinea.", "Eerste, van Bea."), tags=["regels", "bea"])
    source = str(FILES["werk/afspraken.md"])
    bench.write({"werk/afspraken.md": source.replace("Derde alinea.", "Derde, uit de bron.")})
    assert states(bench.run())["merged"] == 1
    merged = page("Afspraken")
    assert "van Bea" in merged.body
    assert "uit de bron" in merged.body
    assert merged.tags == ["regels", "bea"]
    # Once more: what people wrote stands, also against a source that never had it.
    bench.write({"werk/afspraken.md": source.replace("Derde alinea.", "Derde, weer anders.")})
    assert states(bench.run())["merged"] == 1
    assert "van Bea" in page("Afspraken").body
    assert "weer anders" in page("Afspraken").body


def test_an_edit_of_the_same_lines_is_left_alone_and_told(bench: Bench, page: Callable[[str], Any]) -> None:
    bench.run()
    bench.edit("Afspraken", body=page("Afspraken").body.replace("Tweede alinea.", "Tweede, van Bea."))
    source = str(FILES["werk/afspraken.md"])
    bench.write({"werk/afspraken.md": source.replace("Tweede alinea.", "Tweede, uit de bron.")})
    for _time in range(2):
        receipt = bench.run()
        assert states(receipt) == {"conflict": 1, "unchanged": 4}
        assert "van Bea" in page("Afspraken").body
    assert page("Afspraken").version == 2


def test_a_page_renamed_in_plein_keeps_its_name_and_its_links(bench: Bench, page: Callable[[str], Any]) -> None:
    bench.run()
    bench.edit("Afspraken", title="Zo werken we")
    bench.write({"index.md": "---\ntitle: Start\n---\n\nLees eerst [de afspraken](werk/afspraken.md)!\n"})
    assert states(bench.run()) == {"updated": 1, "unchanged": 4}
    assert page("Zo werken we").slug == "zo-werken-we"
    assert page("Start").body == "Lees eerst [[zo-werken-we|de afspraken]]!\n"


def test_gone_and_thrown_away_pages_are_told_and_left(bench: Bench, page: Callable[[str], Any]) -> None:
    bench.run()
    (bench.folder / "werk/afspraken.md").unlink()
    bench.trash("Blad")
    bench.write({"los/blad.md": "# Blad\n\nMeer.\n"})
    receipt = bench.run()
    assert {entry.path: entry.state for entry in receipt.pages if entry.state in ("gone", "skipped")} == {
        "werk/afspraken.md": "gone",
        "los/blad.md": "skipped",
    }
    assert page("Afspraken").state == "published"
    assert page("Blad").state == "trashed"


def test_a_dry_run_tells_and_changes_nothing(bench: Bench, look: Look) -> None:
    receipt = bench.run(dry_run=True)
    assert states(receipt) == {"created": 5}
    assert look(select(func.count()).select_from(Content)) == [0]
    assert look(select(func.count()).select_from(ImportItem)) == [0]
    assert not (bench.root / "files").exists()
    bench.run()
    bench.write({"werk/index.md": "# Werk\n\nAnders.\n"})
    assert states(bench.run(dry_run=True)) == {"updated": 1, "unchanged": 4}
    assert states(bench.run()) == {"updated": 1, "unchanged": 4}


def test_an_address_that_is_taken_gets_a_number_that_links_know(bench: Bench, page: Callable[[str], Any]) -> None:
    with open_session(bench.engine, viewer=viewer(bench.user), writes=True) as db, db.begin():
        into = bench.into(db)
        into.service().create(into.space, title="Afspraken", body="Van ons.")
        into.service().create(into.space, title="Zomaar", body="", slug="werk")
    bench.run()
    assert page("Start").body == "Lees [[afspraken-2|de afspraken]].\n"
    assert page("Werk").slug == "werk-2"


def test_an_address_taken_out_of_sight_is_found_out(
    bench: Bench, page: Callable[[str], Any], session_of: Callable[..., Session], make_user: Callable[..., User],
    look: Look,
) -> None:  # fmt: skip
    other = make_user("bob")
    own = session_of(other)
    into = Into(own, viewer(other), bench.space, type_called(bench.plugins, "wiki.page"), bench.plugins,
                LocalBlobStore(bench.root / "files"))  # fmt: skip
    own.add(into.space)
    into.service().create(into.space, title="Afspraken", state="draft")
    own.commit()
    bench.run()
    assert page("Start").body == "Lees [[afspraken-2|de afspraken]].\n"
    assert states(bench.run()) == {"unchanged": 5}
    assert look(select(func.count()).select_from(Content)) == [6]


def test_undo_throws_away_what_is_new_and_restores_what_changed(bench: Bench, page: Callable[[str], Any]) -> None:
    bench.run()
    bench.write({"werk/index.md": "# Werk\n\nAnders.\n", "nieuw.md": "# Nieuw\n", "meer.md": "# Meer\n"})
    receipt = bench.run()
    bench.edit("Meer", body="Door Bea.")
    undone = bench.undo(receipt)
    assert undone.trashed == ["Nieuw"]
    assert undone.restored == ["Werk"]
    assert undone.left == [("Meer", "people edited it since the import")]
    assert page("Nieuw").state == "trashed"
    assert page("Werk").body == "Over werk.\n"
    assert page("Meer").body == "Door Bea."
    # The folder still has it: importing again brings it in again.
    again = bench.run()
    assert {entry.title: entry.state for entry in again.pages if entry.state != "unchanged"} == {
        "Werk": "updated",
        "Nieuw": "created",
    }


def test_undo_of_a_first_import_leaves_nothing_on_the_shelf(bench: Bench, look: Look) -> None:
    receipt = bench.run()
    assert sorted(bench.undo(receipt).trashed) == ["Afspraken", "Blad", "Los", "Start", "Werk"]
    assert look(select(Content.state).distinct()) == ["trashed"]
    assert look(select(func.count()).select_from(ImportItem)) == [0]


def test_an_earlier_import_is_not_undone_under_a_later_one(bench: Bench) -> None:
    first = bench.run()
    bench.write({"werk/index.md": "# Werk\n\nAnders.\n"})
    bench.run()
    assert ("Werk", "a later import changed it; undo that one first") in bench.undo(first).left


def test_bad_pages_and_files_cost_only_themselves(bench: Bench, look: Look) -> None:
    bench.write({
        "groot.md": "x " * 150_000,
        "diep.md": ">" * 2_000 + " hoi",
        "kapot.md": "---\nlijst: [x\n---\n\nTekst",
        "beeld.md": "![a](geen.png) ![b](reus.png) ![c](leeg.pdf) ![d](groots.png)",
        "geen.png": b"dit is geen plaatje",
        "reus.png": picture(20_000, 10_000),
        "groots.png": picture(10_000, 6_000),
        "leeg.pdf": b"",
    })  # fmt: skip
    receipts = [bench.run(dry_run=True), bench.run()]
    for receipt in receipts:
        reasons = {(each["file"], each["line"]): each["reason"] for each in receipt.errors}
        assert reasons.pop(("kapot.md", 2)).startswith("the front matter cannot be read: ")
        assert "256 KB fits on one page" in reasons.pop(("groot.md", 0))
        assert "nested deeper than 40 levels" in reasons.pop(("diep.md", 0))
        assert reasons == {
            ("geen.png", 0): "the file is no picture, or a broken one",
            ("reus.png", 0): "the picture has far more than the 40 megapixels that are taken",
            ("groots.png", 0): "the picture has 60 megapixels; at most 40 is taken",
            ("leeg.pdf", 0): "the file is empty",
        }
        assert states(receipt) == {"created": 7, "error": 2}
        broken = [each["target"] for each in receipt.unresolved if each["file"].endswith("beeld.md")]
        assert broken == ["geen.png", "reus.png", "leeg.pdf", "groots.png"]
    again = bench.run()
    assert len([each for each in again.unresolved if each["file"].endswith("beeld.md")]) == 4
    titles = look(select(Content.title))
    assert "Kapot" in titles
    assert "Groot" not in titles


def test_who_may_not_write_may_not_import(
    bench: Bench, make_user: Callable[..., User], make_space: Callable[..., Space]
) -> None:
    bench.user = reader = make_user("rik")
    with pytest.raises(ImportRefused, match="may not create pages in the space handboek"):
        bench.run()
    bench.space = make_space("dicht", access="hidden")
    with pytest.raises(ImportRefused, match="There is no space dicht that this person may see"):
        bench.run()
    bench.space = make_space("lezers", members={reader: "reader"})
    with pytest.raises(ImportRefused, match="may not create"):
        bench.run()


def test_a_failure_half_way_leaves_nothing(bench: Bench, look: Look) -> None:
    def fail(step: str, done: int, total: int) -> None:
        if step == "write" and done == 3:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        bench.run(progress=fail)
    assert look(select(func.count()).select_from(Content)) == [0]


def test_a_page_takes_few_statements_however_many_there_are(bench: Bench, count_statements: Callable[..., Any]) -> None:
    bench.write({f"veel/p{number}.md": f"# P{number}\n\n[x](p{number + 1}.md)" for number in range(30)})
    bench.run()
    with count_statements() as counted:
        bench.run()
    assert counted.total <= 8, str(counted)


# -- the command line ----------------------------------------------------------------------------------------------


@pytest.fixture
def plein(bench: Bench, settings_values: dict[str, str], tmp_path: Path) -> Callable[..., Any]:
    config = tmp_path / "test.ini"
    lines = [f"{name} = {value.replace('%', '%%')}" for name, value in settings_values.items()]
    config.write_text("\n".join(["[app:main]", "use = egg:plein", *lines]))

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["-c", str(config), "import", *arguments])

    return run


def test_the_command_imports_lists_and_undoes(bench: Bench, plein: Callable[..., Any], look: Look) -> None:
    result = plein("markdown", str(bench.folder), "--space", "handboek", "--as", "anna")
    assert result.exit_code == 0, result.output
    assert "5  pages new" in result.output
    assert "werk/afspraken.md:12: weg.md: werk/weg.md is not in the imported folder" in result.output
    receipts = list((bench.root / "receipts").glob("*.json"))
    assert len(receipts) == 1
    uid = receipts[0].stem
    assert f"{uid}  " in plein("list").output
    assert read_receipt(find_receipt(uid[:8], receipts[0].parent)).count("created") == 5
    assert plein("undo", uid, "--as", "anna").output.startswith("5 pages to the trash, 0 put back")
    assert "was undone already" in plein("undo", uid, "--as", "anna").output
    assert look(select(Content.state).distinct()) == ["trashed"]


def test_the_command_prints_json(bench: Bench, plein: Callable[..., Any]) -> None:
    result = plein("markdown", str(bench.folder), "--space", "handboek", "--as", "anna", "--dry-run", "--json")
    receipt = json.loads(result.stdout)
    assert receipt["counts"]["created"] == 5
    assert receipt["dry_run"] is True
    assert SECRET not in result.stdout
    assert not (bench.root / "receipts").exists()


def test_errors_make_the_exit_code_one(bench: Bench, plein: Callable[..., Any]) -> None:
    bench.write({"kapot.md": "---\na: [\n---\n"})
    result = plein("markdown", str(bench.folder), "--space", "handboek", "--as", "anna")
    assert result.exit_code == 1
    assert "kapot.md:" in result.output


INTO = ("--space", "handboek")
ANNA = ("--as", "anna")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["markdown", "{}/weg", *INTO, *ANNA], 1, "There is no folder"),
        (["markdown", "{}/bron/index.md", *INTO, *ANNA], 1, "is a file; name the folder"),
        (["markdown", "{}/bron", "--space", "x", *ANNA], 1, "There is no space x that this person may see; there is"),
        (["markdown", "{}/bron", *INTO, "--as", "piet"], 1, "Nobody with an active account signs in as piet."),
        (["markdown", "{}/bron", *INTO], 2, "There is no administrator; say with --as LOGIN who does this."),
        (["markdown", "{}/bron", *INTO, *ANNA, "--type", "wiki.blad"], 1, "content type wiki.blad; known: "),
        (["markdown", "{}/bron"], 2, "Missing option '--space'"),
        (["undo", "12345678", "--as", "anna"], 1, "There is no receipt 12345678"),
        (["undo", "{}/bron/index.md", "--as", "anna"], 1, "There is no receipt"),
    ],
)  # fmt: skip
def test_wrong_arguments_give_one_sentence(
    bench: Bench, plein: Callable[..., Any], arguments: list[str], code: int, sentence: str
) -> None:
    result = plein(*(argument.replace("{}", str(bench.root)) for argument in arguments))
    assert result.exit_code == code
    assert sentence in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_what_is_no_receipt_is_refused(bench: Bench, plein: Callable[..., Any]) -> None:
    for number, text in enumerate(("{", "[]", '{"format": 1}', '{"format": 1, "uid": "x", "pages": []}')):
        path = bench.root / f"vals{number}.json"
        path.write_text(text)
        result = plein("undo", str(path), "--as", "anna")
        assert result.exit_code == 1
        assert "is not a receipt of an import" in result.output
