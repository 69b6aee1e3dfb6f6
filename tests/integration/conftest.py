"""Fixtures of the guard's tests: a world to look at, and one to change."""

from collections.abc import Callable, Iterator

import pytest
from guarded_world import World
from sqlalchemy.orm import Session

from plein.db import build_engine, open_session
from plein.testing import DATABASES, all_seeing, migrated_database


@pytest.fixture
def world(db: Session) -> World:
    """A world of this test alone, which may change it."""
    return World(db)


@pytest.fixture
def act(world: World, session_of: Callable[..., Session]) -> Callable[[str], Session]:
    """``act("anna")``: the session of somebody who changes something in ``world``."""
    return lambda name: session_of(world.viewer(name))


@pytest.fixture(scope="module", params=DATABASES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that tests only look at."""
    with migrated_database(request, request.param, tmp_path_factory.mktemp("guard")) as url:
        engine = build_engine(url)
        with all_seeing(engine) as db:
            made = World(db)
        yield made
        engine.dispose()


@pytest.fixture
def look(shared: World) -> Iterator[Callable[[str], Session]]:
    """``look("anna")``: the session of somebody who looks at ``shared``; "nobody" has no viewer."""
    opened: list[Session] = []

    def open_as(name: str) -> Session:
        opened.append(open_session(shared.engine, viewer=shared.viewer(name)))
        return opened[-1]

    yield open_as
    for session in opened:
        session.close()
