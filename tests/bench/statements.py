"""How many SQL statements each page of Plein costs, counted inside this process. Begin and commit are not counted."""

from pathlib import Path
from typing import Any

import fill
from load import Ask
from sqlalchemy import event
from webob import Request

from plein.app import build_app, build_site
from plein.security.cookies import session_cookie

#: Any port: nothing is served, but the address must be the site's own.
_PORT = 6543


def count_statements(database: Path, asks: dict[str, Ask]) -> dict[str, int]:
    """Statements for each of *asks*, by the same names. The second time each is asked: caches are filled."""
    site = build_site(fill.settings(database, _PORT))
    application = build_app(site)
    cookie = f"{session_cookie(application.registry)}={fill.sign_in(site)}"
    seen: list[str] = []

    @event.listens_for(site.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    counted = {}
    for name, ask in asks.items():
        for _ in range(2):
            seen.clear()
            Request.blank(ask.path, base_url=f"http://127.0.0.1:{_PORT}", headers={"Cookie": cookie}).get_response(
                application
            )
        counted[name] = len(seen)
    site.engine.dispose()
    return counted
