"""``plein rollout``: who has which function, from the command line: to look, to decide, and to ask why.

``set`` is made to be run again: it says whether anything changed, and an option that is not given changes nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from plein.app import Site
    from plein.ladder.changing import Decision
    from plein.rollout.names import Names
    from plein.rollout.steps import StepService

# Written again: importing where they are declared takes longer than --help may.
STAGES = ("off", "pilot", "opt_in", "on", "required", "retiring")
MEASURES = ("active", "items", "spaces", "reads", "grade")
_MARKS = {True: "yes", False: "NO", None: "-"}
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_name = click.argument("name", metavar="PLUGIN")


@click.group()
def rollout() -> None:
    """Who has which function: look, decide, and ask why."""
    configure_logging("error")


@rollout.command("list")
@_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List every installed function with where it stands and who has it."""
    from plein.rollout.board import board
    from plein.rollout.words import plainly

    site = load(ctx)
    with _service(site, writes=False) as steps:
        rows = sorted(board(steps.db, site.plugins, site.settings), key=lambda row: row.name)
        shown: list[dict[str, Any]] = [
            {
                "function": row.name,
                "title": row.about.title,
                "stage": row.rung.stage,
                "who": plainly(row.who),
                "decided": row.since is not None,
                "ends_on": row.ends_on.isoformat() if row.ends_on else None,
                "owner": row.owner.login if row.owner is not None else None,
                "waits": [plainly(one.sentence) for one in row.waits],
            }
            for row in rows
        ]
    if as_json:
        click.echo(json.dumps(shown, indent=1))
        return
    for one in shown:
        until = f", until {one['ends_on']}" if one["ends_on"] else ""
        click.echo(f"{one['function']}: {one['stage']}{until} ({one['who']})")
        for sentence in one["waits"]:
            click.echo(f"  {sentence}")
    if not shown:
        click.echo("No plugin is loaded.")


@rollout.command()
@_name
@_json
@click.pass_context
def show(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show all that is decided about PLUGIN."""
    from plein.rollout.names import names_of

    with _service(load(ctx), writes=False) as steps:
        standing = steps.standing(name)
        decided = _as_json(standing.now, names_of(steps.db, [standing.now]))
    found: dict[str, Any] = {"function": name, "decided": standing.decided is not None, **decided}
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for word, value in found.items():
        said = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{word}: {'-' if said in (None, '') else said}")


@rollout.command("set")
@_name
@click.argument("stage", type=click.Choice(STAGES))
@click.option("--group", "groups", multiple=True, metavar="SLUG", help="Takes part in the pilot. Repeat for more.")
@click.option("--space", "spaces", multiple=True, metavar="SLUG", help="Takes part in the pilot. Repeat for more.")
@click.option("--purpose", help="What it is for.")
@click.option("--owner", metavar="LOGIN", help="Who answers for it.")
@click.option(
    "--start", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Do it on that day. Default: now."
)
@click.option(
    "--end", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day of a pilot, or of retiring."
)
@click.option("--measure", type=click.Choice(MEASURES), help="When it is a success: what is measured.")
@click.option("--target", type=int, help="When it is a success: from which number on.")
@click.option("--question", help="What people who try it are asked.")
@click.option("--question-after", type=int, metavar="DAYS", help="When they are asked.")
@click.option("--reason", default="", help="Why, for the history.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@_json
@click.pass_context
def set_(ctx: click.Context, name: str, stage: str, reason: str, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Put PLUGIN at STAGE. What no option names stays as it is; doing it again changes nothing."""
    from plein.rollout.names import names_of

    site = load(ctx)
    with _service(site, writes=not dry_run) as steps:
        standing = steps.standing(name)
        wanted = steps.completed(name, _wanted(steps.db, standing.now, stage, given))
        names = names_of(steps.db, [standing.now, wanted])
        told: dict[str, Any] = {"function": name, "changed": False}
        if dry_run:
            problems = steps.errors(name, wanted)
            if problems:
                raise click.ClickException(" ".join(_plain(one) for one in problems.values()))
            told["changed"] = standing.decided != wanted
        else:
            step = steps.take(name, wanted, reason)
            told["changed"] = step is not None
            told["step"] = step.id if step is not None else None
            told["planned"] = step is not None and step.state == "planned"
        told["before"] = _as_json(standing.now, names) if standing.decided is not None else None
        told["after"] = _as_json(wanted, names)
    if dry_run:
        told["impact"] = _impact(site, name, wanted)
    _tell_set(told, as_json)


def _tell_set(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=1))
        return
    click.echo(f"{told['function']}: {told['after']['stage']}{' (planned)' if told.get('planned') else ''}")
    click.echo(f"changed: {'yes' if told['changed'] else 'no'}")
    for word, value in told.get("impact", {}).items():
        click.echo(f"  {word}: {', '.join(value) if isinstance(value, list) else value}")


@rollout.command()
@_name
@_json
@click.pass_context
def history(ctx: click.Context, name: str, as_json: bool) -> None:
    """Print the last steps with PLUGIN, newest first: number, when, who, what and why."""
    from plein.rollout.history import page
    from plein.rollout.words import plainly

    with _service(load(ctx), writes=False) as steps:
        steps.standing(name)
        shown: list[dict[str, Any]] = [
            {
                "step": one.id,
                "state": one.state,
                "at": one.at.isoformat(timespec="minutes"),
                "due_at": one.due_at.isoformat(timespec="minutes") if one.due_at else None,
                "who": one.who.login if one.who is not None else None,
                "reason": one.reason,
                "changes": {plainly(c.title): [plainly(c.before), plainly(c.after)] for c in one.changes},
            }
            for one in page(steps.db, name, size=100).steps
        ]
    if as_json:
        click.echo(json.dumps(shown, indent=1))
        return
    for step in shown:
        what = "; ".join(f"{word} {old or '-'} → {new or '-'}" for word, (old, new) in step["changes"].items())
        who, why = step["who"] or "command line", f" ({step['reason']})" if step["reason"] else ""
        click.echo(f"{step['step']}  {step['at']}  {step['state']}  {who}: {what}{why}")
    if not shown:
        click.echo("Nobody decided about it yet.")


@rollout.command()
@_name
@click.option("--user", "login", required=True, metavar="LOGIN", help="Whom it is about.")
@click.option("--space", "slug", default="", metavar="SLUG", help="In this space. Default: outside of spaces.")
@_json
@click.pass_context
def explain(ctx: click.Context, name: str, login: str, slug: str, as_json: bool) -> None:
    """Say whether LOGIN has PLUGIN, and print what that goes by. Exit code 0: they have it; 3: they do not."""
    from plein.people.standing import viewer_for
    from plein.rollout.explain import explain as explained_by

    site = load(ctx)
    with _service(site, writes=False) as steps:
        person, space = _person(steps.db, login), _space(steps.db, slug) if slug else None
        viewer = viewer_for(steps.db, person.id)
        found = explained_by(steps.db, site.plugins, site.settings["plein.new_plugins"], name, viewer, space)
    facts: list[dict[str, Any]] = [{"fact": one.name, "ok": one.ok, "why": _plain(one.sentence)} for one in found.chain]
    if as_json:
        click.echo(json.dumps({"login": person.login, "has": found.has, "facts": facts}))
    else:
        click.echo(f"{person.login} {'has' if found.has else 'does not have'} {name}{f' in {slug}' if slug else ''}")
        for one in facts:
            click.echo(f"  {_MARKS[one['ok']]:>3}  {one['fact']:<10}  {one['why']}")
    if not found.has:
        ctx.exit(3)


@rollout.command()
@click.argument("step", type=click.IntRange(min=1))
@click.option("--reason", default="", help="Why, for the history.")
@click.pass_context
def undo(ctx: click.Context, step: int, reason: str) -> None:
    """Take back what STEP changed, or call it off where it is still planned. 'history' has the numbers."""
    with _service(load(ctx), writes=True) as steps:
        cancelled = steps.cancel(step)
        done = cancelled or steps.undo(step, reason)
    click.echo(f"Called off step {step}." if cancelled else f"Took back step {step} of {done.plugin}.")


# -- parts -----------------------------------------------------------------------------------------------------------


@contextmanager
def _service(site: "Site", *, writes: bool) -> "Iterator[StepService]":
    """Steps as the command line takes them: whoever has the server may name every space, also a hidden one."""
    from plein.db import db_unguarded
    from plein.rollout.rules import RolloutError
    from plein.rollout.steps import StepService

    try:
        with db_unguarded(site.engine, reason="the command line decides who has which function", writes=writes) as db:
            yield StepService(db, site.plugins, site.settings)
    except RolloutError as error:
        raise click.ClickException(_plain(error.sentence)) from error


def _wanted(db: "Session", now: "Decision", stage: str, given: dict[str, Any]) -> "Decision":
    values: dict[str, Any] = {"stage": stage}
    if given["groups"]:
        values["group_ids"] = tuple(_group(db, slug) for slug in given["groups"])
    if given["spaces"]:
        values["space_ids"] = tuple(_space(db, slug).id for slug in given["spaces"])
    for name in ("purpose", "measure", "target", "question", "question_after"):
        if given[name] is not None:
            values[name] = given[name]
    if given["owner"] is not None:
        values["owner_id"] = _person(db, given["owner"]).id if given["owner"] else None
    values["starts_on"] = _day(given["start"]) if given["start"] or stage != now.stage else now.starts_on
    if given["end"] is not None:
        values["ends_on"] = _day(given["end"])
    elif stage != now.stage:
        # The end of an earlier stage says nothing about this one.
        values["ends_on"] = None
    return replace(now, **values)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def _as_json(decided: "Decision", names: "Names") -> dict[str, Any]:
    found = decided.as_json()
    groups, spaces, owner = found.pop("group_ids"), found.pop("space_ids"), found.pop("owner_id")
    found["groups"] = sorted(names.groups[one].slug for one in groups if one in names.groups)
    found["spaces"] = sorted(names.spaces[one].slug for one in spaces if one in names.spaces)
    found["owner"] = names.people[owner].login if owner in names.people else None
    return found


def _impact(site: "Site", name: str, wanted: "Decision") -> dict[str, Any]:
    from plein.rollout.impact import impact

    return impact(site.engine, site.plugins, site.settings["plein.new_plugins"], name, wanted).as_json()


def _person(db: "Session", login: str) -> Any:
    from plein.people.services import PeopleService

    found = PeopleService(db).find(login)
    if found is None:
        raise click.ClickException(f"Nobody signs in as {login}.")
    return found


def _space(db: "Session", slug: str) -> Any:
    from sqlalchemy import select

    from plein.spaces.models import Space

    found = db.scalar(select(Space).where(Space.slug == slug))
    if found is None:
        raise click.ClickException(f"There is no space {slug}.")
    return found


def _group(db: "Session", slug: str) -> int:
    from sqlalchemy import select

    from plein.people.models import Group

    found: int | None = db.scalar(select(Group.id).where(Group.slug == slug))
    if found is None:
        raise click.ClickException(f"There is no group {slug}.")
    return found


def _plain(sentence: Any) -> str:
    from plein.rollout.words import plainly

    return plainly(sentence)
