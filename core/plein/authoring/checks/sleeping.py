"""The check that a plugin can be away: the site goes on, its rows stay, and with it they are back."""

import json

from sqlalchemy import select

from plein.authoring.checks.asking import pages
from plein.authoring.checks.result import Outcome, judged
from plein.authoring.checks.rows import dump, ensure_rows
from plein.authoring.checks.trial import Trial
from plein.content.models import Content
from plein.db import db_unguarded
from plein.db.engine import WRITES

#: Pages that show items of whatever kind, and must go on.
_OF_THE_SITE = ("/", "/spaces", "/spaces/open", "/search?q=tried", "/inbox", "/people")


def dormant(trial: Trial) -> Outcome:
    """The same site without the plugin, in a process of its own; then with it again."""
    with trial.engine.connect().execution_options(**{WRITES: True}) as connection:
        ensure_rows(connection, trial)
        connection.commit()
    before = _everything(trial)
    shown = [page for page in pages(trial) if page.method == "GET" and page.place != "hidden"]
    own = sorted({page.path for page in shown})
    # An item whose plugin is gone has a page that says so.
    items = {page.path for page in shown if page.route.endswith(".show")}
    found = trial.asleep(trial, [*_OF_THE_SITE, *own])
    wrong = [f"without it {path} breaks ({status})" for path, status in found.items() if status >= 500]
    wrong += [f"without it {path} is refused ({found[path]})" for path in _OF_THE_SITE if found[path] in (403, 404)]
    wrong += [f"without it {path} still answers" for path in own if found[path] < 300 and path not in items]
    if _everything(trial) != before:
        wrong.append("rows changed while it was not loaded")
    for (kind, place), (slug, _) in trial.items.items():
        address = f"/spaces/{place}/{trial.plugins.content_types[kind].path}/{slug}"
        if trial.ask("manager", "GET", address).status_code != 200:
            wrong.append(f"{address} did not come back with it")
    count = sum(len(rows) for rows in json.loads(before[1]).values())
    remedy = "Keep what the plugin needs in its own tables, and let nothing of the core point at its code."
    return judged(wrong, f"{len(found)} pages without it; {count} rows and {len(before[0])} items stayed", remedy)


def _everything(trial: Trial) -> tuple[list[tuple[str, ...]], str]:
    """What is stored of the plugin: its items, and the rows of its tables."""
    columns = (Content.uid, Content.type, Content.title, Content.body, Content.state)
    with db_unguarded(trial.engine, reason="a check compares all rows of a plugin") as db:
        found = db.execute(select(*columns).where(Content.type.startswith(f"{trial.name}.")).order_by(Content.id))
        items = [tuple(map(str, row)) for row in found]
    with trial.engine.connect() as connection:
        return items, dump(connection, trial.name)
