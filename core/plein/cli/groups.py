"""``plein groups``: what groups there are, and whether the table of who is in them is true."""

import click

from plein.cli.site import load
from plein.logs import configure_logging


@click.group()
def groups() -> None:
    """List groups, and check who is in them."""
    configure_logging("error")


@groups.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """List all groups with how many colleagues are in them, groups inside them included."""
    from plein.db import open_session
    from plein.people.groups import GroupService
    from plein.security.viewer import ANONYMOUS

    with open_session(load(ctx).engine) as db:
        service, after = GroupService(db, ANONYMOUS), ""
        while True:
            page = service.page(after=after, size=500)
            for card in page.cards:
                kept = f", from {card.source}" if card.source else ""
                click.echo(f"{card.slug}  {card.name} ({card.kind}{kept}): {card.people}")
            after = page.after
            if not after:
                return


@groups.command()
@click.pass_context
def repair(ctx: click.Context) -> None:
    """Work out anew who is in which group. Does nothing where the table is true, as it should be."""
    from sqlalchemy import func, select

    from plein.db import open_session
    from plein.people.group_rows import lock_groups, recompute
    from plein.people.models import GroupPerson

    with open_session(load(ctx).engine, writes=True) as db, db.begin():
        lock_groups(db)
        before = db.scalar(select(func.count()).select_from(GroupPerson)) or 0
        recompute(db, None)
        after = db.scalar(select(func.count()).select_from(GroupPerson)) or 0
    click.echo(f"There are {after} places of people in groups; there were {before}.")
