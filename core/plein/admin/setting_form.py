"""The form for settings that may be changed on a page: made from their declarations, checked by their own checks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.request import Request
from sqlalchemy import String, cast, select

from plein.adjusting.changing import choose
from plein.audit.models import AuditEntry
from plein.contributions import Setting
from plein.people.models import User
from plein.settings import DEFAULT, PAGE, as_written, fit, masked
from plein.web.forms import Errors
from plein.web.i18n import _

#: Longer than any value may be.
_MOST = 5_000
#: Changes shown of the settings on a page.
_CHANGES = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a setting: what it was and became, in people's words, and what the form takes to put that back."""

    at: datetime
    who: str
    login: str
    title: str
    before: str
    after: str
    again: dict[str, str] | None


class SettingForm:
    """The settings of one owner as a form.

    :param prefix: what their names begin with: ``wiki.``, or ``plein.`` for those of the core.
    """

    def __init__(self, request: Request, prefix: str) -> None:
        self.request = request
        known = [one for one in request.plein.declared if one.on_page and one.name.startswith(prefix)]
        self.open: Sequence[Setting] = [one for one in known if one.name in request.plein.adjustable]
        self.fixed: Sequence[Setting] = [one for one in known if one.name not in request.plein.adjustable]
        self.errors: Errors = {}
        self._typed: dict[str, str] = {}

    def save(self, address: str) -> bool:
        """Store what was sent; ``False`` where something is wrong with it, which is in :attr:`errors` then.

        Only what was sent is changed: the undo of one setting leaves the others alone.
        """
        post = self.request.POST
        sent = [one for one in self.open if field_of(one) in post]
        self._typed = {one.name: post[field_of(one)][:_MOST].replace("\0", "").strip() for one in sent}
        values = {one.name: self._read(one, self._typed[one.name]) for one in sent}
        if self.errors:
            return False
        before = {one.name: self._held(one) for one in sent}
        changed = [one for one in sent if choose(self.request.db, self.request.plein, one.name, values[one.name])]
        if changed:
            undo = {field_of(one): before[one.name] for one in changed}
            self.request.notice(_("Saved. It holds from now on."), undo={"url": address, "values": undo})
        else:
            self.request.notice(_("Nothing was changed."), "info")
        return True

    def fields(self) -> list[dict[str, Any]]:
        """What the macro of a field needs, for each that may be changed here."""
        return [self._field(one) for one in self.open]

    def elsewhere(self) -> list[dict[str, Any]]:
        """Those that are given by the file or the environment: title, value and where it comes from."""
        plein = self.request.plein
        return [
            {"title": one.title, "value": self._shown(one, plein[one.name]), "source": plein.source(one.name)}
            for one in self.fixed
        ]

    def changes(self) -> list[Change]:
        """The last changes of these settings, newest first. One statement."""
        known = {one.name: one for one in (*self.open, *self.fixed)}
        if not known:
            return []
        rows = self.request.db.execute(
            select(AuditEntry.at, AuditEntry.object_id, AuditEntry.details, User.name, User.login)
            .outerjoin(User, User.id == AuditEntry.actor_id)
            .where(
                AuditEntry.object_type == "setting",
                AuditEntry.object_id.in_([cast(name, String) for name in known]),
                AuditEntry.action == "setting.changed",
            )
            .order_by(AuditEntry.number.desc())
            .limit(_CHANGES)
        )
        return [self._change(known[row.object_id], row) for row in rows]

    def _change(self, setting: Setting, row: Any) -> Change:
        before, after = row.details.get("before"), row.details.get("after")
        is_open = setting.name in self.request.plein.adjustable
        return Change(
            at=row.at,
            who=row.name or "",
            login=row.login or "",
            title=setting.title,
            before=self._shown(setting, before),
            after=self._shown(setting, after),
            again={field_of(setting): as_text(before)} if is_open else None,
        )

    def _held(self, setting: Setting) -> str:
        """What the form holds for it now: nothing where nothing was chosen."""
        plein = self.request.plein
        return as_text(plein[setting.name]) if plein.source(setting.name) == PAGE else ""

    def _shown(self, setting: Setting, value: Any) -> str:
        """A value in people's words; ``None`` is what holds by default."""
        translate = self.request.localizer.translate
        if value is None:
            mapping = {"value": self._shown(setting, setting.default)}
            return str(translate(_("As Plein comes: ${value}", mapping=mapping)))
        names = _names(setting)
        text = as_text(value)
        return str(translate(names.get(text, text) or _("nothing")))

    def _field(self, setting: Setting) -> dict[str, Any]:
        translate = self.request.localizer.translate
        otherwise = self._shown(setting, None)
        field: dict[str, Any] = {
            "name": field_of(setting),
            "label": setting.title,
            "value": self._typed.get(setting.name, self._held(setting)),
            "errors": self.errors,
            "optional_mark": False,
            "hint": setting.hint or None,
        }
        names = _names(setting)
        if names:
            return field | {"kind": "select", "options": [("", otherwise), *names.items()]}
        hint = " ".join(part for part in (translate(setting.hint), f"{otherwise}.") if part)
        is_number = setting.type in (int, float)
        # No maxlength: what is too long comes back with a sentence instead of without its end.
        return field | {
            "kind": "number" if is_number else "text",
            "hint": hint,
            "width": "short" if is_number else None,
        }

    def _read(self, setting: Setting, text: str) -> Any:
        if text == "":
            return None
        try:
            return fit(setting, text)
        except ValueError as error:
            self.errors[field_of(setting)] = self._wrong(setting, text, error)
            return None

    def _wrong(self, setting: Setting, text: str, error: ValueError) -> Any:
        """What is wrong with *text*, in people's words."""
        least, most = setting.minimum, setting.maximum
        if setting.type in (int, float):
            whole = setting.type is int
            if least is not None and most is not None:
                limits = {"least": f"{least:g}", "most": f"{most:g}"}
                return (
                    _("This must be a whole number from ${least} to ${most}.", mapping=limits)
                    if whole
                    else _("This must be a number from ${least} to ${most}.", mapping=limits)
                )
            return _("This must be a whole number.") if whole else _("This must be a number.")
        if setting.type is bool or (setting.choices and text not in setting.choices):
            return _("Choose one of the options.")
        if most is not None and len(text) > most:
            return _("This is too long: at most ${count} characters.", mapping={"count": f"{most:g}"})
        if least is not None and len(text) < least:
            return _("This is too short: at least ${count} characters.", mapping={"count": f"{least:g}"})
        translate = self.request.localizer.translate
        return f"{translate(setting.title)}: {translate(error.args[0])}."


def field_of(setting: Setting) -> str:
    """What the field of *setting* is called in the form."""
    return setting.name.replace(".", "-")


def as_text(value: Any) -> str:
    """A value as the form holds it; nothing for what holds by default."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return as_written(tuple(value) if isinstance(value, list) else value)


def _names(setting: Setting) -> Mapping[str, str]:
    """What is chosen from, with the words for it; empty where something is typed."""
    if setting.type is bool:
        return {"1": _("Yes"), "0": _("No")}
    return {word: setting.names[word] for word in setting.choices}


def in_force(request: Request, declared: Iterable[Setting]) -> list[dict[str, Any]]:
    """Each setting with its value in force and where that came from; nothing secret."""
    plein = request.plein
    return [
        {
            "name": one.name,
            "value": masked(one, plein[one.name]),
            "source": plein.source(one.name),
            "is_default": plein.source(one.name) == DEFAULT,
            "is_page": plein.source(one.name) == PAGE,
            "help": one.help,
        }
        for one in declared
    ]
