"""What people choose about being told: of what, how, and when; and what an administrator chose for everybody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from plein.audit import record
from plein.contributions import NotificationType
from plein.contributions.events import CHANNELS
from plein.db import utcnow
from plein.inbox.models import (
    Notification,
    NotificationChoice,
    NotificationDefault,
    NotificationSchedule,
)
from plein.inbox.schedule import Plan
from plein.web.i18n import _

#: What groups of kinds are called; those of plugins have the plugin's name.
GROUP_NAMES = {
    "content": _("Pages"),
    "mentions": _("Mentions"),
    "approval": _("Approval"),
    "owner": _("Owners and review"),
    "report": _("Owners and review"),
    "review": _("Owners and review"),
    "space": _("Spaces"),
}


def grouped(kinds: Iterable[NotificationType]) -> list[tuple[Any, list[NotificationType]]]:
    """Kinds of events by the feature that declares them, as title and kinds."""
    places = {title: place for place, title in enumerate(GROUP_NAMES.values())}
    ordered = sorted(kinds, key=lambda kind: (places.get(_title(kind), len(places)), kind.name))
    return [(title, list(some)) for title, some in groupby(ordered, _title)]


def _title(kind: NotificationType) -> Any:
    prefix = kind.name.partition(".")[0]
    return GROUP_NAMES.get(prefix) or prefix.replace("_", " ").capitalize()


@dataclass(slots=True)
class Preferences:
    """The choices of one person. Never commits; rights are the view's matter: everybody has their own.

    :ivar plan: what the site says.
    """

    db: Session
    user_id: int
    plan: Plan
    kinds: Mapping[str, NotificationType]
    _schedule: NotificationSchedule | None = field(default=None)

    def chosen(self) -> dict[str, str]:
        """How the person hears of things, by kind, where they chose."""
        rows = select(NotificationChoice.kind, NotificationChoice.channel)
        return {
            row.kind: row.channel for row in self.db.execute(rows.where(NotificationChoice.user_id == self.user_id))
        }

    def schedule(self) -> NotificationSchedule:
        """When they want mail; a row that is not stored where they never said."""
        found = self.db.get(NotificationSchedule, self.user_id)
        return found or NotificationSchedule(user_id=self.user_id, days_off=[], no_mail=False)

    def choose(self, channels: Mapping[str, str | None], **schedule: Any) -> None:
        """Store what they chose, and plan anew what waits to be mailed.

        :param channels: by kind; ``None``: as the site says.
        :param schedule: columns of the schedule; those that are left out stay as they are.
        """
        stored = self.chosen()
        changed = {kind: channel for kind, channel in channels.items() if stored.get(kind) != channel}
        self.db.execute(
            delete(NotificationChoice).where(
                NotificationChoice.user_id == self.user_id, NotificationChoice.kind.in_(changed)
            )
        )
        self.db.add_all(
            NotificationChoice(user_id=self.user_id, kind=kind, channel=channel)
            for kind, channel in changed.items()
            if channel is not None
        )
        if schedule:
            row = self.schedule()
            for name, value in schedule.items():
                setattr(row, name, value)
            self.db.add(row)
        self.db.flush()
        self._plan_anew()

    def _plan_anew(self) -> None:
        """What waits to be mailed goes when the person wants it now."""
        chosen, times, now = self.chosen(), self.plan.times(self.schedule()), utcnow()
        by_channel: dict[str, list[str]] = {channel: [] for channel in CHANNELS}
        for kind in self.kinds.values():
            by_channel[chosen.get(kind.name) or self.plan.channel(kind)].append(kind.name)
        waits = (Notification.user_id == self.user_id, Notification.mail_at.is_not(None))
        for channel, names in by_channel.items():
            if names:
                self.db.execute(
                    update(Notification)
                    .where(*waits, Notification.kind.in_(names))
                    .values(mail_at=self.plan.mail_moment(channel, times, now)),
                    execution_options={"synchronize_session": False},
                )

    def stop(self, kind: str) -> None:
        """No mail about *kind* any more; it still comes into the inbox."""
        if (self.chosen().get(kind) or self.plan.channel(self.kinds[kind])) in ("mail", "digest"):
            self.choose({kind: "inbox"})

    def stop_all(self) -> None:
        """No mail of the inbox any more."""
        self.choose({}, no_mail=True)


def decide(db: Session, values: Mapping[str, str | None]) -> dict[str, tuple[str | None, str | None]]:
    """Store what holds for everybody who did not choose, and say so in the audit log.

    :param values: by name: a kind of event, or a name of ``schedule.SHIPPED``; ``None``: as Plein comes.
    :return: what changed, from what to what.
    """
    before = {row.name: row.value for row in db.scalars(select(NotificationDefault))}
    changed = {name: (before.get(name), value) for name, value in values.items() if before.get(name) != value}
    for name, (_was, value) in changed.items():
        db.execute(delete(NotificationDefault).where(NotificationDefault.name == name))
        if value is not None:
            db.add(NotificationDefault(name=name, value=value))
        record(db, "inbox.default", "notification", 0, before=before.get(name), after=value, name=name)
    db.flush()
    return changed
