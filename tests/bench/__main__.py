"""Measures Plein beside the floor of what it is built on: ``./dev bench``. What the figures mean is in README.md."""

import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

# pyramid 2.1 still finds its assets through pkg_resources, which announces its end.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import click  # noqa: E402
import fill  # noqa: E402
import pages  # noqa: E402
import report  # noqa: E402
from load import Round, Server, servers  # noqa: E402
from rich.console import Console  # noqa: E402
from statements import count_statements  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
#: As `plein serve` has it: two threads in a process.
THREADS = 2
#: Connections that ask at the same time. Two keep both threads busy without a queue before them.
LANES = 2


@dataclass(slots=True)
class Measured:
    """A server, what its lanes ask, and what that cost, by page."""

    name: str
    pages: int
    server: Server
    lanes: list[dict[str, pages.Asker]]
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def turn(self, page: str, requests: int) -> None:
        """One round of *page*."""
        each = max(1, requests // LANES)
        found = self.server.run([lane[page](each) for lane in self.lanes])
        self.rounds.setdefault(page, []).append(found)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Smaller sites and fewer requests: under a minute, and less exact.")
@click.option("--pages", "sizes", default="", metavar="N,N", help="Sizes of the sites (1000,20000).")
@click.option("--rounds", type=click.IntRange(1), help="Rounds, in which all servers take turns (10).")
@click.option("--requests", type=click.IntRange(2), help="Requests for the wiki page in each round (60).")
@click.option(
    "--only", multiple=True, type=click.Choice(list(pages.SHARES)), help="Measure this page; may be repeated."
)
@click.option("--data", type=click.Path(path_type=Path), default=ROOT / "var/bench", help="Where sites are kept.")
@click.option("--json", "output", type=click.Path(path_type=Path), default=ROOT / "var/bench.json", help="The figures.")
@click.option("--check", is_flag=True, help="End with exit code 1 when a figure to hold is missed.")
def main(
    quick: bool,
    sizes: str,
    rounds: int | None,
    requests: int | None,
    only: tuple[str, ...],
    data: Path,
    output: Path,
    check: bool,
) -> None:
    """Measure Plein beside the floor: CPU, time and memory of the pages that people ask most."""
    # Into a file or a pipe the table keeps its columns.
    console = Console(width=None if sys.stdout.isatty() else 120)
    numbers = [int(part) for part in (sizes or ("200,2000" if quick else "1000,20000")).split(",")]
    if min(numbers) < fill.texts.OPENED.stop:
        raise click.BadParameter(f"at least {fill.texts.OPENED.stop} pages each", param_hint="--pages")
    wanted = [page for page in pages.SHARES if not only or page in only]
    with console.status("") as status:
        databases = {number: fill.prepare(data, number, console.print) for number in numbers}
        counted = {number: count_statements(databases[number][0], pages.reads()) for number in numbers}
        kinds = [
            (kind, databases[number][place], THREADS)
            for number in numbers
            for place, kind in ((1, "floor"), (0, "plein"))
        ]
        with servers(kinds) as started:
            measured = [
                _measured(kind, number, server) for (kind, number), server in zip(_each(numbers), started, strict=True)
            ]
            for turn in range((rounds or (4 if quick else 10)) + 1):
                status.update(f"Round {turn}" if turn else "Warming up")
                _turn(measured, wanted, requests or (24 if quick else 60))
                if turn == 0:
                    # What is only done once is no part of what a page costs.
                    for one in measured:
                        one.rounds.clear()
            figures = _figures(measured, wanted, counted)
    judged = report.verdicts(figures)
    report.write(output, figures, judged)
    report.show(console, figures, judged)
    console.print(f"Written to {output}")
    if check and not all(verdict.is_held for verdict in judged):
        sys.exit(1)


def _each(numbers: list[int]) -> list[tuple[str, int]]:
    return [(kind, number) for number in numbers for kind in ("floor", "Plein")]


def _measured(kind: str, number: int, server: Server) -> Measured:
    make = pages.of_floor if kind == "floor" else pages.of_plein
    return Measured(kind, number, server, [make(server, lane, LANES) for lane in range(LANES)])


def _turn(measured: list[Measured], wanted: list[str], requests: int) -> None:
    """A round of every page, the servers close after one another: what disturbs one, disturbs the others."""
    for page in wanted:
        for one in measured:
            if page in one.lanes[0]:
                one.turn(page, int(requests * pages.SHARES[page]))


def _figures(measured: list[Measured], wanted: list[str], counted: dict[int, dict[str, int]]) -> list[report.Figure]:
    floors = {one.pages: one.rounds for one in measured if one.name == "floor"}
    smallest = next(one for one in measured if one.name == "Plein")
    found = []
    for one in measured:
        for page in wanted:
            if page not in one.rounds:
                continue
            is_plein = one.name == "Plein"
            # Lists have no counterpart in the floor; they are compared with its page.
            floor = floors[one.pages].get(page) or floors[one.pages].get(pages.VIEW)
            found.append(
                report.figure(
                    one.name,
                    one.pages,
                    page,
                    one.rounds[page],
                    memory_mb=one.server.memory_mb,
                    floor=floor if is_plein else None,
                    smallest=smallest.rounds[page] if is_plein and one is not smallest else None,
                    statements=counted[one.pages].get(page) if is_plein else None,
                )
            )
    return found


if __name__ == "__main__":
    main()
