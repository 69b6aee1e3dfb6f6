"""Tags of items on both databases: which tag a word means, rows in step with words, and the filling of old items."""

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.content.services import ContentService
from plein.content.tag_models import ContentTag, Tag, TagSynonym
from plein.content.tagging import keep, resolve
from plein.content.titles import clean_tags, tag_key
from plein.db import build_engine, migrate
from plein.db.engine import WRITES
from plein.people.models import User
from plein.plugins import Plugins
from plein.spaces.models import Space
from plein.testing import Counted, viewer

Count = Callable[[], AbstractContextManager[Counted]]


@pytest.fixture
def writer(make_user: Callable[..., User]) -> User:
    return make_user()


@pytest.fixture
def space(make_space: Callable[..., Space], writer: User) -> Space:
    return make_space(members={writer: "member"})


@pytest.fixture
def service(db: Session, writer: User, space: Space, plugins: Plugins, session_of: Any) -> ContentService:
    session = session_of(writer)
    return ContentService(session, viewer(writer), plugins.content_types["wiki.page"], plugins)


def write(service: ContentService, space: Space, **values: Any) -> Content:
    return service.create(service.db.get_one(Space, space.id), **{"title": "Verlof", **values})


def rows(service: ContentService, item: Content) -> list[str]:
    statement = select(Tag.name).join(ContentTag, ContentTag.tag_id == Tag.id).where(ContentTag.content_id == item.id)
    return sorted(service.db.scalars(statement))


def test_new_words_become_tags_and_known_ones_are_written_as_the_tag_is(service: ContentService, space: Space) -> None:
    first = write(service, space, tags=["Café", "Verlof"])
    second = write(service, space, tags=["cafe", "VERLOF", "Nieuw"])
    assert first.tags == ["Café", "Verlof"]
    assert second.tags == ["Café", "Verlof", "Nieuw"]
    assert rows(service, second) == ["Café", "Nieuw", "Verlof"]


def test_a_synonym_and_a_merged_tag_give_the_tag_they_lead_to_once(service: ContentService, space: Space) -> None:
    write(service, space, tags=["Verlof en vakantie"])
    tag = service.db.scalars(select(Tag)).one()
    service.db.add(TagSynonym(tag_id=tag.id, word="verlof", folded="verlof"))
    service.db.add(Tag(name="Vrij", slug="vrij", folded="vrij", merged_into_id=tag.id))
    service.db.flush()
    item = write(service, space, tags=["Verlof", "vrij", "verlof en VAKANTIE"])
    assert item.tags == ["Verlof en vakantie"]
    assert rows(service, item) == ["Verlof en vakantie"]


def test_saving_writes_only_the_tags_that_differ(service: ContentService, space: Space) -> None:
    item = write(service, space, tags=["een", "twee"])
    kept = service.db.scalars(select(ContentTag.id).join(Tag).where(Tag.name == "twee")).one()
    service.save(item, base_version=1, title="Verlof", body="x", tags=["twee", "drie"])
    assert rows(service, item) == ["drie", "twee"]
    assert service.db.scalars(select(ContentTag.id).join(Tag).where(Tag.name == "twee")).one() == kept


def test_a_save_that_leaves_the_tags_alone_asks_nothing_of_them(
    service: ContentService, space: Space, count_statements: Count
) -> None:
    item = write(service, space, tags=["een"])
    with count_statements() as counted:
        service.save(item, base_version=1, title="Verlof", body="x", tags=["een"])
    assert "content_tag" not in str(counted) and "tag_synonym" not in str(counted)


def test_an_earlier_version_comes_back_with_its_tags(service: ContentService, space: Space) -> None:
    item = write(service, space, tags=["een"])
    service.save(item, base_version=1, title="Verlof", body="x", tags=["twee"])
    service.restore(item, 1)
    assert item.tags == ["een"] and rows(service, item) == ["een"]


def test_words_that_give_the_same_address_stay_apart(service: ContentService, space: Space) -> None:
    write(service, space, tags=["C", "C++", "c+", "🎉"])
    slugs = sorted(service.db.scalars(select(Tag.slug)))
    assert slugs[:3] == ["c", "c-2", "c-3"] and slugs[3].startswith("item-")


def test_two_writers_who_make_one_tag_at_once_get_the_same(service: ContentService, space: Space) -> None:
    item = write(service, space)
    late = resolve(service.db, ["een", "twee"])
    write(service, space, tags=["een"])
    keep(service.db, item.id, late)
    assert rows(service, item) == ["een", "twee"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["!!!", "…", "--", " , #"], []),
        (["\u202everlof", "ver\u200blof"], ["verlof"]),
        (["👩\u200d🚀"], ["👩\u200d🚀"]),
        (["x" * 300], ["x" * 60]),
        (["שלום", "שלום\u200f"], ["שלום"]),
        ([str(n) for n in range(200)], [str(n) for n in range(30)]),
    ],
)
def test_what_a_tag_may_be(typed: list[str], kept: list[str]) -> None:
    assert clean_tags(typed) == kept


@pytest.fixture
def old(empty_url: str) -> Iterator[Engine]:
    """A database from before there were tables of tags."""
    engine = build_engine(empty_url)
    migrate.upgrade(engine)
    migrate.downgrade(engine, name="core", to="0017")
    yield engine
    engine.dispose()


def test_tags_of_old_items_become_rows_and_stay_words_when_that_is_taken_back(old: Engine) -> None:
    moment = "2026-01-01 00:00:00+00:00"
    with old.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO space (id, uid, slug, name, purpose, access, language, welcome, created_at) "
                "VALUES (1, 's', 's', 'S', '', 'open', 'nl', '', :moment)"
            ),
            {"moment": moment},
        )
        for number, words in enumerate((["Café", "C"], ["cafe", "C++"], []), 1):
            connection.execute(
                text(
                    "INSERT INTO content (id, uid, type, space_id, title, sort_title, slug, body, html, text, outline,"
                    " tags, state, language, restricted, version, created_at, updated_at, review_stage, open_reports,"
                    " open_proposals, locked) VALUES (:id, :uid, 'x.y', 1, 'C', 'c', :uid, '', '', '', '[]', :tags,"
                    " 'published', 'nl', false, 1, :moment, :moment, 0, 0, 0, false)"
                ),
                {"id": number, "uid": f"i{number}", "tags": json.dumps(words), "moment": moment},
            )
            connection.execute(
                text(
                    "INSERT INTO content_link (content_id, target_space, target_type, target_slug, target_title)"
                    " VALUES (:id, 's', 'x.y', 'there', 'There')"
                ),
                {"id": number},
            )
    migrate.upgrade(old)
    with old.connect() as connection:
        found = connection.execute(
            text("SELECT content_id, name, slug FROM content_tag JOIN tag ON tag.id = tag_id ORDER BY content_id, slug")
        ).all()
    assert [tuple(row) for row in found] == [(1, "C", "c"), (1, "Café", "cafe"), (2, "C++", "c-2"), (2, "Café", "cafe")]
    with old.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(
            text("INSERT INTO tag (name, slug, folded, description) VALUES ('Later', 'later', 'later', '')")
        )
        connection.execute(
            text(
                "INSERT INTO content_link (content_id, kind, position, target_space, target_type, target_slug,"
                " target_title, target_id) VALUES (1, 'also', 0, '', 'x.y', 'i2', '', 2)"
            )
        )
    migrate.downgrade(old, name="core", to="0017")
    with old.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM content_link")) == 3
        words = connection.scalar(text("SELECT tags FROM content WHERE id = 1"))
    assert (json.loads(words) if isinstance(words, str) else words) == ["Café", "C"]


@pytest.mark.parametrize("word", ["Café", "ÆØÅ straße", "Jan’s  tag", "👩\u200d🚀", "ver\u00adlof", "İ℃"])
def test_old_tags_are_folded_as_new_ones(word: str) -> None:
    script = importlib.import_module("plein.migrations.versions.0018_topics")
    assert script._fold(word) == tag_key(word)
