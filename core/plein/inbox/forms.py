"""What may be typed in about being told."""

import re
from datetime import date
from typing import Any, Literal

from pydantic import field_validator

from plein.web.forms import Form, problem
from plein.web.i18n import _

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _clock(text: str) -> str:
    if text and not _CLOCK.fullmatch(text):
        raise problem(_("Write a time such as 08:00."))
    return text


class ScheduleForm(Form):
    """When somebody wants mail; empty is as the site says."""

    rhythm: Literal["", "hourly", "daily", "weekly"] = ""
    send_at: str = ""
    weekday: Literal["", "0", "1", "2", "3", "4", "5", "6"] = ""
    quiet_from: str = ""
    quiet_until: str = ""
    days_off: list[Literal["0", "1", "2", "3", "4", "5", "6"]] = []
    away_until: date | None = None
    no_mail: bool = False

    @field_validator("send_at", "quiet_from", "quiet_until")
    @classmethod
    def _is_clock(cls, text: str) -> str:
        return _clock(text)

    @field_validator("quiet_until")
    @classmethod
    def _both(cls, text: str, info: Any) -> str:
        if bool(text) != bool(info.data.get("quiet_from")):
            raise problem(_("Fill in both times, or neither."))
        return text

    def columns(self) -> dict[str, Any]:
        """As ``NotificationSchedule`` keeps it."""
        return {
            "rhythm": self.rhythm or None,
            "send_at": self.send_at or None,
            "weekday": int(self.weekday) if self.weekday else None,
            "quiet_from": self.quiet_from or None,
            "quiet_until": self.quiet_until or None,
            "days_off": sorted({int(day) for day in self.days_off}),
            "away_until": self.away_until,
            "no_mail": self.no_mail,
        }


class DefaultsForm(Form):
    """What holds for everybody who did not choose."""

    space: Literal["all", "following", "mentions"]
    rhythm: Literal["hourly", "daily", "weekly"]
    send_at: str
    weekday: Literal["0", "1", "2", "3", "4", "5", "6"]

    @field_validator("send_at")
    @classmethod
    def _is_clock(cls, text: str) -> str:
        return _clock(text or "-")


class SinceForm(Form):
    """Since when somebody wants to know what they missed."""

    since: date | None = None
