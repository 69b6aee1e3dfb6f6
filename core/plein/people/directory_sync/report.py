"""What a run did, or would do: counted, with a line for each person and group that does not stay as it is."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from translationstring import TranslationString

from plein.web.i18n import _

#: More mistakes than this are one thing that is wrong with the whole.
MOST_REMARKS = 50

#: Why something happens to somebody, or does not.
REASONS = {
    "missing": _("no longer in the source"),
    "inactive": _("marked as inactive in the source"),
    "by_hand": _("made by people here, so the source does not close the account"),
    "last_admin": _("without this person nobody could administer the site"),
    "other_source": _("another source keeps this person"),
    "guest": _("is a guest here"),
    "local": _("this account signs in with its password only, and no source may change it"),
    "login_given_out": _("somebody else had this login before; change one of the two by hand"),
    "back": _("is in the source again"),
}

#: What happens, in the order in which a report shows it.
ACTIONS = {
    "deactivated": _("Account closed"),
    "emptied": _("Group emptied"),
    "new": _("New"),
    "reactivated": _("Account opened again"),
    "changed": _("Changed"),
    "kept": _("Stays open"),
    "skipped": _("Left alone"),
    "unchanged": _("Unchanged"),
}


#: How a run ended.
STATES = {
    "tried": _("Dry run: nothing was changed"),
    "done": _("Brought in"),
    "stopped": _("Stopped: too much would be closed, so nothing was changed"),
    "refused": _("Refused: there are mistakes in it, so nothing was changed"),
    "failed": _("Failed: it could not be read, so nothing was changed"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one person or group. ``subject`` is the login, or what the source calls the group."""

    object: str
    action: str
    subject: str
    name: str
    reason: str = ""
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """A run as it is told. ``state`` is one of those of :class:`DirectoryRun`."""

    source: str
    state: str = "tried"
    counts: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.counts[f"{change.object}.{change.action}"] += 1
        self.changes.append(change)

    def unchanged(self, kind: str) -> None:
        self.counts[f"{kind}.unchanged"] += 1

    def remark(self, sentence: TranslationString, line: int | None = None) -> None:
        """Keep a sentence for people; beyond :data:`MOST_REMARKS` they are only counted."""
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(as_json(sentence, line))
        else:
            self.counts["remark.more"] += 1


class Stopped(Exception):
    """The run may not go on; ``state`` says in which way it ended."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def as_json(sentence: TranslationString, line: int | None = None) -> dict[str, Any]:
    """A sentence as it is stored: untranslated, because whoever reads it may speak another language."""
    mapping = {
        name: value if isinstance(value, int) else str(value) for name, value in (sentence.mapping or {}).items()
    }
    return {"sentence": str(sentence), "values": mapping, "line": line}


def from_json(stored: dict[str, Any]) -> TranslationString:
    """The sentence that :func:`as_json` stored; the line stands beside it."""
    return TranslationString(stored["sentence"], domain="plein", mapping=stored["values"])
