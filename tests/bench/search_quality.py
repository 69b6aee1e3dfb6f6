"""How good search is: 60 questions over the Algoritmekader, beside what both databases find by themselves.

    python tests/bench/search_quality.py

MRR: one divided by the place of the first page that answers the question, averaged. Recall@10: the part of the pages
that answer it among the first ten. Needs the texts in ``../shared/data/algoritmekader``, or the folder that is named.
"""

import logging
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import click  # noqa: E402
import structlog  # noqa: E402
from search_queries import HELD_OUT, QUERIES, SEEN  # noqa: E402
from sqlalchemy import Connection, Engine, create_engine, insert, text  # noqa: E402

from plein.content.models import Content  # noqa: E402
from plein.db import build_engine, migrate, open_session  # noqa: E402
from plein.db.engine import WRITES  # noqa: E402
from plein.plugins import build_plugins  # noqa: E402
from plein.search.index import reindex  # noqa: E402
from plein.search.services import SearchService  # noqa: E402
from plein.search.vocabulary import forget_parts  # noqa: E402
from plein.spaces.models import Space  # noqa: E402
from plein.testing import PostgreSQLServer, add_user, all_seeing, viewer  # noqa: E402
from plein.transfer.frontmatter import read_front_matter  # noqa: E402
from plein.web.markup import LinkContext, render  # noqa: E402

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/algoritmekader"
FIRST = 10

#: ``find(question)``: the names of pages, best first.
Find = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Page:
    """A page of the folder. ``name`` is its path without ``.md``."""

    name: str
    title: str
    text: str
    outline: list[Any]


def pages(folder: Path) -> list[Page]:
    """What the folder holds, as an import would make it."""
    found = []
    for path in sorted(folder.rglob("*.md")):
        head = read_front_matter(path.read_text(encoding="utf-8"))
        body = head.body
        made = render(body, links=LinkContext(space="kader"))
        title = head.title or next((line[2:] for line in body.splitlines() if line.startswith("# ")), path.stem)
        name = str(path.relative_to(folder).with_suffix(""))
        found.append(Page(name, title, made.text, [list(one) for one in made.outline]))
    return found


@contextmanager
def plein(url: str, found: Sequence[Page]) -> Iterator[Find]:
    """Plein's own search over the pages."""
    engine: Engine = build_engine(url)
    migrate.upgrade(engine, build_plugins({}, environ={}))
    with all_seeing(engine) as db:
        reader = add_user(db, "lezer")
        space = Space(uid="kader", slug="kader", name="Kader")
        db.add(space)
        db.flush()
        rows = [
            {
                "uid": page.name,
                "type": "wiki.page",
                "space_id": space.id,
                "title": page.title,
                "sort_title": page.title.lower(),
                "slug": page.name,
                "text": page.text,
                "outline": page.outline,
            }
            for page in found
        ]
        db.execute(insert(Content.__table__), rows)
        db.commit()
    # Twice: only then the words are known that compounds are made of.
    reindex(engine)
    forget_parts()
    reindex(engine, everything=True)

    def find(question: str) -> Sequence[str]:
        who = viewer(reader)
        with open_session(engine, viewer=who) as db:
            return [hit.slug for hit in SearchService(db, who).find(question, size=FIRST).hits]

    yield find
    engine.dispose()


@contextmanager
def fts5(found: Sequence[Page], joined: str) -> Iterator[Find]:
    """SQLite's own: porter stems over unicode61, its bm25. *joined*: what stands between the words."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE own USING fts5 (name UNINDEXED, title, body, tokenize = 'porter')"
        )
        for page in found:
            connection.exec_driver_sql("INSERT INTO own VALUES (?, ?, ?)", (page.name, page.title, page.text))

        def find(question: str) -> Sequence[str]:
            words = "".join(sign if sign.isalnum() else " " for sign in question).split()
            asked = joined.join(f'"{word}"' for word in words)
            statement = "SELECT name FROM own WHERE own MATCH ? ORDER BY bm25(own) LIMIT ?"
            return [row[0] for row in connection.exec_driver_sql(statement, (asked, FIRST))]

        yield find
    engine.dispose()


@contextmanager
def postgresql(url: str, found: Sequence[Page]) -> Iterator[Find]:
    """PostgreSQL's own: Dutch and English stems, websearch_to_tsquery, ts_rank_cd."""
    engine = build_engine(url)
    vector = "setweight({0}, 'A') || {1}"
    both = [f"to_tsvector('{name}', {{}})" for name in ("dutch", "english")]
    made = vector.format(*(" || ".join(one.format(column) for one in both) for column in (":title", ":body")))
    made = made.replace("setweight(", "setweight((").replace(", 'A')", "), 'A')")
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        connection.execute(text("CREATE TEMPORARY TABLE own (name text, words tsvector)"))
        for page in found:
            _insert(connection, made, page)

        def find(question: str) -> Sequence[str]:
            rows = connection.execute(
                text(
                    "SELECT name FROM own, (SELECT websearch_to_tsquery('dutch', :q)"
                    " || websearch_to_tsquery('english', :q) AS query) AS asked"
                    " WHERE words @@ query ORDER BY ts_rank_cd(words, query, 1) DESC, name LIMIT :most"
                ),
                {"q": question, "most": FIRST},
            )
            return [row.name for row in rows]

        yield find
    engine.dispose()


def _insert(connection: Connection, made: str, page: Page) -> None:
    connection.execute(
        text(f"INSERT INTO own VALUES (:name, {made})"), {"name": page.name, "title": page.title, "body": page.text}
    )


def judge(find: Find, queries: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[float, float]:
    """MRR and recall@10 of *find*."""
    ranks = recalls = 0.0
    for question, wanted in queries:
        found = list(find(question))
        places = [found.index(name) for name in wanted if name in found]
        ranks += 1 / (1 + min(places)) if places else 0.0
        recalls += len(places) / len(wanted)
    return ranks / len(queries), recalls / len(queries)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=FOLDER)
@click.option("--misses", is_flag=True, help="Say which of the questions that are seen have no right page on top.")
def main(folder: Path, misses: bool) -> None:
    """Print how good search is, beside what the databases find by themselves."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    found = pages(folder)
    names = {page.name for page in found}
    unknown = [name for _question, wanted in QUERIES for name in wanted if name not in names]
    if unknown:
        sys.exit(f"No such pages: {', '.join(unknown)}")
    click.echo(f"{len(found)} pages, {len(QUERIES)} questions, of which {len(HELD_OUT)} held out\n")
    click.echo(f"{'':34}{'MRR':>8}{'seen':>8}{'held out':>10}{'recall@10':>11}{'seen':>8}{'held out':>10}")
    with tempfile.TemporaryDirectory(prefix="plein-pg-", dir="/tmp") as place, tempfile.TemporaryDirectory() as own:
        server = PostgreSQLServer(Path(place))
        server.start()
        try:
            for name in ("ours", "own"):
                server.execute(f"CREATE DATABASE {name}")
            with plein(f"sqlite:///{own}/plein.sqlite", found) as find:
                _print("Plein on SQLite", find)
                if misses:
                    _misses(find)
            with plein(server.url("ours"), found) as find:
                _print("Plein on PostgreSQL", find)
            with fts5(found, " ") as find:
                _print("FTS5 porter, all words", find)
            with fts5(found, " OR ") as find:
                _print("FTS5 porter, any word", find)
            with postgresql(server.url("own"), found) as find:
                _print("PostgreSQL dutch + english", find)
        finally:
            server.stop()


def _print(name: str, find: Find) -> None:
    figures = [judge(find, some) for some in (QUERIES, SEEN, HELD_OUT)]
    mrr, recall = ([one[place] for one in figures] for place in (0, 1))
    click.echo(f"{name:34}{mrr[0]:8.3f}{mrr[1]:8.3f}{mrr[2]:10.3f}{recall[0]:11.3f}{recall[1]:8.3f}{recall[2]:10.3f}")


def _misses(find: Find) -> None:
    for question, wanted in SEEN:
        found = list(find(question))
        if not found or found[0] not in wanted:
            click.echo(f"  {question!r}: {[name.rsplit('/', 1)[-1] for name in found[:5]]}")


if __name__ == "__main__":
    main()
