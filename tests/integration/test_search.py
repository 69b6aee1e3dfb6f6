"""Search on both databases: what is found, in which order, and by whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.people.models import User
from plein.search.index import index
from plein.search.services import SearchService
from plein.spaces.models import Space

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Corpus:
    """A reader, an open space, and items that are put in the index as they are made."""

    def __init__(self, db: Session, reader: User, space: Space) -> None:
        self.db, self.reader, self.space = db, reader, space
        self.made = 0

    def add(self, title: str, text: str = "", *, space: Space | None = None, **values: Any) -> Content:
        self.made += 1
        moment = START + timedelta(minutes=self.made)
        filled: dict[str, Any] = {
            "uid": f"item-{self.made}",
            "type": "wiki.page",
            "space_id": (space or self.space).id,
            "title": title,
            "sort_title": title.lower(),
            "slug": f"item-{self.made}",
            "text": text,
            "created_at": moment,
            "updated_at": moment,
            **values,
        }
        # The table: these tests need no plugin that knows the type.
        content_id = self.db.execute(insert(Content.__table__).values(**filled)).inserted_primary_key[0]
        item = self.db.get_one(Content, content_id)
        index(self.db, item)
        self.db.commit()
        return item


@pytest.fixture
def corpus(db: Session, make_user: Callable[..., User], make_space: Callable[..., Space]) -> Corpus:
    return Corpus(db, make_user("lezer"), make_space("handboek"))


@pytest.fixture
def find(corpus: Corpus, session_of: Callable[..., Session], viewer_of: Any) -> Callable[..., list[str]]:
    """``find("verlof", by=user, …)``: the titles that were found, in order."""

    def titles(text: str, *, by: User | None = None, **options: Any) -> list[str]:
        who = by or corpus.reader
        with session_of(who, writes=False) as session:
            page = SearchService(session, viewer_of(who)).find(text, **options)
        return ["".join(segment.text for segment in hit.title) for hit in page.hits]

    return titles


def test_a_word_is_found_in_any_form(corpus: Corpus, find: Callable[..., list[str]]) -> None:
    corpus.add("Besluiten van het college", "Elke week.")
    corpus.add("Archief", "Een besluit ligt hier tien jaar.")
    assert find("besluit") == ["Besluiten van het college", "Archief"]
    assert find("besluiten") == ["Besluiten van het college", "Archief"]
