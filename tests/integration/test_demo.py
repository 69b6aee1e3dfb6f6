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
from plein.demo.load import PAGES, SPACES
from plein.people.models import User
from plein.spaces.models import Membership, Space
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
    assert spaces == [(space.name, space.access) for space in SPACES]
    assert stored(engine, select(Membership.user_id, Membership.role).distinct()) == [(admin.id, "manager")]
    pages = stored(engine, select(Content.slug, Content.html))
    assert len(pages) == 21
    assert not [slug for slug, html in pages if "missing-file" in html or "broken-link" in html]
    slugs = {slug for slug, _html in pages}
    wanted = [target for (target,) in stored(engine, select(ContentLink.target_slug)) if target not in slugs]
    assert not wanted


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
