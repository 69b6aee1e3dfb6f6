"""``plein privacy``: the register of processing, and erasing again after a restore."""

from pathlib import Path

import click

from plein.cli.site import load
from plein.logs import configure_logging


@click.group()
def privacy() -> None:
    """The register of processing, and erasing again after a restore."""
    configure_logging()


@privacy.command()
@click.option("--format", "kind", type=click.Choice(["md", "csv"]), default="md", show_default=True)
@click.option("--language", type=click.Choice(["nl", "en"]), help="[default: that of the site]")
@click.pass_context
def register(ctx: click.Context, kind: str, language: str | None) -> None:
    """Print what the installed parts keep about people, and why (AVG, article 30)."""
    from plein.mail.message import localizer
    from plein.privacy.register import as_csv, as_markdown

    site = load(ctx)
    words = localizer(site.plugins, language or site.settings["plein.default_locale"])
    write = as_csv if kind == "csv" else as_markdown
    click.echo(write(site.plugins, lambda text: str(words.translate(text))), nl=False)


@privacy.command()
@click.option(
    "--list",
    "extra",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Also this list of who was erased, kept in another place.",
)
@click.pass_context
def replay(ctx: click.Context, extra: Path | None) -> None:
    """After restoring a backup: erase again whoever was erased since it was made.

    Run it before the site is used. It compares the database with erasures.jsonl in the folder of attachments, and
    completes that list.
    """
    from plein.privacy.erasing import ErasureError
    from plein.privacy.erasing import replay as erase_again

    try:
        done = erase_again(load(ctx), extra)
    except ErasureError as error:
        raise click.ClickException(
            "One of them is the only administrator now; make somebody else administrator, and run it again."
        ) from error
    click.echo(f"Erased again: {done.again}. Added to the list: {done.added}.")
    if done.missing:
        raise click.ClickException(
            f"These plugins could not take part, and are asked again: {', '.join(done.missing)}."
        )
