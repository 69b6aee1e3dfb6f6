"""Where plugins stand, as values: who has what follows from a rung and from nothing else."""

from dataclasses import replace
from datetime import date

import pytest

from plein.ladder import Ladder, Rung
from plein.ladder.changing import Decision
from plein.ladder.reach import Reach
from plein.security.viewer import ViewAs, Viewer

HERE, ELSEWHERE = 5, 6


def no_session():
    raise AssertionError("this must not cost a statement")


def reach_of(rung: Rung, **viewer) -> Reach:
    ladder = Ladder(1, {"polls": rung}, {"polls": ("polls.poll",)})
    return Reach(Viewer(user_id=1, kind="person", ladder=ladder, **viewer), no_session)


@pytest.mark.parametrize(
    ("rung", "here", "elsewhere", "outside"),
    [
        (Rung("off"), False, False, False),
        (Rung("pilot", group_ids=frozenset({7})), True, True, True),
        (Rung("pilot", group_ids=frozenset({8})), False, False, False),
        (Rung("pilot", group_ids=frozenset({7}), space_ids=frozenset({HERE})), True, True, True),
        (Rung("on"), True, True, True),
        (Rung("on", declined=frozenset({HERE})), False, True, True),
        (Rung("required", declined=frozenset({HERE})), True, True, True),
        (Rung("retiring", reach="on"), True, True, True),
        (Rung("retiring", reach="pilot", group_ids=frozenset({8})), False, False, False),
        # What an earlier stage left behind says nothing.
        (Rung("off", group_ids=frozenset({7}), chosen=frozenset({HERE})), False, False, False),
    ],
)
def test_rung_says_who_has_it_where(rung: Rung, here: bool, elsewhere: bool, outside: bool) -> None:
    reach = reach_of(rung, group_ids=frozenset({7}))
    assert [reach.has("polls", HERE), reach.has("polls", ELSEWHERE), reach.has("polls")] == [here, elsewhere, outside]


@pytest.mark.parametrize("rung", [Rung("pilot", space_ids=frozenset({HERE})), Rung("opt_in", chosen=frozenset({HERE}))])
def test_space_has_it_for_whoever_comes_there(rung: Rung) -> None:
    reach = reach_of(rung)
    assert reach.has("polls", HERE) and not reach.has("polls", ELSEWHERE)
    assert reach.somewhere("polls") and reach.missing == frozenset()


def test_what_is_no_plugin_is_the_cores() -> None:
    assert reach_of(Rung("off")).has("space", HERE)
    assert reach_of(Rung("off")).missing == {"polls"}


def test_whoever_looks_as_a_group_has_what_both_have() -> None:
    rung = Rung("pilot", group_ids=frozenset({7}))
    assert reach_of(rung, group_ids=frozenset({7}), view_as=ViewAs(group_ids=(7,))).has("polls", HERE)
    assert not reach_of(rung, group_ids=frozenset({7}), view_as=ViewAs(group_ids=(8,))).has("polls", HERE)
    assert not reach_of(rung, view_as=ViewAs(group_ids=(7,))).has("polls", HERE)


def test_viewer_without_a_ladder_misses_nothing() -> None:
    assert Reach(Viewer(user_id=1), no_session).has("polls", HERE)


def test_decision_is_kept_whole() -> None:
    decided = Decision("pilot", group_ids=(3, 4), starts_on=date(2026, 11, 1), owner_id=5, question="Wat vind je?")
    assert Decision.from_json(decided.as_json()) == decided
    assert Decision.from_json({**decided.as_json(), "unknown": 1}) == decided
    assert replace(decided, stage="on").as_json()["stage"] == "on"
