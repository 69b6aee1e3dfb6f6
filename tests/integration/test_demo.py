"""The demonstration: three spaces that come in without a blemish, once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from plein.app import Site, build_site
from plein.content.models import Content, ContentLink
from plein.db import open_session
from plein.db.session import UNGUARDED
from plein.demo import make_demo_space
from plein.demo.functions import REASON, switch_on
from plein.demo.load import PAGES, SPACES
from plein.demo.people import MADE_UP
from plein.ladder.changing import decision
from plein.ladder.models import RolloutStep
from plein.people.models import Group, User
from plein.spaces.models import GroupMembership, Membership, Space
from plein.transfer.plan import make_plan
from plein.transfer.scan import scan


@pytest.fixture
def site(engine: Engine, settings_values: dict[str, str]) -> Site:
    site = build_site(settings_values)
    site.engine.dispose()
    return replace(site, engine=engine)


def stored(engine: Engine, query: Any) -> list[Any]:
    with open_session(engine) as session:
        session.info[UNGUARDED] = "a test looks at what the demonstration stored"
        return [tuple(row) for row in session.execute(query)]


def test_the_demonstration_comes_in_once(site: Site, engine: Engine, make_user: Callable[..., User]) -> None:
    admin = make_user("baas", is_admin=True)
    assert make_demo_space(site, "baas") == "handboek-weidemeer"
    assert make_demo_space(site, "baas") == ""
    spaces = stored(engine, select(Space.name, Space.access).order_by(Space.id))
    wanted_spaces = [(space.name, space.access) for space in SPACES]
    wanted_spaces.insert(2, ("Nieuwsbrief", "closed"))
    assert spaces == wanted_spaces
    managed = select(Membership.space_id).where(Membership.user_id == admin.id, Membership.role == "manager")
    assert len(stored(engine, managed)) == len(spaces)
    pages = stored(engine, select(Content.slug, Content.html))
    assert len(pages) == 21
    assert not [slug for slug, html in pages if "missing-file" in html or "broken-link" in html]
    slugs = {slug for slug, _html in pages}
    wanted = [target for (target,) in stored(engine, select(ContentLink.target_slug)) if target not in slugs]
    assert not wanted


def test_its_people_are_made_up_and_say_so(site: Site, engine: Engine, make_user: Callable[..., User]) -> None:
    admin = make_user("baas", is_admin=True)
    make_demo_space(site, "baas")
    people = stored(engine, select(User.about, User.password_hash).where(User.id != admin.id))
    assert len(people) == 10 and set(people) == {(MADE_UP, "")}
    guests = stored(engine, select(User.sponsor_id, User.ends_on).where(User.kind == "guest"))
    assert [(sponsor, ends_on is not None) for sponsor, ends_on in guests] == [(admin.id, True)]
    team = Space.slug == "team-communicatie"
    in_it = select(Group.slug, GroupMembership.role).join(GroupMembership, GroupMembership.group_id == Group.id)
    in_it = in_it.join(Space, Space.id == GroupMembership.space_id)
    assert stored(engine, in_it.where(team)) == [("communicatie", "editor")]
    below = select(Space.name).where(Space.parent_id.in_(select(Space.id).where(team)))
    assert stored(engine, below) == [("Nieuwsbrief",)]


def test_it_needs_somebody_to_belong_to(site: Site) -> None:
    with pytest.raises(LookupError, match="nobody signs in as niemand"):
        make_demo_space(site, "niemand")


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.folder)
def test_its_pages_use_nothing_that_has_to_be_converted(space: Any) -> None:
    plan = make_plan(scan(Path(PAGES) / space.folder), max_kb=256, address="/spaces/x/wiki")
    assert plan.unused == []
    for page in plan.pages:
        assert not page.report.unresolved, page.key
        assert not page.report.remarks, page.key
        assert not page.converted.notes.items, page.key
        assert page.tags, page.key


def test_everybody_has_every_function_in_the_demonstration(site: Site) -> None:
    names = switch_on(site)
    assert {"wiki", "oidc"} <= set(names) and switch_on(site) == []
    with open_session(site.engine) as db:
        assert {decision(db, name).stage for name in names} == {"on"}
        assert set(db.scalars(select(RolloutStep.reason))) == {REASON}
