"""From rounds to a table, a JSON file, and whether Plein keeps to its figures."""

import json
import platform
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

import pages
from load import Round
from rich.console import Console
from rich.table import Table

#: A wiki page may cost so many times the CPU of the floor's.
MOST_TIMES_FLOOR = 3.0
#: A list in the largest site may cost so many times the CPU of one in the smallest.
MOST_TIMES_SMALL = 2.0
#: A save may cost so many times the CPU of the floor's.
MOST_TIMES_SAVE = 4.0
MOST_STATEMENTS = {pages.VIEW: 8, pages.LIST: 10}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one page of one server costs. Times in milliseconds, memory in megabytes, size in bytes.

    *cpu_ms* is the median of the rounds, user and system time of the server's process. *times_floor* compares rounds
    that followed each other, and is the median of that: what else the machine does touches both.
    """

    server: str
    pages: int
    page: str
    requests: int
    per_second: float
    cpu_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    size: int
    memory_mb: float
    times_floor: float | None = None
    times_smallest: float | None = None
    statements: int | None = None


def figure(
    server: str,
    number: int,
    page: str,
    rounds: list[Round],
    *,
    memory_mb: float,
    floor: list[Round] | None,
    smallest: list[Round] | None,
    statements: int | None,
) -> Figure:
    """The figures of *rounds*, compared with those of the floor and of the smallest site in the same turns."""
    seconds = [one for each in rounds for one in each.seconds]
    cuts = quantiles(seconds, n=100, method="inclusive")
    return Figure(
        server=server,
        pages=number,
        page=page,
        requests=len(seconds),
        per_second=round(len(seconds) / sum(one.wall for one in rounds), 1),
        cpu_ms=round(median(one.cpu_ms for one in rounds), 2),
        p50_ms=round(cuts[49] * 1000, 1),
        p95_ms=round(cuts[94] * 1000, 1),
        p99_ms=round(cuts[98] * 1000, 1),
        size=rounds[-1].size,
        memory_mb=round(memory_mb),
        times_floor=_times(rounds, floor),
        times_smallest=_times(rounds, smallest),
        statements=statements,
    )


def _times(rounds: list[Round], others: list[Round] | None) -> float | None:
    """How many times as much CPU; None where there is nothing to compare with, or too little to be measured."""
    ratios = [one.cpu_ms / other.cpu_ms for one, other in zip(rounds, others or (), strict=False) if other.cpu]
    return round(median(ratios), 2) if ratios else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure to hold, as a sentence, and whether it is held."""

    sentence: str
    is_held: bool


def verdicts(figures: Iterable[Figure]) -> list[Verdict]:
    """What Plein promised, beside what was measured."""
    found = []
    for one in figures:
        if one.server != "Plein":
            continue
        where = f"{one.page}, {one.pages:,} pages"
        if one.page == pages.VIEW and one.times_floor is not None:
            sentence = f"{where}: {one.times_floor:.2f} × the floor's CPU, at most {MOST_TIMES_FLOOR:g} ×"
            found.append(Verdict(sentence, one.times_floor <= MOST_TIMES_FLOOR))
        if one.page in (pages.SAVE, pages.RENDERED) and one.times_floor is not None:
            sentence = f"{where}: {one.times_floor:.2f} × the floor's CPU, at most {MOST_TIMES_SAVE:g} ×"
            found.append(Verdict(sentence, one.times_floor <= MOST_TIMES_SAVE))
        if one.page in (pages.LIST, pages.RARE, pages.COMMON) and one.times_smallest is not None:
            sentence = f"{where}: {one.times_smallest:.2f} × the smallest site's CPU, at most {MOST_TIMES_SMALL:g} ×"
            found.append(Verdict(sentence, one.times_smallest <= MOST_TIMES_SMALL))
        most = MOST_STATEMENTS.get(one.page)
        if most is not None and one.statements is not None:
            sentence = f"{where}: {one.statements} statements, at most {most}"
            found.append(Verdict(sentence, one.statements <= most))
    return found


def show(console: Console, figures: list[Figure], judged: list[Verdict]) -> None:
    """Print the table and what it means."""
    table = Table(title="CPU: milliseconds of the server process for one request")
    table.add_column("pages", justify="right")
    table.add_column("page")
    table.add_column("server")
    for name in ("CPU ms", "× floor", "× smallest", "SQL", "per s", "p50", "p95", "p99", "kB", "MB"):
        table.add_column(name, justify="right")
    for place, one in enumerate(figures):
        table.add_row(
            f"{one.pages:,}",
            one.page,
            one.server,
            f"{one.cpu_ms:.2f}",
            _or_blank(one.times_floor),
            _or_blank(one.times_smallest),
            "" if one.statements is None else str(one.statements),
            f"{one.per_second:.0f}",
            *(f"{value:.1f}" for value in (one.p50_ms, one.p95_ms, one.p99_ms)),
            f"{one.size / 1000:.1f}",
            f"{one.memory_mb:.0f}",
            end_section=place + 1 < len(figures) and figures[place + 1].pages != one.pages,
        )
    console.print(table)
    for verdict in judged:
        console.print(("[green]held[/]    " if verdict.is_held else "[red]missed[/]  ") + verdict.sentence)


def _or_blank(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def write(path: Path, figures: list[Figure], judged: list[Verdict]) -> None:
    """Everything as JSON, for comparing with another day."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "sqlite": sqlite3.sqlite_version,
        "figures": [asdict(one) for one in figures],
        "verdicts": [asdict(one) for one in judged],
    }
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
