"""Fifty people save the same page at the same moment: each save is stored, merged, or comes back to its author."""

import threading
from collections import Counter
from collections.abc import Callable

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from plein.content.models import Content, Revision
from plein.content.services import ContentService
from plein.db import open_session
from plein.people.models import User
from plein.plugins import Plugins
from plein.spaces.models import Space

EDITORS = 50
LINES = 10


def test_no_save_of_fifty_parallel_editors_is_lost(
    engine: Engine,
    db: Session,
    plugins: Plugins,
    make_user: Callable[..., User],
    make_space: Callable[..., Space],
    viewer_of: Callable[[User], object],
) -> None:
    people = [make_user() for _ in range(EDITORS)]
    space = make_space("together", members=dict.fromkeys(people, "editor"))
    content_type = plugins.content_types["wiki.page"]
    start = "\n\n".join(f"line {number}" for number in range(LINES))

    def service(session: Session, user: User) -> ContentService:
        made: ContentService = content_type.service(
            db=session, viewer=viewer_of(user), type=content_type, plugins=plugins
        )
        return made

    with open_session(engine, viewer=viewer_of(people[0]), writes=True) as session, session.begin():
        item_id = service(session, people[0]).create(session.get_one(Space, space.id), title="All", body=start).id

    outcomes: Counter[str] = Counter()
    came_back: list[int] = []
    barrier = threading.Barrier(EDITORS)

    def edit(number: int) -> None:
        mine = start.replace(f"line {number % LINES}", f"line {number % LINES} by {number}")
        barrier.wait()
        with open_session(engine, viewer=viewer_of(people[number]), writes=True) as session, session.begin():
            item = session.get_one(Content, item_id)
            result = service(session, people[number]).save(item, base_version=1, title="All", body=mine)
            outcomes[result.kind] += 1
            if result.kind == "conflict":
                assert result.merge is not None
                assert any(f"by {number}" in clash.mine for clash in result.merge.conflicts)
                came_back.append(number)

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(EDITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(outcomes.values()) == EDITORS, outcomes
    bodies = db.scalars(select(Revision.body).where(Revision.content_id == item_id).order_by(Revision.version)).all()
    stored = {number for number in range(EDITORS) if any(f"by {number}\n" in body + "\n" for body in bodies)}
    assert stored | set(came_back) == set(range(EDITORS))
    # One editor a line wins; the other four of that line are told.
    assert len(stored) == LINES and all(f"by {number}" in bodies[-1] for number in stored)
    assert len(bodies) == 1 + LINES
