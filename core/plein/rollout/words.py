"""Words of the ladder: what stages and measures are called, and how a sentence is said in somebody's language."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from translationstring import TranslationString

from plein.web.i18n import _

STAGE_NAMES = {
    "off": _("Off"),
    "pilot": _("Pilot"),
    "opt_in": _("To choose"),
    "on": _("On"),
    "required": _("Required"),
    "retiring": _("Being retired"),
}

#: Beside each choice in the form.
STAGE_HINTS = {
    "off": _("Nobody has it. What was made with it is kept, and comes back with it."),
    "pilot": _("Some groups and spaces try it for a purpose, until a date. Then you decide how it goes on."),
    "opt_in": _("Managers of spaces choose it for their space."),
    "on": _("Everybody has it. Managers of spaces can choose to do without it there."),
    "required": _("Everybody has it, in every space."),
    "retiring": _("Whoever has it now can still read what is there until a date. Nothing can be added or changed."),
}

#: The colour of the badge, a class of it.
STAGE_KINDS = {
    "off": "",
    "pilot": "warning",
    "opt_in": "hidden",
    "on": "good",
    "required": "good",
    "retiring": "trashed",
}

MEASURE_NAMES = {
    "active": _("Part of the people who wrote something in the last seven days, in percent"),
    "items": _("Number of things made since the start"),
    "spaces": _("Number of spaces in which something was made since the start"),
    "reads": _("How often something was read since the start"),
    "grade": _("Average grade in the answers, from 1 to 5"),
}

#: The short form, for a table.
MEASURE_SHORT = {
    "active": _("Wrote something in the last seven days"),
    "items": _("Made since the start"),
    "spaces": _("Spaces that use it"),
    "reads": _("Read since the start"),
    "grade": _("Average grade"),
}

#: What a decision consists of, as the history calls it.
FIELD_NAMES = {
    "stage": _("Stage"),
    "reach": _("Readers"),
    "group_ids": _("Groups"),
    "space_ids": _("Spaces"),
    "purpose": _("Purpose"),
    "owner_id": _("Who answers for it"),
    "starts_on": _("First day"),
    "ends_on": _("Last day"),
    "measure": _("Success"),
    "target": _("Target"),
    "question": _("Question"),
    "question_after": _("Asked after, in days"),
}

UNDECIDED = _("Nobody decided")


def say(value: Any, translate: Callable[[Any], str], day: Callable[[date], str] = date.isoformat) -> str:
    """*value* by *translate*, and so what stands inside it: words of ours, dates by *day*, and lists of those."""
    if isinstance(value, TranslationString):
        inside = {name: say(one, translate, day) for name, one in (value.mapping or {}).items()}
        return translate(TranslationString(value, mapping=inside) if inside else value)
    if isinstance(value, list | tuple):
        return ", ".join(say(one, translate, day) for one in value)
    return day(value) if isinstance(value, date) else str(value)


def plainly(sentence: Any) -> str:
    """*sentence* in English, with what stands inside it: for the command line."""
    return say(sentence, lambda text: text.interpolate() if isinstance(text, TranslationString) else str(text))


def keep(sentence: TranslationString) -> str:
    """*sentence* as text for the database, untranslated."""
    return json.dumps({"say": str(sentence), "with": dict(sentence.mapping or {})}, default=str)


def kept(text: str) -> Any:
    """What :func:`keep` wrote, to be translated for whoever reads it; ``None`` where there is nothing."""
    if not text:
        return None
    found = json.loads(text)
    return TranslationString(found["say"], domain="plein", mapping=found["with"] or None)
