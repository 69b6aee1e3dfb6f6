"""``plein plugin list | info | drop``: for whoever looks after the plugins of a site."""

import json
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from plein.admin.dropping import Stock
    from plein.app import Site

_json = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")


@click.command("list")
@_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the plugins: version, where each stands, and how many items there are. Also what is left of others."""
    from plein.admin import plugin_facts as facts

    configure_logging("error")
    site = load(ctx)
    items = facts.counts(site.engine)
    ladder = site.ladders.now()
    rows: list[dict[str, Any]] = [
        {
            "name": info.name,
            "distribution": info.distribution,
            "version": info.version,
            "state": "installed",
            "stage": getattr(ladder.rung(info.name), "stage", ""),
            "items": sum(items.get(one.name, 0) for one in facts.types(site.plugins, info.name)),
        }
        for info in site.plugins.plugins
    ]
    rows += [
        {
            "name": name,
            "state": "refused" if name in site.plugins.refused else "off",
            "reason": site.plugins.refused.get(name, ""),
        }
        for name in site.plugins.off
    ]
    with _session(site) as db:
        left = facts.leftovers(site.engine, db, site.plugins, items)
    rows += [{**asdict(one), "state": "not installed", "seen_at": one.seen_at.isoformat()} for one in left]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        more = [row.get("version", ""), row["state"], row.get("stage", ""), row.get("reason", "")]
        count = f"{row['items']} items" if row.get("items") else ""
        click.echo("\t".join(part for part in (row["name"], *more, count) if part))


@click.command()
@click.argument("name")
@_json
@click.pass_context
def info(ctx: click.Context, name: str, as_json: bool) -> None:
    """Say what the plugin NAME declares, and how much it keeps."""
    from plein.admin import plugin_facts as facts
    from plein.admin.dropping import Dropping
    from plein.rollout.titles import about

    configure_logging("error")
    site = load(ctx)
    known = _known(site, name)
    named = about(site.plugins, name)
    with _session(site) as db:
        stock = Dropping(db, site.plugins, name).stock()
    found: dict[str, Any] = {
        "name": name,
        "distribution": known.distribution,
        "version": known.version,
        "title": named.title,
        "summary": named.summary,
        "licence": facts.about(known).licence,
        "stage": getattr(site.ladders.now().rung(name), "stage", ""),
        "hooks": facts.hooks(site.plugins, name),
        "permissions": [one.name for one in facts.permissions(site.plugins, name)],
        "settings": {
            one.name: "********" if one.secret else site.settings[one.name]
            for one in site.settings.declared
            if one.name.startswith(f"{name}.")
        },
        "jobs": facts.of_plugin(site.plugins.jobs, name),
        "personal_data": [one.table for one in facts.personal_data(site.plugins, name)],
        "items": stock.items,
        "tables": stock.rows,
        "files": stock.files,
        "links": stock.links,
    }
    if as_json:
        click.echo(json.dumps(found, indent=1, default=str))
        return
    for key, value in found.items():
        shown = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
        click.echo(f"{key}\t{', '.join(map(str, shown)) if isinstance(shown, list) else shown}")


@click.command()
@click.argument("name")
@click.option(
    "--export", "target", type=click.Path(dir_okay=False, path_type=Path), help="Where the export is written."
)
@click.option("--yes-drop", "typed", metavar="NAME", default="", help="The name once more, instead of asking for it.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@_json
@click.pass_context
def drop(ctx: click.Context, name: str, target: Path | None, typed: str, dry_run: bool, as_json: bool) -> None:
    """Remove all that the plugin NAME keeps: its tables, its items, and what is kept for it. There is no way back.

    Everything is exported to a zip first. Nobody may have the plugin any more: put it to off first.
    """
    from plein.admin.dropping import Dropping, in_migration
    from plein.db import migrate, utcnow

    configure_logging("error")
    site = load(ctx)
    _known(site, name)
    _require_off(site, name)
    with _session(site) as db:
        stock = Dropping(db, site.plugins, name).stock()
        _tell(name, stock, as_json)
        if dry_run:
            return
        if (typed or click.prompt(f"Type {name} to remove all of it", err=True)) != name:
            raise click.ClickException("That is another name; nothing was removed.")
        path = target or Path(f"plein-{name}-{utcnow():%Y-%m-%d}.zip")
        if path.exists():
            raise click.ClickException(f"{path} is there already; name another with --export. Nothing was removed.")
        Dropping(db, site.plugins, name).export(path, site.blobs)
    migrate.remove(
        site.engine, site.plugins, name=name, first=in_migration(lambda db: Dropping(db, site.plugins, name).remove())
    )
    if not as_json:
        click.echo(f"Removed. What it was is in {path}. Uninstall it now: pip uninstall plein-{name}")


def _known(site: "Site", name: str) -> Any:
    found = site.plugins.info(name)
    if found is None:
        known = ", ".join(one.name for one in site.plugins.plugins) or "none"
        raise click.ClickException(f"No plugin {name} is installed and loaded; known are: {known}.")
    return found


def _require_off(site: "Site", name: str) -> None:
    rung = site.ladders.now().rung(name)
    if rung is not None and rung.stage != "off":
        raise click.ClickException(
            f"{name} stands at {rung.stage}: somebody may have it. First run: plein rollout set {name} off"
        )


def _tell(name: str, stock: "Stock", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"name": name, **asdict(stock)}, indent=1))
        return
    for kind, count in (*stock.items.items(), *stock.rows.items()):
        click.echo(f"{kind}: {count}")
    click.echo(f"files: {stock.files}")
    click.echo(f"links from elsewhere that will lead nowhere: {stock.links}")


@contextmanager
def _session(site: "Site") -> "Iterator[Session]":
    from plein.db import db_unguarded

    with db_unguarded(site.engine, reason="the command line looks after plugins") as db:
        yield db
