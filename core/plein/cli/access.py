"""``plein access``: who sees what, and why; the same answers as on the page of administration."""

import json
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from plein.admin.subjects import Subject
    from plein.app import Site
    from plein.content.explain import Explanation

_MARKS = {True: "yes", False: "NO", None: "-"}


@click.group()
def access() -> None:
    """Who sees what, and why."""
    configure_logging()


@access.command()
@click.argument("login")
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="For other programs.")
@click.pass_context
def explain(ctx: click.Context, login: str, address: str, as_json: bool) -> None:
    """Say whether LOGIN sees what stands at ADDRESS, and print the rules one after another.

    ADDRESS is what the browser shows, or its part behind the host, or the uid of an item or a space. Exit code 0: they
    see it; 3: they do not.
    """
    from sqlalchemy import select

    from plein.audit import record
    from plein.db import db_unguarded
    from plein.people.models import User
    from plein.people.services import fold_login

    site = load(ctx)
    with db_unguarded(site.engine, reason="the command line asks why a person sees something", writes=True) as db:
        person = db.scalar(select(User).where(User.login == fold_login(login)))
        if person is None:
            raise click.ClickException(f"Nobody signs in as {login}.")
        subject = _subject(site, db, address)
        found = _explained(site, db, person, subject)
        record(db, "access.explained", subject.kind, _object_id(subject), person=person.id)
        if as_json:
            steps = [{"step": step.name, "ok": step.ok, "why": _plain(step)} for step in found.steps]
            click.echo(json.dumps({"login": person.login, "reads": found.reads, "steps": steps}))
        else:
            click.echo(f"{person.login} {'sees' if found.reads else 'does not see'} {address}")
            for step in found.steps:
                click.echo(f"  {_MARKS[step.ok]:>3}  {step.name:<10}  {_plain(step)}")
    if not found.reads:
        ctx.exit(3)


@access.command()
@click.argument("address")
@click.option("--names", is_flag=True, help="Their names too, at most a thousand.")
@click.pass_context
def who(ctx: click.Context, address: str, names: bool) -> None:
    """Say how many people see what stands at ADDRESS."""
    from plein.content import audience
    from plein.content.audience import planned, subject_of
    from plein.db import db_unguarded

    site = load(ctx)
    with db_unguarded(site.engine, reason="the command line asks who sees something") as db:
        subject = _subject(site, db, address)
        if subject.kind == "page":
            raise click.ClickException("For a page of the site, ask about one person: 'plein access explain'.")
        asked = subject_of(subject.item) if subject.item is not None else planned(subject.space, None)
        counted = audience.count(db, asked)
        click.echo(f"Visible to {counted.colleagues} colleagues and {counted.guests} guests.")
        if names:
            page = audience.readers(db, asked, subject.space, subject.item, size=1000)
            for one in page.readers:
                by = f" by {one.group}" if one.group else ""
                click.echo(f"  {one.login}: {one.name}, {one.rule}{f' ({one.role})' if one.role else ''}{by}")


def _subject(site: "Site", db: "Session", address: str) -> "Subject":
    from plein.admin.subjects import find_subject
    from plein.app import build_app

    # The application knows which view answers to an address, and what it asks for. Making it takes seconds.
    subject = find_subject(db, site.plugins, lambda: build_app(site).registry, address)
    if subject is None:
        raise click.ClickException(f"There is nothing at {address}; copy the address from a browser.")
    return subject


def _explained(site: "Site", db: "Session", person: Any, subject: "Subject") -> "Explanation":
    from plein.admin.holders import explain_page, rule_of
    from plein.content.explain import explain_item, explain_space
    from plein.security.rights import read_changes

    if subject.kind == "item":
        return explain_item(site.engine, site.plugins, db, person, subject.item)
    if subject.kind == "space":
        return explain_space(site.engine, db, person, subject.space)
    return explain_page(db, person, rule_of(site.plugins, read_changes(db), subject.permission))


def _object_id(subject: "Subject") -> Any:
    one = subject.item or subject.space
    return one.id if one is not None else subject.path


def _plain(step: Any) -> str:
    """The sentence in English, as the command line speaks it."""
    return str(step.text(lambda text: text.interpolate() if hasattr(text, "interpolate") else str(text)))
