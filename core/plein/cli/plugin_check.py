"""``plein plugin check``: the rules that hold for every plugin, tried on a site that is made for it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url

from plein.app import build_app, build_site
from plein.authoring.checks import Result, Trial, make_trial, outcome, refused, run_all
from plein.authoring.checks.trial import prepare
from plein.plugins import PluginError
from plein.settings import SettingsError

_SIGNS = {"kept": "✓", "failed": "✗", "not tried": "–"}


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--database-url", default="", metavar="URL", help="An empty database to try it in.  [default: SQLite, thrown away]"
)
def check(name: str, as_json: bool, database_url: str) -> None:
    """Say of the installed plugin NAME whether it keeps the rules, and what to do where it does not.

    It is tried on a site of its own, with people of each kind, in a folder that is thrown away; no settings file is
    read. Exit code 1 when a rule is broken.
    """
    with tempfile.TemporaryDirectory(prefix="plein-check-") as folder:
        url = database_url or f"sqlite:///{folder}/plein.sqlite"
        found = []
        for result in _results(name, url, Path(folder)):
            found.append(result)
            if not as_json:
                click.echo(_line(result))
    if as_json:
        rows = [{"check": one.check, "state": one.state, "says": one.says, "remedy": one.remedy} for one in found]
        click.echo(json.dumps({"plugin": name, "kept": outcome(found), "checks": rows}, ensure_ascii=False, indent=2))
    elif not outcome(found):
        click.echo(f"{name} does not keep the rules yet.", err=True)
    if not outcome(found):
        raise click.exceptions.Exit(1)


def _results(name: str, url: str, folder: Path) -> Iterator[Result]:
    try:
        with trial_of(name, url, folder) as trial:
            yield from run_all(trial)
    except (PluginError, SettingsError, ValueError) as error:
        yield refused(error)


def _line(result: Result) -> str:
    remedy = f"\n    {result.remedy}" if result.remedy else ""
    return f"{_SIGNS[result.state]} {result.check:<14}{result.says}{remedy}"


def trial_of(name: str, url: str, folder: Path) -> AbstractContextManager[Trial]:
    """The site for trying the plugin *name* on, in the database *url*."""
    return make_trial(name, url, folder, _cache(), build=_build, asleep=_asleep)


def _cache() -> Path:
    """Where compiled templates are kept from one check to the next: nobody else may write there."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plein" / "templates"


def _build(values: dict[str, str]) -> tuple[Any, Any]:
    site = build_site(values)
    try:
        prepare(site)
        return site, build_app(site)
    except BaseException:
        site.engine.dispose()
        raise


def _asleep(trial: Trial, paths: list[str]) -> dict[str, int]:
    """The status of each path on the same site without the plugin, for a manager.

    In a process of its own: here its classes are mapped already, and SQLAlchemy would still know them.
    """
    url = make_url(trial.values["plein.database_url"]).render_as_string(hide_password=False)
    told = {
        "values": trial.values | {"plein.database_url": url, "plein.plugins_off": trial.name},
        "cookie": trial.cookies["manager"],
        "paths": paths,
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "plein.cli.plugin_asleep"],
        input=json.dumps(told),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise PluginError(f"Without {trial.name} the site does not start: {last}")
    answer: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return answer
