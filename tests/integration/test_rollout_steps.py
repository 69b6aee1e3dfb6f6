"""Steps on the ladder: taken, planned, undone and cancelled, each a row with who and why; and what is refused."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from plein.app import Site, build_site
from plein.audit.models import AuditEntry
from plein.db import open_session, utcnow
from plein.ladder.changing import Decision, decision
from plein.ladder.models import RolloutStep
from plein.people.models import Group, User
from plein.people.standing import today
from plein.rollout.rules import RolloutError, Stale
from plein.rollout.steps import ChangedSince, StepService
from plein.rollout.words import kept
from plein.security.viewer import Viewer
from plein.spaces.models import Space
from plein.testing import SECRET


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Plugins and settings as a site has them; each test brings a database of its own."""
    folder = tmp_path_factory.mktemp("site")
    values = {"plein.secret": SECRET, "plein.database_url": f"sqlite:///{folder}/none", "plein.files_dir": str(folder)}
    site = build_site({**values, "plein.new_plugins": "on"})
    site.engine.dispose()
    return site


@pytest.fixture
def admin(make_user: Callable[..., User]) -> User:
    return make_user("admin", is_admin=True)


@pytest.fixture
def group(db: Session) -> Group:
    group = Group(uid="pilot", slug="pilot", name="Pilot", sort_name="pilot")
    db.add(group)
    db.commit()
    return group


@pytest.fixture
def service(engine: Engine, site: Site, admin: User) -> Callable[..., Any]:
    """``with service() as steps: …``: the service, in a transaction of an administrator's own."""

    @contextmanager
    def begin() -> Any:
        viewer = Viewer(user_id=admin.id, kind="person", is_admin=True)
        with open_session(engine, viewer=viewer, writes=True) as session, session.begin():
            yield StepService(session, site.plugins, site.settings)

    return begin


def pilot(group: Group, **values: Any) -> Decision:
    return Decision("pilot", group_ids=(group.id,), ends_on=today() + timedelta(days=28), **values)


def stands(engine: Engine) -> Decision | None:
    with open_session(engine) as session:
        return decision(session, "wiki")


def test_step_is_a_row_with_who_and_why(service, engine, group, admin, db) -> None:
    with service() as steps:
        step = steps.take("wiki", pilot(group, purpose="Try it"), "We want to know")
    assert (step.state, step.user_id, step.reason, step.before) == ("done", admin.id, "We want to know", {})
    found = stands(engine)
    assert found is not None and (found.stage, found.starts_on, found.purpose) == ("pilot", today(), "Try it")
    assert Decision.from_json(step.after) == found
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "rollout.taken")).one()
    assert (entry.object_id, entry.details["after"], entry.actor_id) == ("wiki", "pilot", admin.id)


def test_same_step_again_is_none(service, group, db) -> None:
    with service() as steps:
        assert steps.take("wiki", pilot(group)) is not None
    with service() as steps:
        assert steps.take("wiki", pilot(group)) is None
    assert len(db.scalars(select(RolloutStep)).all()) == 1


TOMORROW, NEXT_WEEK = today() + timedelta(days=1), today() + timedelta(days=7)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Decision("pilot", ends_on=NEXT_WEEK), "groups"),
        (Decision("pilot", space_ids=(1,)), "ends_on"),
        (Decision("pilot", space_ids=(1,), starts_on=NEXT_WEEK, ends_on=TOMORROW), "ends_on"),
        (Decision("pilot", space_ids=(1,), ends_on=today() - timedelta(days=1)), "ends_on"),
        (Decision("pilot", space_ids=(1,), ends_on=date(9999, 1, 1)), "ends_on"),
        (Decision("on", starts_on=today() - timedelta(days=1)), "starts_on"),
        (Decision("retiring"), "ends_on"),
        (Decision("on", measure="active"), "target"),
        (Decision("on", target=5), "measure"),
        (Decision("on", measure="active", target=101), "target"),
        (Decision("on", measure="grade", target=6), "target"),
        (Decision("on", measure="clicks", target=6), "measure"),
        (Decision("on", question="Good?", question_after=0), "question_after"),
        (Decision("on", owner_id=999_999), "owner"),
    ],
)
def test_step_that_breaks_a_rule_is_refused_at_its_field(service, engine, wanted, field) -> None:
    with pytest.raises(RolloutError) as refused, service() as steps:
        steps.take("wiki", wanted)
    assert refused.value.field == field
    assert stands(engine) is None


def test_nothing_is_retired_that_nobody_has(service) -> None:
    with service() as steps:
        steps.take("wiki", Decision("off"))
    with pytest.raises(RolloutError, match="nothing to retire"), service() as steps:
        steps.take("wiki", Decision("retiring", ends_on=NEXT_WEEK))


def test_retiring_is_for_whoever_had_it(service, engine, group) -> None:
    with service() as steps:
        steps.take("wiki", pilot(group))
    with service() as steps:
        steps.take("wiki", Decision("retiring", group_ids=(group.id,), ends_on=NEXT_WEEK))
    with service() as steps:
        steps.take("wiki", Decision("retiring", group_ids=(group.id,), ends_on=TOMORROW))
    found = stands(engine)
    assert found is not None and (found.reach, found.ends_on) == ("pilot", TOMORROW)


def test_unknown_function_is_refused_with_the_nearest_name(service) -> None:
    with pytest.raises(RolloutError, match="wiki"), service() as steps:
        steps.take("wikki", Decision("on"))


def test_plugin_by_which_people_sign_in_is_for_all_or_nobody(service, group) -> None:
    with pytest.raises(RolloutError, match="nobody knows who they are"), service() as steps:
        steps.take("oidc", pilot(group))


def test_last_way_to_sign_in_stays(service, admin, db) -> None:
    with pytest.raises(RolloutError, match="No administrator could sign in"), service() as steps:
        steps.take("oidc", Decision("off"))
    db.execute(update(User).where(User.id == admin.id).values(password_hash="a hash"))
    db.commit()
    with service() as steps:
        assert steps.take("oidc", Decision("off")) is not None


def test_second_administrator_is_told_and_changes_nothing(service, engine, group) -> None:
    with service() as steps:
        seen = steps.standing("wiki").seen
        steps.take("wiki", pilot(group), seen=seen)
    with pytest.raises(Stale), service() as steps:
        steps.take("wiki", Decision("on"), seen=seen)
    assert stands(engine).stage == "pilot"


def test_undo_puts_back_what_the_step_changed_and_no_more(service, engine, group) -> None:
    with service() as steps:
        steps.take("wiki", pilot(group, purpose="Try it"))
    with service() as steps:
        was = steps.standing("wiki").now
        to_all = steps.take("wiki", replace(was, stage="on", starts_on=None)).id
    with service() as steps:
        steps.take("wiki", replace(steps.standing("wiki").now, purpose="For everybody"))
    with service() as steps:
        undone = steps.undo(to_all, "Too early")
    assert (undone.undoes_id, undone.state) == (to_all, "done")
    assert stands(engine) == replace(was, purpose="For everybody")
    with pytest.raises(RolloutError, match="not in force"), service() as steps:
        steps.undo(to_all)
    with service() as steps:
        steps.undo(undone.id)
    assert stands(engine).stage == "on"


def test_undo_of_what_was_changed_again_says_so(service, engine, group) -> None:
    with service() as steps:
        first = steps.take("wiki", pilot(group)).id
    with service() as steps:
        steps.take("wiki", Decision("on"))
    with pytest.raises(ChangedSince) as refused, service() as steps:
        steps.undo(first)
    assert "stage" in refused.value.fields
    assert stands(engine).stage == "on"


def test_undo_of_the_first_step_leaves_it_undecided(service, engine) -> None:
    with service() as steps:
        first = steps.take("wiki", Decision("off")).id
    with service() as steps:
        undone = steps.undo(first)
    assert stands(engine) is None and undone.after == {}
    with service() as steps:
        steps.undo(undone.id)
    assert stands(engine).stage == "off"


def test_undo_leaves_out_who_is_gone(service, engine, group, db, make_space) -> None:
    space: Space = make_space("lab", access="hidden")
    with service() as steps:
        steps.take("wiki", replace(pilot(group), space_ids=(space.id,)))
    with service() as steps:
        off = steps.take("wiki", Decision("off")).id
    db.delete(db.get(Group, group.id))
    db.commit()
    with service() as steps:
        steps.undo(off)
    found = stands(engine)
    assert found is not None and (found.stage, found.group_ids, found.space_ids) == ("pilot", (), (space.id,))


# -- planned ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def planned(service) -> RolloutStep:
    """A step that makes the wiki required from tomorrow on."""
    with service() as steps:
        steps.take("wiki", Decision("on"))
    with service() as steps:
        return steps.take("wiki", Decision("required", starts_on=TOMORROW), "As agreed")


def make_due(db: Session, step: RolloutStep) -> None:
    db.execute(update(RolloutStep).where(RolloutStep.id == step.id).values(due_at=utcnow() - timedelta(minutes=1)))
    db.commit()


def test_planned_step_waits_for_its_day(planned, service, engine, db, app, run_jobs) -> None:
    assert planned.state == "planned" and planned.due_at is not None
    run_jobs()
    assert stands(engine).stage == "on"
    make_due(db, planned)
    with service() as steps:
        assert steps.take("wiki", Decision("required", starts_on=TOMORROW)) is not None, "another moment, another step"


def test_planned_step_is_taken_once_by_two_workers(planned, service, engine, db) -> None:
    make_due(db, planned)
    start, taken = threading.Barrier(2), []

    def work() -> None:
        start.wait()
        with service() as steps:
            if steps.apply(planned.id) is not None:
                taken.append(planned.id)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [planned.id] and stands(engine).stage == "required"
    entries = db.scalars(select(AuditEntry.action).where(AuditEntry.action == "rollout.taken")).all()
    assert len(entries) == 2


def test_job_takes_what_is_due(planned, engine, db, app) -> None:
    from plein.jobs.context import JobContext, parts_of
    from plein.people.standing import viewer_for
    from plein.rollout.due import take_due

    make_due(db, planned)
    take_due(JobContext(parts_of(app.app.registry), viewer_for, 1, None))
    assert stands(engine).stage == "required"
    step = db.get(RolloutStep, planned.id)
    assert step.state == "done" and step.before["stage"] == "on"


def test_planned_step_that_is_planned_again_is_one(planned, service, db) -> None:
    with service() as steps:
        assert steps.take("wiki", Decision("required", starts_on=TOMORROW)) is None
    assert len(db.scalars(select(RolloutStep).where(RolloutStep.state == "planned")).all()) == 1


def test_cancelled_step_is_never_taken(planned, service, engine, db) -> None:
    with service() as steps:
        assert steps.cancel(planned.id) is not None and steps.cancel(planned.id) is None
    make_due(db, planned)
    with service() as steps:
        assert steps.apply(planned.id) is None
    assert stands(engine).stage == "on"


def test_planned_step_that_something_newer_contradicts_fails_and_says_so(planned, service, engine, db) -> None:
    with service() as steps:
        steps.take("wiki", Decision("off"))
    make_due(db, planned)
    with service() as steps:
        failed = steps.apply(planned.id)
    assert failed.state == "failed" and "decided after" in kept(failed.problem)
    assert stands(engine).stage == "off"


def test_planned_step_keeps_what_was_decided_about_something_else(planned, service, engine, db) -> None:
    with service() as steps:
        steps.take("wiki", replace(steps.standing("wiki").now, purpose="One handbook"))
    make_due(db, planned)
    with service() as steps:
        assert steps.apply(planned.id).state == "done"
    assert (stands(engine).stage, stands(engine).purpose) == ("required", "One handbook")


def test_planned_steps_follow_one_another(planned, service, engine, db) -> None:
    with service() as steps:
        second = steps.take("wiki", Decision("off", starts_on=NEXT_WEEK))
    for step, stage in ((planned, "required"), (second, "off")):
        make_due(db, step)
        with service() as steps:
            steps.apply(step.id)
        assert stands(engine).stage == stage
