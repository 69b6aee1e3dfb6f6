"""Personal data: given to the person and nobody else, forgotten for good, frozen, and in the register."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.cli import cli
from plein.content.models import Content, Revision
from plein.contributions import ErasedPerson
from plein.db import Base, migrate, open_session, utcnow
from plein.hookspecs import hookimpl
from plein.jobs import enqueue
from plein.jobs.context import JobContext, parts_of
from plein.jobs.models import QueuedJob
from plein.mail import send
from plein.people.models import SignInLink, SignInSession, User
from plein.people.profile_models import Photo, UserFacet
from plein.people.standing import viewer_for
from plein.privacy.erasing import LIST, ErasureError, erase, listed, replay, write_down
from plein.privacy.exporting import Export, file_of, safe_path, throw_away_expired
from plein.privacy.models import DataExport, Erasure, Restriction
from plein.spaces.models import Membership


@pytest.fixture
def anna(make_user):
    return make_user("anna.devries", name="Anna de Vries", email="anna@example.nl")


@pytest.fixture
def baas(make_user):
    return make_user("baas", is_admin=True)


@pytest.fixture
def site(app: TestApp) -> Any:
    return parts_of(app.app.registry)


@pytest.fixture
def kept_of_anna(anna, make_user, make_space, as_user, db) -> str:
    """Anna in an open space with a page of her own that others named her in. Gives the page's uid."""
    bram = make_user("bram")
    make_space("team", members={anna: "member", bram: "member"})
    _write(as_user(anna), "team", "Mijn pagina", "Vraag het @anna.devries of @anna.devries2, niet x@anna.devries.nl.")
    _write(as_user(bram), "team", "Van Bram", "Dank je @Anna.deVries.")
    db.add(Photo(user_id=anna.id, size=64, digest="a" * 64))
    db.get(User, anna.id).expertise = ["Water"]
    db.commit()
    return str(look(db, select(Content.uid).where(Content.title == "Mijn pagina")))


def look(db: Any, statement: Any) -> Any:
    """One value of what is stored now, without keeping SQLite's lock."""
    db.expire_all()
    found = db.scalar(statement)
    db.rollback()
    return found


def _write(browser: TestApp, space: str, title: str, body: str) -> None:
    page = browser.get(f"/spaces/{space}/wiki/-/new")
    form = next(form for form in page.forms.values() if "body" in form.fields)
    form["title"], form["body"] = title, body
    form.submit(status=303)


# -- my data -------------------------------------------------------------------------------------------------------


def make_export(browser: TestApp, run_jobs: Callable[[], int]) -> zipfile.ZipFile:
    page = browser.get("/me/data")
    next(form for form in page.forms.values() if form.action.endswith("/me/data/export")).submit(status=303)
    assert "being put together" in browser.get("/me/data")
    run_jobs()
    answer = browser.get("/me/data").click("Download")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    return zipfile.ZipFile(BytesIO(answer.body))


def test_person_gets_what_is_kept_about_them(anna, kept_of_anna, as_user, run_jobs, db):
    archive = make_export(as_user(anna), run_jobs)
    data = {part["name"]: part["rows"] for part in json.loads(archive.read("data.json"))["data"]}
    assert data["user"][0]["login"] == "anna.devries"
    assert data["user"][0]["expertise"] == ["Water"]
    assert {"label": "Water"} in data["user_facet"]
    assert data["content"][0]["title"] == "Mijn pagina"
    assert data["wiki_place"] == [{"title": "Mijn pagina", "under": None}]
    assert b"Vraag het" in archive.read("files/texts/mijn-pagina.md")
    page = archive.read("index.html").decode()
    assert "Anna de Vries" in page
    assert "default-src 'none'" in page
    everything = page + archive.read("data.json").decode()
    assert "hash" not in everything
    assert "Van Bram" not in everything
    acts = set(db.scalars(select(AuditEntry.action).where(AuditEntry.actor_id == anna.id)))
    db.rollback()
    assert {"data.asked", "data.exported", "data.downloaded"} <= acts


def test_export_holds_photo_and_files_that_are_there(anna, kept_of_anna, as_user, run_jobs, db, site):
    digest, _ = site.blobs.put(BytesIO(b"a photo"))
    db.add(Photo(user_id=anna.id, size=256, digest=digest))
    db.commit()
    archive = make_export(as_user(anna), run_jobs)
    assert archive.read("files/photo.webp") == b"a photo"


def test_export_holds_nothing_that_the_person_may_not_see_any_more(anna, kept_of_anna, as_user, run_jobs, db):
    db.execute(update(Content).where(Content.uid == kept_of_anna).values(state="trashed"))
    db.commit()
    archive = make_export(as_user(anna), run_jobs)
    assert "Mijn pagina" not in archive.read("data.json").decode()
    assert not [name for name in archive.namelist() if "texts/" in name]


def test_export_is_for_its_person_only_and_expires(anna, baas, as_user, run_jobs, db, site):
    browser = as_user(anna)
    make_export(browser, run_jobs)
    uid = look(db, select(DataExport.uid))
    path = file_of(site.settings, uid)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    as_user(baas).get(f"/me/data/{uid}.zip", status=404)
    db.execute(update(DataExport).values(expires_at=utcnow()))
    db.execute(update(QueuedJob).values(state="done"))
    db.commit()
    browser.get(f"/me/data/{uid}.zip", status=404)
    throw_away_expired(JobContext(site, viewer_for, 0, None))
    assert not path.exists()
    assert look(db, select(DataExport)) is None


def test_export_of_a_suspended_account_is_not_made(anna, as_user, run_jobs, db, site):
    page = as_user(anna).get("/me/data")
    next(form for form in page.forms.values() if form.action.endswith("/me/data/export")).submit(status=303)
    db.execute(update(User).where(User.id == anna.id).values(state="suspended"))
    db.commit()
    run_jobs()
    assert list((Path(site.settings["plein.files_dir"])).glob("exports/*")) == []


def test_names_of_files_lead_nowhere_else():
    assert safe_path("../../etc/passwd") == "etc/passwd"
    assert safe_path("a\\..\\b:c?.txt") == "a/b_c_.txt"
    assert safe_path("...") == "file"
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        export = Export(1, archive)
        for _ in range(2):
            export.add_file("a/b.txt", BytesIO(b"x"))
    assert zipfile.ZipFile(buffer).namelist() == ["files/a/b.txt", "files/a/b-2.txt"]


def test_request_is_answered_by_whoever_keeps_accounts(anna, baas, as_user, db):
    page = as_user(anna).get("/me/data")
    form = next(form for form in page.forms.values() if form.action.endswith("/me/data/ask"))
    form["text"] = ""
    assert "Fill this in" in form.submit(status=422)
    form["text"] = "Mijn functie <b>klopt</b> niet"
    form.submit(status=303)
    page = as_user(baas).get("/admin/privacy")
    assert "Mijn functie &lt;b&gt;klopt&lt;/b&gt; niet" in page
    form = next(form for form in page.forms.values() if "/requests/" in form.action)
    form["answer"] = "Aangepast."
    form.submit(status=303)
    assert "Aangepast." in as_user(anna).get("/me/data")


# -- erasing -------------------------------------------------------------------------------------------------------


def rest_of(db, user_id: int) -> User:
    db.rollback()
    db.expire_all()
    found = db.get(User, user_id)
    db.expunge(found)
    db.rollback()
    return found


def test_administrator_sees_what_an_erasure_touches_and_erases(anna, baas, kept_of_anna, as_user, db, site):
    db.add(SignInLink(user_id=anna.id, token_hash="x", expires_at=utcnow()))
    send(db, to="anna@example.nl", subject="x", template="plein:templates/mail/test.pt")
    db.commit()
    browser = as_user(baas)
    page = browser.get("/admin/privacy/people/anna.devries")
    assert "Values that people are filtered by" in page
    assert "Mijn pagina" not in page
    form = next(form for form in page.forms.values() if form.action.endswith("/erase"))
    form["reason"], form["login"] = "Vroeg erom", "iemand.anders"
    assert "not the login" in form.submit(status=422)
    form["login"] = "anna.devries"
    form.submit(status=303)
    rest = rest_of(db, anna.id)
    assert rest.login.startswith("oud-collega-")
    assert (rest.name, rest.email, rest.state, rest.password_hash) == ("Oud-collega", "", "left", "")
    for model in (SignInSession, SignInLink, UserFacet, Photo, Membership):
        assert look(db, select(model).where(model.user_id == anna.id)) is None
    # What is left to do names items, not people.
    of_items = ("search.index", "inbox.deliver", "content.after")
    assert look(db, select(QueuedJob).where(QueuedJob.name.not_in(of_items))) is None
    assert look(db, select(Content.author_id).where(Content.uid == kept_of_anna)) == anna.id
    entry = db.scalar(select(AuditEntry).where(AuditEntry.action == "account.erased"))
    assert (entry.actor_id, entry.object_id, entry.details["reason"]) == (baas.id, str(anna.id), "Vroeg erom")
    assert listed(Path(site.settings["plein.files_dir"]) / LIST) == [anna.uid]


def test_no_trace_of_the_name_is_left_in_any_table(anna, baas, kept_of_anna, site, db):
    assert erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    db.rollback()
    for table in Base.metadata.sorted_tables:
        for row in db.execute(select(table)):
            text = repr(tuple(row)).lower().replace("@anna.devries2", "").replace("x@anna.devries.nl", "")
            assert "anna.devries" not in text, table.name
            assert "anna de vries" not in text, table.name
            assert "anna@example.nl" not in text, table.name


def test_mentions_get_the_pseudonym_and_others_stay(anna, baas, kept_of_anna, site, db, as_user, run_jobs):
    done = erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    db.rollback()
    name = done.pseudonym
    body = look(db, select(Content.body).where(Content.uid == kept_of_anna))
    assert body == f"Vraag het @{name} of @anna.devries2, niet x@anna.devries.nl."
    assert look(db, select(Revision.body).where(Revision.title == "Van Bram")) == f"Dank je @{name}."
    run_jobs()
    assert "Van Bram" in as_user(baas).get("/search", {"q": name})


def test_erasing_takes_away_files(anna, baas, kept_of_anna, site, db):
    own, shared = (site.blobs.put(BytesIO(text))[0] for text in (b"own", b"shared"))
    db.execute(update(Photo).values(digest=own))
    db.add_all([Photo(user_id=anna.id, size=32, digest=shared), Photo(user_id=baas.id, size=32, digest=shared)])
    db.commit()
    erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    assert not site.blobs.path(own).exists()
    assert site.blobs.path(shared).exists()


def test_oneself_and_the_last_administrator_cannot_be_erased(baas, make_user, site):
    with pytest.raises(ErasureError, match="self"):
        erase(site, baas.uid, reason="r", actor_id=baas.id, origin="test")
    with pytest.raises(ErasureError, match="last"):
        erase(site, baas.uid, reason="r", actor_id=None, origin="test")
    assert erase(site, "no such", reason="r", actor_id=None, origin="test") is None


def test_erased_person_cannot_be_restored(anna, baas, site, as_user, db):
    erase(site, anna.uid, reason="asked for it", actor_id=baas.id, origin="")
    login = look(db, select(User.login).where(User.id == anna.id))
    browser = as_user(baas)
    token = browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"]
    answer = browser.post(f"/admin/users/{login}/restore", {"csrf_token": token}, status=303)
    assert "nothing is left to restore" in answer.follow().text
    assert look(db, select(User.state).where(User.id == anna.id)) == "left"


def test_erasing_twice_does_no_harm(anna, baas, site, db):
    first = erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    second = erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    assert first.pseudonym == second.pseudonym
    assert len(listed(Path(site.settings["plein.files_dir"]) / LIST)) == 1


def test_plugin_that_fails_is_named_and_asked_again(anna, baas, site, db):
    class Failing:
        fails = True

        @hookimpl
        def on_user_erased(self, db: Any, person: ErasedPerson) -> None:
            if self.fails:
                raise RuntimeError("broken")

    plugin = Failing()
    site.plugins._register("fails", plugin, is_core=False)
    done = erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    assert done.missing == ("fails",)
    assert rest_of(db, anna.id).name == "Oud-collega"
    assert look(db, select(Erasure.missing)) == ["fails"]
    plugin.fails = False
    assert replay(site).again == 1
    assert look(db, select(Erasure.missing)) == []
    assert replay(site).again == 0


# -- after a restore -----------------------------------------------------------------------------------------------


def test_restored_database_is_caught_up_with_the_list(anna, baas, site, db, settings_values, tmp_path):
    erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    # An older database: the person has their name, and nobody was erased.
    with open_session(site.engine, writes=True) as older, older.begin():
        older.execute(update(User).where(User.id == anna.id).values(login="anna.devries", name="Anna", state="active"))
        older.delete(older.scalar(select(Erasure)))
    config = tmp_path / "site.ini"
    lines = "\n".join(f"{name} = {value.replace('%', '%%')}" for name, value in settings_values.items())
    config.write_text(f"[app:main]\nuse = egg:plein\n{lines}\n", encoding="utf-8")
    answer = CliRunner().invoke(cli, ["-c", str(config), "privacy", "replay"])
    assert answer.output == "Erased again: 1. Added to the list: 0.\n"
    assert rest_of(db, anna.id).name == "Oud-collega"
    assert look(db, select(AuditEntry.action).where(AuditEntry.action == "account.erased_again"))


def test_list_that_was_restored_too_is_completed_by_the_database_and_by_a_copy(
    anna, baas, make_user, site, db, tmp_path
):
    other = make_user("other")
    erase(site, anna.uid, reason="r", actor_id=baas.id, origin="test")
    file = Path(site.settings["plein.files_dir"]) / LIST
    file.unlink()
    copy = tmp_path / "copy.jsonl"
    copy.write_text(json.dumps({"uid": other.uid}) + "\nhalf a li", encoding="utf-8")
    done = replay(site, copy)
    assert (done.again, set(listed(file))) == (1, {anna.uid, other.uid})
    assert file.stat().st_mode & 0o077 == 0


def test_list_holds_nothing_of_a_person(tmp_path):
    write_down(tmp_path, ["u-1", "u-2"])
    write_down(tmp_path, ["u-2"])
    rows = [json.loads(line) for line in (tmp_path / LIST).read_text().splitlines()]
    assert [row["uid"] for row in rows] == ["u-1", "u-2"]
    assert all(set(row) == {"uid", "at"} for row in rows)


# -- freezing ------------------------------------------------------------------------------------------------------


def test_frozen_account_is_neither_used_nor_shown_and_comes_back_as_it_was(anna, baas, make_user, as_user, db):
    colleague, hers, admin = as_user(make_user("collega")), as_user(anna), as_user(baas)
    page = admin.get("/admin/privacy/people/anna.devries")
    form = next(form for form in page.forms.values() if form.action.endswith("/freeze"))
    form["reason"] = "Bezwaar loopt"
    form.submit(status=303)
    assert hers.get("/me/preferences", status="*").status_int != 200
    assert "anna.devries" not in colleague.get("/people")
    colleague.get("/people/anna.devries", status=404)
    assert rest_of(db, anna.id).name == "Anna de Vries"
    assert look(db, select(Restriction.state_before)) == "active"
    page = admin.get("/admin/privacy/people/anna.devries")
    next(form for form in page.forms.values() if form.action.endswith("/thaw")).submit(status=303)
    assert rest_of(db, anna.id).state == "active"
    assert look(db, select(Restriction)) is None


def test_frozen_account_is_not_restored_past_the_page_of_privacy(anna, baas, as_user, db):
    admin = as_user(baas)
    page = admin.get("/admin/privacy/people/anna.devries")
    form = next(form for form in page.forms.values() if form.action.endswith("/freeze"))
    form["reason"] = "Bezwaar loopt"
    form.submit(status=303)
    token = page.html.find("meta", attrs={"name": "csrf-token"})["content"]
    admin.post("/admin/users/anna.devries/restore", {"csrf_token": token}, status="*")
    assert rest_of(db, anna.id).state == "frozen"


def test_going_back_to_before_freezing_leaves_the_account_suspended(engine, make_user, db):
    frozen = make_user("frozen", state="frozen")
    enqueue(db, "jobs.clean")
    db.add(Restriction(user_id=frozen.id, reason="r", state_before="active"))
    db.commit()
    migrate.downgrade(engine, name="core", to="0011")
    migrate.upgrade(engine)
    assert look(db, select(User.state).where(User.id == frozen.id)) == "suspended"
    assert look(db, select(QueuedJob.name)) == "jobs.clean"


# -- the register --------------------------------------------------------------------------------------------------


def test_register_is_made_of_what_is_declared(baas, as_user):
    page = as_user(baas).get("/admin/privacy/register")
    assert "Values that people are filtered by" in page
    text = as_user(baas).get("/admin/privacy/register.csv").text
    assert text.startswith("Purpose,Basis,")
    assert "user_facet" in text


def test_lists_and_pages_cost_the_same_for_many(anna, baas, as_user, count_statements):
    browser = as_user(anna)
    browser.get("/me/data")
    with count_statements() as counted:
        browser.get("/me/data")
    assert counted.total <= 8, str(counted)
