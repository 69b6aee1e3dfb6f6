"""What a directory gives Plein: people and groups as frozen records, and the source that they are read from.

For CSV files in the core; for LDAP, SCIM and the like in plugins. Knows no feature; see ``people.directory_sync`` for
what becomes of the records.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody, as a directory knows them. What is ``None`` the directory says nothing about, and stays as it is.

    :param id: what the directory calls the person, for good: a number of personnel, an objectGUID.
    :param login: what they sign in with; it may change.
    :param manager: the login of their manager; empty for nobody.
    :param groups: the ids of groups of this source that they are in, or new names.
    :param fields: values of the profile by name: ``function``, ``department``, ``location``, ``phone``, ``pronouns``,
        or a field that administrators declared. An empty value clears it.
    :param active: ``False`` for somebody whom the directory still knows and who must not come in.
    :param line: where in a file it stands, for what is said about mistakes.
    """

    id: str
    login: str
    name: str
    email: str | None = None
    manager: str | None = None
    groups: tuple[str, ...] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    line: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        if self.groups is not None:
            object.__setattr__(self, "groups", tuple(self.groups))


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group, as a directory knows it.

    :param id: what the directory calls it, for good.
    :param kind: department, project or pilot.
    :param parent: the id of the group that it is inside of; empty for none, ``None`` where the directory does not say.
    :param line: where in a file it stands.
    """

    id: str
    name: str
    kind: str = "department"
    description: str | None = None
    parent: str | None = None
    line: int | None = None


class DirectoryContext:
    """What reading a directory is given.

    :ivar settings: the settings of the site, the plugin's own among them.
    :ivar refused: what was refused so far: (line or ``None``, sentence).
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.refused: list[tuple[int | None, Any]] = []

    def refuse(self, sentence: Any, line: int | None = None) -> None:
        """Say that something in the directory is wrong: then nothing at all is changed, and the report tells why."""
        self.refused.append((line, sentence))


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """A directory that people and groups are read from, by itself or when asked.

    :param name: ``ldap``; the groups and people that it brings are marked with it, so never change it.
    :param title: what administrators read: "Staff in Active Directory".
    :param read: ``read(context)`` gives :class:`PersonRecord` and :class:`GroupRecord` one after another, all there
        are: whoever is missing has left. What it raises changes nothing.
    :param every: how often it is read by itself; ``None`` for only when asked.
    :param people: whether it gives people. A source that gives none never closes an account.
    :param groups: whether it gives groups. Those that people name are made either way.
    """

    name: str
    title: str
    read: Callable[[DirectoryContext], Iterable[PersonRecord | GroupRecord]]
    every: timedelta | None = None
    people: bool = True
    groups: bool = True
    weight: int = 0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"directory source {self.name!r} needs a name of lower-case letters, digits and _")
        if not str(self.title).strip():
            raise ValueError(f"directory source {self.name} needs a title that is not empty")
        if not callable(self.read):
            raise ValueError(f"directory source {self.name} has {self.read!r} to read with; give a function")
        if self.every is not None and self.every < timedelta(minutes=1):
            raise ValueError(f"directory source {self.name} is read every {self.every}; give a minute or more")
        if not (self.people or self.groups):
            raise ValueError(f"directory source {self.name} gives neither people nor groups")
