"""A small site to look at through the guard: three spaces, eleven items, and who may see which of them."""

from functools import partial
from typing import Any

from plein_wiki.models import WikiPage
from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from plein.content.models import Attachment, Content, ContentLink, ContentRedirect, Revision
from plein.security.viewer import ANONYMOUS, Viewer
from plein.testing import add_space, add_user, viewer

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

    def __init__(self, db: Session) -> None:
        self.engine: Engine = db.get_bind().engine  # type: ignore[assignment]
        make_user, make_space = partial(add_user, db), partial(add_space, db)
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

    def viewer(self, name: str) -> Viewer | None:
        if name == "nobody":
            return None
        return ANONYMOUS if name == "anonymous" else viewer(self.users[name])

    def titles(self, ids: Any) -> set[str]:
        """The names of items by id."""
        names = {content_id: name for name, content_id in self.ids.items()}
        return {names[content_id] for content_id in ids}
