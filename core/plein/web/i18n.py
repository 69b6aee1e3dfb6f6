"""Languages: which one a person reads, and how dates, times, numbers and plurals are written in it.

Names of months and days come from Babel once per language; formatting itself is ours, because a list of
fifty rows formats a hundred times and must stay cheap.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_decimal
from pyramid.config import Configurator
from pyramid.request import Request
from translationstring import TranslationStringFactory

from plein.web.html import Html, tag

_ = TranslationStringFactory("plein")

#: Languages the interface speaks, with their own name for themselves.
LANGUAGES = {"nl": "Nederlands", "en": "English"}
COOKIE = "plein-locale"


def negotiate(request: Request) -> str:
    """The language of this answer: the person's choice, the cookie, the browser's wish, the site's default."""
    viewer = getattr(request, "viewer", None)
    for chosen in (getattr(viewer, "locale", None), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    if request.accept_language:
        wished = request.accept_language.lookup(tuple(LANGUAGES), default="")
        if wished in LANGUAGES:
            return str(wished)
    return default_locale(request)


def default_locale(request: Request) -> str:
    settings = getattr(request, "plein", None)
    return str(settings["plein.default_locale"]) if settings is not None else "nl"


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def time_zone(request: Request) -> ZoneInfo:
    """The zone that times are shown in (setting ``plein.time_zone``)."""
    settings = getattr(request, "plein", None)
    return _zone(str(settings["plein.time_zone"]) if settings is not None else "Europe/Amsterdam")


@lru_cache(maxsize=8)
def _names(locale: str) -> tuple[dict[int, str], dict[int, str]]:
    """Names of months (1–12) and of days (0 is Monday), in the wide form used inside a sentence."""
    known = Locale.parse(locale)
    return dict(known.months["format"]["wide"]), dict(known.days["format"]["wide"])


def format_date(value: date, locale: str, *, today: date | None = None) -> str:
    """``23 november 2026``; the year is left out when it is the year of *today*."""
    text = f"{value.day} {_names(locale)[0][value.month]}"
    return text if today is not None and today.year == value.year else f"{text} {value.year}"


@lru_cache(maxsize=4096)
def _exact(minute: datetime, locale: str) -> str:
    day = _names(locale)[1][minute.weekday()]
    return f"{day} {format_date(minute, locale)}, {minute:%H:%M}"


def relative(request: Request, value: datetime, now: datetime | None = None) -> str:
    """How long ago (or ahead) *value* is, in words, in the language of *request*.

    :param value: aware; a naive time is taken as UTC.
    """
    zone = time_zone(request)
    value = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)
    now = (now or datetime.now(UTC)).astimezone(zone)
    age = now - value
    translate = request.localizer.translate
    clock = f"{value:%H:%M}"
    if timedelta(0) <= age < timedelta(minutes=1):
        return str(translate(_("just now")))
    if timedelta(0) <= age < timedelta(hours=1):
        return ngettext(request, "${n} minute ago", "${n} minutes ago", int(age.total_seconds() // 60))
    days = (now.date() - value.date()).days
    if days == 0:
        return str(translate(_("today ${time}", mapping={"time": clock})))
    if days == 1:
        return str(translate(_("yesterday ${time}", mapping={"time": clock})))
    if days == -1:
        return str(translate(_("tomorrow ${time}", mapping={"time": clock})))
    if 1 < days < 7:
        return ngettext(request, "${n} day ago", "${n} days ago", days)
    return format_date(value, request.locale_name, today=now.date())


def when(request: Request, value: datetime | None) -> Html:
    """A ``<time>`` element: relative in sight, exact in its title. Nothing for None."""
    if value is None:
        return Html("")
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    local = value.astimezone(time_zone(request)).replace(second=0, microsecond=0)
    return tag(
        "time",
        relative(request, value),
        datetime=f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        title=_exact(local, request.locale_name),
    )


def exact(request: Request, value: datetime) -> str:
    """Day of the week, date and time, for where a relative time is not enough."""
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    return _exact(value.astimezone(time_zone(request)).replace(second=0, microsecond=0), request.locale_name)


def show_date(request: Request, value: date | datetime | None) -> str:
    """A date written out with its year; a moment is first brought to the site's time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(time_zone(request)).date()
    return format_date(value, request.locale_name)


def number(request: Request, value: int | float) -> str:
    """*value* with the separators of the language: 12.345,6 or 12,345.6."""
    if isinstance(value, int) and -1000 < value < 1000:
        return str(value)
    return str(format_decimal(value, locale=request.locale_name))


def file_size(request: Request, size: int) -> str:
    """Bytes as B, kB or MB (decimal units), one digit after the separator where it says something."""
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    rounded = int(amount) if unit == "B" or amount >= 10 else round(amount, 1)
    return f"{number(request, rounded)} {unit}"


def ngettext(
    request: Request, singular: str, plural: str, n: int, mapping: dict[str, Any] | None = None, domain: str = "plein"
) -> str:
    """One of two texts by *n*, translated; ``${n}`` or ``${count}`` in it is the number as the language writes it."""
    shown = number(request, n)
    values = {"n": shown, "count": shown} | (mapping or {})
    return str(request.localizer.pluralize(singular, plural, n, domain=domain, mapping=values))


def includeme(config: Configurator) -> None:
    config.add_translation_dirs("plein:locale/")
    plugins: Any = config.registry.get("plein.plugins")
    for info in plugins.plugins if plugins is not None else ():
        if (Path(str(info.module.__file__)).parent / "locale").is_dir():
            config.add_translation_dirs(f"{info.module.__name__}:locale/")
    config.set_locale_negotiator(negotiate)
