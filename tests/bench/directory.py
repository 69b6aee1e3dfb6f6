"""How much slower is the directory among 20,000 people and 2,000 groups than among 200 people and 20 groups?

``python tests/bench/directory.py`` makes both sites on SQLite, asks for the same pages in turn, and prints the median
times, their ratio and how many statements a page takes. The ratio of the first page must stay below 2.
"""

import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, event, insert
from webtest import TestApp

from plein.app import build_app, build_site
from plein.db import build_engine, migrate, open_session
from plein.people.models import Group, GroupMember, GroupPerson, User
from plein.people.sessions import SessionService
from plein.people.words import index_everybody
from plein.plugins import build_plugins
from plein.security.cookies import session_cookie
from plein.web.folding import fold

HOST = "127.0.0.1:6543"
SMALL, LARGE = (200, 20), (20_000, 2_000)
ROUNDS = 40
PAGES = {
    "first page": "/people",
    "a name": "/people?q=vries",
    "a department": "/people?department=Afdeling+7",
    "as a table": "/people?show=table",
    "suggestions": "/people/-/suggest?q=de&kinds=people+groups",
}
FIRST = (
    "Anna",
    "Ben",
    "Chris",
    "Dewi",
    "Emre",
    "Fatima",
    "Gijs",
    "Hanna",
    "Ilse",
    "Jan",
    "Koen",
    "Lotte",
    "Mo",
    "Noor",
)
LAST = ("de Vries", "Bakker", "Jansen", "Yılmaz", "van den Berg", "Visser", "Smit", "Meijer", "de Boer", "Mulder")


def fill(engine: Engine, people: int, groups: int) -> str:
    """People with profiles in groups; gives the token of a session of one of them."""
    chance = random.Random(20_000)
    with open_session(engine, writes=True) as db, db.begin():
        rows = [
            {
                "uid": f"p{number}",
                "login": f"p{number:05}",
                "name": f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}",
                "email": f"p{number}@example.nl",
                "function": f"Functie {number % 40}",
                "department": f"Afdeling {number % 30}",
                "location": f"Gebouw {number % 12}",
                "expertise": [f"Onderwerp {number % 500}", f"Thema {number % 90}"],
            }
            for number in range(people)
        ]
        db.execute(insert(User), rows)
        names = [f"Groep {number}" for number in range(groups)]
        slugs = [
            {"uid": f"g{n}", "slug": f"groep-{n}", "name": name, "sort_name": fold(name)}
            for n, name in enumerate(names)
        ]
        db.execute(insert(Group), slugs)
        ties = [{"group_id": number % groups + 1, "user_id": number + 1} for number in range(people)]
        db.execute(insert(GroupMember), ties)
        db.execute(insert(GroupPerson), ties)
        index_everybody(db)
        return SessionService(db).start(1, lasts=timedelta(hours=1))


def site_of(folder: Path, people: int, groups: int) -> TestApp:
    url = f"sqlite:///{folder / f'{people}.sqlite'}"
    engine = build_engine(url)
    migrate.upgrade(engine, build_plugins({}, environ={}))
    token = fill(engine, people, groups)
    values = {
        "plein.database_url": url,
        "plein.secret": "only for measuring, and long enough to be one",
        "plein.base_url": f"http://{HOST}",
        "plein.files_dir": str(folder / "files"),
        "plein.search_limit": "100000",
    }
    site = build_site(values)
    site.engine.dispose()
    app = TestApp(build_app(replace(site, engine=engine)), extra_environ={"HTTP_HOST": HOST})
    app.set_cookie(session_cookie(app.app.registry), token)
    return app


def statements(app: TestApp, address: str) -> int:
    counted = 0

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        nonlocal counted
        counted += not statement.lstrip().upper().startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        app.get(address, status=200)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return counted


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        small, large = (site_of(Path(folder), *size) for size in (SMALL, LARGE))
        worst = 0.0
        for title, address in PAGES.items():
            times: dict[int, list[float]] = {0: [], 1: []}
            for _round in range(ROUNDS + 3):
                for which, app in enumerate((small, large)):
                    start = time.perf_counter()
                    app.get(address, status=200)
                    times[which].append(time.perf_counter() - start)
            few, many = (statistics.median(times[which][3:]) * 1000 for which in (0, 1))
            if title == "first page":
                worst = many / few
            count = statements(large, address)
            print(f"{title:14} {few:7.1f} ms → {many:7.1f} ms  ratio {many / few:5.2f}  {count} statements")
    return int(worst > 2)


if __name__ == "__main__":
    sys.exit(main())
