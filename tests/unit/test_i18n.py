"""Dates, times, numbers and plurals as people read them."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from pyramid import testing
from pyramid.i18n import make_localizer
from webob.acceptparse import create_accept_language_header

from plein.web import i18n

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.fixture(params=["nl", "en"])
def request_in(request: pytest.FixtureRequest) -> testing.DummyRequest:
    return make_request(request.param)


def make_request(locale: str) -> testing.DummyRequest:
    asked = testing.DummyRequest(plein={"plein.time_zone": "Europe/Amsterdam", "plein.default_locale": "nl"})
    asked.locale_name = locale
    asked.localizer = make_localizer(locale, [str(i18n.__file__).replace("web/i18n.py", "locale")])
    return asked


@pytest.mark.parametrize(
    ("ago", "dutch", "english"),
    [
        (timedelta(seconds=5), "zojuist", "just now"),
        (timedelta(minutes=1), "1 minuut geleden", "1 minute ago"),
        (timedelta(minutes=59), "59 minuten geleden", "59 minutes ago"),
        (timedelta(hours=3), "vandaag 12:30", "today 12:30"),
        # 15:30 in Amsterdam minus 16 hours is the evening before.
        (timedelta(hours=16), "gisteren 23:30", "yesterday 23:30"),
        (timedelta(days=3), "3 dagen geleden", "3 days ago"),
        (timedelta(days=30), "24 oktober", "24 October"),
        (timedelta(days=700), "23 december 2024", "23 December 2024"),
        (timedelta(hours=-2), "vandaag 17:30", "today 17:30"),
        (timedelta(days=-1), "morgen 15:30", "tomorrow 15:30"),
    ],
)
def test_time_is_told_as_people_say_it(ago: timedelta, dutch: str, english: str) -> None:
    assert i18n.relative(make_request("nl"), NOW - ago, NOW) == dutch
    assert i18n.relative(make_request("en"), NOW - ago, NOW) == english


def test_time_element_holds_the_exact_moment(request_in: testing.DummyRequest) -> None:
    html = i18n.when(request_in, datetime(2024, 6, 1, 22, 5, tzinfo=UTC).replace(tzinfo=None))
    assert 'datetime="2024-06-01T22:05:00Z"' in html
    # Summer time: two hours later, and so the next day.
    title = "zondag 2 juni 2024, 00:05" if request_in.locale_name == "nl" else "Sunday 2 June 2024, 00:05"
    assert f'title="{title}"' in html
    assert i18n.when(request_in, None) == ""


def test_dates_and_numbers_follow_the_language() -> None:
    dutch, english = make_request("nl"), make_request("en")
    assert i18n.show_date(dutch, date(2026, 3, 1)) == "1 maart 2026"
    assert i18n.show_date(dutch, datetime(2026, 3, 1, 23, 30, tzinfo=UTC)) == "2 maart 2026"
    assert (i18n.number(dutch, 12345), i18n.number(english, 12345)) == ("12.345", "12,345")
    assert (i18n.file_size(dutch, 999), i18n.file_size(dutch, 1530), i18n.file_size(english, 25_300_000)) == (
        "999 B",
        "1,5 kB",
        "25 MB",
    )


def test_plural_takes_the_number_as_written_in_the_language() -> None:
    texts = ("${n} member", "${n} members")
    assert i18n.ngettext(make_request("nl"), *texts, 1) == "1 lid"
    assert i18n.ngettext(make_request("nl"), *texts, 2000) == "2.000 leden"
    assert i18n.ngettext(make_request("en"), *texts, 0) == "0 members"


@pytest.mark.parametrize(
    ("viewer", "cookie", "header", "chosen"),
    [
        ("en", "nl", "nl", "en"),
        (None, "en", "nl", "en"),
        (None, "xx", "en-GB,en;q=0.9", "en"),
        (None, None, "de, en;q=0.5", "en"),
        (None, None, "fr", "nl"),
        (None, None, "", "nl"),
    ],
)
def test_language_is_the_persons_then_the_cookies_then_the_browsers(
    viewer: str | None, cookie: str | None, header: str, chosen: str
) -> None:
    asked = make_request("nl")
    asked.viewer = SimpleNamespace(locale=viewer)
    asked.cookies = {i18n.COOKIE: cookie} if cookie else {}
    asked.accept_language = create_accept_language_header(header or None)
    assert i18n.negotiate(asked) == chosen
