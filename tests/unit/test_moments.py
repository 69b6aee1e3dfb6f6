"""Moments that people type: in the time zone of the site, also in the two nights in which the clock is moved."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from plein.content.life.moments import NoSuchMoment, as_typed, typed_moment

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_a_moment_is_typed_in_the_zone_of_the_site_and_kept_in_utc() -> None:
    moment = typed_moment("2026-11-23T09:00", AMSTERDAM)
    assert moment == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert typed_moment("2026-07-01 09:00", AMSTERDAM) == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    assert as_typed(moment, AMSTERDAM) == "2026-11-23T09:00"
    assert typed_moment("  ", AMSTERDAM) is None and as_typed(None, AMSTERDAM) == ""


def test_a_time_that_the_summer_leaves_out_is_refused_with_a_sentence() -> None:
    with pytest.raises(NoSuchMoment) as refused:
        typed_moment("2027-03-28T02:30", AMSTERDAM)
    assert "does not exist" in str(refused.value)
    assert typed_moment("2027-03-28T03:00", AMSTERDAM) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert typed_moment("2026-10-25T02:30", AMSTERDAM) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["x", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59", "2026-11-23T09:00Z"])
def test_nonsense_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NoSuchMoment) as refused:
        typed_moment(text, AMSTERDAM)
    assert "2026-11-23 09:00" in str(refused.value)
