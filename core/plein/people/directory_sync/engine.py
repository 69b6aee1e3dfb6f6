"""Brings people and groups of a source in: the one engine behind CSV files, sources of plugins, dry runs and the rest.

A run is one transaction, and a dry run is the same run rolled back. Whoever the source does not give any more is closed
out, unless those are suspiciously many. Rows are read and written in bulk; no statement is asked for one person.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.directories import DirectoryContext, GroupRecord, PersonRecord
from plein.people.directory_sync.gathering import Gathering
from plein.people.directory_sync.of_groups import GroupSync
from plein.people.directory_sync.of_people import PeopleSync
from plein.people.directory_sync.report import Report, Stopped
from plein.people.group_rows import lock_groups
from plein.people.models import Group
from plein.people.profile_models import PersonField
from plein.web.i18n import _


@dataclass(frozen=True, slots=True)
class Plan:
    """What is brought in, and within which bounds.

    :param source: the name that people and groups are marked with.
    :param read: gives the records, see :class:`plein.directories.DirectorySource`.
    :param people: whether those are all the people of the source, so that who is missing has left.
    :param groups: whether those are all its groups.
    :param limit_percent: of how many accounts of the source, in percent, may be closed, and groups emptied.
    :param allowed: how many accounts somebody allowed to be closed, and groups to be emptied, beyond that.
    :param local_only: logins that no source may touch.
    """

    source: str
    read: Callable[[DirectoryContext], Iterable[PersonRecord | GroupRecord]]
    settings: Any
    people: bool = True
    groups: bool = True
    limit_percent: int = 10
    allowed: int | None = None
    local_only: frozenset[str] = frozenset()


def bring_in(db: Session, plan: Plan, *, dry_run: bool) -> Report:
    """Do all of *plan*, or nothing: where something is wrong, and for a dry run, *db* is left as it was.

    :param db: a session that writes; it is not committed. What is done is recorded in the audit log when it is.
    """
    report = Report(plan.source)
    context = DirectoryContext(plan.settings)
    # Before the transaction takes any lock: a directory may answer slowly.
    records = list(plan.read(context))
    savepoint = db.begin_nested()
    try:
        audited = _run(db, plan, report, context, records)
    except Stopped as stopped:
        report.state = stopped.state
        savepoint.rollback()
        return report
    except BaseException:
        savepoint.rollback()
        raise
    if dry_run:
        savepoint.rollback()
        return report
    savepoint.commit()
    report.state = "done"
    for action, kind, number, details in audited:
        record(db, action, kind, number, source=plan.source, **details)
    return report


def _run(
    db: Session,
    plan: Plan,
    report: Report,
    context: DirectoryContext,
    records: list[PersonRecord | GroupRecord],
) -> list[tuple[str, str, int, dict[str, Any]]]:
    lock_groups(db)
    gathering = Gathering(report, _known_groups(db, plan.source), _declared(db))
    found = gathering.read(records)
    for line, sentence in context.refused:
        gathering.refuse(sentence, line)
    if gathering.wrong:
        raise Stopped("refused")
    groups = GroupSync(db, plan.source, report)
    people = PeopleSync(db, plan.source, report, plan.local_only)
    groups.compare(found.groups, is_all=plan.groups)
    people.compare(found.people, is_all=plan.people)
    _stay_within(plan, report, people.closing, people.kept_before, _TOO_MANY_PEOPLE)
    _stay_within(plan, report, groups.emptying, groups.kept_before, _TOO_MANY_GROUPS)
    people.write()
    groups.write(people.ids_in_groups())
    return [*people.audited, *groups.audited]


_TOO_MANY_PEOPLE = _(
    "Nothing was changed: ${count} of the ${all} accounts of this source would be closed, and ${limit} percent is the "
    "limit. If that is right, allow this number."
)
_TOO_MANY_GROUPS = _(
    "Nothing was changed: ${count} of the ${all} groups of this source would be emptied, and ${limit} percent is the "
    "limit. If that is right, allow this number."
)


def _stay_within(plan: Plan, report: Report, count: int, before: int, sentence: Any) -> None:
    """
    :raises Stopped: where more would go than the limit and than was allowed.
    """
    if count * 100 > before * plan.limit_percent and count > (plan.allowed or 0):
        report.remark(_(sentence, mapping={"count": count, "all": before, "limit": plan.limit_percent}))
        raise Stopped("stopped")


def _known_groups(db: Session, source: str) -> list[GroupRecord]:
    """The groups of the source that are there, with nothing said about where they are."""
    rows = db.execute(select(Group.external_id, Group.name, Group.kind).where(Group.source == source))
    return [GroupRecord(str(row.external_id), row.name, row.kind) for row in rows]


def _declared(db: Session) -> list[str]:
    return list(db.scalars(select(PersonField.name).where(PersonField.filled_by.in_(("directory", "both")))))
