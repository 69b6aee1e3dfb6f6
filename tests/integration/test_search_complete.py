"""What search promises beyond words: nothing leaks, both databases agree, and the index catches up."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from plein_wiki.models import WikiPage
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content.models import Attachment, Content
from plein.contributions import ContentChange
from plein.db import open_session
from plein.jobs.context import parts_of
from plein.jobs.executor import Executor
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.search import index as indexing
from plein.search import on_content_changed, vocabulary
from plein.search.candidates import Filters
from plein.search.models import SearchDocument, SearchWord
from plein.search.rank import Sought, score, weight_of, weights
from plein.search.services import SearchPage, SearchService
from plein.security.viewer import Viewer
from plein.spaces.models import Space
from plein.testing import viewer

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def anna(make_user: Callable[..., User]) -> User:
    return make_user("anna")


@pytest.fixture
def places(make_space: Callable[..., Space], anna: User) -> dict[str, Space]:
    return {"open": make_space("open"), "hidden": make_space("hidden", access="hidden", members={anna: "editor"})}


@pytest.fixture
def add(db: Session, places: dict[str, Space]) -> Callable[..., WikiPage]:
    def made(
        title: str, text: str = "", space: str = "open", files: dict[str, str] | None = None, **values: Any
    ) -> Any:
        slug = title.lower().replace(" ", "-")
        moment = values.pop("updated_at", NOW)
        item = WikiPage(
            space_id=places[space].id, title=title, sort_title=title.lower(), slug=slug, text=text, **values
        )
        item.updated_at = moment
        db.add(item)
        db.flush()
        for name, words in (files or {}).items():
            file = {"content_id": item.id, "name": name, "media_type": "text/plain", "size": 1, "digest": name}
            db.execute(insert(Attachment).values(uid=f"{item.id}-{name}", text=words, **file))
        indexing.index(db, item)
        db.commit()
        return item

    return made


def find(engine: Engine, who: User, question: str, filters: Filters | None = None, **options: Any) -> SearchPage:
    asker: Viewer = viewer(who)
    with open_session(engine, viewer=asker) as session:
        return SearchService(session, asker).find(question, filters, today=NOW.date(), **options)


def titles(page: SearchPage) -> list[str]:
    return ["".join(part.text for part in hit.title) for hit in page.hits]


# -- who finds it is decided at once


@pytest.mark.parametrize(
    "values", [{"state": "draft"}, {"restricted": True}, {"state": "trashed"}, {"space": "hidden"}], ids=str
)
def test_what_may_no_longer_be_seen_is_neither_found_nor_counted_before_any_job_ran(
    values: dict[str, Any],
    add: Callable[..., Any],
    engine: Engine,
    db: Session,
    make_user: Callable[..., User],
    anna: User,
    places: dict[str, Space],
) -> None:
    ben, item = make_user("ben"), add("Geheim plan", "De mol heet Piet.", author_id=anna.id)
    assert find(engine, ben, "mol").total == 1
    for name, value in values.items():
        setattr(item, "space_id" if name == "space" else name, places[value].id if name == "space" else value)
    db.flush()
    on_content_changed(db, ContentChange(item, "saved", viewer(anna)))
    db.commit()
    for question in ("mol", "geheim plan", "gehiem"):
        page = find(engine, ben, question)
        assert (page.total, page.hits, page.meant, dict(page.types)) == (0, (), "", {}), question


def test_a_snippet_never_shows_what_was_taken_out_of_the_text(
    add: Callable[..., Any], engine: Engine, db: Session, anna: User
) -> None:
    item = add("Adressen", "Het geheime nummer is zwaluw twaalf.")
    item.text = "Het nummer staat hier niet meer."
    db.flush()
    on_content_changed(db, ContentChange(item, "saved", viewer(anna)))
    db.commit()
    for hit in find(engine, anna, "zwaluw").hits:
        assert "zwaluw" not in "".join(part.text for part in hit.snippet)


def test_ten_saves_are_one_job_and_the_index_catches_up_within_five_seconds(
    add: Callable[..., Any], engine: Engine, db: Session, anna: User, app: TestApp
) -> None:
    item = add("Beleid", "oud")
    executor = Executor(parts_of(app.app.registry), viewer_for)
    # What recurs is done first, so that only the saves are left.
    executor.run_due()
    for number in range(10):
        item.text, item.version = f"nieuw zeldzaamwoord {number}", item.version + 1
        db.flush()
        on_content_changed(db, ContentChange(item, "saved", viewer(anna)))
    db.commit()
    executor.start()
    try:
        until = time.monotonic() + 5
        while time.monotonic() < until and not find(engine, anna, "zeldzaamwoord").total:
            time.sleep(0.05)
        assert find(engine, anna, "zeldzaamwoord").total == 1
        assert find(engine, anna, "oud").total == 0
    finally:
        executor.stop(10)
    assert indexing.check(engine).is_good


# -- what was meant


def test_a_word_that_one_may_not_read_is_never_suggested(
    add: Callable[..., Any], engine: Engine, anna: User, make_user: Callable[..., User]
) -> None:
    add("Plannen", "Over de reorganisatie van de afdeling.", "hidden")
    for number in range(5):
        add(f"Dossier {number}", "reorganisatie", "hidden")
    assert find(engine, anna, "reorganisatei").meant == "reorganisatie"
    assert find(engine, make_user("ben"), "reorganisatei").meant == ""
    assert find(engine, make_user("gast", kind="guest"), "reorganisatei").meant == ""


def test_what_was_meant_keeps_the_other_words(add: Callable[..., Any], engine: Engine, anna: User) -> None:
    add("Verlof aanvragen", "Zo vraag je verlof aan.")
    assert find(engine, anna, "verlof aanvrgaen").meant in ("verlof aanvragen", "")
    assert find(engine, anna, "aanvrgaen").meant == "aanvragen"
    assert find(engine, anna, "xyzzyqwv").meant == ""


@pytest.mark.parametrize(
    ("one", "other", "steps"), [("verlof", "verlof", 0), ("velrof", "verlof", 1), ("", "ab", 2), ("kat", "kast", 1)]
)
def test_distance_counts_letters(one: str, other: str, steps: int) -> None:
    assert vocabulary.distance(one, other) == steps


def test_the_vocabulary_counts_each_item_once_and_forgets_what_is_gone(
    add: Callable[..., Any], engine: Engine, db: Session, anna: User
) -> None:
    item = add("Een", "appel appel peer")
    add("Twee", "appel")
    item.text = "banaan"
    indexing.index(db, item)
    db.commit()
    counted = dict(db.execute(select(SearchWord.word, SearchWord.documents)).all())
    assert (counted["appel"], counted["peer"], counted["banaan"], counted[vocabulary.ALL]) == (1, 0, 1, 2)
    indexing.remove(db, item.id)
    vocabulary.forget_unused(db)
    db.commit()
    left = dict(db.execute(select(SearchWord.word, SearchWord.documents)).all())
    assert "banaan" not in left and left[vocabulary.ALL] == 1


def test_compounds_are_taken_apart_into_words_that_are_known() -> None:
    parts = vocabulary.parts_by({"verlof", "aanvraag", "zorg", "gemeente", "raad"})
    assert parts("verlofaanvraag") == ("verlof", "aanvraag")
    assert parts("gemeenteraad") == ("gemeente", "raad")
    assert parts("zorgsverlof") == ("zorg", "verlof")
    assert parts("verlof") == () and parts("onbekendwoord") == () and parts("a" * 64) == ()


def test_a_compound_is_found_by_its_head_once_the_site_knows_it(
    add: Callable[..., Any], engine: Engine, anna: User
) -> None:
    for number in range(3):
        add(f"Subsidie {number}", "Over de regeling.")
    add("Subsidieregeling", "Lees dit.")
    vocabulary.forget_parts()
    indexing.reindex(engine, everything=True)
    assert "Subsidieregeling" in titles(find(engine, anna, '"regeling" lees'))


# -- rank


def test_both_databases_give_this_order(add: Callable[..., Any], engine: Engine, anna: User) -> None:
    add("Begroting", "Cijfers.")
    add("De begroting van volgend jaar in gewone taal", "Cijfers.")
    add("Jaarplan", "begroting " * 3 + "en nog veel meer woorden over het plan", outline=[[2, "b", "Begroting"]])
    add("Financiën", "Hier staat één keer begroting, tussen andere woorden.", tags=["geld"])
    add("Label", "Cijfers.", tags=["begroting"])
    add("Verslag", "De begroting. " + "Andere woorden over andere dingen. " * 200)
    order = ["Begroting", "De begroting van volgend jaar in gewone taal", "Jaarplan", "Label", "Financiën", "Verslag"]
    assert titles(find(engine, anna, "begroting")) == order


def test_newer_read_and_trusted_items_come_first(add: Callable[..., Any], engine: Engine, anna: User) -> None:
    add("Een pas", "toegang", updated_at=NOW - timedelta(days=900))
    add("Een pasje", "toegang", updated_at=NOW - timedelta(days=900), popularity=100)
    add("Een poort", "toegang", updated_at=NOW)
    add("Een hek", "toegang", updated_at=NOW, open_reports=2)
    add("Een slot", "toegang", updated_at=NOW, review_on=NOW.date() - timedelta(days=30))
    assert titles(find(engine, anna, "toegang")) == ["Een poort", "Een pasje", "Een pas", "Een slot", "Een hek"]


def test_ranks_are_taken_over_from_items_that_did_not_change(
    add: Callable[..., Any], engine: Engine, db: Session
) -> None:
    item = add("Een pas")
    table: Any = Content.__table__
    db.execute(update(table).where(table.c.id == item.id).values(popularity=7, review_on=date(2026, 1, 1)))
    db.commit()
    indexing.copy_ranks(engine)
    assert db.execute(select(SearchDocument.popularity, SearchDocument.review_on)).one() == (7, date(2026, 1, 1))
    db.commit()
    assert indexing.check(engine).is_good


def test_weights_tell_a_title_from_a_text_and_know_whole_words() -> None:
    kept = weights({"title": ["verlof"], "tags": [], "headings": [], "body": ["verlofdag", "rest"], "files": []})
    assert weight_of(kept, "verlof") > weight_of(kept, "rest") > 0
    assert weight_of(kept, "verlo") == weight_of(kept, "V") == weight_of(kept, "") == 0
    assert weight_of(kept, "verlofd", prefix=True) == weight_of(kept, "verlofdag") > 0
    both = Sought(("zorg",), also=(("verlof", "rest"),))
    assert 0 < both.weight(kept) < weight_of(kept, "verlof")
    long = weights({"title": [], "tags": [], "headings": [], "body": [f"woord{n}" for n in range(5000)], "files": []})
    assert len(long.encode()) <= 1800


class Row:
    title_words, popularity, open_reports = 2, 0, 0
    updated_at, reviewed_at, review_on = NOW, None, None


def test_a_score_is_a_whole_number_that_does_not_change_within_a_day() -> None:
    values: Any = {"words": 1, "in_title": True, "today": NOW.date()}
    assert score(Row, 0.5, **values) == score(Row, 0.5, **values) > score(Row, 0.4, **values) > 0


# -- filters, files, most of the words


def test_filters_narrow_by_person_day_state_and_files(
    add: Callable[..., Any], engine: Engine, anna: User, make_user: Callable[..., User]
) -> None:
    ben = make_user("ben")
    add("Regels van Anna", "tekst", author_id=anna.id)
    add("Regels van Ben", "tekst", owner_id=ben.id, updated_at=NOW - timedelta(days=10))
    add("Oude regels", "tekst", state="archived")
    add("Regels in concept", "tekst", state="draft", author_id=anna.id)
    add("Regels met bijlage", "tekst", files={"a.pdf": "x"})

    def found(who: User = anna, question: str = "regels", **filters: Any) -> set[str]:
        return set(titles(find(engine, who, question, Filters(**filters))))

    everything = {"Regels van Anna", "Regels van Ben", "Regels met bijlage"}
    assert found() == everything | {"Regels in concept"} and found(ben) == everything
    assert found(person="ANNA") == {"Regels van Anna", "Regels in concept"}
    assert found(person="ben") == {"Regels van Ben"} and found(person="nobody") == set()
    assert found(until=NOW.date() - timedelta(days=10)) == {"Regels van Ben"}
    assert "Regels van Ben" not in found(since=NOW.date())
    assert found(state="archived") == {"Oude regels"} and found(state="draft") == {"Regels in concept"}
    assert found(ben, state="draft") == set() and len(found(state="all")) == 5
    assert found(has_files=True) == {"Regels met bijlage"}
    # Without words: only filters.
    assert found(question="", state="draft") == {"Regels in concept"}
    assert found(until=date.max, since=date.min) == everything | {"Regels in concept"}


def test_words_in_a_file_find_its_item_and_name_the_file(add: Callable[..., Any], engine: Engine, anna: User) -> None:
    add("Bijlagen", "Zie onder.", files={"jaarrekening.pdf": "De penningmeester kocht <b>paperclips</b>.", "x.txt": ""})
    (hit,) = find(engine, anna, "paperclips").hits
    assert hit.file is not None and "".join(part.text for part in hit.file.name) == "jaarrekening.pdf"
    assert [part.text for part in hit.snippet if part.is_match] == ["paperclips"]
    (hit,) = find(engine, anna, "jaarrekening").hits
    assert hit.file is not None and any(part.is_match for part in hit.file.name)


def test_where_no_item_has_all_words_those_with_most_are_found_and_it_is_said(
    add: Callable[..., Any], engine: Engine, anna: User
) -> None:
    add("Fiets van de zaak", "Zo krijg je een fiets van je werk.")
    add("Auto", "Geen fiets.")
    page = find(engine, anna, "hoe kan ik een elektrische fiets huren via mijn werk")
    assert titles(page)[0] == "Fiets van de zaak" and page.loosened
    assert not find(engine, anna, "fiets werk").loosened


def test_the_newest_come_first_where_that_is_asked(add: Callable[..., Any], engine: Engine, anna: User) -> None:
    add("Verlof", "", updated_at=NOW - timedelta(days=5))
    add("Anders", "verlof", updated_at=NOW)
    assert titles(find(engine, anna, "verlof", sort="date")) == ["Anders", "Verlof"]


@pytest.mark.parametrize(
    "question",
    ["a" * 401, "-x -y -z", "* * * *", '"' * 99, "(.*)+$", "😀😀", "%_%", "tag: tag:", "\x00", " ".join(["-"] * 150)],
    ids=lambda question: repr(question[:12]),
)
def test_whatever_is_asked_gives_a_page(question: str, add: Callable[..., Any], engine: Engine, anna: User) -> None:
    add("Verlof", "tekst")
    odd = Filters(tag=question, person=question, type_name=question, state="all", since=date.max, until=date.min)
    assert find(engine, anna, question).total >= 0 and find(engine, anna, question, odd, after=question).total == 0


def test_a_copied_viewer_without_rights_finds_nothing(add: Callable[..., Any], engine: Engine, anna: User) -> None:
    add("Verlof", "tekst")
    nobody = replace(viewer(anna), user_id=None, kind="anonymous")
    with open_session(engine, viewer=nobody) as session:
        assert SearchService(session, nobody).find("verlof").total == 0
