"""Reads all that a source gives, and refuses what cannot be right: every mistake at once, each with its line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from plein.directories import GroupRecord, PersonRecord
from plein.people.directory_sync.report import Report
from plein.people.groups import KINDS, MAX_DESCRIPTION, MAX_NAME
from plein.people.services import LOGIN, fold_login
from plein.web.folding import fold
from plein.web.i18n import _

#: Parts of a profile that a source can fill, beside the fields that administrators declared.
PROFILE = ("pronouns", "function", "department", "location", "phone")
#: People and groups together; more is a file of something else.
MOST_RECORDS = 200_000
_MAX_VALUE = 200
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class Gathered:
    """All that a source gave, by what it calls them. Groups that only people name are among the groups."""

    people: dict[str, PersonRecord] = field(default_factory=dict)
    groups: dict[str, GroupRecord] = field(default_factory=dict)


class Gathering:
    """One reading of a source.

    :param report: gets a remark for each mistake.
    :param known: the groups of this source that are there already.
    :param declared: names of the declared fields that a directory may fill.
    """

    def __init__(self, report: Report, known: Iterable[GroupRecord], declared: Iterable[str]) -> None:
        self.report = report
        self.wrong = 0
        self._known = {one.id: one for one in known}
        self._ids: dict[str, str] = {}
        self._fields = {*PROFILE, *declared}
        self._logins: dict[str, PersonRecord] = {}
        self._found = Gathered()

    def refuse(self, sentence: Any, line: int | None = None) -> None:
        self.wrong += 1
        self.report.remark(sentence, line)

    def read(self, records: Iterable[PersonRecord | GroupRecord]) -> Gathered:
        """Everything, cleaned and checked. What was refused counts in ``wrong`` and is left out."""
        for number, record in enumerate(records, 1):
            if number > MOST_RECORDS:
                self.refuse(_("These are more people and groups than the ${count} that are read at most.",
                              mapping={"count": MOST_RECORDS}))  # fmt: skip
                break
            if isinstance(record, GroupRecord):
                self._group(record)
            else:
                self._person(record)
        # What is read now goes before what was there: a group may have got the name of another.
        for one in (*self._known.values(), *self._found.groups.values()):
            self._ids[fold(one.name)] = one.id
        self._settle_parents()
        self._settle_groups_of_people()
        return self._found

    # -- one record -------------------------------------------------------------------------------------------------

    def _person(self, record: PersonRecord) -> None:
        login, line = fold_login(record.login), record.line
        name = " ".join(record.name.split(" "))
        for sentence in self._wrong_with(record, login, name):
            self.refuse(sentence, line)
            return
        other = self._found.people.get(record.id) or self._logins.get(login)
        if other is not None:
            self.refuse(_twice(record, other, login), line)
            return
        fields = {key: " ".join(value.split()) for key, value in record.fields.items()}
        manager = fold_login(record.manager) if record.manager else record.manager
        settled = replace(record, login=login, name=name, fields=fields, manager=manager)
        self._found.people[record.id] = self._logins[login] = settled

    def _wrong_with(self, record: PersonRecord, login: str, name: str) -> Iterable[Any]:
        if not record.id or len(record.id) > _MAX_VALUE:
            yield _("This person has no number or name that the source knows them by.")
        if not LOGIN.fullmatch(login):
            yield _("“${login}” cannot be a login: two or more letters a to z, digits and . _ @ - only.",
                    mapping={"login": record.login[:80]})  # fmt: skip
        if not name.strip() or len(name) > MAX_NAME or _CONTROL.search(name):
            yield _("The name of ${login} is empty, longer than ${count} characters, or has line breaks in it.",
                    mapping={"login": login, "count": MAX_NAME})  # fmt: skip
        if record.email and (len(record.email) > 254 or not _EMAIL.fullmatch(record.email)):
            yield _("The e-mail address of ${login} is not one, or has a space or a line break in it.",
                    mapping={"login": login})  # fmt: skip
        for key, value in record.fields.items():
            if key not in self._fields:
                yield _("There is no field “${name}” of a profile that a directory fills.", mapping={"name": key[:80]})
            elif len(value) > _MAX_VALUE or _CONTROL.search(value):
                yield _("The field “${name}” of ${login} is too long, or has line breaks in it.",
                        mapping={"name": key, "login": login})  # fmt: skip

    def _group(self, record: GroupRecord) -> None:
        name = " ".join(record.name.split(" ")).strip()
        if not record.id or len(record.id) > _MAX_VALUE or not name or len(name) > MAX_NAME or _CONTROL.search(name):
            self.refuse(_("The name of a group is empty, longer than ${count} characters, or has line breaks in it.",
                          mapping={"count": MAX_NAME}), record.line)  # fmt: skip
        elif record.kind not in KINDS:
            self.refuse(_("“${kind}” is no kind of group; use department, project or pilot.",
                          mapping={"kind": record.kind[:80]}), record.line)  # fmt: skip
        elif record.description is not None and len(record.description) > MAX_DESCRIPTION:
            self.refuse(_("The description of the group ${name} is longer than ${count} characters.",
                          mapping={"name": name, "count": MAX_DESCRIPTION}), record.line)  # fmt: skip
        elif record.id in self._found.groups:
            self.refuse(_("The group ${name} is in here twice.", mapping={"name": name}), record.line)
        else:
            self._found.groups[record.id] = replace(record, name=name)

    # -- what names other records -------------------------------------------------------------------------------------

    def _settle_parents(self) -> None:
        """Put the id of each parent where its name may have been, and refuse circles."""
        groups = self._found.groups
        for key, record in list(groups.items()):
            if not record.parent:
                continue
            parent = self._group_called(record.parent)
            if parent is None:
                self.refuse(_("The group ${name} is inside of ${parent}, which is not there.",
                              mapping={"name": record.name, "parent": record.parent[:80]}), record.line)  # fmt: skip
            else:
                groups[key] = replace(record, parent=parent)
        for key, record in groups.items():
            seen = {key}
            above = record.parent
            while above in groups and above not in seen:
                seen.add(above)
                above = groups[above].parent
            if above == key:
                self.refuse(_("The group ${name} is inside itself, by way of other groups.",
                              mapping={"name": record.name}), record.line)  # fmt: skip

    def _settle_groups_of_people(self) -> None:
        """Put ids where people name groups; a name that nobody knows is a new department."""
        groups = self._found.groups
        for key, person in self._found.people.items():
            ids = []
            for named in person.groups or ():
                named = " ".join(named.split())
                found = self._group_called(named)
                if found is None and (not named or len(named) > MAX_NAME or _CONTROL.search(named)):
                    self.refuse(_("The name of a group of ${login} is empty or too long.",
                                  mapping={"login": person.login}), person.line)  # fmt: skip
                    continue
                if found is None:
                    found = self._ids[fold(named)] = fold(named)
                    groups[found] = GroupRecord(id=found, name=named)
                ids.append(found)
            if person.groups is not None:
                self._found.people[key] = replace(person, groups=tuple(dict.fromkeys(ids)))

    def _group_called(self, named: str) -> str | None:
        """The id of the group that an id or a name means. One that was there before is taken to be there still."""
        groups = self._found.groups
        found = named if named in groups or named in self._known else self._ids.get(fold(named))
        if found is not None and found not in groups:
            groups[found] = self._known[found]
        return found


def _twice(record: PersonRecord, other: PersonRecord, login: str) -> Any:
    if other.login != login:
        return _("${login} and ${other} have the same number, ${id}.",
                 mapping={"login": login, "other": other.login, "id": record.id[:80]})  # fmt: skip
    if record.line is not None and other.line is not None:
        return _("${login} is in here twice, on line ${first} and line ${second}.",
                 mapping={"login": login, "first": other.line, "second": record.line})  # fmt: skip
    return _("${login} is in here twice.", mapping={"login": login})
