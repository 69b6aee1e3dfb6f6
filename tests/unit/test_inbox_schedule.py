"""When mail goes: hours, days and weeks in the site's time, and nights in which the clock is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from plein.inbox.schedule import Times

HERE = ZoneInfo("Europe/Amsterdam")


def at(text: str) -> datetime:
    """A moment, written in local time."""
    return datetime.fromisoformat(text).replace(tzinfo=HERE).astimezone(UTC)


def local(moment: datetime | None) -> str:
    assert moment is not None
    assert moment.tzinfo is UTC
    return f"{moment.astimezone(HERE):%a %d %H:%M}"


# Thursday 26 November 2026.
@pytest.mark.parametrize(
    ("times", "now", "due"),
    [
        (Times(), "2026-11-26T07:59", "Thu 26 08:00"),
        (Times(), "2026-11-26T08:00", "Fri 27 08:00"),
        (Times("hourly"), "2026-11-26T08:00", "Thu 26 09:00"),
        (Times("weekly"), "2026-11-26T08:00", "Mon 30 08:00"),
        (Times("weekly", weekday=3), "2026-11-26T07:00", "Thu 26 08:00"),
        (Times("weekly", weekday=3), "2026-11-26T09:00", "Thu 03 08:00"),
        (Times(days_off=frozenset({4, 5, 6})), "2026-11-26T08:00", "Mon 30 08:00"),
        (Times("weekly", days_off=frozenset({0})), "2026-11-26T08:00", "Tue 01 08:00"),
        (Times(away_until=date(2026, 12, 24)), "2026-11-26T08:00", "Thu 24 08:00"),
        (Times("hourly", quiet_from=time(18), quiet_until=time(7, 30)), "2026-11-26T18:20", "Fri 27 07:30"),
    ],
)
def test_overview_comes_at_its_next_time(times: Times, now: str, due: str) -> None:
    assert local(times.digest(at(now), HERE)) == due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-26T12:00", "Thu 26 12:00"),
        ("2026-11-26T18:00", "Mon 30 07:30"),
        ("2026-11-26T03:00", "Thu 26 07:30"),
        ("2026-11-27T12:00", "Mon 30 07:30"),
    ],
)
def test_mail_at_once_waits_for_the_end_of_quiet_hours_and_days_off(now: str, due: str) -> None:
    times = Times(quiet_from=time(18), quiet_until=time(7, 30), days_off=frozenset({4, 5, 6}))
    assert local(times.at_once(at(now), HERE)) == due


def test_quiet_hours_by_day_and_none_at_all() -> None:
    lunch = Times(quiet_from=time(12), quiet_until=time(13))
    assert local(lunch.at_once(at("2026-11-26T12:30"), HERE)) == "Thu 26 13:00"
    same = Times(quiet_from=time(12), quiet_until=time(12))
    assert local(same.at_once(at("2026-11-26T12:00"), HERE)) == "Thu 26 12:00"


@pytest.mark.parametrize("times", [Times(no_mail=True), Times(days_off=frozenset(range(7)))])
def test_whoever_wants_no_mail_or_works_on_no_day_gets_none(times: Times) -> None:
    assert times.at_once(at("2026-11-26T12:00"), HERE) is None
    assert times.digest(at("2026-11-26T12:00"), HERE) is None


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
@pytest.mark.parametrize("clock", [time(1, 30), time(2, 30), time(3, 30)])
def test_a_night_in_which_the_clock_is_changed_has_one_overview(day: str, clock: time) -> None:
    """Asked every ten minutes from noon to noon, as the events of a night would be: there is one moment in between."""
    start = at(f"{day}T12:00") - timedelta(days=1)
    times = Times(send_at=clock)
    moments = {times.digest(start + timedelta(minutes=10 * step), HERE) for step in range(6 * 24)}
    due = sorted(moment for moment in moments if moment is not None)
    assert len([moment for moment in due if moment <= start + timedelta(days=1)]) == 1
    assert all(later - earlier > timedelta(hours=22) for earlier, later in zip(due, due[1:], strict=False))
