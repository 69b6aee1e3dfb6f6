"""Moments as people type them: in the time zone of the site, and stored in UTC.

Twice a year the clock is moved. A time that is left out that night is refused with a sentence. One that comes twice is
the first of the two: nothing appears later than somebody thought, and both are the same to whoever reads the next day.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from plein.web.i18n import _


class NoSuchMoment(ValueError):
    """What was typed is no moment. ``sentence`` says why."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def typed_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """What was typed in a field for date and time, in UTC; ``None`` where that is nothing.

    :param text: ``2026-11-23T09:00``, as browsers send it, or with a space in the middle.
    :raises NoSuchMoment: for what is no date and time, or not in *zone*.
    """
    text = text.strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
        moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoSuchMoment(_("This must be a date and a time, such as 2026-11-23 09:00.")) from None
    if local.tzinfo is not None or not 2000 <= local.year <= 2200:
        raise NoSuchMoment(_("This must be a date and a time, such as 2026-11-23 09:00."))
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchMoment(
            _("At that hour the clock is put forward, so this time does not exist. Choose one before or after it.")
        )
    return moment


def as_typed(moment: datetime | None, zone: ZoneInfo) -> str:
    """A moment as the field shows it; empty for none."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
