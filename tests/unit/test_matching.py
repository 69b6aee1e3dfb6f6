"""The matching under merge and comparison: right, as long as possible, and bounded."""

from bounded import bounded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plein.content.matching import matches

_LETTERS = st.lists(st.sampled_from("abcd"), max_size=14)


def _longest_common(old: list[str], new: list[str]) -> int:
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, one in enumerate(old):
        for j, other in enumerate(new):
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


# What a busy machine takes to think of lists says nothing of the matching.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(_LETTERS, _LETTERS)
def test_pairs_are_equal_and_rise_on_both_sides(old: list[str], new: list[str]) -> None:
    pairs = matches(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in zip(pairs, pairs[1:], strict=False))


@given(_LETTERS, _LETTERS)
def test_repeated_items_are_matched_as_much_as_possible(old: list[str], new: list[str]) -> None:
    # Everything twice: nothing is unique, so the greedy search alone answers.
    old, new = [x for x in old for _ in range(2)], [x for x in new for _ in range(2)]
    assert len(matches(old, new)) == _longest_common(old, new)


@given(st.permutations(range(9)), st.permutations(range(9)))
def test_unique_items_are_matched_as_much_as_possible(old: list[int], new: list[int]) -> None:
    assert len(matches(old, new)) == _longest_common([str(x) for x in old], [str(x) for x in new])


def test_everything_matches_itself() -> None:
    assert matches("aabb", "aabb") == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_without_steps_only_the_ends_match() -> None:
    assert matches("abxyxyxcd", "abyxyxycd", steps=0) == [(0, 0), (1, 1), (7, 7), (8, 8)]


def test_very_long_and_very_different_texts_take_bounded_time() -> None:
    with bounded(80):
        matches("ab" * 60_000, "ba" * 30_000 + "c" + "aab" * 20_000)
