"""Search on both databases: what is found, in which order, and by whom."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.contributions import ContentChange
from plein.db import GuardRefusal, build_engine, open_session, utcnow
from plein.people.models import User
from plein.search import candidates, on_content_changed, services, text
from plein.search import index as search_index
from plein.search.candidates import Filters
from plein.search.index import index
from plein.search.models import SearchDocument
from plein.search.services import SearchPage, SearchService
from plein.security.viewer import ANONYMOUS, Viewer
from plein.spaces.models import Membership, Space
from plein.testing import DATABASES, add_space, add_user, all_seeing, migrated_database, viewer

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def add_item(db: Session, space: Space, title: str, body: str = "", *, number: int, **values: Any) -> Content:
    """An item in the index. The later the *number*, the later it was changed."""
    moment = START + timedelta(minutes=number)
    filled: dict[str, Any] = {
        "uid": f"item-{number}",
        "type": "wiki.page",
        "space_id": space.id,
        "title": title,
        "sort_title": title.lower(),
        "slug": f"item-{number}",
        "text": body,
        "created_at": moment,
        "updated_at": moment,
        **values,
    }
    # The table: these tests need no plugin that knows the type.
    content_id = db.execute(insert(Content.__table__).values(**filled)).inserted_primary_key[0]
    item = db.get_one(Content, content_id)
    index(db, item)
    return item


HANDBOOK: list[tuple[str, str, dict[str, Any]]] = [
    ("Verlof aanvragen", "Je vraagt het aan bij je leidinggevende, in het systeem voor personeel.", {}),
    ("Verlof", "Welke soorten er zijn.", {"tags": ["personeel"]}),
    ("Bijzonder verlof aanvragen bij een verhuizing", "Neem het huurcontract mee.", {}),
    ("Ziek zijn", "Wie ziek is, vraagt geen verlof aan maar meldt zich ziek.", {}),
    ("Huisregels", "Op kantoor doen we de deur dicht. Huizen en kantoren zijn twee dingen.", {}),
    ("Thuiswerken", "Drie dagen thuis, op de andere dagen kom je op kantoor.", {"tags": ["kantoor", "AI act"]}),
    ("Café en één terras", "Crème brûlée na de borrel; geen naïeve ideeën.", {}),
    ("E-mail schrijven", "Kort en vriendelijk. Onze website is www.example.nl.", {}),
    ("Foto's van de borrel", "Alle foto’s staan in de map.", {}),
    ("Besluiten van het college", "Elke week een lijst. Archief", {"outline": [[2, "b", "Archief"]]}),
    ("Bewaren", "Het besluit ligt tien jaar in het archief.", {}),
    ("Policies for visitors", "A policy is a rule; policies are rules.", {"language": "en"}),
    ("Informatiebeveiliging", "Sluit je scherm af.", {}),
    ("100% groen & <schoon>", "Een '; DROP TABLE content; -- en een \\ slash.", {}),
]

#: query → the titles that are found, best first, on both databases
FOUND: dict[str, list[str]] = {
    # a shorter title with the word goes first; then titles, tags, headings, text
    "verlof": ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing", "Ziek zijn"],
    "besluit": ["Besluiten van het college", "Bewaren"],
    "besluiten": ["Besluiten van het college", "Bewaren"],
    "archief": ["Besluiten van het college", "Bewaren"],
    "kantoor": ["Thuiswerken", "Huisregels"],
    "personeel": ["Verlof", "Verlof aanvragen"],
    # every word, in any form and order
    "aanvragen verlof": ["Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing"],
    "verhuizing verlof": ["Bijzonder verlof aanvragen bij een verhuizing"],
    "huis": ["Huisregels"],
    "huizen": ["Huisregels"],
    "policy": ["Policies for visitors"],
    "visitor": ["Policies for visitors"],
    # the last word may be unfinished, the others may not
    "informatiebev": ["Informatiebeveiliging"],
    # where nothing has both, one of the two
    "informatiebev scherm": ["Informatiebeveiliging"],
    "scherm informatiebev": ["Informatiebeveiliging"],
    "verl": ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing", "Ziek zijn"],
    '"informatiebev"': [],
    # accents, capitals, apostrophes and hyphens do not matter
    "cafe een": ["Café en één terras"],
    "CAFÉ": ["Café en één terras"],
    "creme brulee": ["Café en één terras"],
    "naieve": ["Café en één terras"],
    "foto": ["Foto's van de borrel"],
    "foto's": ["Foto's van de borrel"],
    "email": ["E-mail schrijven"],
    "e-mail": ["E-mail schrijven"],
    "www.example.nl": ["E-mail schrijven"],
    # words side by side
    '"op kantoor"': ["Thuiswerken", "Huisregels"],
    '"kantoor op"': [],
    "“op kantoor”": ["Thuiswerken", "Huisregels"],
    '"op kantoor" deur': ["Huisregels"],
    # a phrase reaches from the title into the text of no item
    '"verlof welke"': [],
    # without
    "verlof -ziek": ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing"],
    'kantoor -"dagen thuis"': ["Huisregels"],
    "-verlof": [],
    # tags
    "tag:kantoor": ["Thuiswerken"],
    'tag:"ai act"': ["Thuiswerken"],
    "tag:ai-act": ["Thuiswerken"],
    "TAG:personeel verlof": ["Verlof"],
    "kantoor -tag:kantoor": ["Huisregels"],
    "tag:archief": [],
    # a question in plain words
    "wie is er ziek": ["Ziek zijn"],
    "de": ["Foto's van de borrel", "Café en één terras", "Thuiswerken", "Huisregels"],
    # what is no word
    "": [],
    "   ": [],
    "?!": [],
    "😀": [],
    "\x00": [],
    "verlof \x00 😀": ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing", "Ziek zijn"],
    # the languages of the databases are words
    "NEAR(verlof ziek)": ["Ziek zijn"],
    "verlof AND ziek": ["Ziek zijn"],
    "verlof*": ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing", "Ziek zijn"],
    "words:verlof": [],
    "ziek & verlof": ["Ziek zijn"],
    "'; DROP TABLE content; --": ["100% groen & <schoon>"],
    "100%": ["100% groen & <schoon>"],
    "schoon": ["100% groen & <schoon>"],
    '"': [],
    '"verlof': ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing", "Ziek zijn"],
    "«verlof": ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing", "Ziek zijn"],
    "-": [],
    "tag:": [],
    "verlof" * 200: [],
    "verlof " * 3000: ["Verlof", "Verlof aanvragen", "Bijzonder verlof aanvragen bij een verhuizing", "Ziek zijn"],
}


class Handbook:
    """The items of :data:`HANDBOOK` in one open space, and a reader."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with all_seeing(engine) as db:
            self.reader = add_user(db, "lezer")
            self.space = add_space(db, "handboek")
            for number, (title, body, values) in enumerate(HANDBOOK, 1):
                add_item(db, self.space, title, body, number=number, **values)
            db.commit()

    def find(self, query: str, *given: Any, **options: Any) -> SearchPage:
        who = viewer(self.reader)
        with open_session(self.engine, viewer=who) as session:
            return SearchService(session, who).find(query, *given, **options)


@pytest.fixture(scope="module", params=DATABASES)
def handbook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handbook]:
    with migrated_database(request, request.param, tmp_path_factory.mktemp("search")) as url:
        engine = build_engine(url)
        yield Handbook(engine)
        engine.dispose()


def titles(page: SearchPage) -> list[str]:
    return ["".join(segment.text for segment in hit.title) for hit in page.hits]


@pytest.mark.parametrize("query", FOUND, ids=lambda query: repr(query[:30]))
def test_a_query_finds_the_same_on_both_databases(query: str, handbook: Handbook) -> None:
    page = handbook.find(query)
    assert titles(page) == FOUND[query]
    assert page.total == len(FOUND[query])
    assert not page.is_more and page.next is None


def test_a_long_query_says_that_it_was_cut(handbook: Handbook) -> None:
    assert handbook.find("verlof " * 3000).query.cut
    assert not handbook.find("verlof").query.cut


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=80) | st.from_regex(r'[-"a-z:*()& ]{1,40}', fullmatch=True), after=st.text(max_size=20))
def test_no_query_and_no_cursor_is_an_error(query: str, after: str, handbook: Handbook) -> None:
    page = handbook.find(query, Filters(tag=query[:5], person=query), after=after)
    assert page.total >= len(page.hits)


@pytest.mark.parametrize(
    "query", ['a"b', "NEAR/3", "^nergens", "{title}: x", "zz OR", "NOT", "((", "'q':*", "!x", "a<->b", "\ud800"]
)
def test_operators_of_the_databases_are_harmless(query: str, handbook: Handbook) -> None:
    assert handbook.find(query).total == 0


def test_pages_follow_each_other_without_gap_or_overlap(handbook: Handbook) -> None:
    everything = titles(handbook.find("verlof", size=100))
    found: list[str] = []
    after: str | None = None
    for _ in range(20):
        page = handbook.find("verlof", size=1, after=after)
        assert page.total == len(everything)
        found += titles(page)
        after = page.next
        if after is None:
            break
    assert found == everything and len(found) == 4


def test_filters_narrow_by_space_type_and_tag(handbook: Handbook) -> None:
    space = handbook.space.id
    assert titles(handbook.find("verlof", filters=Filters(space_id=space, tag="personeel"))) == ["Verlof"]
    assert titles(handbook.find("", filters=Filters(tag="ai act"))) == ["Thuiswerken"]
    assert handbook.find("verlof", filters=Filters(space_id=space + 1)).total == 0
    assert handbook.find("verlof", filters=Filters(type_name="wiki.page")).total == 4
    assert handbook.find("verlof", filters=Filters(type_name="blog.post")).total == 0


def test_a_hit_shows_what_matches(handbook: Handbook) -> None:
    (hit,) = handbook.find("besluit archief -college").hits
    assert [segment.text for segment in hit.snippet if segment.is_match] == ["besluit", "archief"]
    assert "".join(segment.text for segment in hit.snippet) == "Het besluit ligt tien jaar in het archief."
    (hit,) = handbook.find("informatiebev").hits
    assert [(segment.text, segment.is_match) for segment in hit.title] == [("Informatiebeveiliging", True)]
    assert (hit.space, hit.space_name, hit.type) == ("handboek", "Handboek", "wiki.page")


def test_a_search_takes_few_statements(handbook: Handbook, count_statements: Any) -> None:
    with count_statements() as counted:
        handbook.find("verlof")
    # PostgreSQL is told to use its index, before and after.
    assert counted.total == (3 if handbook.engine.dialect.name == "sqlite" else 5), str(counted)


def test_a_frequent_word_is_counted_no_further_than_the_limit(
    handbook: Handbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (candidates, services):
        monkeypatch.setattr(module, "CANDIDATES", 3)
    page = handbook.find("verlof")
    assert (page.total, page.is_more) == (3, True)
    assert titles(page)[0] == "Verlof"


# -- who finds what


@pytest.fixture
def spaces(db: Session, make_user: Callable[..., User], make_space: Callable[..., Space]) -> dict[str, Any]:
    """The word "geheim" in every kind of place."""
    anna, ben, gast = make_user("anna"), make_user("ben"), make_user("gast", kind="guest")
    made = {
        "open": make_space("open", members={anna: "editor"}),
        "closed": make_space("closed", access="closed", members={anna: "member", gast: "reader"}),
        "hidden": make_space("hidden", access="hidden", members={anna: "member"}),
    }
    items = {
        "open": add_item(db, made["open"], "Open geheim", number=1),
        "closed": add_item(db, made["closed"], "Besloten geheim", number=2),
        "hidden": add_item(db, made["hidden"], "Verborgen geheim", number=3),
        "draft": add_item(db, made["open"], "Concept geheim", number=4, state="draft", author_id=anna.id),
        "restricted": add_item(db, made["open"], "Eigen geheim", number=5, restricted=True, owner_id=anna.id),
        "trashed": add_item(db, made["open"], "Weggegooid geheim", number=6, state="trashed", author_id=anna.id),
    }
    db.commit()
    return {"anna": anna, "ben": ben, "gast": gast, "spaces": made, "items": items}


def found_by(engine: Engine, who: Viewer, query: str = "geheim") -> tuple[set[str], int]:
    with open_session(engine, viewer=who) as session:
        page = SearchService(session, who).find(query)
    return {title.removesuffix(" geheim") for title in titles(page)}, page.total


def test_only_what_may_be_read_is_found_and_counted(spaces: dict[str, Any], engine: Engine) -> None:
    seen = {"Open", "Besloten", "Verborgen", "Concept", "Eigen"}
    assert found_by(engine, viewer(spaces["anna"])) == (seen, 5)
    assert found_by(engine, viewer(spaces["ben"])) == ({"Open"}, 1)
    assert found_by(engine, viewer(spaces["gast"])) == ({"Besloten"}, 1)
    assert found_by(engine, ANONYMOUS) == (set(), 0)


def test_the_guard_holds_when_the_index_is_out_of_date(spaces: dict[str, Any], engine: Engine, db: Session) -> None:
    db.execute(update(Content.__table__).where(Content.__table__.c.title.like("Open%")).values(state="draft"))
    db.commit()
    assert found_by(engine, viewer(spaces["ben"]))[0] == set()


def test_who_left_a_space_finds_nothing_there_any_more(spaces: dict[str, Any], engine: Engine, db: Session) -> None:
    db.execute(delete(Membership).where(Membership.user_id == spaces["gast"].id))
    db.commit()
    assert found_by(engine, viewer(spaces["gast"])) == (set(), 0)


def test_a_session_without_a_viewer_cannot_search(handbook: Handbook) -> None:
    with open_session(handbook.engine) as session, pytest.raises(GuardRefusal):
        SearchService(session, viewer(handbook.reader)).find("verlof")


# -- keeping the index


def test_a_change_is_found_and_the_old_words_are_not(spaces: dict[str, Any], engine: Engine, db: Session) -> None:
    anna, item = viewer(spaces["anna"]), db.get_one(Content, spaces["items"]["open"].id)
    item.title, item.text, item.version = "Nieuwe naam", "andere woorden", 2
    db.flush()
    on_content_changed(db, ContentChange(item, "saved", anna))
    db.commit()
    search_index.reindex(engine)
    assert found_by(engine, anna, "woorden")[1] == 1
    assert "Open" not in found_by(engine, anna)[0]


def test_what_is_trashed_is_not_found_until_it_is_put_back(spaces: dict[str, Any], engine: Engine, db: Session) -> None:
    anna, item = viewer(spaces["anna"]), db.get_one(Content, spaces["items"]["open"].id)
    for state, action, found in (("trashed", "trashed", False), ("published", "untrashed", True)):
        item.state = state
        db.flush()
        on_content_changed(db, ContentChange(item, action, anna))  # type: ignore[arg-type]
        db.commit()
        if found:
            search_index.reindex(engine)
        assert ("Open" in found_by(engine, anna)[0]) is found


def test_a_change_that_is_rolled_back_leaves_the_index_as_it_was(
    spaces: dict[str, Any], engine: Engine, db: Session
) -> None:
    item = db.get_one(Content, spaces["items"]["open"].id)
    item.title = "Nooit opgeslagen"
    db.flush()
    on_content_changed(db, ContentChange(item, "saved", viewer(spaces["anna"])))
    db.rollback()
    assert search_index.check(engine).is_good
    assert found_by(engine, viewer(spaces["anna"]), "opgeslagen")[1] == 0
    assert found_by(engine, viewer(spaces["ben"])) == ({"Open"}, 1)


def test_deleting_a_space_takes_its_items_out_of_the_index(spaces: dict[str, Any], engine: Engine, db: Session) -> None:
    db.execute(delete(Space).where(Space.slug == "open"))
    db.commit()
    assert found_by(engine, viewer(spaces["anna"])) == ({"Besloten", "Verborgen"}, 2)
    assert search_index.check(engine).is_good


def test_reindexing_finds_what_was_missing_and_stale(spaces: dict[str, Any], engine: Engine, db: Session) -> None:
    assert search_index.check(engine).is_good
    db.execute(delete(SearchDocument).where(SearchDocument.content_id == spaces["items"]["open"].id))
    stale = spaces["items"]["hidden"].id
    db.execute(update(Content.__table__).where(Content.__table__.c.id == stale).values(title="Anders", version=2))
    gone = spaces["items"]["closed"].id
    db.execute(update(Content.__table__).where(Content.__table__.c.id == gone).values(state="trashed"))
    db.commit()
    found = search_index.check(engine)
    assert (found.missing, found.stale, found.left_over, found.is_good) == (1, 1, 1, False)
    steps: list[tuple[int, int]] = []
    assert search_index.reindex(engine, lambda done, total: steps.append((done, total))) == 2
    assert steps == [(2, 2)]
    assert search_index.check(engine).is_good
    assert found_by(engine, viewer(spaces["anna"])) == ({"Open", "Concept", "Eigen"}, 3)


def test_a_reindexing_that_was_broken_off_goes_on_where_it_was(
    spaces: dict[str, Any], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "BATCH", 2)

    class Interrupted(Exception):
        pass

    def interrupt(done: int, total: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        search_index.reindex(engine, interrupt, everything=True)
    assert search_index.check(engine).stale == 3
    steps: list[int] = []
    assert search_index.reindex(engine, lambda done, total: steps.append(done)) == 3
    assert steps == [2, 3]
    assert search_index.check(engine).is_good


def test_items_are_found_while_they_are_reindexed(spaces: dict[str, Any], engine: Engine) -> None:
    found: list[int] = []
    search_index.reindex(engine, lambda *_: found.append(found_by(engine, viewer(spaces["anna"]))[1]), everything=True)
    assert found == [5]


def test_words_made_in_another_way_are_made_again(
    spaces: dict[str, Any], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "FORMAT", text.FORMAT + 1)
    assert search_index.check(engine).stale == 5
    assert search_index.reindex(engine) == 5


def test_damage_to_the_word_index_is_told(spaces: dict[str, Any], engine: Engine, db: Session) -> None:
    if engine.dialect.name == "postgresql":
        # There the words stand in the row itself: nothing can be missing beside it.
        assert search_index.check(engine).faults == ()
        return
    db.connection().exec_driver_sql("DELETE FROM search_index WHERE rowid = 1")
    db.commit()
    assert search_index.check(engine).faults == ("1 rows of the index have no words, or words no row.",)


@pytest.mark.parametrize(
    "body",
    [
        " ".join(f"w{number:x}" for number in range(60_000)),
        " ".join("é" * 63 + chr(0x4E00 + number) for number in range(4000)),
        "a b " * 60_000,
        "x" * 256_000,
        "".join(chr(0x4E00 + number % 20_000) + " " for number in range(80_000)),
        " ".join(chr(0x4E00 + number) * 63 + "y" for number in range(6_000)),
        "\ufdfa " * 80_000,
    ],
    ids=["60,000 different words", "long words", "two words", "one word", "signs", "long signs", "signs that unfold"],
)
def test_hostile_texts_are_indexed(body: str, db: Session, make_space: Callable[..., Space]) -> None:
    item = add_item(db, make_space(), "Vijandig", body, number=1)
    db.commit()
    assert db.scalar(select(func.count()).select_from(SearchDocument).where(SearchDocument.content_id == item.id)) == 1


def test_a_word_far_into_a_long_text_is_found_and_so_is_a_phrase_near_its_start(
    engine: Engine, db: Session, make_space: Callable[..., Space], make_user: Callable[..., User]
) -> None:
    reader = viewer(make_user())
    body = "begin van alles " + "lorem ipsum dolor " * 8000 + " zeldzaam slot"
    add_item(db, make_space(), "Lang", body, number=1, updated_at=utcnow())
    db.commit()
    assert found_by(engine, reader, "zeldzaam")[1] == 1
    assert found_by(engine, reader, '"begin van alles"')[1] == 1
    assert found_by(engine, reader, '"zeldzaam slot"')[1] == 0
