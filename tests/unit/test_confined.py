"""What people sent is read in a process of its own: words come out of well-meant files, and nothing out of others."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from plein.confined import archives
from plein.confined.running import Confined, run

OFFICE = "application/vnd.openxmlformats-officedocument."
WORD, SHEET, SLIDES = (
    f"{OFFICE}{name}" for name in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
OPEN = "application/vnd.oasis.opendocument."
W = 'xmlns:w="w"'


def zipped(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def words(path: Path, media_type: str, *, seconds: int = 20, memory_mb: int = 700) -> str | None:
    answer = run("text", {"source": str(path), "media_type": media_type}, seconds=seconds, memory_mb=memory_mb)
    return answer["text"]


def refused(path: Path, media_type: str, **bounds: int) -> str:
    with pytest.raises(Confined) as error:
        words(path, media_type, **bounds)
    return error.value.reason


def pdf(text: str) -> bytes:
    """A page with a line, as small as a PDF can be."""
    stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)


def test_words_come_out_of_every_kind_of_document(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("Eén   regel\n\n\nen nog een")
    assert words(text, "text/plain") == "Eén regel\nen nog een"
    page = tmp_path / "a.pdf"
    page.write_bytes(pdf("Jaarverslag 2026"))
    assert "Jaarverslag 2026" in str(words(page, "application/pdf"))
    letter = {"word/document.xml": f"<w:d {W}><w:p><w:t>Beste</w:t><w:tab/><w:t>Anna</w:t></w:p><w:p/></w:d>"}
    assert words(zipped(tmp_path / "a.docx", letter), WORD) == "Beste Anna"
    sheet = {
        "xl/workbook.xml": '<s><sheet name="Begroting"/></s>',
        "xl/sharedStrings.xml": "<s><si><t>Lonen</t></si></s>",
    }
    assert set(str(words(zipped(tmp_path / "a.xlsx", sheet), SHEET)).split()) == {"Begroting", "Lonen"}
    slides = {f"ppt/slides/slide{number}.xml": f"<s><p><t>Dia {number}</t></p></s>" for number in (10, 9)}
    assert words(zipped(tmp_path / "a.pptx", slides), SLIDES) == "Dia 9\nDia 10"
    for kind in ("text", "spreadsheet", "presentation"):
        content = {"content.xml": '<o xmlns:t="t"><t:h>Kop</t:h><t:p>Een <t:span>stuk</t:span> tekst</t:p>weg</o>'}
        assert words(zipped(tmp_path / "a.odt", content), f"{OPEN}{kind}") == "Kop\nEen stuk tekst"
    assert words(text, "application/zip") is None


def test_a_locked_pdf_is_refused_and_says_so(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    for password, is_refused in (("geheim", True), ("", False)):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Vertrouwelijk"))))
        writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
        path = tmp_path / "locked.pdf"
        writer.write(path)
        if is_refused:
            assert refused(path, "application/pdf") == "encrypted"
        else:
            # Locked against changes only: everybody can read it.
            assert "Vertrouwelijk" in str(words(path, "application/pdf"))


def test_bombs_are_refused_before_they_go_off(tmp_path: Path) -> None:
    packed = {"word/document.xml": b"<d><t>" + b" " * (64 << 20) + b"</t></d>"}
    assert refused(zipped(tmp_path / "zip.docx", packed), WORD) == "bomb"
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    laughing = f'<!DOCTYPE d [<!ENTITY a0 "ha">{laughs}]><w:d {W}><w:t>&a9;</w:t></w:d>'
    assert refused(zipped(tmp_path / "laughs.docx", {"word/document.xml": laughing}), WORD) == "bomb"
    reading = f'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:d {W}><w:t>&a;</w:t></w:d>'
    assert refused(zipped(tmp_path / "reads.docx", {"word/document.xml": reading}), WORD) == "bomb"
    many = {f"word/{number}": "" for number in range(archives.MOST_PARTS + 1)}
    assert refused(zipped(tmp_path / "many.docx", many), WORD) == "bomb"


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/../../x", "C:/x", "..\\x"])
def test_an_archive_with_a_name_that_leads_elsewhere_is_not_read(tmp_path: Path, name: str) -> None:
    parts: dict[str, str | bytes] = {"word/document.xml": f"<w:d {W}><w:t>x</w:t></w:d>", name: "x"}
    assert refused(zipped(tmp_path / "a.docx", parts), WORD) == "broken"


def test_an_archive_with_a_link_is_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        link = zipfile.ZipInfo("word/document.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(tmp_path / "a.docx", WORD) == "broken"


def test_what_is_no_document_ends_in_a_word_and_not_in_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"%PDF-1.4 " + os.urandom(5000))
    assert refused(path, "application/pdf") in ("broken", "died")
    path.write_bytes(b"PK\x03\x04" + os.urandom(500))
    assert refused(path, WORD) == "broken"
    assert refused(zipped(tmp_path / "y", {"word/document.xml": "<w:d><not closed"}), WORD) == "broken"


def test_the_process_gets_no_more_memory_and_time_than_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    Image.new("L", (6000, 6000)).save(path)
    values = {"source": str(path), "target": str(tmp_path / "t"), "media_type": "image/png", "max_megapixels": 40}
    with pytest.raises(Confined) as starved:
        run("reencode", values, seconds=20, memory_mb=90)
    assert starved.value.reason in ("died", "too-large", "broken")
    with pytest.raises(Confined) as hurried:
        run("reencode", values, seconds=0, memory_mb=700)
    assert hurried.value.reason in ("slow", "died")
    with pytest.raises(Confined):
        run("no-such-task", {}, seconds=20, memory_mb=700)


def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLEIN_SECRET", "geheim")
    from plein.confined import running

    seen = {}

    def note(command: list[str], **options: object) -> object:
        seen.update(options)
        raise running.subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(running.subprocess, "run", note)
    with pytest.raises(Confined):
        run("text", {}, seconds=1, memory_mb=100)
    assert seen["env"] == {} and seen["timeout"] == 1
