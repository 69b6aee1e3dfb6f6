"""``plein plugin new``: a plugin that works at once, and passes its own tests."""

import shlex
from collections.abc import Callable
from pathlib import Path

import click

from plein.authoring.writing import NewPlugin, check_name, check_title, write
from plein.cli.plugin_words import short
from plein.plugins import PluginError


@click.command()
@click.argument("name", required=False)
@click.option("--title", help="What it is called, in English; of one item where it has a content type.")
@click.option("--title-nl", help="The same in Dutch.")
@click.option("--content-type/--no-content-type", "has_type", default=None, help="With items of its own, or a page.")
@click.option("--plural", default="", help="What more than one item is called.  [default: the title with an s]")
@click.option("--plural-nl", default="", help="The same in Dutch.")
@click.option(
    "--into", default=".", type=click.Path(path_type=Path, file_okay=False), help="Make its folder in this one."
)
def new(
    name: str | None,
    title: str | None,
    title_nl: str | None,
    has_type: bool | None,
    plural: str,
    plural_nl: str,
    into: Path,
) -> None:
    """Write a plugin called NAME that works at once: code, words in two languages, tests, and a first migration.

    Asks for what is not given. Nothing is overwritten.
    """
    asked = title is None
    name = name or _ask("Name, one word in lower case", check_name)
    check_name(name)
    if has_type is None:
        has_type = click.confirm("Does it bring items of its own that people write, such as questions?", default=False)
    one = "Title of one item" if has_type else "Title"
    title = title or _ask(f"{one}, in English", check_title, name.capitalize())
    title_nl = title_nl or _ask(f"{one}, in Dutch", check_title, title)
    if asked and has_type:
        plural = plural or _ask("Title of more of them, in English", check_title, f"{title}s")
        plural_nl = plural_nl or _ask("Title of more of them, in Dutch", check_title, f"{title_nl}s")
    folder = write(NewPlugin(name, title, title_nl, has_type, plural, plural_nl), into)
    _tell(name, folder, has_type)


def _ask(question: str, check: Callable[[str], None], default: str | None = None) -> str:
    def valid(answer: str) -> str:
        try:
            check(answer)
        except PluginError as error:
            raise click.UsageError(str(error)) from error
        return answer

    return str(click.prompt(question, default=default, value_proc=valid))


def _tell(name: str, folder: Path, has_type: bool) -> None:
    where = short(folder)
    commands = (f"pip install -e {_quoted(where)}", "plein db upgrade", "plein serve --reload")
    click.echo(f"Wrote {where}. Next:\n\n" + "".join(f"  {command}\n" for command in commands))
    place = "is a card in every space, and stands under the button to make something" if has_type else f"is at /{name}"
    click.echo(f"Then it {place}. `plein plugin check {name}` says whether it keeps the rules.")


def _quoted(where: Path) -> str:
    """A path as a shell takes it, and pip does not take for the name of a package."""
    return shlex.quote(str(where) if where.is_absolute() else f"./{where}")
