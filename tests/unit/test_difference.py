"""Comparing two versions: lines, words within a line, folded gaps, bounded work."""

from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st

from plein.content.difference import MAX_ROWS, Row, Segment, compare

_TEXT = st.lists(st.sampled_from(["", "de kat zit", "de hond zit", "x y z", "weg"]), max_size=20).map("\n".join)


def _kinds(rows: list[Row]) -> list[str]:
    return [row.kind for row in rows]


def _side(rows: list[Row], other: str) -> list[str]:
    """The text of one version, from the rows, gaps left out."""
    return [
        "".join(segment.text for segment in row.segments if segment.kind != other)
        for row in rows
        if row.kind not in (other, "gap")
    ]


def test_equal_texts_have_no_rows() -> None:
    assert compare("een\ntwee", "een\ntwee") == []
    assert compare("een\r\ntwee", "een\ntwee\n") == []


def test_changed_words_are_marked_inside_the_line() -> None:
    (row,) = compare("De kat zit op de mat.", "De hond zit op de mat.")
    assert row == Row(
        "changed",
        1,
        1,
        (
            Segment("same", "De "),
            Segment("removed", "kat"),
            Segment("added", "hond"),
            Segment("same", " zit op de mat."),
        ),
    )


def test_changed_phrase_is_one_piece_not_crumbs() -> None:
    (row,) = compare("Wij gaan morgen naar zee toe.", "Wij blijven vandaag thuis zitten toe.")
    assert [segment.kind for segment in row.segments] == ["same", "removed", "added", "same"]


def test_unlike_lines_are_removed_and_added() -> None:
    assert _kinds(compare("appels en peren", "iets heel anders")) == ["removed", "added"]


def test_changed_line_is_found_between_added_ones() -> None:
    rows = compare("De vergadering is op maandag.", "Nieuw.\nDe vergadering is op dinsdag.\nOok nieuw.")
    assert _kinds(rows) == ["added", "changed", "added"]


def test_unchanged_lines_far_from_a_change_are_folded() -> None:
    old = "\n".join(f"regel {number}" for number in range(1, 21))
    rows = compare(old, old.replace("regel 10\n", "regel tien\n"))
    assert _kinds(rows) == ["gap", "same", "same", "same", "changed", "same", "same", "same", "gap"]
    assert (rows[0].old_no, rows[0].folded) == (1, 6)
    assert (rows[-1].old_no, rows[-1].new_no, rows[-1].folded) == (14, 14, 7)


def test_single_line_is_not_folded() -> None:
    old = "\n".join(["oud een", *"abcdefg", "oud twee"])
    assert "gap" not in _kinds(compare(old, old.replace("oud", "nieuw")))


def test_line_numbers_follow_both_versions() -> None:
    rows = compare("a\nb\nc", "a\nc\nd")
    assert [(row.kind, row.old_no, row.new_no) for row in rows] == [
        ("same", 1, 1),
        ("removed", 2, None),
        ("same", 3, 2),
        ("added", None, 3),
    ]


def test_mark_up_in_the_text_stays_text() -> None:
    old = "dit is en blijft een gewone en veilige regel"
    (row,) = compare(old, old.replace("en blijft", "<script>alert(1)</script> en blijft"))
    assert row.segments[1] == Segment("added", "<script>alert(1)</script> ")


@given(_TEXT, _TEXT)
def test_both_versions_can_be_read_from_the_rows(old: str, new: str) -> None:
    rows = compare(old, new)
    folded = sum(row.folded for row in rows)

    def lines(text: str) -> list[str]:
        return text.removesuffix("\n").split("\n") if text else []

    if rows:
        assert len(_side(rows, "added")) + folded == len(lines(old))
        assert len(_side(rows, "removed")) + folded == len(lines(new))
        assert set(_side(rows, "added")) <= set(lines(old))
        assert set(_side(rows, "removed")) <= set(lines(new))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_compared(old: str, new: str) -> None:
    for row in compare(old, new):
        assert (row.old_no is None) == (row.kind == "added")
        assert (row.new_no is None) == (row.kind == "removed")


def test_entirely_different_large_texts_end_in_one_gap() -> None:
    old, new = "a\n" * 60_000, "b\n" * 61_000
    with bounded(80):
        rows = compare(old, new)
    assert len(rows) == MAX_ROWS + 1
    assert rows[-1].kind == "gap"


def test_one_long_line_of_changed_words_takes_bounded_time() -> None:
    with bounded(80):
        rows = compare("een twee drie " * 12_000, "drie een vier " * 12_000)
    assert _kinds(rows) == ["changed"]
