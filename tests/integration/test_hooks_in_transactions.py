"""Hooks and the database: what a plugin breaks in a transaction is undone, and is nobody else's trouble."""

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from structlog.testing import capture_logs

from plein.contributions import ContentChange, NavigationItem
from plein.db import build_engine, open_session
from plein.db.engine import WRITES
from plein.hookspecs import hookimpl
from plein.plugins import Answer, Candidate, Plugins, TransactionLost, build_plugins
from plein.security.viewer import Viewer

VIEWER = Viewer(user_id=1, name="Ann", kind="person")


def plugin(name: str, **hooks) -> Candidate:
    module = ModuleType(f"plein_{name}")
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    return Candidate(name, f"plein_{name}", f"plein-{name}", "1.0", ("plein>=1,<2",), lambda: module)


def build(*candidates: Candidate) -> Plugins:
    return build_plugins({}, environ={}, candidates=candidates)


@pytest.fixture(autouse=True)
def logs() -> Iterator[list]:
    with capture_logs() as captured:
        yield captured


class OwnBase(DeclarativeBase):
    """A table that exists in these tests alone."""


class Note(OwnBase):
    __tablename__ = "plugin_test_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(unique=True)


@pytest.fixture
def session(empty_url):
    """A writing session on an empty database of each kind, with the table of notes."""
    engine = build_engine(empty_url, pool_size=1)
    OwnBase.metadata.create_all(engine.execution_options(**{WRITES: True}))
    with open_session(engine, viewer=VIEWER, writes=True) as session:
        session.add(Note(text="mine"))
        yield session
        session.rollback()
    engine.dispose()


def add_home(request):
    return [NavigationItem("Home", "/")]


def notes(db) -> set[str]:
    return set(db.scalars(sa.select(Note.text)))


def changed(plugins: Plugins, db) -> list[Answer]:
    return plugins.call("on_content_changed", db=db, change=ContentChange(None, "saved", None))


def writes(text: str, then=lambda db: None):
    def implementation(db):
        db.add(Note(text=text))
        db.flush()
        then(db)

    return implementation


def fail(db):
    raise ValueError("after writing")


def hide_failed_flush(db):
    db.add(Note(text="mine"))
    with pytest.raises(sa.exc.IntegrityError):
        db.flush()


def hide_failed_statement(db):
    with pytest.raises(sa.exc.DBAPIError):
        db.execute(sa.text("select nothing from nowhere"))


def leave_savepoint_open(db):
    db.begin_nested()
    db.add(Note(text="inner"))


def test_what_a_plugin_writes_stays(session):
    plugins = build(plugin("ape", on_content_changed=writes("ape")))
    assert changed(plugins, session) == [Answer("ape", None)]
    session.commit()
    assert notes(session) == {"mine", "ape"}


@pytest.mark.parametrize("broken", [fail, hide_failed_flush])
def test_failing_plugin_undoes_its_own_writing_only(session, broken):
    plugins = build(
        plugin("ape", on_content_changed=writes("ape")),
        plugin("bear", on_content_changed=writes("bear", then=broken)),
        plugin("cat", on_content_changed=writes("cat")),
    )
    assert [answer.plugin for answer in changed(plugins, session)] == ["ape", "cat"]
    assert plugins.failures == {"bear": 1}
    session.commit()
    assert notes(session) == {"mine", "ape", "cat"}


def test_statement_that_fails_in_secret_breaks_nothing(session):
    plugins = build(
        plugin("bear", on_content_changed=hide_failed_statement), plugin("cat", on_content_changed=writes("cat"))
    )
    changed(plugins, session)
    session.commit()
    assert notes(session) == {"mine", "cat"}


def test_savepoint_that_a_plugin_left_open_is_closed(session):
    plugins = build(plugin("ape", on_content_changed=writes("ape", then=leave_savepoint_open)))
    assert len(changed(plugins, session)) == 1
    session.commit()
    assert notes(session) == {"mine", "ape", "inner"}


ENDINGS = {
    "commit": lambda db: db.commit(),
    "rollback": lambda db: db.rollback(),
    "close": lambda db: db.close(),
    "reset": lambda db: db.reset(),
    "invalidate": lambda db: db.invalidate(),
    "expunge_all": lambda db: db.expunge_all(),
    "its own savepoint": lambda db: db.get_nested_transaction().commit(),
    "in SQL": lambda db: db.execute(sa.text(" commit")),
    "in SQL, back": lambda db: db.connection().exec_driver_sql("ROLLBACK"),
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_plugin_cannot_end_the_transaction(session, end):
    plugins = build(plugin("ape", on_content_changed=writes("ape", then=end)))
    assert changed(plugins, session) == []
    assert plugins.failures == {"ape": 1}
    session.commit()
    assert notes(session) == {"mine"}


UNDERNEATH = {
    "transaction": lambda db: db.get_transaction().rollback(),
    "connection": lambda db: db.connection().rollback(),
    "commit of the connection": lambda db: db.connection().commit(),
    "closed connection": lambda db: db.connection().close(),
}


@pytest.mark.filterwarnings("ignore:(nested )?transaction already deassociated:sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("end", UNDERNEATH.values(), ids=UNDERNEATH)
def test_transaction_that_a_plugin_ends_behind_the_session_never_passes_as_saved(session, end):
    plugins = build(plugin("ape", on_content_changed=writes("ape", then=end)))
    with pytest.raises(TransactionLost) as caught:
        changed(plugins, session)
    assert str(caught.value).startswith("Plugin ape ended the transaction in on_content_changed, so nothing was saved;")
    # So that trying again works.
    assert plugins.paused() == ("ape",)
    session.rollback()
    assert notes(session) == set()
    session.add(Note(text="mine"))
    assert changed(plugins, session) == []
    session.commit()
    assert notes(session) == {"mine"}


def test_mistake_of_the_caller_is_not_blamed_on_a_plugin(session):
    plugins = build(plugin("ape", on_content_changed=writes("ape")))
    session.flush()
    session.add(Note(text="mine"))
    with pytest.raises(sa.exc.IntegrityError):
        changed(plugins, session)
    assert plugins.failures == {}


def test_core_writes_in_the_transaction_itself_and_its_failure_is_the_changes(session):
    plugins = build()
    plugins.add_core("search", SimpleNamespace(on_content_changed=hookimpl(writes("index", then=fail))))
    with pytest.raises(ValueError, match="after writing"):
        changed(plugins, session)


# -- on a page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [hide_failed_statement, hide_failed_flush, fail])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_page_works_on_after_a_plugin_broke_its_transaction(session, broken, method):
    session.commit()
    engine = session.get_bind().engine
    session.close()
    with open_session(engine, viewer=VIEWER, writes=method == "POST") as db:
        request = SimpleNamespace(db=db)
        assert notes(db) == {"mine"}
        if method == "POST":
            db.add(Note(text="typed"))
        plugins = build(
            plugin("ape", navigation_items=lambda request: broken(request.db)),
            plugin("wolf", navigation_items=add_home),
        )
        assert "wolf" in [answer.plugin for answer in plugins.call("navigation_items", request=request)]
        assert notes(db) == ({"mine", "typed"} if method == "POST" else {"mine"})
        db.rollback()


def test_page_that_only_reads_pays_for_no_savepoint(session, count_statements):
    session.commit()
    plugins = build(plugin("wolf", navigation_items=add_home))
    with open_session(session.get_bind().engine, viewer=VIEWER) as db, count_statements() as counted:
        notes(db)
        plugins.call("navigation_items", request=SimpleNamespace(db=db))
    assert counted.total == 1, str(counted)
