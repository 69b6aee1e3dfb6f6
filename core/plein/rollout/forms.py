"""What may be typed in about functions, and how it becomes a decision."""

import json
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.ladder.changing import Decision
from plein.ladder.rungs import Stage
from plein.people.finding import NoSuchPerson, find_group, find_person
from plein.rollout.names import Names
from plein.rollout.rules import Measure
from plein.security.viewer import Viewer
from plein.spaces.finding import NoSuchSpace, find_space
from plein.spaces.models import Space
from plein.web.forms import Errors, Form
from plein.web.i18n import _

#: ``preview``: see what it changes; ``take``: do it; ``edit``: back to the form.
Act = Literal["preview", "take", "edit"]
_MOST = 4_000
#: Of the text columns.
MAX_REASON = 1_000


class StepForm(Form):
    """A whole decision, as the form has it. ``seen`` is the last step that whoever decides knew of."""

    act: Act = "preview"
    seen: int = Field(0, ge=0)
    stage: Stage
    purpose: str = Field("", max_length=1_000)
    owner: str = Field("", max_length=200)
    groups: str = Field("", max_length=_MOST)
    spaces: str = Field("", max_length=_MOST)
    starts_on: date | None = None
    ends_on: date | None = None
    measure: Measure | Literal[""] = ""
    target: int | None = Field(None, ge=1, le=1_000_000)
    question: str = Field("", max_length=300)
    question_after: int = Field(7, ge=1, le=90)
    reason: str = Field("", max_length=MAX_REASON)


class EndForm(Form):
    """What is decided at the end of a pilot: how it goes on, until when, and why."""

    act: Act = "preview"
    seen: int = Field(0, ge=0)
    verdict: Literal["opt_in", "on", "extend", "off", "retiring"]
    until: date | None = None
    reason: str = Field(min_length=1, max_length=MAX_REASON)

    def decision(self, now: Decision) -> Decision:
        """Where it then stands."""
        if self.verdict == "extend":
            return replace(now, ends_on=self.until)
        ends_on = self.until if self.verdict == "retiring" else None
        return replace(now, stage=self.verdict, starts_on=None, ends_on=ends_on)


class AnswerForm(Form):
    """What somebody answers to the question about a pilot."""

    act: Literal["answer", "later", "no"] = "answer"
    grade: int | None = Field(None, ge=1, le=5)
    text: str = Field("", max_length=2_000)


def decision_of(form: StepForm, db: Session, viewer: Viewer, now: Decision) -> tuple[Decision, Errors]:
    """The decision that was typed in, with a sentence for each field that means nobody.

    Spaces of *now* that *viewer* may not know of stay in it: they could not be typed.
    """
    errors: Errors = {}
    owner = _owner(form, db, viewer, errors) if form.owner else None
    spaces = _spaces(form, db, errors)
    if form.stage == now.stage or form.stage in ("pilot", "retiring"):
        spaces |= _unseen(db, now)
    decided = Decision(
        form.stage,
        group_ids=tuple(sorted(_groups(form, db, viewer, errors))),
        space_ids=tuple(sorted(spaces)),
        purpose=form.purpose,
        owner_id=owner,
        starts_on=form.starts_on,
        ends_on=form.ends_on,
        measure=form.measure,
        target=form.target,
        question=form.question,
        question_after=form.question_after,
    )
    return decided, errors


def values_of(now: Decision, names: Names, seen: int) -> dict[str, Any]:
    """What stands in the form before anything is typed. The start is left empty: today, or as it was."""
    owner = names.people.get(now.owner_id) if now.owner_id is not None else None
    return {
        "seen": seen,
        "stage": now.stage,
        "purpose": now.purpose,
        "owner": owner.login if owner is not None else "",
        "groups": ", ".join(f"group:{names.groups[one].slug}" for one in now.group_ids if one in names.groups),
        "spaces": ", ".join(names.spaces[one].slug for one in now.space_ids if one in names.spaces),
        "ends_on": now.ends_on.isoformat() if now.ends_on else "",
        "measure": now.measure,
        "target": "" if now.target is None else now.target,
        "question": now.question,
        "question_after": now.question_after,
    }


def labels_of(names: Names) -> dict[str, str]:
    """For pickers: what stands for the values of *names*, as JSON."""
    return {
        "owner": json.dumps({one.login: one.name for one in names.people.values()}),
        "groups": json.dumps({f"group:{one.slug}": one.name for one in names.groups.values()}),
        "spaces": json.dumps({one.slug: one.name for one in names.spaces.values()}),
    }


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _owner(form: StepForm, db: Session, viewer: Viewer, errors: Errors) -> int | None:
    try:
        found = find_person(db, viewer, form.owner)
    except NoSuchPerson as error:
        errors["owner"] = error.sentence
        return None
    if found.kind != "person":
        errors["owner"] = _("Choose a colleague whose account works.")
    return int(found.id)


def _groups(form: StepForm, db: Session, viewer: Viewer, errors: Errors) -> set[int]:
    found = set()
    for word in _words(form.groups):
        try:
            found.add(int(find_group(db, viewer, word).id))
        except NoSuchPerson as error:
            errors["groups"] = error.sentence
            break
    return found


def _spaces(form: StepForm, db: Session, errors: Errors) -> set[int]:
    found = set()
    for word in _words(form.spaces):
        try:
            found.add(int(find_space(db, word).id))
        except NoSuchSpace as error:
            errors["spaces"] = error.sentence
            break
    return found


def _unseen(db: Session, now: Decision) -> set[int]:
    return set(now.space_ids) - set(db.scalars(select(Space.id).where(Space.id.in_(now.space_ids))))
