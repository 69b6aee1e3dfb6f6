"""Which column of a file is what: guessed from its name in Dutch or English, or chosen by people. Then: records."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from plein.directories import DirectoryContext, GroupRecord, PersonRecord
from plein.people.directory_sync.csv_files import FileRefused, Table
from plein.web.folding import fold
from plein.web.i18n import _

#: What a column can be, for each kind of file, with the words that mean it. The first is our own name for it.
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "login": ("login", "gebruikersnaam", "accountnaam", "inlognaam", "username", "user", "samaccountname", "gebruiker"),
    "name": ("naam", "name", "volledige naam", "full name", "display name", "displayname", "weergavenaam"),
    "id": ("id", "personeelsnummer", "medewerkernummer", "employee number", "employeeid", "external id", "objectguid"),
    "email": ("e-mail", "email", "mail", "e-mailadres", "mailadres", "email address", "emailaddress"),
    "function": ("functie", "function", "job title", "title", "functienaam", "rol"),
    "department": ("afdeling", "department", "organisatieonderdeel", "unit"),
    "location": ("locatie", "location", "werkplek", "kantoor", "office", "standplaats", "gebouw"),
    "phone": ("telefoon", "phone", "telefoonnummer", "telephone", "telephonenumber", "mobiel", "mobile"),
    "pronouns": ("voornaamwoorden", "pronouns"),
    "manager": ("leidinggevende", "manager", "manager login", "login leidinggevende", "chef"),
    "groups": ("groepen", "groups", "groep", "group", "teams"),
    "active": ("actief", "active", "in dienst", "enabled"),
}
GROUPS: Mapping[str, tuple[str, ...]] = {
    "name": ("naam", "name", "groep", "group", "groepsnaam"),
    "id": ("id", "code", "groepscode", "external id", "objectguid", "nummer"),
    "kind": ("soort", "kind", "type"),
    "description": ("omschrijving", "beschrijving", "description"),
    "parent": ("onderdeel van", "parent", "bovenliggende groep", "hoort bij", "valt onder"),
}
KINDS = {"people": PEOPLE, "groups": GROUPS}
REQUIRED = {"people": ("login", "name"), "groups": ("name",)}

TITLES = {
    "login": _("Name to sign in with"),
    "name": _("Name"),
    "id": _("Number that never changes"),
    "email": _("E-mail"),
    "function": _("Function"),
    "department": _("Department"),
    "location": _("Location"),
    "phone": _("Phone"),
    "pronouns": _("Pronouns"),
    "manager": _("Manager (their name to sign in with)"),
    "groups": _("Groups, with | between them"),
    "active": _("Works here (yes or no)"),
    "kind": _("Kind"),
    "description": _("Description"),
    "parent": _("Inside of the group"),
}

_KIND_WORDS = {
    "department": ("department", "afdeling", "team", "organisatieonderdeel", ""),
    "project": ("project", "projectgroep"),
    "pilot": ("pilot", "proefgroep"),
}
_KINDS_BY_WORD = {word: kind for kind, words in _KIND_WORDS.items() for word in words}
_YES = ("ja", "yes", "j", "y", "1", "true", "waar", "actief", "active", "")
_NO = ("nee", "no", "n", "0", "false", "onwaar", "inactief", "inactive")
#: Parts of a profile and declared fields go into ``PersonRecord.fields``.
_OWN = ("login", "name", "id", "email", "manager", "groups", "active")


def guess(kind: str, found: list[str], declared: Mapping[str, str] | None = None) -> dict[str, str]:
    """The column for each of our fields, as far as its name tells; each column at most once.

    :param declared: name → title of the fields that administrators declared, for files of people.
    """
    by_word = {_plain(name): name for name in reversed(found) if name}
    guessed: dict[str, str] = {}
    words = dict(KINDS[kind])
    if kind == "people":
        words |= {name: (name, title) for name, title in (declared or {}).items()}
    for field, names in words.items():
        name = next((by_word.pop(_plain(word)) for word in (field, *names) if _plain(word) in by_word), None)
        if name is not None:
            guessed[field] = name
    return guessed


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(name))


def missing(kind: str, columns: Mapping[str, str], found: list[str]) -> list[Any]:
    """A sentence for each field that must have a column and has none, with the columns there are and the nearest."""
    sentences = []
    for field in REQUIRED[kind]:
        if columns.get(field) in found:
            continue
        words = {_plain(word) for word in (field, *KINDS[kind][field])}
        plain = {_plain(name): name for name in found}
        near = [match for word in words for match in difflib.get_close_matches(word, plain, n=1, cutoff=0.6)]
        values = {"field": KINDS[kind][field][0] if field != "login" else "login", "found": ", ".join(found)}
        if near:
            sentences.append(
                _("There is no column “${field}”. Nearest is “${near}”. The columns are: ${found}.",
                  mapping=values | {"near": plain[near[0]]})
            )  # fmt: skip
        else:
            sentences.append(_("There is no column “${field}”. The columns are: ${found}.", mapping=values))
    return sentences


def read_rows(
    context: DirectoryContext, table: Table, kind: str, columns: Mapping[str, str]
) -> Iterator[PersonRecord | GroupRecord]:
    """The records in *table*. A file that is broken halfway is refused as a whole.

    :param columns: the column for each of our fields; see :func:`guess`.
    """
    absent = missing(kind, columns, table.columns)
    for sentence in absent:
        context.refuse(sentence)
    if absent:
        return
    places = {field: table.columns.index(name) for field, name in columns.items() if name in table.columns}
    try:
        for line, cells in table.rows():
            cell = {field: cells[place].strip(" ") if place < len(cells) else "" for field, place in places.items()}
            record = _person(context, cell, line) if kind == "people" else _group(context, cell, line)
            if record is not None:
                yield record
    except FileRefused as refused:
        context.refuse(refused.sentence, refused.line)


def _person(context: DirectoryContext, cell: Mapping[str, str], line: int) -> PersonRecord | None:
    active = cell.get("active", "").casefold()
    if active not in _YES + _NO:
        context.refuse(_("“${value}” is neither yes nor no.", mapping={"value": active[:80]}), line)
        return None
    groups = cell.get("groups")
    return PersonRecord(
        id=cell.get("id") or cell["login"].casefold().strip(),
        login=cell["login"],
        name=cell["name"],
        email=cell.get("email"),
        manager=cell.get("manager"),
        groups=None if groups is None else tuple(part.strip() for part in groups.split("|") if part.strip()),
        fields={field: value for field, value in cell.items() if field not in _OWN},
        active=active in _YES,
        line=line,
    )


def _group(context: DirectoryContext, cell: Mapping[str, str], line: int) -> GroupRecord | None:
    word = cell.get("kind", "").casefold()
    return GroupRecord(
        id=cell.get("id") or fold(" ".join(cell["name"].split())),
        name=cell["name"],
        # A word that is no kind goes on as it is: the engine refuses it, as it does from any source.
        kind=_KINDS_BY_WORD.get(word, cell.get("kind", "")),
        description=cell.get("description"),
        parent=cell.get("parent"),
        line=line,
    )
