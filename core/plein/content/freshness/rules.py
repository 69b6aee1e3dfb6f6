"""What is decided about looking after items, and the dates that follow from it.

How a change of the rule works on dates that stand already (the job ``freshness.remind`` sees to it at night):

- *shorter*: a date further away than the new rule allows comes as near as that, counted from now.
- *longer*: dates stay; the next check takes the longer time.
- *never* (0 months): dates go, and nobody is reminded any more.
- from never to some months: items get a date, the oldest first, spread over the quarter that begins in four weeks.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import Session

from plein.content.models import Content, PolicyValue
from plein.content.policies import Policies, Policy
from plein.web.i18n import _

MONTHS = Policy(
    "review.months",
    _("After how many months must somebody check whether it is still true?"),
    "number",
    12,
    hint=_("0 for never. Changing this works on dates that stand already in the following night."),
    maximum=120,
)
GRACE = Policy(
    "review.grace_days",
    _("How many days after that date are readers and managers told?"),
    "number",
    14,
    hint=_("As many days later the content officers are told."),
    maximum=365,
)
OWNER = Policy(
    "review.owner_default",
    _("Who looks after something new?"),
    "choice",
    "author",
    choices=(
        ("author", _("Whoever writes it")),
        ("editor", _("The editors of the space")),
        ("manager", _("The managers of the space")),
    ),
)
ON_EDIT = Policy(
    "review.on_edit",
    _("Does changing the text count as checking it?"),
    "yes",
    False,
    hint=_("Small changes that nobody hears of never count."),
)
POLICIES = (MONTHS, GRACE, OWNER, ON_EDIT)

#: The owner is told so many days before the date.
BEFORE_DAYS = 14
#: What a rule that is new or shorter asks comes no sooner than this, and what it asks of many is spread so far.
SOONEST_DAYS, SPREAD_DAYS = 28, 91


def add_months(day: date, months: int) -> date:
    """*day* so many months later; the last day of a month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_date(today: date, months: int) -> date | None:
    """When to check what was checked *today*; ``None`` for never."""
    return add_months(today, months) if months else None


def first_date(item_id: int, touched: date, today: date, months: int) -> date:
    """When to check an item that had no date: as if it was checked when it was *touched* last, but not all at once."""
    return max(add_months(touched, months), today + timedelta(days=SOONEST_DAYS + item_id % SPREAD_DAYS))


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for items of each type in each space, for work on all of them.

    :param types: names of the types that are installed.
    """

    types: tuple[str, ...]
    of_site: Mapping[str, Mapping[str, Any]]
    of_space: Mapping[tuple[str, int], Mapping[str, Any]]

    def get(self, policy: Policy, type_name: str, space_id: int) -> Any:
        site = self.of_site.get(type_name, {})
        return Policies(site, self.of_space.get((type_name, space_id), {}))[policy]

    def as_sql(self, policy: Policy, change: Any) -> ColumnElement[Any]:
        """``change(value)`` of the policy, as an expression of a row of ``Content``."""
        whens = [
            (and_(Content.type == type_name, Content.space_id == space_id), change(values[policy.name]))
            for (type_name, space_id), values in self.of_space.items()
            if policy.name in values
        ]
        whens += [
            (Content.type == type_name, change(values[policy.name]))
            for type_name, values in self.of_site.items()
            if policy.name in values
        ]
        # A case needs a when; this one never holds.
        return case(*(whens or [(Content.id < 0, change(policy.default))]), else_=change(policy.default))


def load_rules(db: Session, types: Any) -> Rules:
    """The rules of all types and spaces. One statement."""
    names = [policy.name for policy in POLICIES]
    of_site: dict[str, dict[str, Any]] = {}
    of_space: dict[tuple[str, int], dict[str, Any]] = {}
    rows = db.execute(
        select(PolicyValue.name, PolicyValue.type, PolicyValue.space_id, PolicyValue.value).where(
            PolicyValue.name.in_(names)
        )
    )
    for name, type_name, space_id, value in rows:
        place = (
            of_site.setdefault(type_name, {}) if space_id is None else of_space.setdefault((type_name, space_id), {})
        )
        place[name] = value
    return Rules(tuple(types), of_site, of_space)
