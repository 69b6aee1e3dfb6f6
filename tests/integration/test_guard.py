"""The guard: every way to read or change content gives exactly what its viewer may see, on both databases.

:data:`READS` is the list of ways around it that were thought of. A new one is a line there.
"""

from collections.abc import Callable
from typing import Any

import pytest
from guarded_world import ITEMS_MADE, SEEN, SPACES_SEEN, World
from plein_wiki.models import WikiPage
from sqlalchemy import (
    Engine,
    Text,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm import (
    Bundle,
    Session,
    aliased,
    contains_eager,
    joinedload,
    relationship,
    selectinload,
    subqueryload,
    undefer,
    with_polymorphic,
)
from structlog.testing import capture_logs

from plein.content.models import Attachment, Content, ContentLink, ContentRedirect, DormantContent, Revision
from plein.db import GuardRefusal, db_unguarded
from plein.people.models import User
from plein.search.models import SearchDocument
from plein.spaces.models import Membership, Space
from plein.testing import all_seeing

# What a plugin could write: a way from a space that is seen to items that are not.
if "items_of_test" not in Space.__mapper__.relationships:
    Space.__mapper__.add_property(
        "items_of_test",
        relationship(Content, primaryjoin=Content.space_id == Space.id, viewonly=True, order_by=Content.id),
    )
ITEMS: Any = Space.items_of_test  # type: ignore[attr-defined]


def _spaces_with(items: Any) -> Callable[[Session], set[str]]:
    """Reads titles through the relationship from spaces, loaded as *items* says."""

    def read(session: Session) -> set[str]:
        spaces = session.scalars(select(Space).options(*items)).unique().all()
        return {item.title for space in spaces for item in space.items_of_test}  # type: ignore[attr-defined]

    return read


def _titles(statement: Callable[[], Any]) -> Callable[[Session], set[str]]:
    return lambda session: set(session.scalars(statement()).all())


def _entities(statement: Callable[[], Any]) -> Callable[[Session], set[str]]:
    return lambda session: {item.title for item in session.scalars(statement()).unique()}


def _subquery() -> Any:
    inner = select(Content.id, Content.title).subquery()
    return select(inner.c.title)


def _nested_subquery() -> Any:
    inner = select(Content).subquery()
    outer = select(inner.c.id, inner.c.title).where(inner.c.id > 0).subquery()
    return select(outer.c.title)


def _aliased_subquery() -> Any:
    return select(aliased(Content, select(Content).subquery()))


def _cte() -> Any:
    inner = select(Content.id, Content.title).cte("everything")
    return select(inner.c.title).join(Content, Content.id == inner.c.id)


def _cte_alone() -> Any:
    inner = select(Content.title).cte("everything")
    return select(inner.c.title)


def _recursive_cte() -> Any:
    start = select(Content.id, Content.title, literal(0).label("depth")).cte("walk", recursive=True)
    step = select(Content.id, Content.title, start.c.depth + 1).join(start, start.c.id == Content.id - 1)
    walk = start.union_all(step.where(start.c.depth < 3))
    return select(walk.c.title)


def _self_join() -> Any:
    other = aliased(Content)
    return select(other.title).select_from(Content).join(other, other.space_id == Content.space_id)


def _from_the_table() -> Any:
    return select(Content.title).where(Content.id.in_(select(Revision.content_id)))


def _union_of_entities() -> Any:
    return select(Content).from_statement(union_all(select(Content), select(Content).where(Content.id < 0)))


def _polymorphic() -> Any:
    everything = with_polymorphic(Content, [WikiPage])
    return select(everything)


READS: dict[str, Callable[[Session], set[str]]] = {
    "entities": _entities(lambda: select(Content)),
    "columns": _titles(lambda: select(Content.title)),
    "bundle": lambda session: {row.b.title for row in session.execute(select(Bundle("b", Content.title)))},
    "function of a column": _titles(lambda: select(func.trim(Content.title))),
    "label only in the from": _titles(lambda: select(literal(1)).select_from(Content).with_only_columns(Content.title)),
    "distinct, ordered, limited": _titles(lambda: select(Content.title).distinct().order_by(Content.title).limit(99)),
    "grouped": _titles(lambda: select(func.min(Content.title)).group_by(Content.id)),
    "window": _titles(
        lambda: select(func.first_value(Content.title).over(partition_by=Content.id)).select_from(Content)
    ),
    "case": _titles(lambda: select(case((Content.id > 0, Content.title)))),
    "cast": _titles(lambda: select(cast(Content.title, Text))),
    "concatenated": _titles(lambda: select(Content.title + "")),
    "collated and labelled": _titles(lambda: select(Content.title.label("x"))),
    "coalesce of a scalar subquery": _titles(
        lambda: select(
            func.coalesce(
                select(func.max(Content.title)).where(Content.id == Revision.content_id).scalar_subquery(),
                Revision.title,
            )
        )
    ),
    "filter with or true": _titles(lambda: select(Content.title).where((Content.id > 0) | literal(True))),
    "undeferred": _entities(lambda: select(Content).options(undefer(Content.body))),
    "streamed": lambda session: {item.title for item in session.scalars(select(Content)).yield_per(2)},
    "alias": _entities(lambda: select(aliased(Content))),
    "column of an alias": _titles(lambda: select(aliased(Content).title)),
    "joined to its space": _titles(lambda: select(Content.title).join(Space, Space.id == Content.space_id)),
    "joined from its space": _titles(
        lambda: select(Content.title).select_from(Space).join(Content, Content.space_id == Space.id)
    ),
    "joined by its relationship": _titles(lambda: select(Content.title).join(Content.space)),
    "outer join": lambda session: (
        set(session.scalars(select(Content.title).select_from(User).outerjoin(Content, literal(True))).all()) - {None}
    ),
    "joined to itself": _titles(_self_join),
    "joined from a revision": _titles(lambda: select(Content.title).join(Revision, Revision.content_id == Content.id)),
    "subquery": _titles(_subquery),
    "nested subquery": _titles(_nested_subquery),
    "alias of a subquery": _entities(_aliased_subquery),
    "scalar subquery": _titles(
        lambda: select(select(Content.title).where(Content.id == Revision.content_id).scalar_subquery()).select_from(
            Revision
        )
    ),
    "in a subquery": _titles(_from_the_table),
    "cte": _titles(_cte),
    "cte alone": _titles(_cte_alone),
    "recursive cte": _titles(_recursive_cte),
    "union": _titles(lambda: union(select(Content.title), select(Content.title))),
    "union all": _titles(lambda: union_all(select(Content.title), select(Content.title))),
    "union in a subquery": _titles(
        lambda: select(union(select(Content.title), select(Content.title)).subquery().c.title)
    ),
    "from a union": _entities(_union_of_entities),
    "from_statement": _entities(lambda: select(Content).from_statement(select(Content))),
    "polymorphic": _entities(_polymorphic),
    "lazy relationship": _spaces_with(()),
    "selectin relationship": _spaces_with((selectinload(ITEMS),)),
    "joined relationship": _spaces_with((joinedload(ITEMS),)),
    "subquery relationship": _spaces_with((subqueryload(ITEMS),)),
    "relationship from a join": lambda session: {
        item.title
        for space in session.scalars(select(Space).join(ITEMS).options(contains_eager(ITEMS))).unique()
        for item in space.items_of_test  # type: ignore[attr-defined]
    },
    "exists, from outside": lambda session: set(
        session.scalars(
            select(Revision.title).where(exists(select(Content.id).where(Content.id == Revision.content_id)))
        ).all()
    ),
    "revision": _titles(lambda: select(Revision.title)),
    "revision entities": _entities(lambda: select(Revision)),
    "attachment": _titles(lambda: select(Attachment.name)),
    "attachment alias": _titles(lambda: select(aliased(Attachment).name)),
    "search document": lambda session: set(
        session.scalars(select(Content.title).join(SearchDocument, SearchDocument.content_id == Content.id)).all()
    ),
    "link": _titles(lambda: select(ContentLink.target_title)),
    "redirect": _titles(lambda: select(ContentRedirect.slug)),
    "redirect joined from a person": _titles(
        lambda: select(ContentRedirect.slug).select_from(User).join(ContentRedirect, literal(True))
    ),
}


@pytest.mark.parametrize("way", READS)
def test_every_way_to_read_gives_what_the_viewer_may_see(way: str, look: Callable[[str], Session]) -> None:
    assert {who: READS[way](look(who)) for who in SEEN} == SEEN


COUNTS: dict[str, Callable[[], Any]] = {
    "count of a column": lambda: select(func.count(Content.id)),
    "count of rows": lambda: select(func.count()).select_from(Content),
    "count of a subquery": lambda: select(func.count()).select_from(select(Content.id).subquery()),
    "count of an alias": lambda: select(func.count()).select_from(aliased(Content)),
    "count of a join": lambda: select(func.count()).select_from(Content).join(Space, Space.id == Content.space_id),
    "count of a union": lambda: select(func.count()).select_from(
        union(select(Content.id), select(Content.id)).subquery()
    ),
    "sum": lambda: select(func.coalesce(func.sum(literal(1)), 0)).select_from(Content),
    "count of revisions": lambda: select(func.count()).select_from(Revision),
    "count of attachments": lambda: select(func.count(Attachment.id)),
    "count of links": lambda: select(func.count(ContentLink.id)),
    "count of redirects": lambda: select(func.count(ContentRedirect.id)),
    "count beside a space": lambda: select(
        func.coalesce(func.sum(select(func.count(Content.id)).where(Content.space_id == Space.id).scalar_subquery()), 0)
    ).select_from(Space),
}


@pytest.mark.parametrize("way", COUNTS)
def test_every_count_counts_what_the_viewer_may_see(way: str, look: Callable[[str], Session]) -> None:
    counted = {who: int(look(who).scalar(COUNTS[way]()) or 0) for who in SEEN}
    assert counted == {who: len(seen) for who, seen in SEEN.items()}


SUBCLASS_READS: dict[str, Callable[[Session], set[int]]] = {
    "entities": lambda session: {page.id for page in session.scalars(select(WikiPage))},
    "own column": lambda session: set(session.scalars(select(WikiPage.position))),
    "own column of an alias": lambda session: set(session.scalars(select(aliased(WikiPage).position))),
    "count": lambda session: set(
        session.scalars(select(WikiPage.position).group_by(WikiPage.position).having(func.count() == 1))
    ),
    "joined to itself": lambda session: set(
        session.scalars(select(WikiPage.position).join(parent := aliased(WikiPage), parent.id == WikiPage.id))
    ),
    "column of the joined alias": lambda session: set(
        session.scalars(
            select((parent := aliased(WikiPage)).position).select_from(WikiPage).join(parent, parent.id == WikiPage.id)
        )
    ),
    "subquery": lambda session: set(session.scalars(select(select(WikiPage.position).subquery().c.position))),
    "exists with a select": lambda session: set(
        session.scalars(
            select(Revision.content_id).where(exists(select(WikiPage.id).where(WikiPage.id == Revision.content_id)))
        )
    ),
}


@pytest.mark.parametrize("way", SUBCLASS_READS)
def test_a_plugins_own_columns_are_guarded_too(way: str, shared: World, look: Callable[[str], Session]) -> None:
    gone = {"open of a plugin that is gone"}
    found = {who: shared.titles(SUBCLASS_READS[way](look(who))) for who in SEEN}
    assert found == {who: seen - gone for who, seen in SEEN.items()}


def test_get_finds_only_what_the_viewer_may_see(shared: World, look: Callable[[str], Session]) -> None:
    for who, seen in SEEN.items():
        session = look(who)
        assert {name for name, key in shared.ids.items() if session.get(Content, key) is not None} == seen
        assert {name for name, key in shared.ids.items() if session.get(WikiPage, key) is not None} <= seen


def test_rows_of_an_item_are_not_found_by_their_own_key(shared: World, look: Callable[[str], Session]) -> None:
    with all_seeing(shared.engine) as db:
        keys = {row.title: row.id for row in db.execute(select(Revision.title, Revision.id))}
    for who, seen in SEEN.items():
        session = look(who)
        assert {title for title, key in keys.items() if session.get(Revision, key) is not None} == seen


def test_spaces_and_memberships_are_seen_by_who_may_know_of_them(look: Callable[[str], Session]) -> None:
    for who, seen in SPACES_SEEN.items():
        session = look(who)
        assert set(session.scalars(select(Space.slug))) == seen
        joined = select(Space.slug).select_from(Membership).join(Space, Space.id == Membership.space_id).distinct()
        assert set(session.scalars(joined)) == seen
        loaded = session.scalars(select(Space).options(selectinload(Space.memberships)))
        assert {space.slug for space in loaded if space.memberships} == seen


def test_exists_in_the_columns_answers_for_the_viewer(shared: World, look: Callable[[str], Session]) -> None:
    hidden = select(Content.id).where(Content.id == shared.ids["hidden page"])
    assert {who: look(who).scalar(select(hidden.exists())) for who in ("anna", "ben", "beheer", "anonymous")} == {
        "anna": True,
        "ben": False,
        "beheer": False,
        "anonymous": False,
    }


def test_exists_without_a_from_is_an_error_and_no_answer(shared: World, look: Callable[[str], Session]) -> None:
    careless = select(exists().where(WikiPage.position == shared.ids["hidden page"]))
    with pytest.raises(SAWarning, match="cartesian product"):
        look("ben").scalar(careless)


def test_bulk_update_changes_only_what_the_viewer_may_see(
    world: World, db: Session, act: Callable[[str], Session]
) -> None:
    with act("ben") as session:
        session.execute(update(Content).values(owner_id=None))
        session.execute(update(Revision).values(note="seen"))
        session.commit()
    db.expire_all()
    changed = db.scalars(select(Content.id).where(Content.owner_id.is_(None)))
    assert world.titles(changed) == SEEN["ben"]
    assert world.titles(db.scalars(select(Revision.content_id).where(Revision.note == "seen"))) == SEEN["ben"]


def test_bulk_change_of_a_plugins_class_is_refused(act: Callable[[str], Session]) -> None:
    with act("ben") as session:
        for statement in (update(WikiPage).values(position=-1), delete(WikiPage)):
            with pytest.raises(GuardRefusal, match="bulk change of WikiPage .* one by one"):
                session.execute(statement)


UNSEEN: dict[str, Callable[[], Any]] = {
    "window": lambda: select(func.first_value(Content.title).over(partition_by=Content.id)),
    "window in a subquery": lambda: select(
        select(func.first_value(Content.title).over(partition_by=Content.id).label("title")).subquery().c.title
    ),
    "window in a cte": lambda: select(
        select(func.first_value(Content.title).over(partition_by=Content.id).label("title")).cte("w").c.title
    ),
    "window in a union": lambda: union(
        select(User.name), select(func.first_value(Content.title).over(partition_by=Content.id))
    ),
    "window beside another class": lambda: select(
        User.id,
        select(func.min(func.first_value(Content.title).over(partition_by=Content.id))).scalar_subquery(),
    ),
    "window of an alias": lambda: select(func.first_value((a := aliased(Content)).title).over(partition_by=a.id)),
    "window of what hangs on an item": lambda: select(func.row_number().over(order_by=Revision.id)),
    "exists of a window": lambda: select(User.id).where(exists(select(func.row_number().over(order_by=Content.id)))),
}


@pytest.mark.parametrize("way", UNSEEN)
def test_a_select_that_hides_its_class_is_refused(way: str, look: Callable[[str], Session]) -> None:
    with pytest.raises(GuardRefusal, match=r"add \.select_from\((Content|Revision)\)"):
        look("ben").execute(UNSEEN[way]())


def test_bulk_delete_deletes_only_what_the_viewer_may_see(
    world: World, db: Session, act: Callable[[str], Session]
) -> None:
    with act("ben") as session:
        session.execute(delete(Attachment))
        session.execute(delete(Content).where(Content.id > 0))
        session.commit()
    left = set(ITEMS_MADE) - SEEN["ben"]
    assert world.titles(db.scalars(select(Content.id))) == left
    assert world.titles(db.scalars(select(Attachment.content_id))) == left


def test_bulk_update_by_nobody_changes_nothing(world: World, db: Session, act: Callable[[str], Session]) -> None:
    with act("anonymous") as session:
        session.execute(update(Content).values(title="broken"))
        session.execute(delete(Revision))
        session.commit()
    assert db.scalar(select(func.count()).select_from(Content).where(Content.title == "broken")) == 0
    assert db.scalar(select(func.count()).select_from(Revision)) == len(ITEMS_MADE)


REFUSED: dict[str, Callable[[Session], Any]] = {
    "entities": lambda session: session.scalars(select(Content)),
    "columns": lambda session: session.scalars(select(Content.title)),
    "count": lambda session: session.scalar(select(func.count()).select_from(Content)),
    "count of a column": lambda session: session.scalar(select(func.count(Content.id))),
    "get": lambda session: session.get(Content, 1),
    "alias": lambda session: session.scalars(select(aliased(Content))),
    "column of an alias": lambda session: session.scalars(select(aliased(Content).title)),
    "subquery": lambda session: session.scalars(select(select(Content.title).subquery().c.title)),
    "cte": lambda session: session.scalars(_cte_alone()),
    "union": lambda session: session.scalars(union(select(Content.title), select(Content.title))),
    "from_statement": lambda session: session.scalars(select(Content).from_statement(select(Content))),
    "exists": lambda session: session.scalar(select(exists(select(Content.id)))),
    "where only": lambda session: session.scalars(select(User.id).where(User.id.in_(select(Content.author_id)))),
    "join": lambda session: session.scalars(select(User.id).join(Content, Content.author_id == User.id)),
    "update": lambda session: session.execute(update(Content).values(title="x")),
    "delete": lambda session: session.execute(delete(Content)),
    "subclass": lambda session: session.scalars(select(WikiPage)),
    "subclass column": lambda session: session.scalars(select(WikiPage.position)),
    "dormant": lambda session: session.scalars(select(DormantContent)),
    "revision": lambda session: session.scalars(select(Revision.body)),
    "attachment": lambda session: session.get(Attachment, 1),
    "space": lambda session: session.scalars(select(Space)),
    "membership": lambda session: session.scalars(select(Membership.role)),
    "search document": lambda session: session.scalars(select(SearchDocument.content_id)),
    "relationship": lambda session: session.scalars(select(Space).options(joinedload(ITEMS))),
}


@pytest.mark.parametrize("way", REFUSED)
def test_a_session_without_a_viewer_refuses(way: str, look: Callable[[str], Session]) -> None:
    with pytest.raises(GuardRefusal, match="without a viewer"):
        REFUSED[way](look("nobody"))


def test_a_session_without_a_viewer_may_read_what_is_not_guarded(shared: World, look: Callable[[str], Session]) -> None:
    assert len(look("nobody").scalars(select(User)).all()) == len(shared.users)


def test_an_unknown_type_loads_as_dormant_content(shared: World, look: Callable[[str], Session]) -> None:
    found = look("ben").get(Content, shared.ids["open of a plugin that is gone"])
    assert type(found) is DormantContent
    assert found.title == "open of a plugin that is gone" and found.type == "gone.thing"


def test_dormant_content_can_be_changed_and_keeps_its_type(
    world: World, db: Session, act: Callable[[str], Session]
) -> None:
    with act("anna") as session:
        session.get_one(Content, world.ids["open of a plugin that is gone"]).title = "still here"
        session.commit()
    row = db.execute(select(Content.title, Content.type).where(Content.title == "still here")).one()
    assert tuple(row) == ("still here", "gone.thing")


def test_the_way_around_is_logged_with_its_reason_and_sees_everything(shared: World) -> None:
    with capture_logs() as logs, db_unguarded(shared.engine, reason="a test counts") as session:
        assert session.scalar(select(func.count()).select_from(Content)) == len(ITEMS_MADE)
    assert [(entry["event"], entry["reason"]) for entry in logs] == [("db.unguarded", "a test counts")]


def test_the_way_around_needs_a_reason(engine: Engine) -> None:
    with pytest.raises(ValueError, match="needs a reason"), db_unguarded(engine, reason="  "):
        pytest.fail("it opened without a reason")


def test_the_way_around_leaves_nothing_in_another_session(shared: World, look: Callable[[str], Session]) -> None:
    guarded = look("ben")
    hidden = shared.ids["hidden page"]
    assert guarded.get(Content, hidden) is None
    with db_unguarded(shared.engine, reason="a test reads what is hidden") as session:
        assert session.get(Content, hidden) is not None
    assert guarded.get(Content, hidden) is None


def test_what_became_invisible_is_not_found_by_the_next_session(
    world: World, db: Session, act: Callable[[str], Session]
) -> None:
    key = world.ids["hidden page"]
    with act("anna") as session:
        assert session.get(Content, key) is not None
    membership = db.get_one(Membership, (world.spaces["hidden"].id, world.users["anna"].id))
    db.delete(membership)
    db.commit()
    with act("anna") as session:
        assert session.get(Content, key) is None


def test_a_statement_made_for_one_viewer_is_safe_for_the_next(look: Callable[[str], Session]) -> None:
    statement = select(Content.title).where(Content.id > bindparam("low"))
    found = {who: set(look(who).scalars(statement, {"low": 0})) for who in (*SEEN, *reversed(SEEN))}
    assert found == SEEN
