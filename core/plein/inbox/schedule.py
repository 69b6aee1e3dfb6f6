"""How and when people hear of something: what they chose, and for those who did not what the site says.

All times of day are in the time zone of the site. They become moments in UTC here, so that a night in which the clock
is changed neither loses nor doubles a mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.contributions import NotificationType
from plein.contributions.events import CHANNELS
from plein.inbox.models import LEVELS, NotificationChoice, NotificationDefault, NotificationSchedule

#: What holds where nobody decided: names in ``notification_default``.
SHIPPED = {"space": "following", "rhythm": "daily", "send_at": "08:00", "weekday": "0"}

RHYTHMS = ("hourly", "daily", "weekly")


@dataclass(frozen=True, slots=True)
class Times:
    """When one person wants mail. Times of day are local; a weekday is 0 for Monday."""

    rhythm: str = "daily"
    send_at: time = time(8)
    weekday: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    days_off: frozenset[int] = frozenset()
    away_until: date | None = None
    no_mail: bool = False

    def at_once(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The first moment from *now* on that mail is welcome; ``None`` for never."""
        today = now.astimezone(zone).date()
        day = self._welcome_from(today)
        if day is None:
            return None
        return self._after_quiet(now if day == today else _moment(day, time(0), zone), zone)

    def digest(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The moment of the next overview after *now*; ``None`` for never."""
        if self.rhythm == "hourly":
            return self.at_once(now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), zone)
        day, step = now.astimezone(zone).date(), timedelta(days=1)
        if self.rhythm == "weekly":
            day, step = day - timedelta(days=day.weekday()) + timedelta(days=self.weekday), timedelta(days=7)
        while True:
            # One whose day is off comes on the first day after it.
            welcome = self._welcome_from(day)
            if welcome is None:
                return None
            moment = _moment(welcome, self.send_at, zone)
            if moment > now:
                return moment
            day += step

    def _welcome_from(self, day: date) -> date | None:
        """The first day from *day* on with mail; ``None`` where there is none."""
        if self.no_mail or len(self.days_off) >= 7:
            return None
        day = max(day, self.away_until or day)
        while day.weekday() in self.days_off:
            day += timedelta(days=1)
        return day

    def _after_quiet(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The end of the quiet hours that *moment* is in; *moment* itself where it is in none."""
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None or start == end:
            return moment
        local = moment.astimezone(zone)
        day, at = local.date(), local.time()
        if start < end:
            return _moment(day, end, zone) if start <= at < end else moment
        if at >= start:
            return _moment(self._welcome_from(day + timedelta(days=1)) or day, end, zone)
        return _moment(day, end, zone) if at < end else moment


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That time on that day, in UTC: the moment after, where the clock skips it; the first, where it comes twice."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def clock(text: str | None) -> time | None:
    """``08:00`` as a time of day; ``None`` for nothing."""
    return time.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What the site says, for everybody who did not choose.

    :param decided: what administrators decided, by name.
    """

    decided: Mapping[str, str]
    zone: ZoneInfo

    @classmethod
    def load(cls, db: Session, settings: Mapping[str, Any]) -> "Plan":
        rows = db.execute(select(NotificationDefault.name, NotificationDefault.value))
        return cls({row.name: row.value for row in rows}, ZoneInfo(settings["plein.time_zone"]))

    def __getitem__(self, name: str) -> str:
        return self.decided.get(name, SHIPPED[name])

    @property
    def space_level(self) -> str:
        """How closely people follow the spaces that they belong to."""
        found = self["space"]
        return found if found in LEVELS else SHIPPED["space"]

    def channel(self, kind: NotificationType) -> str:
        """How people hear of this kind of event."""
        found = self.decided.get(kind.name, kind.default)
        return found if found in CHANNELS else kind.default

    def times(self, row: NotificationSchedule | None) -> Times:
        """When the person in *row* wants mail."""
        rhythm, send_at, weekday = self["rhythm"], clock(self["send_at"]) or time(8), int(self["weekday"])
        if row is None:
            return Times(rhythm, send_at, weekday)
        return Times(
            row.rhythm or rhythm,
            clock(row.send_at) or send_at,
            weekday if row.weekday is None else row.weekday,
            clock(row.quiet_from),
            clock(row.quiet_until),
            frozenset(row.days_off),
            row.away_until,
            row.no_mail,
        )

    def channels(self, db: Session, kind: NotificationType, user_ids: Sequence[int]) -> dict[int, str]:
        """How each of these people hears of this kind of event. One statement."""
        chosen = select(NotificationChoice.user_id, NotificationChoice.channel).where(
            NotificationChoice.kind == kind.name, NotificationChoice.user_id.in_(user_ids)
        )
        found = dict.fromkeys(user_ids, self.channel(kind))
        found |= {row.user_id: row.channel for row in db.execute(chosen)}
        return found

    def mail_moment(self, channel: str, times: Times, now: datetime) -> datetime | None:
        """When what happened *now* goes into a mail; ``None`` where it does not."""
        if channel == "mail":
            return times.at_once(now, self.zone)
        return times.digest(now, self.zone) if channel == "digest" else None

    def mail_moments(self, db: Session, channels: Mapping[int, str], now: datetime) -> dict[int, datetime | None]:
        """The same for each of these people, by how they hear of it. One statement."""
        wanted = [user_id for user_id, channel in channels.items() if channel in ("mail", "digest")]
        rows = select(NotificationSchedule).where(NotificationSchedule.user_id.in_(wanted))
        schedules = {row.user_id: row for row in db.scalars(rows)}
        usual = self.times(None)
        return {
            one: self.mail_moment(channels[one], self.times(schedules[one]) if one in schedules else usual, now)
            for one in wanted
        }
