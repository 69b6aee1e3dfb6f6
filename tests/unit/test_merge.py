"""Merging two edits: what one side changed is taken, what both changed is shown, nothing is lost."""

import random

from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st

from plein.content.merge import Conflict, merge3

_LINES = st.lists(st.sampled_from(["", "a", "b", "c", "d", "# kop"]), max_size=12).map("\n".join)
_TEXT = _LINES | st.text(max_size=40)


@given(_TEXT, _TEXT)
def test_change_of_one_side_is_the_result(base: str, changed: str) -> None:
    assert merge3(base, changed, base).text == changed
    assert merge3(base, base, changed).text == changed
    assert merge3(base, changed, base).clean


@given(_TEXT, _TEXT)
def test_equal_changes_are_taken_once(base: str, changed: str) -> None:
    merge = merge3(base, changed, changed)
    assert (merge.text, merge.clean) == (changed, True)


@given(_LINES, _LINES, _LINES)
def test_other_way_round_gives_the_same_with_sides_swapped(base: str, mine: str, theirs: str) -> None:
    one, other = merge3(base, mine, theirs), merge3(base, theirs, mine)
    assert [(c.base, c.mine, c.theirs) for c in one.conflicts] == [(c.base, c.theirs, c.mine) for c in other.conflicts]
    if one.clean:
        assert one.text == other.text


@given(_LINES, _LINES, _LINES)
def test_conflict_stands_at_its_line(base: str, mine: str, theirs: str) -> None:
    merge = merge3(base, mine, theirs)
    lines = merge.text.split("\n")
    for conflict in merge.conflicts:
        wanted = conflict.mine.split("\n") if conflict.mine else []
        assert lines[conflict.line - 1 : conflict.line - 1 + len(wanted)] == wanted


@st.composite
def _edits(draw: st.DrawFn) -> tuple[str, str, str]:
    """A text and two edits of it in which every added line is unlike all others."""
    base = draw(st.lists(st.sampled_from(["", "x", "y", "z"]), max_size=15))

    def edit(side: str) -> list[str]:
        lines = list(base)
        for number in range(draw(st.integers(0, 4))):
            at = draw(st.integers(0, len(lines)))
            if lines and at < len(lines) and draw(st.booleans()):
                del lines[at]
            lines.insert(min(at, len(lines)), f"{side}{number}")
        return lines

    return "\n".join(base), "\n".join(edit("mine")), "\n".join(edit("theirs"))


@given(_edits())
def test_no_added_line_is_lost(texts: tuple[str, str, str]) -> None:
    merge = merge3(*texts)
    kept = merge.text.split("\n") + [line for c in merge.conflicts for line in c.theirs.split("\n")]
    for text in texts[1:]:
        for line in text.split("\n"):
            if line.startswith(("mine", "theirs")):
                assert kept.count(line) == 1


def test_changes_in_different_places_are_put_together() -> None:
    base = "# Kop\n\nEerste alinea.\n\nTweede alinea.\n"
    mine = "# Kop\n\nEerste alinea, beter.\n\nTweede alinea.\n"
    theirs = "# Kop\n\nEerste alinea.\n\nTweede alinea.\n\nDerde alinea.\n"
    merge = merge3(base, mine, theirs)
    assert merge.clean
    assert merge.text == "# Kop\n\nEerste alinea, beter.\n\nTweede alinea.\n\nDerde alinea.\n"


def test_same_place_changed_differently_is_a_conflict_that_holds_both() -> None:
    merge = merge3("een\ntwee\ndrie", "een\nTWEE\ndrie", "een\n2\ndrie")
    assert merge.conflicts == [Conflict("twee", "TWEE", "2", 2)]
    assert merge.text == "een\nTWEE\ndrie"


def test_deleting_what_the_other_changed_is_a_conflict() -> None:
    merge = merge3("een\ntwee\ndrie", "een\ndrie", "een\ntwee!\ndrie")
    assert merge.conflicts == [Conflict("twee", "", "twee!", 2)]


def test_two_additions_at_the_end_are_a_conflict() -> None:
    assert not merge3("een", "een\nmijn", "een\njouw").clean


def test_line_ends_of_windows_do_not_make_every_line_a_conflict() -> None:
    merge = merge3("een\ntwee\ndrie\nvier", "EEN\r\ntwee\r\ndrie\r\nvier", "een\ntwee\ndrie\nVIER")
    assert (merge.text, merge.clean) == ("EEN\ntwee\ndrie\nVIER", True)


def test_large_texts_merge_within_a_second() -> None:
    chance = random.Random(7)
    base = [f"regel {number} " + chance.choice(["huis", "boom"]) * 6 for number in range(7000)]

    def edit(side: str) -> str:
        lines = list(base)
        for _ in range(400):
            lines[chance.randrange(len(lines))] += side
        return "\n".join(lines)

    mine, theirs = edit("m"), edit("t")
    assert len(mine) > 200_000
    with bounded(40):
        merge = merge3("\n".join(base), mine, theirs)
    assert merge.text.count("m") > 300
    assert len(merge.conflicts) < 100
