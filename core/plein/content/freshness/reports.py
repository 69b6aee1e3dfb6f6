"""Readers' reports that an item is out of date: made, taken back, answered.

How many wait is a column of the item, so that its page asks nothing. It is counted anew under a lock on the item each
time, and so is right whoever answers, how often, and at the same moment.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from plein.content.freshness.models import OPEN, OutdatedReport
from plein.content.freshness.owners import People, lock
from plein.content.models import Content
from plein.db import utcnow
from plein.events import emit
from plein.people.models import User
from plein.security.viewer import Viewer

#: Reports on one page.
PAGE = 30

#: What an answer can be.
ANSWERS = ("fixed", "right", "later")


class OwnItem(ValueError):
    """Somebody reports what they look after themselves."""


class ReportService:
    """Reports about *item*, as *viewer*, who may see it."""

    def __init__(self, db: Session, viewer: Viewer, item: Content) -> None:
        self.db = db
        self.viewer = viewer
        self.item = item

    def own(self) -> OutdatedReport | None:
        """The viewer's report that is not dealt with yet."""
        return self.db.scalars(
            select(OutdatedReport).where(
                OutdatedReport.content_id == self.item.id,
                OutdatedReport.reporter_id == self.viewer.user_id,
                OutdatedReport.state.in_(OPEN),
            )
        ).one_or_none()

    def make(self, reason: str, place: str = "") -> OutdatedReport:
        """Report that the item is out of date; or say it better, where the viewer's own report still waits.

        :raises OwnItem: for whoever looks after the item themselves.
        :raises SpaceArchived: where its space is only read.
        """
        lock(self.db, self.item)
        if self.item.owner_id is not None and self.item.owner_id == self.viewer.user_id:
            raise OwnItem
        report = self.own()
        if report is not None:
            report.reason, report.place = reason, place
            self.db.flush()
            return report
        report = OutdatedReport(
            content_id=self.item.id, reporter_id=self.viewer.user_id, reason=reason, place=place, state="open"
        )
        self.db.add(report)
        self._count()
        emit(
            self.db,
            "report.received",
            actor_id=self.viewer.user_id,
            content_id=self.item.id,
            addressed=People(self.db).behind(self.item.owner_id, self.item.owner_role, self.item.space_id),
            key=f"report.received {report.id}",
        )
        return report

    def withdraw(self) -> bool:
        """Take the viewer's own report back. False where none waits."""
        lock(self.db, self.item)
        report = self.own()
        if report is None:
            return False
        report.state, report.answered_at = "withdrawn", utcnow()
        self._count()
        return True

    def answer(self, numbers: Sequence[int] | None, state: str, text: str = "") -> int:
        """Answer reports, and have those who made them hear of it. Whoever may edit the item may.

        :param numbers: of the reports; ``None`` for all that wait.
        :param state: one of :data:`ANSWERS`.
        :return: how many were answered; those that somebody else answered before do not count.
        :raises SpaceArchived: where the item's space is only read.
        """
        lock(self.db, self.item)
        waiting = [OutdatedReport.content_id == self.item.id, OutdatedReport.state.in_(OPEN)]
        if numbers is not None:
            waiting.append(OutdatedReport.id.in_(list(numbers)))
        if state == "later":
            waiting.append(OutdatedReport.state == "open")
        found = self.db.execute(select(OutdatedReport.id, OutdatedReport.reporter_id).where(*waiting)).all()
        if not found:
            return 0
        self.db.execute(
            update(OutdatedReport)
            .where(OutdatedReport.id.in_([row.id for row in found]))
            .values(state=state, answer=text, answered_by_id=self.viewer.user_id, answered_at=utcnow()),
            execution_options={"synchronize_session": False},
        )
        self.db.expire_all()
        self._count()
        emit(
            self.db,
            "report.answered",
            actor_id=self.viewer.user_id,
            content_id=self.item.id,
            addressed=[row.reporter_id for row in found],
            details={"answer": text, "state": state},
        )
        return len(found)

    def listed(self, *, done: bool = False, after: int | None = None) -> tuple[list[Any], int | None]:
        """Reports, oldest first (those that are dealt with: newest first), and the number to go on after."""
        answerer = aliased(User)
        statement = (
            select(
                OutdatedReport.id,
                OutdatedReport.reason,
                OutdatedReport.place,
                OutdatedReport.state,
                OutdatedReport.answer,
                OutdatedReport.created_at,
                OutdatedReport.answered_at,
                OutdatedReport.reporter_id,
                User.name,
                User.login,
                answerer.name.label("answerer"),
            )
            .outerjoin(User, User.id == OutdatedReport.reporter_id)
            .outerjoin(answerer, answerer.id == OutdatedReport.answered_by_id)
            .where(OutdatedReport.content_id == self.item.id)
            .limit(PAGE + 1)
        )
        if done:
            statement = statement.where(OutdatedReport.state.not_in(OPEN)).order_by(OutdatedReport.id.desc())
        else:
            statement = statement.where(OutdatedReport.state.in_(OPEN)).order_by(OutdatedReport.id)
        if after is not None:
            statement = statement.where(OutdatedReport.id < after if done else OutdatedReport.id > after)
        rows = list(self.db.execute(statement))
        return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None

    def _count(self) -> None:
        """Keep the item's own number right. The caller holds the lock on it."""
        self.db.flush()
        self.item.open_reports = int(
            self.db.scalar(
                select(func.count(OutdatedReport.id)).where(
                    OutdatedReport.content_id == self.item.id, OutdatedReport.state.in_(OPEN)
                )
            )
            or 0
        )
        self.db.flush()
