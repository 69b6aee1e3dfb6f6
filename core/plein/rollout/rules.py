"""What a step on the ladder may be: the rules that hold for pages, commands and planned steps alike."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.ladder.changing import Decision
from plein.ladder.keeping import read_rungs, signing_in
from plein.people.models import User
from plein.people.standing import is_active
from plein.plugins import Plugins
from plein.settings import Settings
from plein.web.i18n import _

#: What may be measured, see ``rollout.measures``.
Measure = Literal["active", "items", "spaces", "reads", "grade"]
#: Where a plugin by which people sign in can stand: a group that signs in by it cannot be asked before who they are.
WAYS_IN_AT = ("off", "on", "required")

MAX_GROUPS = MAX_SPACES = 200
#: A question is asked after at most so many days.
MAX_DAYS = 90
#: No pilot and no retiring takes longer, in days: a date that far away is a slip of the pen.
MAX_TERM = 3 * 366


class RolloutError(ValueError):
    """Why a step cannot be taken. ``sentence`` is for people; ``field`` is the one of the form that it stands at."""

    def __init__(self, sentence: TranslationString, field: str = "") -> None:
        super().__init__(sentence.interpolate())
        self.sentence = sentence
        self.field = field


class Stale(RolloutError):
    """Somebody else decided meanwhile."""


def problems(
    plugins: Plugins, plugin: str, before: Decision, after: Decision, today: date | None
) -> Iterator[RolloutError]:
    """All that is wrong with going from *before* to *after*, apart from what the database must say.

    :param today: days before it were typed by mistake; ``None`` for what was decided earlier, and is put back.
    """
    yield from _of_stage(plugins, plugin, before, after)
    yield from _of_time(before, after, today)
    yield from _of_measure(after)
    if not 1 <= after.question_after <= MAX_DAYS:
        days = _("Choose a number of days from 1 to ${days}.", mapping={"days": MAX_DAYS})
        yield RolloutError(days, "question_after")


def _of_stage(plugins: Plugins, plugin: str, before: Decision, after: Decision) -> Iterator[RolloutError]:
    if after.stage == "pilot" and not after.group_ids and not after.space_ids:
        yield RolloutError(_("Say who tries it: at least one group or space."), "groups")
    for field, ids, most in (("groups", after.group_ids, MAX_GROUPS), ("spaces", after.space_ids, MAX_SPACES)):
        if len(ids) > most:
            yield RolloutError(_("Choose at most ${count}.", mapping={"count": most}), field)
    if plugin in signing_in(plugins) and after.stage not in WAYS_IN_AT:
        yield RolloutError(
            _("People sign in by this function. Before that nobody knows who they are: choose off, on or required."),
            "stage",
        )
    if after.stage == "retiring" and after.reach in ("", "off", "retiring"):
        yield RolloutError(_("Nobody has it, so there is nothing to retire. Choose off."), "stage")


def _of_time(before: Decision, after: Decision, today: date | None) -> Iterator[RolloutError]:
    start, end = after.starts_on, after.ends_on
    if today is not None and start is not None and start < today and start != before.starts_on:
        yield RolloutError(_("This day has passed. Choose today or later."), "starts_on")
    if end is None:
        if after.stage == "pilot":
            yield RolloutError(_("Say until when: a pilot ends with a decision."), "ends_on")
        elif after.stage == "retiring":
            yield RolloutError(_("Say until when people can still read what is there."), "ends_on")
        return
    if start is not None and end < start:
        yield RolloutError(_("The end is before the start."), "ends_on")
    elif today is None or end == before.ends_on:
        return
    elif end < today:
        yield RolloutError(_("This day has passed. Choose today or later."), "ends_on")
    elif end > today + timedelta(days=MAX_TERM):
        yield RolloutError(_("This is more than three years away. Choose an earlier day."), "ends_on")


def _of_measure(after: Decision) -> Iterator[RolloutError]:
    if after.measure and after.measure not in get_args(Measure):
        yield RolloutError(_("Choose one of the options."), "measure")
    if after.measure and after.target is None:
        yield RolloutError(_("Say which number makes it a success."), "target")
    if after.target is not None and not after.measure:
        yield RolloutError(_("Say what the number is about."), "measure")
    if after.target is not None:
        most = {"active": 100, "grade": 5}.get(after.measure, 1_000_000)
        if not 1 <= after.target <= most:
            limits = {"from": 1, "to": most}
            yield RolloutError(_("Choose a number from ${from} to ${to}.", mapping=limits), "target")


def check_way_in(db: Session, plugins: Plugins, settings: Settings, plugin: str, after: Decision) -> None:
    """Refuse to switch off the only way by which an administrator can sign in.

    :raises RolloutError: says so.
    """
    if after.stage != "off" or plugin not in signing_in(plugins):
        return
    if any(_other_ways(db, plugins, settings, plugin)):
        return
    by_password = select(func.count()).where(User.is_admin, is_active(User), User.password_hash != "")
    if not db.scalar(by_password):
        raise RolloutError(
            _("No administrator could sign in any more: there is no other way, and none of them has a password."),
            "stage",
        )


def _other_ways(db: Session, plugins: Plugins, settings: Settings, plugin: str) -> Iterable[Any]:
    """The buttons of the page to sign in that stay, the form apart."""
    rungs = read_rungs(db, plugins, settings["plein.new_plugins"])
    for answer in plugins.call("register_sign_in_methods", settings=settings):
        if answer.plugin != plugin and not (answer.plugin in rungs and rungs[answer.plugin].is_off):
            yield from answer.value or ()
