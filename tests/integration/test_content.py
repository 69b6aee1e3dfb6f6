"""The rules of writing: versions, merging, addresses, links, the trash. On both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content import reading
from plein.content.listing import listing
from plein.content.models import Content, ContentRedirect, Revision
from plein.content.services import ContentService, StaleVersion
from plein.people.models import User
from plein.plugins import Plugins
from plein.spaces.models import Space
from plein.web.markup import MarkupTooLarge

Service = ContentService


@pytest.fixture
def writer(make_user: Callable[..., User]) -> User:
    return make_user("writer")


@pytest.fixture
def space(make_space: Callable[..., Space], writer: User) -> Space:
    return make_space("handbook", members={writer: "editor"})


@pytest.fixture
def service_of(plugins: Plugins, session_of: Callable[..., Session], viewer_of: Callable[..., object]):
    def make(user: User, *, writes: bool = True) -> ContentService:
        content_type = plugins.content_types["wiki.page"]
        service: ContentService = content_type.service(
            db=session_of(user, writes=writes), viewer=viewer_of(user), type=content_type, plugins=plugins
        )
        return service

    return make


@pytest.fixture
def service(service_of, writer: User) -> ContentService:
    return service_of(writer)


def write(service: ContentService, space: Space, title: str, body: str = "", **more: object) -> Content:
    here = service.db.get(Space, space.id)
    assert here is not None
    return service.create(here, title=title, body=body, **more)


def titles(rows: list) -> list[str]:
    return [row.title for row in rows]


def test_a_new_item_has_an_address_html_text_outline_and_a_first_version(service: Service, space: Space) -> None:
    item = write(service, space, "Een Café", "## Koffie\n\nZwart of *wit*.", tags=["eten", "Eten", " drinken "])
    assert item.slug == "een-cafe"
    assert "<em>wit</em>" in item.html
    assert item.text.splitlines()[-1] == "Zwart of wit."
    assert item.outline == [[2, "user-content-koffie", "Koffie"]]
    assert item.tags == ["eten", "drinken"]
    revision = service.revision(item, 1)
    assert revision is not None and (revision.title, revision.kind) == ("Een Café", "edit")


def test_equal_titles_get_addresses_of_their_own(service: Service, space: Space) -> None:
    assert [write(service, space, "Agenda").slug for _ in range(3)] == ["agenda", "agenda-2", "agenda-3"]


def test_an_address_that_somebody_else_hides_is_not_given_twice(
    service: Service, service_of, space: Space, make_user, writer: User, db: Session
) -> None:
    hidden = write(service, space, "Plan", state="draft")
    service.db.commit()
    other = make_user("other")
    second = write(service_of(other), space, "Plan")
    assert (hidden.slug, second.slug) == ("plan", "plan-2")


def test_a_save_is_a_new_version_and_the_same_text_is_none(service: Service, space: Space) -> None:
    item = write(service, space, "Regels", "Eén.")
    assert service.save(item, base_version=1, title="Regels", body="Eén.").kind == "unchanged"
    assert service.save(item, base_version=1, title="Regels", body="Twee.", note="beter").kind == "saved"
    rows = reading.history(service.db, item).rows
    assert [(row.version, row.note) for row in rows] == [(2, "beter"), (1, "")]


def test_two_who_change_different_lines_are_merged(service: Service, service_of, space: Space, make_user) -> None:
    item = write(service, space, "Lijst", "een\n\ntwee\n\ndrie\n\nvier\n")
    service.db.commit()
    other = service_of(make_user("other"))
    same = other.db.get(Content, item.id)
    assert other.save(same, base_version=1, title="Lijst", body="EEN\n\ntwee\n\ndrie\n\nvier\n").kind == "saved"
    other.db.commit()
    result = service.save(item, base_version=1, title="Lijst", body="een\n\ntwee\n\ndrie\n\nVIER\n", tags=["x"])
    assert result.kind == "merged"
    assert item.body == "EEN\n\ntwee\n\ndrie\n\nVIER\n"
    assert (item.version, item.tags) == (3, ["x"])


def test_two_who_change_the_same_line_get_both_texts_back(service: Service, space: Space) -> None:
    item = write(service, space, "Lijst", "een\ntwee\ndrie\n")
    service.save(item, base_version=1, title="Lijst", body="een\nTWEE\ndrie\n")
    result = service.save(item, base_version=1, title="Lijst", body="een\n2\ndrie\n")
    assert result.kind == "conflict"
    assert item.body == "een\nTWEE\ndrie\n"
    assert result.merge is not None
    assert [(clash.mine.strip(), clash.theirs.strip()) for clash in result.merge.conflicts] == [("2", "TWEE")]


def test_two_who_give_another_title_get_a_conflict_too(service: Service, space: Space) -> None:
    item = write(service, space, "Lijst", "x")
    service.save(item, base_version=1, title="Lijsten", body="x")
    assert service.save(item, base_version=1, title="Opsomming", body="x").kind == "conflict"


def test_a_base_that_never_was_is_refused(service: Service, space: Space) -> None:
    item = write(service, space, "Lijst", "x")
    with pytest.raises(StaleVersion):
        service.save(item, base_version=7, title="Lijst", body="y")


def test_too_much_text_is_refused_and_nothing_is_stored(service: Service, space: Space) -> None:
    with pytest.raises(MarkupTooLarge):
        write(service, space, "Groot", "x" * (300 * 1024))
    item = write(service, space, "Klein", "y")
    with pytest.raises(MarkupTooLarge):
        service.save(item, base_version=1, title="Klein", body="x" * (300 * 1024))


def test_restoring_makes_an_old_text_the_newest_version(service: Service, space: Space) -> None:
    item = write(service, space, "Regels", "Eén.", tags=["a"])
    service.save(item, base_version=1, title="Nieuwe regels", body="Twee.")
    assert service.restore(item, 1).kind == "saved"
    assert (item.title, item.body, item.tags, item.version, item.slug) == ("Regels", "Eén.", ["a"], 3, "regels")
    assert service.restore(item, 3).kind == "unchanged"
    with pytest.raises(StaleVersion):
        service.restore(item, 9)


def test_another_title_gives_another_address_and_the_old_one_leads_there(
    service: Service, space: Space, db: Session
) -> None:
    item = write(service, space, "Parkeren", "x")
    service.save(item, base_version=1, title="Vergunningen", body="x")
    service.save(item, base_version=2, title="Parkeren", body="x")
    service.save(item, base_version=3, title="Vergunningen", body="x")
    assert item.slug == "vergunningen"
    service.db.commit()
    redirects = db.execute(select(ContentRedirect.slug, ContentRedirect.content_id)).all()
    assert ("parkeren", item.id) in [tuple(row) for row in redirects]


def test_what_was_thrown_away_is_seen_by_editors_only_and_can_be_put_back(
    service: Service, service_of, space: Space, make_user
) -> None:
    item = write(service, space, "Weg", "x")
    service.trash(item)
    service.db.commit()
    visitor = service_of(make_user("visitor"), writes=False)
    assert visitor.db.scalars(select(Content.title)).all() == []
    assert titles(listing(service.db, trashed=True).rows) == ["Weg"]
    assert titles(listing(service.db).rows) == []
    service.untrash(item)
    service.db.commit()
    visitor.db.rollback()
    assert visitor.db.scalars(select(Content.title)).all() == ["Weg"]


def test_links_are_followed_both_ways_under_old_addresses_too(service: Service, space: Space) -> None:
    target = write(service, space, "Doel", "")
    source = write(service, space, "Bron", "Zie [[Doel]] en [[Nergens]] en [[doel|nog eens]].")
    here = service.db.get(Space, space.id)
    assert titles(reading.backlinks(service.db, target, here)) == ["Bron"]
    assert [row.target_title for row in reading.wanted_in(service.db, source)] == ["Nergens"]
    assert [row.target_slug for row in reading.wanted(service.db, here, "wiki.page")] == ["nergens"]
    assert titles(reading.orphans(service.db, here, "wiki.page")) == ["Bron"]
    service.save(target, base_version=1, title="Einddoel", body="")
    assert titles(reading.backlinks(service.db, target, here)) == ["Bron"]
    assert [row.target_title for row in reading.wanted_in(service.db, source)] == ["Nergens"]
    service.save(source, base_version=1, title="Bron", body="niets meer")
    assert reading.backlinks(service.db, target, here) == []


def test_a_link_to_what_this_reader_may_not_see_is_wanted_for_that_reader(
    service: Service, service_of, space: Space, make_user
) -> None:
    write(service, space, "Geheim", "x", state="draft")
    source = write(service, space, "Bron", "[[Geheim]]")
    service.db.commit()
    other = service_of(make_user("other"), writes=False)
    assert reading.wanted_in(service.db, source) == []
    assert [row.target_slug for row in reading.wanted_in(other.db, other.db.get(Content, source.id))] == ["geheim"]


def test_moving_to_another_space_keeps_the_old_address(
    service: Service, space: Space, make_space, writer: User, db: Session
) -> None:
    other = make_space("other", members={writer: "editor"})
    write(service, other, "Gids", "")
    item = write(service, space, "Gids", "[[Iets]]")
    service.move_to_space(item, service.db.get(Space, other.id))
    service.db.commit()
    assert (item.space.slug, item.slug) == ("other", "gids-2")
    assert 'href="/spaces/other/wiki/iets"' in item.html
    assert db.scalars(select(ContentRedirect.space_id).where(ContentRedirect.content_id == item.id)).all() == [space.id]


def test_lists_page_by_key_in_both_orders_without_losing_an_item(service: Service, space: Space) -> None:
    names = [f"Pagina {number:02d}" for number in range(7)] + ["été", "Eten", "zon"]
    for name in names:
        write(service, space, name)
    for order in ("title", "recent"):
        found: list[str] = []
        after: str | None = None
        while True:
            page = listing(service.db, order=order, after=after, size=3)
            found += titles(page.rows)
            after = page.next
            if after is None:
                break
        assert sorted(found) == sorted(names)
    assert titles(listing(service.db, order="title").rows)[:2] == ["été", "Eten"]
    assert len(listing(service.db, after="nonsense~x").rows) == 10


def test_every_version_ever_saved_can_be_read(service: Service, space: Space) -> None:
    item = write(service, space, "Dagboek", "0")
    for number in range(1, 6):
        service.save(item, base_version=number, title="Dagboek", body=str(number))
    service.db.commit()
    bodies = service.db.scalars(select(Revision.body).order_by(Revision.version)).all()
    assert bodies == ["0", "1", "2", "3", "4", "5"]
