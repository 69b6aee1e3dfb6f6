"""How fast search is among many items, on both databases: ratios, because milliseconds differ from machine to machine.

    python tests/bench/search_speed.py --pages 20000

*In the database* is what the statements of one search take there; *by itself* is the least that the engine needs for
the same word: its own match, its own rank, twenty rows, no rights. Run it when the machine has nothing else to do.
"""

import logging
import statistics
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import click  # noqa: E402
import structlog  # noqa: E402
import texts  # noqa: E402
from sqlalchemy import Engine, event, insert, text  # noqa: E402

from plein.content.models import Content  # noqa: E402
from plein.db import build_engine, migrate, open_session  # noqa: E402
from plein.db.engine import WRITES  # noqa: E402
from plein.plugins import build_plugins  # noqa: E402
from plein.search import engines, vocabulary  # noqa: E402
from plein.search.index import check  # noqa: E402
from plein.search.services import SearchService  # noqa: E402
from plein.search.text import FORMAT, index_words, stem  # noqa: E402
from plein.testing import PostgreSQLServer, add_space, add_user, all_seeing, viewer  # noqa: E402

_BATCH = 500
WORDS = {"rare": texts.RARE, "common": texts.COMMON, "two words": f"{texts.COMMON} {texts.RARE}"}


def fill(engine: Engine, pages: int) -> Any:
    """*pages* items in an open space, in the index; gives a reader."""
    migrate.upgrade(engine, build_plugins({}, environ={}))
    with all_seeing(engine) as db:
        reader, space = add_user(db, "lezer"), add_space(db, "handboek")
        numbered = iter(texts.texts(pages))
        while batch := list(islice(numbered, _BATCH)):
            rows = [
                {
                    "id": one.number + 1,
                    "uid": str(one.number),
                    "type": "wiki.page",
                    "space_id": space.id,
                    "title": one.title,
                    "sort_title": one.title.lower(),
                    "slug": str(one.number),
                    "text": one.body,
                    "tags": one.tags,
                }
                for one in batch
            ]
            stored = db.execute(insert(Content.__table__).returning(Content.__table__), rows).all()
            counted: Counter[str] = Counter()
            for row in stored:
                words = index_words(title=row.title, tags=row.tags, headings=[], text=row.text, language="nl")
                names = ("space_id", "type", "state", "restricted", "author_id", "owner_id", "updated_at", "version")
                values = {name: getattr(row, name) for name in names}
                values |= {"content_id": row.id, "title_words": words.title_words, "weights": words.weights}
                engines.store(db, values | {"format": FORMAT}, words)
                counted.update(words.vocabulary.keys())
            vocabulary.count_many(db, counted, Counter(), set(), len(batch))
            db.commit()
    with engine.connect().execution_options(**{WRITES: True}, isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return reader


@contextmanager
def clocked() -> Iterator[list[float]]:
    """Seconds that statements take in the database, until they have given their first rows."""
    spent: list[float] = []

    def before(connection: Any, *_more: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def after(connection: Any, *_more: Any) -> None:
        spent.append(time.perf_counter() - connection.info["began"])

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield spent
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "after_cursor_execute", after)


def measure(run: Callable[[], Any], times: int) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds."""
    run()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken), sorted(taken)[int(0.95 * (len(taken) - 1))]


def by_itself(engine: Engine, question: str) -> Callable[[], Any]:
    """The engine's own search for all words of *question*."""
    words = [stem(word, "nl") for word in question.split()]
    if engine.dialect.name == "sqlite":
        asked = " AND ".join(f'"{word}"' for word in words)
        statement = (
            "SELECT content.id, title, substr(text, 1, 400000) FROM content JOIN (SELECT rowid FROM search_index"
            " WHERE search_index MATCH :asked ORDER BY rank LIMIT 20) AS found ON found.rowid = content.id"
        )
    else:
        asked = " & ".join(f"'{word}'" for word in words)
        statement = (
            "SELECT content.id, title, substr(text, 1, 400000) FROM content JOIN (SELECT content_id FROM"
            " search_document WHERE words @@ CAST(:asked AS tsquery)"
            " ORDER BY ts_rank(words, CAST(:asked AS tsquery)) DESC LIMIT 20) AS found ON found.content_id = content.id"
        )

    def run() -> Any:
        with engine.connect() as connection:
            return connection.execute(text(statement), {"asked": asked}).all()

    return run


def report(name: str, engine: Engine, reader: Any, times: int) -> None:
    """Print the figures of one database."""
    who = viewer(reader)
    rare = 0.0
    for kind, question in WORDS.items():

        def search(asked: str = question) -> Any:
            with open_session(engine, viewer=who) as db:
                return SearchService(db, who).find(asked)

        median, late = measure(search, times)
        with clocked() as spent:
            for _ in range(times):
                search()
        database = 1000 * sum(spent) / times
        own, _late = measure(by_itself(engine, question), max(5, times // 4))
        rare = rare or median
        click.echo(
            f"{name:12}{kind:12}{search().total:7}{median:9.1f}{late:9.1f}{database:13.1f}{own:11.1f}"
            f"{median / database:12.2f}{median / own:12.2f}{late / rare:10.2f}"
        )


@click.command()
@click.option("--pages", default=20_000, help="Items (20000).")
@click.option("--times", default=40, help="Searches for each figure (40).")
def main(pages: int, times: int) -> None:
    """Print how long searching takes, beside the database's own time and a rare word."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    heads = ("found", "p50 ms", "p95 ms", "in database", "by itself", "/ database", "/ by itself", "/ rare")
    click.echo(f"{pages:,} items\n{'':24}{heads[0]:>7}{heads[1]:>9}{heads[2]:>9}{heads[3]:>13}{heads[4]:>11}", nl=False)
    click.echo(f"{heads[5]:>12}{heads[6]:>12}{heads[7]:>10}")
    with tempfile.TemporaryDirectory(prefix="plein-pg-", dir="/tmp") as place, tempfile.TemporaryDirectory() as folder:
        server = PostgreSQLServer(Path(place))
        server.start()
        try:
            server.execute("CREATE DATABASE speed")
            for name, url in (("SQLite", f"sqlite:///{folder}/plein.sqlite"), ("PostgreSQL", server.url("speed"))):
                engine = build_engine(url)
                report(name, engine, fill(engine, pages), times)
                if not check(engine).is_good:
                    click.echo(f"{name}: {check(engine)}")
                engine.dispose()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
