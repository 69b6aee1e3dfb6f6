"""A plugin that keeps failing is paused for everybody, in every process, until an administrator resumes it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from structlog.testing import capture_logs

from plein.admin.plugin_pauses import KEPT, PAUSED, PauseStore, failures_of, resume
from plein.app import build_site
from plein.audit.models import AuditEntry
from plein.cli import cli
from plein.contributions import Block, NavigationItem
from plein.db import utcnow
from plein.events.models import Event
from plein.hookspecs import hookimpl
from plein.plugins import Candidate, build_plugins, discovery, registry
from plein.plugins.failures import FAILURES_ALLOWED, Failure
from plein.plugins.models import PluginFailure, PluginPause


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def mood() -> dict[str, bool]:
    return {"fails": True}


@pytest.fixture
def ape(mood: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> Candidate:
    """A plugin that fails while the test is in that mood."""
    module = ModuleType("plein_ape")
    module.__file__ = "/plein_ape/__init__.py"

    def navigation_items(request: Any) -> list[NavigationItem]:
        if mood["fails"]:
            raise ValueError("out of bananas")
        return [NavigationItem("Bananas", "/bananas")]

    def page_items(request: Any, slot: str) -> list[Block]:
        return [Block("Bananas", "plein_nowhere:templates/none.pt")] if slot == "space.side" else []

    module.navigation_items, module.page_items = hookimpl(navigation_items), hookimpl(page_items)  # type: ignore[attr-defined]
    made = Candidate("ape", "plein_ape", "plein-ape", "1.0", ("plein>=1,<2",), lambda: module)
    monkeypatch.setattr(registry, "discover", lambda: [*discovery.discover(), made])
    return made


@pytest.fixture
def site(ape: Candidate, engine, db, app, as_user, make_user, make_space) -> Iterator[Any]:
    """A site with that plugin, and another process of it."""
    root, anna = make_user("root", is_admin=True), make_user("anna")
    make_space("zoo", members={root: "manager", anna: "member"})
    other = build_plugins({}, environ={}, candidates=[ape])
    other.store_failures_in(PauseStore(engine))
    plugins = app.app.registry["plein.plugins"]
    yield SimpleNamespace(plugins=plugins, other=other, db=db, root=as_user(root), anna=as_user(anna), admin=root)
    assert other.failures_are_stored()


def fail(site: Any, times: int = FAILURES_ALLOWED) -> None:
    for _each in range(times):
        site.anna.get("/people/anna")
    assert site.plugins.failures_are_stored()


def seen_by(plugins: Any, rights: int) -> bool:
    """Whether a page in that process asks the plugin, with the number that a viewer brings."""
    request = SimpleNamespace(viewer=SimpleNamespace(session_id=1, rights=rights, is_admin=False), environ={})
    before = plugins.failures["ape"]
    plugins.call("navigation_items", request=request)
    return bool(plugins.failures["ape"] > before)


def number(site: Any) -> int:
    found = int(site.db.scalar(sa.text("select number from stamp where name = 'rights'")) or 0)
    site.db.rollback()
    return found


def test_plugin_that_keeps_failing_is_paused_in_every_process(site: Any) -> None:
    assert seen_by(site.other, number(site))
    fail(site)
    assert site.plugins.paused() == ("ape",)
    assert not seen_by(site.other, number(site))
    assert site.db.scalar(sa.select(PluginPause.error)) == "ValueError: out of bananas"


def test_failures_of_all_processes_count_together(site: Any) -> None:
    fail(site, FAILURES_ALLOWED - 1)
    assert site.plugins.paused() == ()
    assert seen_by(site.other, 0) and site.other.failures_are_stored()
    assert site.other.paused() == ("ape",)
    site.anna.get("/people/anna")
    assert site.plugins.failures["ape"] == FAILURES_ALLOWED - 1


def test_administrators_are_told_and_resume_with_one_click(site: Any, mood: dict[str, bool]) -> None:
    fail(site)
    told = site.db.scalars(sa.select(Event).where(Event.kind == PAUSED.name)).one()
    assert told.addressed == [site.admin.id]
    site.db.rollback()
    overview = site.root.get("/admin")
    assert "The plugin ape is paused for everybody" in overview.text
    page = site.root.get("/admin/plugins/ape/failures")
    assert "ValueError: out of bananas" in page.text and "/people/anna" in page.text
    site.anna.get("/admin/plugins/ape/failures", status=403)
    mood["fails"] = False
    form = next(form for form in page.forms.values() if form.action.endswith("/resume"))
    assert "takes part again" in form.submit().follow().text
    assert "Bananas" in site.anna.get("/people/anna").text
    assert site.db.scalar(sa.select(PluginPause.ended_by)) == site.admin.id
    assert site.db.scalar(sa.select(AuditEntry.object_id).where(AuditEntry.action == "plugin.resumed")) == "ape"
    site.db.rollback()
    # Again is no harm, and no act.
    form.submit()
    acts = sa.select(sa.func.count()).where(AuditEntry.action == "plugin.resumed")
    assert site.db.scalar(acts) == 1


def test_resumed_plugin_begins_to_count_anew(site: Any) -> None:
    fail(site)
    assert resume(site.db, "ape", None)
    site.db.commit()
    assert seen_by(site.other, number(site))
    site.anna.get("/people/anna")
    assert site.plugins.paused() == ()
    assert site.plugins.failures["ape"] == FAILURES_ALLOWED + 1


def test_last_hundred_failures_are_kept(site: Any) -> None:
    store = PauseStore(site.db.get_bind())
    failure = Failure("ape", "navigation_items", "first", "/", 1, utcnow(), counts=False, pauses=False)
    store.keep([failure, *[replace(failure, error="later")] * KEPT, replace(failure, plugin="bear")])
    assert {one.error for one in failures_of(site.db, "ape")} == {"later"}
    assert site.db.scalar(sa.select(sa.func.count(PluginFailure.id))) == KEPT + 1
    assert site.other.paused() == ()


def test_missing_block_is_mentioned_to_administrators_only(site: Any, mood: dict[str, bool]) -> None:
    mood["fails"] = False
    assert "The block of ape could not be shown" in site.root.get("/spaces/zoo").text
    assert "could not be shown" not in site.anna.get("/spaces/zoo").text


def test_pause_costs_no_statement_more(site: Any, mood: dict[str, bool], count_statements: Callable) -> None:
    mood["fails"] = False
    site.anna.get("/people/anna")
    with count_statements() as before:
        site.anna.get("/people/anna")
    mood["fails"] = True
    fail(site)
    site.anna.get("/people/anna")
    with count_statements() as after:
        site.anna.get("/people/anna")
    assert after.total == before.total, str(after)


def test_command_resumes(site: Any, settings_values: dict[str, str], tmp_path) -> None:
    fail(site)
    config = tmp_path / "site.ini"
    lines = "\n".join(f"{name} = {value}".replace("%", "%%") for name, value in settings_values.items())
    config.write_text(f"[app:main]\nuse = egg:plein\n{lines}\n")
    run = CliRunner().invoke(cli, ["-c", str(config), "plugin", "resume", "ape"])
    assert run.exit_code == 0 and "takes part again" in run.output, run.output
    again = CliRunner().invoke(cli, ["-c", str(config), "plugin", "resume", "ape"])
    assert again.exit_code == 1 and "The plugin ape is not paused; paused are: none." in again.output
    traced = CliRunner().invoke(cli, ["-c", str(config), "plugin", "trace", "/people/anna", "--user", "anna", "--json"])
    assert '"hook": "navigation_items"' in traced.output and '"failed": true' in traced.output, traced.output
    shown = CliRunner().invoke(cli, ["-c", str(config), "plugin", "trace", "/spaces/zoo", "--user", "anna"])
    assert "space.side" in shown.output and "statements" in shown.output


def test_safe_mode_starts_without_a_plugin_that_cannot_be_imported(
    monkeypatch: pytest.MonkeyPatch, settings_values: dict[str, str], request: pytest.FixtureRequest
) -> None:
    def load() -> Any:
        raise ImportError("no module named bananas")

    broken = Candidate("ape", "plein_ape", "plein-ape", "1.0", ("plein>=1,<2",), load)
    monkeypatch.setattr(registry, "discover", lambda: [*discovery.discover(), broken])
    site = build_site(settings_values)
    site.engine.dispose()
    assert "ape could not be imported (ImportError: no module named bananas)" in site.plugins.refused["ape"]
    assert site.plugins.has("wiki")
    settings_values["plein.safe_mode"] = "yes"
    root = request.getfixturevalue("make_user")("root", is_admin=True)
    browser = request.getfixturevalue("as_user")(root)
    assert browser.get("/").status_int == 200
    assert "Plein runs in safe mode: no plugin is loaded" in browser.get("/admin").text
    browser.get("/hello", status=404)
