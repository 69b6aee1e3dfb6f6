"""The guard sees ORM statements only. What goes around it stands in few files, and each says here why it may.

See docs/adr: a statement written as text, on a bare table or through the session's connection is not guarded.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Folders and files that may do so, and why.
MAY = {
    "core/plein/audit/chain.py": "says in which isolation the log is read; reads nothing itself",
    "core/plein/audit/log.py": "begins the transaction that the entry belongs to; reads nothing",
    "core/plein/authoring/checks/": "tries a plugin on a site that is made for it and thrown away",
    "core/plein/db/": "it is the database layer; it reads no content",
    "core/plein/testing/": "fixtures make and drop databases",
    "core/plein/content/glossary/expanding.py": "reads the glossary, which is not guarded, for every viewer",
    "core/plein/content/visibility.py": "it is the guard's own clause",
    "core/plein/content/files/keeping.py": "asks which tables there are; reads none of them",
    "core/plein/content/topics/finding.py": "asks whether a tag has any item at all; nothing of it is shown",
    "core/plein/content/life/visibility.py": "it is the guard's own clause about proposals",
    "core/plein/ladder/clauses.py": "it is part of the guard's own clause",
    "core/plein/spaces/belonging.py": "it is part of the guard's own clause",
    "core/plein/security/stamps.py": "reads what processes keep, before there is a viewer; none of it is guarded",
    "core/plein/people/sessions.py": "finds out who the viewer is, before there is one",
    "core/plein/security/limits.py": "counters, in a transaction of their own that a refused request does not undo",
    "core/plein/admin/plugin_pauses.py": "a pause outlives the request that failed; nothing in it is guarded",
    "core/plein/inbox/seeing.py": "it is part of the guard's own clause",
    "core/plein/plugins/calling.py": "asks the connection whether the transaction writes; reads nothing",
    "core/plein/plugins/holding.py": "asks the connection whether its transaction goes on; reads nothing",
    "core/plein/plugins/upgrading.py": "counts rows of tables before an upgrade; shows none of them",
    "core/plein/web/wellknown.py": "asks whether the database answers",
    "plugins/wiki/plein_wiki/services.py": "ids of the way up, read under the guard afterwards; children nobody sees",
    "core/plein/search/": "full-text engines have a language of their own; joined to a guarded select of content",
}

#: What the guard does not see.
REFUSED_CALLS = {"text", "exec_driver_sql", "raw_connection", "connection"}
REFUSED_ATTRIBUTES = {"__table__"}


def ways_around(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each way around the guard in *source*."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    modules = {"sqlalchemy", "sa"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in REFUSED_ATTRIBUTES:
            yield node.lineno, node.attr
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and imported.get(called.id) in REFUSED_CALLS:
            yield node.lineno, f"{called.id}()"
        elif isinstance(called, ast.Attribute):
            owner = called.value.id if isinstance(called.value, ast.Name) else ""
            of_engine = "engine" in ast.unparse(called.value)
            if called.attr == "text" and owner in modules:
                yield node.lineno, "text()"
            elif called.attr in REFUSED_CALLS - {"text"} or (called.attr == "connect" and of_engine):
                yield node.lineno, f"{called.attr}()"


def test_nothing_goes_around_the_guard_unlisted() -> None:
    found = [
        f"{name}:{line} {what}"
        for path in sorted([*ROOT.glob("core/plein/**/*.py"), *ROOT.glob("plugins/**/plein_*/**/*.py")])
        if not (name := str(path.relative_to(ROOT))).startswith(tuple(MAY)) and "/migrations/" not in name
        for line, what in ways_around(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_every_exception_is_still_needed() -> None:
    unused = [
        place
        for place in MAY
        if not any(
            list(ways_around(path.read_text(encoding="utf-8")))
            for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
        )
    ]
    assert not unused


def test_the_check_sees_each_way_around() -> None:
    source = """
from sqlalchemy import text as sql
import sqlalchemy as sa
session.execute(sql("select * from content"))
session.execute(sa.text("select 1"))
session.execute(select(Content.__table__))
session.connection().execute(statement)
engine.connect()
connection.exec_driver_sql("select 1")
item.text("not SQL")
"""
    assert sorted(line for line, _ in ways_around(source)) == [4, 5, 6, 7, 8, 9]
