"""Engines for tests: as the site's own, without what a test waits for and nobody looks at."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache

from plein.db import build_engine

#: More than the statements of the whole site.
_STATEMENTS = 4_000

_shared: dict[str, tuple[Any, Any]] = {}


def quick_engine(url: str) -> Engine:
    """An engine that has compiled what engines before it were asked, and leaves it to the system when to write to disk.

    Compiling a statement with the guard's clauses takes longer than running it, and a site does it once. What comes of
    it depends on the dialect, which is why engines have that in common; nothing of a database is in it.
    """
    engine = build_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _do_not_wait)
    if engine.dialect.name not in _shared:
        # A dialect learns from its first connection what the server can do.
        engine.connect().close()
        _shared[engine.dialect.name] = engine.dialect, LRUCache(_STATEMENTS)
    engine.dialect, compiled = _shared[engine.dialect.name]
    engine.update_execution_options(compiled_cache=compiled)
    return engine


def _do_not_wait(connection: Any, _record: Any) -> None:
    # A test's data may be lost with the machine.
    connection.execute("PRAGMA synchronous=OFF").close()
