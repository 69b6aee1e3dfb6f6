"""Checks that ask every page of the plugin: who gets in, and what it costs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plein.authoring.checks.reading import patterns_of, views_of
from plein.authoring.checks.result import Outcome, judged
from plein.authoring.checks.trial import MEMBERS, PLACES, VIEWERS, Trial
from plein.authoring.counting import counting
from plein.security.permissions import ADMIN, ADMINISTRATION, PUBLIC, SIGNED_IN

#: Of a content type's pages, which the core has and tests; these are asked for each type all the same.
OF_TYPES = ("list", "new", "show", "edit", "history", "delete")
#: Statements that a page may take.
ITEM_BUDGET, PAGE_BUDGET = 8, 10

_HOLE = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}|\*(\w+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of the plugin as it is asked for.

    :param path: with every hole filled in.
    :param place: the space that it is in; empty for none.
    :param guessed: whether something was filled in that need not exist.
    """

    method: str
    route: str
    permission: str
    path: str
    place: str
    guessed: bool


def pages(trial: Trial) -> Iterator[Asked]:
    """Every page to ask for: those that the plugin adds, and a few of each of its content types."""
    patterns = patterns_of(trial)
    own_types = {f"{one.name}." for one in trial.types}
    for (method, route), permission in sorted(views_of(trial).items()):
        prefix = next((one for one in own_types if route.startswith(one)), None)
        if prefix is not None and route.removeprefix(prefix) not in OF_TYPES:
            continue
        for place in PLACES if "{space}" in patterns[route] else ("",):
            path, guessed = _filled(trial, route, patterns[route], place)
            yield Asked(method, route, permission, path, place, guessed)


def _filled(trial: Trial, route: str, pattern: str, place: str) -> tuple[str, bool]:
    """The address of a route with its holes filled in, and whether that took guessing."""
    given = {key: str(value) for key, value in trial.says("PARTS").get(route, {}).items()}
    known = {"space": place, "login": "reader", "user": "reader", **given}
    kind = next((one for one in trial.types if f"/spaces/{{space}}/{one.path}/" in f"/{pattern.lstrip('/')}/"), None)
    if kind is not None and place:
        known = {"slug": trial.items[kind.name, place][0]} | known
    guessed = False

    def fill(hole: re.Match[str]) -> str:
        nonlocal guessed
        name = hole[1] or hole[2]
        guessed = guessed or name not in known
        return known.get(name, "1")

    return "/" + _HOLE.sub(fill, pattern.lstrip("/")), guessed


def matrix(trial: Trial) -> Outcome:
    """Each page asked by everybody: by the plugin's own MATRIX, or else by the rule of the page's permission."""
    wrong: list[str] = []
    asked = 0
    declared = trial.says("MATRIX")
    with trial.without_effect():
        for page in pages(trial):
            for who in VIEWERS:
                answer = trial.ask(who, page.method, page.path)
                asked += 1
                wrong += _judge(page, who, answer, declared, trial)
    remedy = "Give the view another permission, or say who comes in MATRIX of the package's checks.py."
    return judged(wrong, f"{asked} questions by {len(VIEWERS)} kinds of people", remedy)


def _judge(page: Asked, who: str, answer: Any, declared: dict[str, Any], trial: Trial) -> Iterator[str]:
    where = f"{page.method} {page.path}"
    gets_in = _gets_in(answer)
    key = next((one for one in (f"{page.method} {page.route}", page.route) if one in declared), None)
    may = who in declared[key] if key else expected(trial, page, who)
    if answer.status_code >= 500:
        yield f"{where} breaks for {who} ({answer.status})"
    elif gets_in and may is False:
        yield f"{where} lets {who} in ({answer.status})"
    elif not gets_in and may and not (answer.status_code == 404 and page.guessed):
        yield f"{where} refuses {who} ({answer.status})"


def _gets_in(answer: Any) -> bool:
    if answer.status_code in (301, 302, 303, 307):
        return "/sign-in" not in (answer.location or "")
    # Being told what is wrong with what was posted, is being inside.
    return answer.status_code < 400 or answer.status_code in (400, 405, 409, 422)


def expected(trial: Trial, page: Asked, who: str) -> bool | None:
    """Whether *who* gets in by the page's permission; ``None`` where that does not say."""
    if page.permission == PUBLIC:
        return True if not page.place else None
    if who == "anonymous":
        return False
    if page.place and (who == "guest" or (page.place == "hidden" and who not in MEMBERS)):
        return False
    if page.permission == SIGNED_IN:
        return True
    if page.permission in (ADMIN, ADMINISTRATION):
        return who == "admin"
    declared = trial.plugins.permissions[page.permission]
    if declared.scope == "site":
        return who == "admin" or ("everyone" in declared.roles and who != "guest")
    if not page.place:
        # A right in a space, asked outside of any: the plugin's own code says which space is meant.
        return None
    return (who if who in MEMBERS else "visitor") in declared.roles


def statements(trial: Trial) -> Outcome:
    """Pages that show something ask the database little, however much there is."""
    wrong, most, counted = [], 0, 0
    budgets = {f"{one.name}.show": ITEM_BUDGET for one in trial.types}
    for page in pages(trial):
        if page.method != "GET" or page.guessed or page.place == "hidden":
            continue
        if trial.ask("manager", "GET", page.path).status_code != 200:
            continue
        with counting() as found:
            trial.ask("manager", "GET", page.path)
        budget = budgets.get(page.route, PAGE_BUDGET)
        if page.route.endswith((".show", ".list")) or page.route.count(".") == 1:
            counted, most = counted + 1, max(most, found.total)
            if found.total > budget:
                wrong.append(f"{page.path} takes {found.total} statements, and may take {budget}")
    remedy = "Read what the page shows in one select; `count_statements` of plein.testing shows each of them."
    return judged(wrong, f"{counted} pages, {most} statements at most" if counted else "it has no pages", remedy)
