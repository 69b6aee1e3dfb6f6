"""The guard: every way to read or change content gives exactly what its viewer may see, on both databases.

:data:`READS` is the list of ways around it that were thought of. A new one is a line there.
"""

from collections.abc import Callable
from typing import Any

import pytest
from plein_wiki.models import WikiPage
from sqlalchemy import (
    Engine,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
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
from plein.db import GuardRefusal, db_unguarded, utcnow
from plein.people.models import User
from plein.search.models import SearchDocument
from plein.security.viewer import ANONYMOUS
from plein.spaces.models import Membership, Space

# What a plugin could write: a way from a space that is seen to items that are not.
if "items_of_test" not in Space.__mapper__.relationships:
    Space.__mapper__.add_property(
        "items_of_test",
        relationship(Content, primaryjoin=Content.space_id == Space.id, viewonly=True, order_by=Content.id),
    )
ITEMS: Any = Space.items_of_test  # type: ignore[attr-defined]

#: name → (space, values); the state and who may read it can be read off the name
ITEMS_MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "open page": ("open", {}),
    "open archived": ("open", {"state": "archived"}),
    "open draft of anna": ("open", {"state": "draft"}),
    "open draft that anna owns": ("open", {"state": "draft", "author": "ben", "owner": "anna"}),
    "open trashed": ("open", {"state": "trashed"}),
    "open restricted to anna": ("open", {"restricted": True}),
    "open of a plugin that is gone": ("open", {"type": "gone.thing"}),
    "closed page": ("closed", {}),
    "closed trashed": ("closed", {"state": "trashed"}),
    "hidden page": ("hidden", {}),
    "hidden draft of anna": ("hidden", {"state": "draft"}),
}

_OPEN = {"open page", "open archived", "open of a plugin that is gone"}
_ANNAS = {"open draft of anna", "open draft that anna owns", "open restricted to anna", "hidden draft of anna"}

#: who → the items that they may read
SEEN: dict[str, set[str]] = {
    # editor in closed, member in hidden, nothing in open
    "anna": _OPEN | _ANNAS | {"closed page", "closed trashed", "hidden page"},
    # nowhere a member; wrote a draft that anna owns now
    "ben": _OPEN | {"open draft that anna owns"},
    # manager of open
    "mia": _OPEN | {"open trashed"},
    # asked to come into closed, and was not let in yet
    "piet": _OPEN,
    # a guest, reader of closed
    "gast": {"closed page"},
    # a guest who is a member nowhere
    "vreemd": set(),
    # administers the site; that opens no space and no draft
    "beheer": _OPEN,
    "anonymous": set(),
}

SPACES_SEEN: dict[str, set[str]] = {
    "anna": {"open", "closed", "hidden"},
    "ben": {"open", "closed"},
    "mia": {"open", "closed"},
    "piet": {"open", "closed"},
    "gast": {"closed"},
    "vreemd": set(),
    "beheer": {"open", "closed"},
    "anonymous": set(),
}


_COPIED = "space_id, type, state, restricted, author_id, owner_id, updated_at, version"


class World:
    """Three spaces, eleven items and those who look at them."""

    def __init__(self, db: Session, make_user: Callable[..., User], make_space: Callable[..., Space]) -> None:
        kinds = {"gast": "guest", "vreemd": "guest"}
        names = [name for name in SEEN if name != "anonymous"]
        self.users = {
            name: make_user(name, kind=kinds.get(name, "person"), is_admin=name == "beheer") for name in names
        }
        users = self.users
        self.spaces = {
            "open": make_space("open", members={users["mia"]: "manager"}),
            "closed": make_space(
                "closed",
                access="closed",
                members={users["anna"]: "editor", users["gast"]: "reader", users["piet"]: "asked"},
            ),
            "hidden": make_space("hidden", access="hidden", members={users["anna"]: "member"}),
        }
        self.ids = {name: self._add(db, name, *made) for name, made in ITEMS_MADE.items()}
        db.commit()

    def _add(self, db: Session, name: str, space: str, values: dict[str, Any]) -> int:
        author = self.users[values.get("author", "anna")].id
        filled = {
            "uid": name,
            "type": values.get("type", "wiki.page"),
            "space_id": self.spaces[space].id,
            "title": name,
            "sort_title": name,
            "slug": name.replace(" ", "-"),
            "state": values.get("state", "published"),
            "restricted": values.get("restricted", False),
            "author_id": author,
            "owner_id": self.users[values["owner"]].id if "owner" in values else author,
        }
        content_id: int = db.execute(insert(Content.__table__).values(**filled)).inserted_primary_key[0]
        if filled["type"] == "wiki.page":
            db.execute(insert(WikiPage.__table__).values(id=content_id, position=content_id))
        db.add_all(
            [
                Revision(content_id=content_id, version=1, title=name, body=name),
                Attachment(content_id=content_id, name=name, media_type="text/plain", size=1, digest=name),
                ContentLink(
                    content_id=content_id, target_space="open", target_type="t", target_slug="s", target_title=name
                ),
                ContentRedirect(content_id=content_id, space_id=filled["space_id"], type="t", slug=name),
            ]
        )
        name_of_words, words = (", words", ", ''") if db.get_bind().dialect.name == "postgresql" else ("", "")
        db.execute(
            text(
                f"INSERT INTO search_document (content_id, {_COPIED}, title_words, format{name_of_words})"
                f" SELECT id, {_COPIED}, 1, 1{words} FROM content WHERE id = :id"
            ),
            {"id": content_id},
        )
        return content_id

    def titles(self, ids: Any) -> set[str]:
        """The names of items by id."""
        names = {content_id: name for name, content_id in self.ids.items()}
        return {names[content_id] for content_id in ids}


@pytest.fixture
def world(db: Session, make_user: Callable[..., User], make_space: Callable[..., Space]) -> World:
    return World(db, make_user, make_space)


@pytest.fixture
def look(world: World, session_of: Callable[..., Session]) -> Callable[[str], Session]:
    """``look("anna")``: the session of somebody who looks."""
    return lambda name: session_of(ANONYMOUS if name == "anonymous" else world.users[name])


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
    "window": _titles(lambda: select(func.first_value(Content.title).over(partition_by=Content.id))),
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


@pytest.mark.parametrize("who", SEEN)
@pytest.mark.parametrize("way", READS)
def test_every_way_to_read_gives_what_the_viewer_may_see(way: str, who: str, look: Callable[[str], Session]) -> None:
    assert READS[way](look(who)) == SEEN[who]
