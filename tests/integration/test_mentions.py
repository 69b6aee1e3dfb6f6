"""Whom a text names: kept with it, told when others can read it, and forgotten with the person. On both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content import audience
from plein.content.mentions import keeping
from plein.content.mentions.keeping import Mentioned, without_access
from plein.content.mentions.models import ContentMention
from plein.content.models import Content
from plein.content.personal import replace_mentions
from plein.content.services import ContentService
from plein.contributions import ErasedPerson
from plein.events import Event
from plein.people.groups import GroupService
from plein.people.models import User
from plein.plugins import Plugins
from plein.spaces.models import Space


@pytest.fixture
def people(make_user: Callable[..., User]) -> dict[str, User]:
    return {name: make_user(name) for name in ("writer", "bob", "eva")}


@pytest.fixture
def space(make_space: Callable[..., Space], people: dict[str, User]) -> Space:
    return make_space("handbook", access="hidden", members={people["writer"]: "editor", people["bob"]: "reader"})


@pytest.fixture
def service(app: TestApp, people: dict[str, User], session_of: Callable, viewer_of: Callable) -> ContentService:
    plugins: Plugins = app.app.registry["plein.plugins"]
    content_type, writer = plugins.content_types["wiki.page"], people["writer"]
    made: ContentService = content_type.service(
        db=session_of(writer, writes=True), viewer=viewer_of(writer), type=content_type, plugins=plugins
    )
    return made


def write(service: ContentService, space: Space, body: str, **more: object) -> Content:
    here = service.db.get(Space, space.id)
    assert here is not None
    return service.create(here, title="Page", body=body, **more)


def told(db: Session) -> list[list[int]]:
    return list(db.scalars(select(Event.addressed).where(Event.kind == "content.mentioned").order_by(Event.id)))


def test_whoever_is_named_in_a_draft_is_told_when_it_is_published(
    service: ContentService, space: Space, people: dict[str, User]
) -> None:
    item = write(service, space, "@bob", state="draft")
    assert told(service.db) == []
    service.change_state(item, "published", "published")
    assert told(service.db) == [[people["bob"].id]]
    service.change_state(item, "archived", "archived")
    service.change_state(item, "published", "unarchived")
    assert len(told(service.db)) == 1


def test_mentions_are_kept_as_long_as_the_text_names_them(
    service: ContentService, space: Space, people: dict[str, User]
) -> None:
    item = write(service, space, "@bob @eva @nobody `@writer`")
    rows = service.db.scalars(select(ContentMention.user_id).order_by(ContentMention.user_id)).all()
    assert list(rows) == sorted([people["bob"].id, people["eva"].id])
    service.save(item, base_version=1, title="Page", body="@eva")
    assert list(service.db.scalars(select(ContentMention.user_id))) == [people["eva"].id]
    assert len(told(service.db)) == 1


def test_a_group_is_told_unless_it_is_too_large(
    service: ContentService,
    space: Space,
    people: dict[str, User],
    db: Session,
    viewer_of: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    groups = GroupService(db, viewer_of(people["writer"]))
    group = groups.create(name="Team")
    for name in ("bob", "eva"):
        groups.add(group, people[name].id)
    db.commit()
    write(service, space, f"@group:{group.slug}")
    assert told(service.db) == [sorted([people["bob"].id, people["eva"].id])]
    monkeypatch.setattr(keeping, "GROUP_LIMIT", 1)
    write(service, space, f"@group:{group.slug} @bob")
    assert told(service.db)[1:] == [[people["bob"].id]]


def test_who_cannot_read_it_is_found_by_the_guards_own_rule(
    service: ContentService, space: Space, people: dict[str, User], make_user: Callable, viewer_of: Callable
) -> None:
    guest = viewer_of(make_user("guest", kind="guest"))
    item = write(service, space, "@bob @eva", state="draft")
    found = Mentioned((people["bob"].id, people["eva"].id))
    subject = audience.subject_of(item, state="published")
    assert without_access(service.db, service.viewer, subject, found) == [people["eva"].name]
    assert without_access(service.db, service.viewer, subject, Mentioned()) == []
    # A guest who tries out logins is told no name of somebody that they may not meet.
    assert without_access(service.db, guest, subject, found) == []


def test_a_person_who_is_erased_is_named_by_the_pseudonym_in_what_is_kept(
    service: ContentService, space: Space, people: dict[str, User], db: Session
) -> None:
    item = write(service, space, "Vraag @Bob, niet @bobby.")
    service.db.commit()
    bob = people["bob"]
    replace_mentions(db, ErasedPerson(bob.id, bob.login, bob.name, "", "erased-1"))
    db.commit()
    kept = db.get(Content, item.id)
    assert kept is not None
    for text in (kept.body, kept.html, kept.text):
        assert "@erased-1" in text and "@bobby" in text and "@bob," not in text.lower()
