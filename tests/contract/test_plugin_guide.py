"""The guide for makers of plugins shows code that is tested, and commands that exist."""

import re
from pathlib import Path

import click

from plein.cli import cli

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "plugins" / "examples"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)\n```$", GUIDE, flags=re.DOTALL | re.MULTILINE)


def sources() -> list[str]:
    endings = (".py", ".pt", ".toml", ".css")
    return [path.read_text(encoding="utf-8") for path in EXAMPLES.rglob("*") if path.suffix in endings]


def test_all_code_in_the_guide_is_that_of_the_examples() -> None:
    everything = sources()
    code = [block for kind, block in BLOCKS if kind != "sh"]
    assert len(code) >= 12
    strange = [block for block in code if not any(block in source for source in everything)]
    assert strange == []


def test_commands_in_the_guide_exist_with_their_options() -> None:
    lines = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
    asked = [line.split() for line in lines if line.startswith("plein ")]
    assert len(asked) >= 8
    for words in asked:
        command: click.Command = cli
        rest = words[1:]
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), rest[0])
            assert found is not None, f"there is no command {' '.join(words)}"
            command, rest = found, rest[1:]
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        unknown = [word for word in rest if word.startswith("-") and word not in known]
        assert unknown == [], " ".join(words)


def test_every_fixture_that_the_guide_names_exists() -> None:
    from plein import testing

    table = GUIDE[GUIDE.index("| fixture |") : GUIDE.index("`contract_of(")]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    names = [re.match(r"\w+", name)[0] for cell in cells for name in re.findall(r"`([^`]+)`", cell)]  # type: ignore[index]
    assert len(names) >= 11
    assert [name for name in names if not hasattr(testing, name)] == []


def test_the_guide_names_every_rule_that_is_checked() -> None:
    from plein.authoring.checks import CHECKS

    part = GUIDE[GUIDE.index("It makes a site of its own") : GUIDE.index("Where a rule cannot")]
    assert part.count(";") + 1 >= len(CHECKS) - 2, "a rule was added: say what it is"
