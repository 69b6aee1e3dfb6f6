"""Numbers about people: nothing about fewer than ten."""

from hypothesis import given
from hypothesis import strategies as st

from plein.people.statistics import FEWEST, shown


def test_fewer_than_ten_are_not_counted():
    assert shown({"a": 9, "b": 3, "c": 40}) == {"a": None, "b": None, "c": 40}


def test_nobody_is_no_secret():
    assert shown({"a": 0, "b": 40}) == {"a": 0, "b": 40}


def test_one_number_cannot_be_worked_out_from_the_whole():
    assert shown({"a": 3, "b": 12, "c": 40}) == {"a": None, "b": None, "c": 40}
    assert shown({"a": 3, "b": 12}, total_is_known=False) == {"a": None, "b": 12}


@given(st.dictionaries(st.integers(), st.integers(0, 200), max_size=12))
def test_what_is_left_out_is_always_ten_together_or_all_there_is(counts):
    found = shown(counts)
    hidden = [counts[key] for key, value in found.items() if value is None]
    assert all(value is None or value == 0 or value >= FEWEST for value in found.values())
    assert not hidden or sum(hidden) >= FEWEST or sum(hidden) == sum(counts.values())
